"""The program behind a handle of sqlite3_blob_open: it stands on a row and pauses there, as often as it is stepped.

    parameter 1: the rowid      the row that it gives: the place of the column in the record

For a connection with a preupdate hook, which is told of what is written, the row goes on: the number of the database,
the number of the column that is the rowid or -1, how many columns there are, the table's name.

It ends where there is no such row. What the handle reads and writes goes through its cursor 0, past the machine.

Must not know: records, pages. Source: https://sqlite.org/c3ref/blob_open.html
"""

from __future__ import annotations

from keelback_core.compiler.catalog.model import EXPRESSION
from keelback_core.compiler.emit.builder import ProgramBuilder
from keelback_core.program.opcodes import (
    OP_GOTO,
    OP_HALT,
    OP_INTEGER,
    OP_NOT_EXISTS,
    OP_OPEN_READ,
    OP_OPEN_WRITE,
    OP_RESULT_ROW,
    OP_STRING8,
    OP_TRANSACTION,
    OP_VARIABLE,
)
from keelback_core.program.program import OutputColumn
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.program.program import Program

# A parameter's spelling; there is no text.
ROWID_PARAMETER: Final = "?1"
EXPIRES_WITH_SCHEMA: Final = 1


def compile_blob(catalog: Catalog, schema: str | None, name: str, column: str, is_writable: bool) -> Program:
    """The Program for the values of a column. SqlError in SQLite's words where they cannot be opened."""
    table = catalog.find_usable(name, schema)
    if table is None:
        raise SqlError(ERROR, f"no such table: {catalog.shown_name(name, schema)}")
    fault = _table_fault(table)
    if fault:
        raise SqlError(ERROR, f"cannot open {fault}: {name}")
    number = table.column_number(column)
    if number is None:
        raise SqlError(ERROR, f'no such column: "{column}"')
    if is_writable:
        fault = _column_fault(catalog, table, number)
        if fault:
            raise SqlError(ERROR, f"cannot open {fault} column for writing")
    return _program(catalog, table, number, is_writable)


def _table_fault(table: Table) -> str:
    """What keeps the table from being opened, if anything does."""
    if table.kind == "virtual":
        return "virtual table"
    if table.is_without_rowid:
        return "table without rowid"
    if any(column.generated for column in table.columns):
        return "table with generated columns"
    return "view" if table.kind == "view" else ""


def _column_fault(catalog: Catalog, table: Table, number: int) -> str:
    """What holds the column's values beside the row, so that they cannot be written alone."""
    fault = ""
    if catalog.settings.foreign_keys:
        name = table.columns[number].name
        for key in table.foreign_keys:
            if any(table.column_number(child) == number for child in key.columns or (name,)):
                fault = "foreign key"
    for index in table.indexes:
        for key_column in index.columns:
            # An expression may read any column.
            if key_column.column in (number, EXPRESSION):
                fault = "indexed"
    return fault


def _program(catalog: Catalog, table: Table, number: int, is_writable: bool) -> Program:
    database = table.database
    builder = ProgramBuilder()
    rowid = builder.register()
    shows_rows = is_writable and catalog.settings.has_preupdate_hook
    facts = ("place", "database", "rowid_column", "columns", "table") if shows_rows else ("place",)
    place = builder.registers(len(facts))
    cursor = builder.cursor()
    end = builder.label()
    builder.begin()
    opcode = OP_OPEN_WRITE if is_writable else OP_OPEN_READ
    builder.emit(opcode, cursor, table.root, database, len(table.columns), 0, table.name)
    again = builder.emit(OP_VARIABLE, 1, rowid)
    builder.emit(OP_NOT_EXISTS, cursor, end, rowid)
    builder.emit(OP_INTEGER, table.column_facts.positions[number], place)
    if shows_rows:
        builder.emit(OP_INTEGER, database, place + 1)
        builder.emit(OP_INTEGER, table.rowid_column, place + 2)
        builder.emit(OP_INTEGER, len(table.columns), place + 3)
        builder.emit(OP_STRING8, 0, place + 4, 0, table.name)
    builder.emit(OP_RESULT_ROW, place, len(facts))
    builder.emit(OP_GOTO, 0, again)
    builder.place(end)
    builder.emit(OP_HALT)
    builder.begin_initial()
    cookie = catalog.schema(database).cookie
    # As an operand of 32 bits with a sign.
    operand = (cookie + 0x80000000 & 0xFFFFFFFF) - 0x80000000
    builder.emit(OP_TRANSACTION, database, int(is_writable), operand, None, EXPIRES_WITH_SCHEMA)
    builder.end_initial()
    return builder.finish(
        (ROWID_PARAMETER,),
        tuple([OutputColumn(fact) for fact in facts]),
        not is_writable,
        False,
        False,
        (database, cookie),
    )
