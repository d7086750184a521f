"""What an authorizer is asked while a table is altered: SQLite does it by statements of its own on the schema tables.

A step is written as F function, R or U column of the schema table (read, updated), SELECT.

Must not know: how the texts are rewritten. Source: https://sqlite.org/c3ref/set_authorizer.html
"""

from __future__ import annotations

from keelback_core.compiler.catalog.actions import ACTION_PRAGMA, ACTION_SELECT, ACTION_UPDATE
from keelback_core.compiler.emit.schema_authority import schema_table_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.catalog.model import Table

TEMPORARY: Final = 1
TEST: Final = "SELECT, F like, R name, F like, R sql, F sqlite_rename_test, R sql, R type, R name"
QUOTES: Final = "F sqlite_rename_quotefix, R sql, U sql, F like, R name, F like, R sql"
COLUMN: Final = "F sqlite_rename_column, R sql, R type, R name, U sql, F like, R name, R type, R tbl_name"
COLUMN_IN_TEMP: Final = "F sqlite_rename_column, R sql, R type, R name, U sql, R type"
DROP: Final = "F sqlite_drop_column, R sql, U sql, R type, R tbl_name"
ADD: Final = "F printf, R sql, F substr, R sql, F length, F printf, R sql, U sql, R type, R name"
TABLE: Final = (
    "F sqlite_rename_table, R type, R name, R sql, U sql, R type, R tbl_name, F like, R name, U tbl_name, R type, "
    "F like, R name, R type, F substr, R name, R name, U name, R tbl_name, R type, R type, R type"
)
TABLE_IN_TEMP: Final = (
    "F sqlite_rename_table, R type, R name, R sql, U sql, R tbl_name, F sqlite_rename_test, R sql, R type, R name, "
    "R tbl_name, U tbl_name, R type"
)
# How often the pragma's column is named where rows are held against a new CHECK.
MESSAGES: Final = 5


def authorize_rename(catalog: Catalog, table: Table) -> None:
    """ALTER TABLE ... RENAME TO."""
    _ask(catalog, table.database, TABLE)
    if "sqlite_sequence" in catalog.schema(table.database).tables:
        schema = catalog.schema_name(table.database)
        catalog.authorize(ACTION_UPDATE, "sqlite_sequence", "name", schema)
        catalog.authorize_read("sqlite_sequence", "name", schema)
    if table.database != TEMPORARY:
        _ask(catalog, TEMPORARY, TABLE_IN_TEMP)
    _ask_both(catalog, table, TEST)


def authorize_rename_column(catalog: Catalog, table: Table) -> None:
    """ALTER TABLE ... RENAME COLUMN."""
    _ask_both(catalog, table, TEST)
    _ask_both(catalog, table, QUOTES)
    _ask(catalog, table.database, COLUMN)
    _ask(catalog, TEMPORARY, COLUMN_IN_TEMP)
    _ask_both(catalog, table, TEST)


def authorize_drop_column(catalog: Catalog, table: Table) -> None:
    """ALTER TABLE ... DROP COLUMN."""
    _ask_both(catalog, table, TEST)
    _ask_both(catalog, table, QUOTES)
    _ask(catalog, table.database, DROP)
    _ask_both(catalog, table, TEST)


def authorize_add_column(catalog: Catalog, table: Table, is_checked: bool) -> None:
    """ALTER TABLE ... ADD COLUMN; is_checked: the rows are held against the new column's rules."""
    _ask(catalog, table.database, ADD)
    if is_checked:
        schema = catalog.schema_name(table.database)
        catalog.authorize(ACTION_SELECT, None, None, None)
        for _ in range(MESSAGES):
            catalog.authorize_function("glob")
            catalog.authorize_read("pragma_quick_check", "quick_check", schema)
        catalog.authorize(ACTION_PRAGMA, "quick_check", table.name, schema)


def _ask_both(catalog: Catalog, table: Table, steps: str) -> None:
    """Of the table's database, and of temp, whose objects may name the table."""
    _ask(catalog, table.database, steps)
    if table.database != TEMPORARY:
        _ask(catalog, TEMPORARY, steps)


def _ask(catalog: Catalog, database: int, steps: str) -> None:
    if catalog.authorizer is None:
        return
    rows, schema = schema_table_name(database), catalog.schema_name(database)
    for step in steps.split(", "):
        kind, _, name = step.partition(" ")
        if kind == "F":
            catalog.authorize_function(name)
        elif kind == "R":
            catalog.authorize_read(rows, name, schema)
        elif kind == "U":
            catalog.authorize(ACTION_UPDATE, rows, name, schema)
        else:
            catalog.authorize(ACTION_SELECT, None, None, None)
