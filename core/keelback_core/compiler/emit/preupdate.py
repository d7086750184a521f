"""Rows shown to sqlite3_preupdate_hook before they change: only programs of connections that have the hook do it.

1. Old rows are read where the table's cursor stands, just before the change: triggers may have changed them since.
2. A row is its rowid (0 where the table has none) and its columns, as many as are stored; SQLite shows a virtual column
   among them as NULL.

Must not know: who changes the row. Source: https://sqlite.org/c3ref/preupdate_blobwrite.html
"""

from __future__ import annotations

from keelback_core.compiler.emit.expression import emit_expression
from keelback_core.program.opcodes import OP_COPY, OP_INTEGER, OP_NULL, OP_PRE_UPDATE, OP_ROWID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.emit.table_writer import TableWriter


def is_watched(writer: TableWriter) -> bool:
    """Whether somebody wants to see rows before they change."""
    return writer.context.catalog.settings.has_preupdate_hook


def show_insert(writer: TableWriter, rowid: int, first_column: int) -> None:
    """The row in registers is about to be inserted."""
    if is_watched(writer):
        _show(writer, 0, _new_row(writer, rowid, first_column))


def show_update(writer: TableWriter, rowid: int, first_column: int) -> None:
    """The row under the table's cursor is about to become the one in registers."""
    if is_watched(writer):
        old = _old_row(writer)
        _show(writer, old, _new_row(writer, rowid, first_column))


def show_delete(writer: TableWriter) -> None:
    """The row under the table's cursor is about to go."""
    if is_watched(writer):
        _show(writer, _old_row(writer), 0)


def _stored_count(writer: TableWriter) -> int:
    return sum(1 for column in writer.table.columns if column.generated != "VIRTUAL")


def _show(writer: TableWriter, old: int, new: int) -> None:
    table = writer.table
    writer.builder.emit(OP_PRE_UPDATE, table.database, old, new, table.name, _stored_count(writer))


def _old_row(writer: TableWriter) -> int:
    builder = writer.builder
    count = _stored_count(writer)
    first = builder.registers(count + 1)
    if writer.key.is_rowid:
        builder.emit(OP_ROWID, writer.table_cursor, first)
    else:
        builder.emit(OP_INTEGER, 0, first)
    for number in range(count):
        if writer.table.columns[number].generated == "VIRTUAL":
            builder.emit(OP_NULL, 0, first + 1 + number)
        else:
            emit_expression(writer.context, writer.stored.column(number), first + 1 + number)
    return first


def _new_row(writer: TableWriter, rowid: int, first_column: int) -> int:
    builder = writer.builder
    count = _stored_count(writer)
    first = builder.registers(count + 1)
    if writer.key.is_rowid:
        builder.emit(OP_COPY, rowid, first)
    else:
        builder.emit(OP_INTEGER, 0, first)
    if count > 0:
        builder.emit(OP_COPY, first_column, first + 1, count - 1)
    if 0 <= writer.table.rowid_column < count:
        builder.emit(OP_COPY, rowid, first + 1 + writer.table.rowid_column)
    return first
