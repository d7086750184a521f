"""What an authorizer is asked about the schema table when objects come and go, in SQLite's order.

SQLite changes that table by statements of SQL, which are compiled like the user's; the questions are theirs.
Must not know: how the rows are written. Source: https://sqlite.org/c3ref/set_authorizer.html
"""

from __future__ import annotations

from keelback_core.compiler.catalog.actions import (
    ACTION_CREATE_INDEX,
    ACTION_CREATE_TABLE,
    ACTION_CREATE_TEMP_INDEX,
    ACTION_DELETE,
    ACTION_INSERT,
    ACTION_UPDATE,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.catalog.model import Index, Table

SCHEMA_COLUMNS: Final = ("type", "name", "tbl_name", "rootpage", "sql")


def schema_table_name(database: int) -> str:
    """The schema table as authorizers are told it."""
    return "sqlite_temp_master" if database == 1 else "sqlite_master"


def authorize_schema_row(catalog: Catalog, database: int) -> None:
    """The row of a new table or view is filled in."""
    if catalog.authorizer is None:
        return
    rows, schema = schema_table_name(database), catalog.schema_name(database)
    for column in SCHEMA_COLUMNS:
        catalog.authorize(ACTION_UPDATE, rows, column, schema)
    catalog.authorize_read(rows, "ROWID", schema)


def authorize_new_table(catalog: Catalog, database: int, name: str) -> None:
    """A table that SQLite makes for itself, by a statement of its own."""
    if catalog.authorizer is None:
        return
    schema = catalog.schema_name(database)
    catalog.authorize(ACTION_INSERT, "sqlite_master", None, schema)
    catalog.authorize(ACTION_CREATE_TABLE, name, None, schema)
    authorize_schema_row(catalog, database)


def authorize_new_index(catalog: Catalog, database: int, name: str, table: str) -> None:
    """An index is about to be made."""
    if catalog.authorizer is None:
        return
    schema = catalog.schema_name(database)
    catalog.authorize(ACTION_INSERT, schema_table_name(database), None, schema)
    catalog.authorize(ACTION_CREATE_TEMP_INDEX if database == 1 else ACTION_CREATE_INDEX, name, table, schema)


def authorize_index_row(catalog: Catalog, table: Table, index: Index) -> None:
    """The columns of a new index are looked up, and its row is put in."""
    if catalog.authorizer is None:
        return
    database = table.database
    schema = catalog.schema_name(database)
    for column in index.columns:
        number = table.rowid_column if column.column == -1 else column.column
        if number >= 0:
            catalog.authorize_read(table.name, table.columns[number].name, schema)
    catalog.authorize(ACTION_INSERT, schema_table_name(database), None, schema)


def authorize_index_goes(catalog: Catalog, database: int) -> None:
    """The row of an index is removed, and a page that moves is told to the others."""
    if catalog.authorizer is None:
        return
    rows, schema = schema_table_name(database), catalog.schema_name(database)
    catalog.authorize(ACTION_DELETE, rows, None, schema)
    catalog.authorize_read(rows, "name", schema)
    catalog.authorize_read(rows, "type", schema)
    catalog.authorize(ACTION_UPDATE, rows, "rootpage", schema)
    catalog.authorize_read(rows, "rootpage", schema)
