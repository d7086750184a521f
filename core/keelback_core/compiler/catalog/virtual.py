"""From the declaration of a virtual table (`CREATE TABLE x(...)`, as its module gives it) to a Table.

1. The word HIDDEN in a column's type makes the column hidden and is no part of the type; the affinity is that of the
   whole text, as in SQLite.
2. The name and schema are those under which the table was created; a table that is there without CREATE is one of main.

Must not know: how modules are found. Source: https://sqlite.org/vtab.html#hidden_columns_in_virtual_tables
"""

from __future__ import annotations

from keelback_core.compiler.catalog.load import load_table
from keelback_core.compiler.catalog.model import Column, Table
from keelback_core.compiler.sql.ast import AstCreateVirtualTable
from keelback_core.compiler.sql.parser import parse_statement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.sql.ast import AstCreateTable
    from keelback_core.module.protocol import ModuleTable

HIDDEN: Final = "hidden"


def without_hidden(declared: str) -> tuple[str, bool]:
    """The type without the word HIDDEN, and whether it was there."""
    folded = declared.lower()
    start = 0
    while True:
        place = folded.find(HIDDEN, start)
        if place < 0:
            return declared, False
        end = place + len(HIDDEN)
        if (place == 0 or declared[place - 1] == " ") and (end == len(declared) or declared[end] == " "):
            break
        start = place + 1
    if end < len(declared):
        return declared[:place] + declared[end + 1 :], True
    return declared[: max(0, place - 1)], True


def load_virtual(
    ast: AstCreateTable, name: str, database: int, sql: str | None, module: ModuleTable, is_eponymous: bool
) -> Table:
    """The Table of a connected virtual table."""
    declared = load_table(ast, database, 0, None)
    columns = []
    for column in declared.columns:
        type_text, is_hidden = without_hidden(column.declared_type)
        columns.append(
            Column(
                column.name,
                type_text,
                column.affinity,
                column.collation,
                column.not_null,
                None,
                None,
                column.primary_key_position,
                is_hidden=is_hidden,
            )
        )
    table = Table("virtual", name, database, 0, tuple(columns), is_without_rowid=declared.is_without_rowid, sql=sql)
    table.module = module
    table.is_eponymous = is_eponymous
    return table


def virtual_key(table: Table) -> str:
    """How programs name a virtual table: "database:name", without a database if it was not created."""
    return f":{table.name}" if table.is_eponymous else f"{table.database}:{table.name}"


def module_name(table: Table) -> str | None:
    """The module of a virtual table that was created, None for any other table."""
    if table.kind != "virtual":
        return None
    ast = None if table.sql is None else parse_statement(table.sql)[0]
    return ast.module if isinstance(ast, AstCreateVirtualTable) else table.name
