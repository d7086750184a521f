"""Loops over the rows of a table that ALTER TABLE needs: is there any, do all pass, rewrite all.

Must not know: stored texts.
"""

from __future__ import annotations

from keelback_core.compiler.bind.scope import column_of
from keelback_core.compiler.bind.table_rules import table_source
from keelback_core.compiler.emit.dispatch import emit_jump_if_true
from keelback_core.compiler.emit.expression import emit_expression
from keelback_core.compiler.emit.row_key import open_table_cursor
from keelback_core.program.opcodes import (
    OP_CLOSE,
    OP_HALT,
    OP_IDX_INSERT,
    OP_INSERT,
    OP_MAKE_RECORD,
    OP_NEXT,
    OP_NOT_NULL,
    OP_NULL,
    OP_REWIND,
    OP_ROWID,
)
from keelback_core.program.program import CONFLICT_ABORT, HALT_MESSAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.emit.statement_context import StatementContext


def open_rows(context: StatementContext, source: BoundSource, writable: bool = False) -> int:
    """Open a table; the cursor, through which `source` is read."""
    table = source.table
    assert table is not None
    cursor = context.builder.cursor()
    context.bind_cursor(source, cursor)
    open_table_cursor(context.builder, table, cursor, writable)
    return cursor


def emit_refuse_rows(context: StatementContext, table: Table, code: int, message: str) -> None:
    """Fail if the table has any row."""
    builder = context.builder
    cursor = open_rows(context, table_source(table))
    empty = builder.label()
    builder.emit(OP_REWIND, cursor, empty)
    builder.emit(OP_HALT, code, CONFLICT_ABORT, 0, message, HALT_MESSAGE)
    builder.place(empty)
    builder.emit(OP_CLOSE, cursor)


def emit_check_rows(
    context: StatementContext,
    source: BoundSource,
    conditions: list[BoundExpression],
    not_null: list[BoundExpression],
    code: int,
    messages: tuple[str, str],
    computed: list[BoundExpression] | None = None,
) -> None:
    """Fail if a row has NULL where it must not (second message), or makes a condition false (first message), or has no
    value for what is to be computed."""
    if not conditions and not not_null and not computed:
        return
    builder = context.builder
    cursor = open_rows(context, source)
    end = builder.label()
    builder.emit(OP_REWIND, cursor, end)
    top = builder.address
    context.loop_depth += 1
    for expression in computed or ():
        emit_expression(context, expression)
    for expression in not_null:
        passed = builder.label()
        builder.emit(OP_NOT_NULL, emit_expression(context, expression), passed)
        builder.emit(OP_HALT, code, CONFLICT_ABORT, 0, messages[1], HALT_MESSAGE)
        builder.place(passed)
    for condition in conditions:
        passed = builder.label()
        emit_jump_if_true(context, condition, passed, True)
        builder.emit(OP_HALT, code, CONFLICT_ABORT, 0, messages[0], HALT_MESSAGE)
        builder.place(passed)
    context.loop_depth -= 1
    builder.emit(OP_NEXT, cursor, top)
    builder.place(end)
    builder.emit(OP_CLOSE, cursor)


def emit_rewrite_without(context: StatementContext, table: Table, dropped: int) -> None:
    """Write every row again without one of its columns."""
    builder = context.builder
    source = table_source(table)
    kept = [n for n, column in enumerate(table.columns) if n != dropped and column.generated != "VIRTUAL"]
    if table.key_index is not None:
        kept = [column.column for column in table.key_index.entry_columns if column.column != dropped]
    cursor = open_rows(context, source, True)
    first = builder.registers(max(len(kept), 1))
    rowid, record = builder.register(), builder.register()
    end = builder.label()
    builder.emit(OP_REWIND, cursor, end)
    top = builder.address
    context.loop_depth += 1
    if table.key_index is None:
        builder.emit(OP_ROWID, cursor, rowid)
    for place, number in enumerate(kept):
        if number == table.rowid_column:
            builder.emit(OP_NULL, 0, first + place)
        else:
            column = column_of(source, number)
            register = emit_expression(context, column, first + place)
            assert register == first + place
    affinities = "".join("A" if n == table.rowid_column else table.columns[n].affinity for n in kept)
    builder.emit(OP_MAKE_RECORD, first, len(kept), record, affinities)
    if table.key_index is None:
        builder.emit(OP_INSERT, cursor, record, rowid)
    else:
        builder.emit(OP_IDX_INSERT, cursor, record, first, len(table.key_index.columns))
    context.loop_depth -= 1
    builder.emit(OP_NEXT, cursor, top)
    builder.place(end)
    builder.emit(OP_CLOSE, cursor)
