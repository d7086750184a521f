"""Instructions that change the schema table: new rows, removed rows, the new cookie.

The schema table has root 1 in every database and the columns type, name, tbl_name, rootpage, sql.

Must not know: bound trees. Source: https://sqlite.org/schematab.html
"""

from __future__ import annotations

from keelback_core.compiler.sql.parser import parse_statement
from keelback_core.program.opcodes import (
    OP_CLOSE,
    OP_COLUMN,
    OP_COPY,
    OP_DELETE,
    OP_EQ,
    OP_GOTO,
    OP_IF_NOT,
    OP_INSERT,
    OP_INTEGER,
    OP_MAKE_RECORD,
    OP_NE,
    OP_NEW_ROWID,
    OP_NEXT,
    OP_NULL,
    OP_OPEN_WRITE,
    OP_REWIND,
    OP_ROWID,
    OP_SET_COOKIE,
    OP_STRING8,
)
from keelback_core.program.program import WRITE_APPEND
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import CORRUPT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.emit.builder import ProgramBuilder
    from keelback_core.compiler.emit.statement_context import StatementContext

META_SCHEMA_COOKIE: Final = 1
COLUMN_TYPE: Final = 0
COLUMN_NAME: Final = 1
COLUMN_TABLE_NAME: Final = 2
COLUMN_ROOT: Final = 3
_ROW_AFFINITY: Final = "BBBDB"


def open_schema_table(builder: ProgramBuilder, database: int) -> int:
    """Open the schema table for writing; the cursor."""
    cursor = builder.cursor()
    builder.emit(OP_OPEN_WRITE, cursor, 1, database, 5)
    return cursor


def _check_readable(name: str, sql: str) -> None:
    """IF NOT EXISTS, which is not stored, lets a name through that cannot be read again without it."""
    try:
        parse_statement(sql)
    except SqlError as error:
        raise SqlError(CORRUPT, f"malformed database schema ({name}) - {error.message}") from None


def emit_schema_row(
    builder: ProgramBuilder, cursor: int, kind: str, name: str, table_name: str, root_register: int, sql: str | None
) -> None:
    """Append a row; root_register 0 stands for root 0 (a view)."""
    if sql is not None and name.upper() == "IF":
        _check_readable(name, sql)
    first = builder.registers(5)
    rowid = builder.register()
    record = builder.register()
    builder.emit(OP_NEW_ROWID, cursor, rowid)
    builder.emit(OP_STRING8, 0, first, 0, kind)
    builder.emit(OP_STRING8, 0, first + 1, 0, name)
    builder.emit(OP_STRING8, 0, first + 2, 0, table_name)
    if root_register:
        builder.emit(OP_COPY, root_register, first + 3, 0)
    else:
        builder.emit(OP_INTEGER, 0, first + 3)
    if sql is None:
        builder.emit(OP_NULL, 0, first + 4)
    else:
        builder.emit(OP_STRING8, 0, first + 4, 0, sql)
    builder.emit(OP_MAKE_RECORD, first, 5, record, _ROW_AFFINITY)
    builder.emit(OP_INSERT, cursor, record, rowid, None, WRITE_APPEND)


def emit_delete_rows(
    builder: ProgramBuilder, cursor: int, column: int, wanted: str, kind: str | None, excluded_kind: str | None = None
) -> None:
    """Delete the rows whose `column` is `wanted`, with the type `kind` (None: any but `excluded_kind`)."""
    value = builder.register()
    name = builder.register()
    kind_name = builder.register()
    builder.emit(OP_STRING8, 0, name, 0, wanted)
    builder.emit(OP_STRING8, 0, kind_name, 0, kind if kind is not None else (excluded_kind or ""))
    end = builder.label()
    skip = builder.label()
    builder.emit(OP_REWIND, cursor, end)
    top = builder.address
    builder.emit(OP_COLUMN, cursor, column, value)
    builder.emit(OP_NE, name, skip, value, "BINARY", 0x10)
    builder.emit(OP_COLUMN, cursor, COLUMN_TYPE, value)
    builder.emit(OP_NE if kind is not None else OP_EQ, kind_name, skip, value, "BINARY", 0x10)
    builder.emit(OP_DELETE, cursor, 0, 0, None, 2)
    builder.place(skip)
    builder.emit(OP_NEXT, cursor, top)
    builder.place(end)


def emit_moved_root(builder: ProgramBuilder, database: int, moved: int, root: int) -> None:
    """After a Destroy: if a root page moved (r[moved] is not 0) lead the row of its tree to `root`."""
    none = builder.label()
    done = builder.label()
    skip = builder.label()
    first = builder.registers(5)
    value, rowid, record = (builder.register() for _ in range(3))
    builder.emit(OP_IF_NOT, moved, none)
    cursor = open_schema_table(builder, database)
    builder.emit(OP_REWIND, cursor, done)
    top = builder.address
    builder.emit(OP_COLUMN, cursor, COLUMN_ROOT, value)
    builder.emit(OP_NE, moved, skip, value, "BINARY", 0x10)
    for column in range(5):
        builder.emit(OP_COLUMN, cursor, column, first + column)
    builder.emit(OP_INTEGER, root, first + COLUMN_ROOT)
    builder.emit(OP_ROWID, cursor, rowid)
    builder.emit(OP_MAKE_RECORD, first, 5, record, _ROW_AFFINITY)
    builder.emit(OP_INSERT, cursor, record, rowid)
    builder.emit(OP_GOTO, 0, done)
    builder.place(skip)
    builder.emit(OP_NEXT, cursor, top)
    builder.place(done)
    builder.emit(OP_CLOSE, cursor)
    builder.place(none)


def emit_close(builder: ProgramBuilder, cursor: int) -> None:
    builder.emit(OP_CLOSE, cursor)


def emit_new_cookie(builder: ProgramBuilder, catalog: Catalog, database: int) -> None:
    """Count the schema cookie up, which tells this connection and all others to read the schema again."""
    cookie = (catalog.schema(database).cookie + 1) & 0xFFFFFFFF
    if cookie >= 1 << 31:
        cookie -= 1 << 32
    builder.emit(OP_SET_COOKIE, database, META_SCHEMA_COOKIE, cookie, None, 1)


def read_searched_schemas(context: StatementContext, schema: str | None) -> None:
    """What IF EXISTS leaves of a DROP of nothing: it reads the schemas in which it has looked, as in SQLite."""
    catalog = context.catalog
    for number, found in enumerate(catalog.schemas):
        if found is not None and (schema is None or catalog.database_number(schema) == number):
            context.need_read(number)
