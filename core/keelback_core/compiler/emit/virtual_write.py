"""Writing to a virtual table: what INSERT, UPDATE and DELETE do with a row is one VUpdate.

1. The rows to change or delete are found first: the module need not bear a change during a scan.
3. A table without rowids tells its rows by the one column of its primary key.
2. The module gets values as they were computed: no affinity, no default, no constraint of ours.

Source: https://sqlite.org/vtab.html#xupdate
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundColumn
from keelback_core.compiler.catalog.model import ROWID
from keelback_core.compiler.catalog.virtual import virtual_key
from keelback_core.compiler.emit.expression import emit_expression
from keelback_core.compiler.emit.loops import LoopEmitter
from keelback_core.compiler.emit.subquery import emit_row_subquery
from keelback_core.compiler.plan.planner import plan_loops
from keelback_core.program.opcodes import (
    OP_COLUMN,
    OP_COPY,
    OP_GOTO,
    OP_IDX_INSERT,
    OP_INSERT,
    OP_IS_NULL,
    OP_MAKE_RECORD,
    OP_MUST_BE_INT,
    OP_NEW_ROWID,
    OP_NEXT,
    OP_NULL,
    OP_OPEN_EPHEMERAL,
    OP_REWIND,
    OP_ROW_SET_ADD,
    OP_ROW_SET_READ,
    OP_V_BEGIN,
    OP_V_COLUMN,
    OP_V_UPDATE,
)
from keelback_core.program.program import (
    CONFLICT_ABORT,
    CONFLICT_FAIL,
    CONFLICT_IGNORE,
    CONFLICT_REPLACE,
    CONFLICT_ROLLBACK,
    UPDATE_HANDLES_CONFLICTS,
    WRITE_APPEND,
)
from keelback_core.value.key_info import KeyInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.delete import BoundDelete
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSubquery
    from keelback_core.compiler.bind.update import BoundUpdate
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.emit.returning import ReturningRows
    from keelback_core.compiler.emit.statement_context import StatementContext

CONFLICTS: Final = {
    "": CONFLICT_ABORT,
    "ABORT": CONFLICT_ABORT,
    "ROLLBACK": CONFLICT_ROLLBACK,
    "FAIL": CONFLICT_FAIL,
    "IGNORE": CONFLICT_IGNORE,
    "REPLACE": CONFLICT_REPLACE,
}


def _action(table: Table, conflict: str) -> int:
    """p5 of VUpdate."""
    handles = table.module is not None and table.module.handles_conflicts
    return CONFLICTS[conflict] | (UPDATE_HANDLES_CONFLICTS if handles else 0)


def _key_column(table: Table) -> int:
    """The column that tells one row from another: ROWID, or that of the primary key."""
    if table.is_without_rowid:
        for number, column in enumerate(table.columns):
            if column.primary_key_position:
                return number
    return ROWID


def _emit_delete_by_key(context: StatementContext, bound: BoundDelete, returning: ReturningRows) -> None:
    """A DELETE from a table without rowids: the keys are kept in an index, and go in its order."""
    builder, table = context.builder, bound.table
    column = _key_column(table)
    keys = builder.cursor()
    key = builder.register()
    record = builder.register()
    collation = context.collation(table.columns[column].collation)
    builder.emit(OP_OPEN_EPHEMERAL, keys, 1, 0, KeyInfo((collation,), (0,), 1))
    loops = LoopEmitter(context, plan_loops((bound.source,), bound.where, is_write=True))
    loops.begin()
    emit_expression(context, BoundColumn(bound.source, column), key)
    builder.emit(OP_MAKE_RECORD, key, 1, record)
    builder.emit(OP_IDX_INSERT, keys, record, key, 1)
    returning.emit_count()
    loops.end()
    done = builder.label()
    builder.emit(OP_REWIND, keys, done)
    top = builder.address
    builder.emit(OP_COLUMN, keys, 0, key)
    builder.emit(OP_V_UPDATE, 0, 1, key, virtual_key(table), _action(table, ""))
    builder.emit(OP_NEXT, keys, top)
    builder.place(done)


def emit_virtual_begin(context: StatementContext, table: Table) -> None:
    """Tell the table that it will be written."""
    context.need_write(table.database)
    context.note_module()
    context.builder.emit(OP_V_BEGIN, 0, 0, 0, virtual_key(table))


def emit_virtual_insert(
    context: StatementContext, table: Table, rowid: int, is_given: bool, first_column: int, conflict: str
) -> None:
    """Insert the row in consecutive registers; `rowid` holds the rowid where one is given."""
    builder = context.builder
    count = len(table.columns)
    first = builder.registers(count + 2)
    builder.emit(OP_NULL, 0, first)
    if is_given:
        builder.emit(OP_COPY, rowid, first + 1)
        builder.emit(OP_IS_NULL, first + 1, builder.address + 2)
        builder.emit(OP_MUST_BE_INT, first + 1, 0)
    else:
        builder.emit(OP_NULL, 0, first + 1)
    builder.emit(OP_COPY, first_column, first + 2, count - 1)
    builder.emit(OP_V_UPDATE, 1, count + 2, first, virtual_key(table), _action(table, conflict))


def emit_virtual_update(context: StatementContext, bound: BoundUpdate) -> None:
    """An UPDATE without its end."""
    builder, table = context.builder, bound.table
    context.counts_changes = True
    context.is_multi_write = True
    emit_virtual_begin(context, table)
    count = len(table.columns) + 2
    bound.source.is_row_needed = True
    key_column = _key_column(table)
    buffer = builder.cursor()
    first = builder.registers(count)
    record = builder.register()
    key = builder.register()
    builder.emit(OP_OPEN_EPHEMERAL, buffer, count)
    loops = LoopEmitter(context, plan_loops(bound.sources, bound.where, is_write=len(bound.sources) == 1))
    loops.begin()
    cursor = next(level.cursor for level in loops.levels if level.loop.source is bound.source)
    subqueries: dict[int, int] = {}

    def emit_value(value: BoundExpression | tuple[BoundSubquery, int], place: int) -> None:
        if not isinstance(value, tuple):
            emit_expression(context, value, place)
            return
        if id(value[0]) not in subqueries:
            subqueries[id(value[0])] = emit_row_subquery(context, value[0])
        builder.emit(OP_COPY, subqueries[id(value[0])] + value[1], place)

    for column in range(len(table.columns)):
        value = bound.values.get(column)
        if value is None:
            builder.emit(OP_V_COLUMN, cursor, column, first + 2 + column, None, 1)
        else:
            emit_value(value, first + 2 + column)
    emit_expression(context, BoundColumn(bound.source, key_column), first)
    if key_column != ROWID:
        is_joined = len(bound.sources) > 1 and key_column not in bound.values
        builder.emit(OP_COPY, first if is_joined else first + 2 + key_column, first + 1)
    elif ROWID in bound.values:
        emit_value(bound.values[ROWID], first + 1)
    else:
        builder.emit(OP_COPY, first, first + 1)
    builder.emit(OP_MAKE_RECORD, first, count, record)
    builder.emit(OP_NEW_ROWID, buffer, key)
    builder.emit(OP_INSERT, buffer, record, key, None, WRITE_APPEND)
    loops.end()
    done = builder.label()
    builder.emit(OP_REWIND, buffer, done)
    top = builder.address
    for place in range(count):
        builder.emit(OP_COLUMN, buffer, place, first + place)
    conflict = _action(table, context.conflict or bound.conflict)
    builder.emit(OP_V_UPDATE, 0, count, first, virtual_key(table), conflict)
    builder.emit(OP_NEXT, buffer, top)
    builder.place(done)


def emit_virtual_delete(context: StatementContext, bound: BoundDelete, returning: ReturningRows) -> None:
    """A DELETE without its end."""
    builder = context.builder
    context.is_multi_write = True
    emit_virtual_begin(context, bound.table)
    if bound.table.is_without_rowid:
        _emit_delete_by_key(context, bound, returning)
        return
    rows = builder.register()
    rowid = builder.register()
    builder.emit(OP_NULL, 0, rows)
    loops = LoopEmitter(context, plan_loops((bound.source,), bound.where, is_write=True))
    loops.begin()
    emit_expression(context, BoundColumn(bound.source, ROWID), rowid)
    builder.emit(OP_ROW_SET_ADD, rows, rowid)
    returning.emit_count()
    loops.end()
    done = builder.label()
    top = builder.address
    builder.emit(OP_ROW_SET_READ, rows, done, rowid)
    builder.emit(OP_V_UPDATE, 0, 1, rowid, virtual_key(bound.table), _action(bound.table, ""))
    builder.emit(OP_GOTO, 0, top)
    builder.place(done)
