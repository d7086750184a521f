"""UPDATE and DELETE on a view: its rows are collected, then the INSTEAD OF triggers fire on each.

Source: https://sqlite.org/lang_createtrigger.html#instead_of_triggers
"""

from __future__ import annotations

from keelback_core.compiler.bind.flatten import flatten_sources
from keelback_core.compiler.bind.nodes import BoundColumn, BoundResultColumn, BoundSelect, BoundSelectCore
from keelback_core.compiler.emit.destination import TableOutput
from keelback_core.compiler.emit.expression import emit_expression
from keelback_core.compiler.emit.loops import LoopEmitter
from keelback_core.compiler.emit.subquery import emit_row_subquery
from keelback_core.compiler.emit.triggers import RowTriggers
from keelback_core.compiler.plan.planner import plan_loops
from keelback_core.program.opcodes import (
    OP_AFFINITY,
    OP_COLUMN,
    OP_COPY,
    OP_INSERT,
    OP_MAKE_RECORD,
    OP_NEW_ROWID,
    OP_NEXT,
    OP_NULL,
    OP_OPEN_EPHEMERAL,
    OP_REWIND,
)
from keelback_core.program.program import WRITE_APPEND

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from keelback_core.compiler.bind.delete import BoundDelete
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource, BoundSubquery
    from keelback_core.compiler.bind.update import BoundUpdate
    from keelback_core.compiler.emit.returning import ReturningRows
    from keelback_core.compiler.emit.statement_context import StatementContext


def emit_delete_from_view(context: StatementContext, bound: BoundDelete, returning: ReturningRows) -> None:
    """Fire the triggers for every row of the view that WHERE finds."""
    triggers = RowTriggers(context, bound.table, "DELETE")
    width = len(bound.table.columns) + 1
    old = context.builder.registers(width)
    context.bind_registers(bound.stored.source, old + 1, old)

    def emit_row(buffer: int, following: int) -> None:
        triggers.emit_before(old, "", following)
        returning.emit_row()

    _emit_rows(context, (bound.source,), bound.where, width - 1, [], old, emit_row)


def emit_update_of_view(context: StatementContext, bound: BoundUpdate, returning: ReturningRows) -> None:
    """The same for an UPDATE; with FROM the new values are collected too."""
    builder = context.builder
    triggers = RowTriggers(context, bound.table, "UPDATE", bound.changed)
    width = len(bound.table.columns) + 1
    old = builder.registers(2 * width)
    new = old + width
    context.bind_registers(bound.new.source, new + 1, new)
    numbers = list(bound.values)
    is_collected = len(bound.sources) > 1
    affinities = "".join(column.affinity for column in bound.table.columns)
    values = [bound.values[number] for number in numbers]

    def emit_row(buffer: int, following: int) -> None:
        builder.emit(OP_NULL, 0, new)
        for number in range(width - 1):
            if number not in bound.values:
                builder.emit(OP_COPY, old + 1 + number, new + 1 + number)
        registers = [new + 1 + number for number in numbers]
        if is_collected:
            for place, register in enumerate(registers):
                builder.emit(OP_COLUMN, buffer, width - 1 + place, register)
        else:
            _emit_values(context, values, registers)
        # What is set gets the affinities of the view's columns; what INSERT gives for them does not.
        if affinities.strip("A"):
            builder.emit(OP_AFFINITY, new + 1, len(affinities), 0, affinities)
        triggers.emit_before(old, context.conflict or bound.conflict, following)
        returning.emit_row()

    select = None if bound.joined is None else bound.select_of(range(width - 1))
    _emit_rows(context, bound.sources, bound.where, width - 1, values if is_collected else [], old, emit_row, select)


def _emit_values(
    context: StatementContext, values: Sequence[BoundExpression | tuple[BoundSubquery, int]], registers: list[int]
) -> None:
    subqueries: dict[int, int] = {}
    for value, register in zip(values, registers, strict=True):
        if isinstance(value, tuple):
            if id(value[0]) not in subqueries:
                subqueries[id(value[0])] = emit_row_subquery(context, value[0])
            context.builder.emit(OP_COPY, subqueries[id(value[0])] + value[1], register)
        else:
            emit_expression(context, value, register)


def _emit_rows(
    context: StatementContext,
    sources: tuple[BoundSource, ...],
    where: BoundExpression | None,
    count: int,
    values: Sequence[BoundExpression | tuple[BoundSubquery, int]],
    old: int,
    emit_row: Callable[[int, int], None],
    select: BoundSelect | None = None,
) -> None:
    """Collect the rows (columns of the view, then `values`), then put each into the registers from `old`. select: what
    gives them, where it is more than the loops over the sources."""
    builder = context.builder
    context.counts_changes = True
    context.note_multi_write()
    buffer = builder.cursor()
    total = count + len(values)
    builder.emit(OP_OPEN_EPHEMERAL, buffer, total)
    # Triggers may look at every column.
    sources[0].used_columns.update(range(count))
    if select is not None:
        context.emit_select(select, TableOutput(buffer))
    elif len(sources) == 1 and not values:
        context.emit_select(_rows_of_view(sources[0], where, count), TableOutput(buffer))
        # From here on its columns are those of the rows that were collected.
        if context.flattened is not None:
            context.flattened.discard(sources[0])
        builder.note(f"SCAN {sources[0].name}")
    else:
        first = builder.registers(total)
        record = builder.register()
        key = builder.register()
        loops = LoopEmitter(context, plan_loops(sources, where))
        loops.begin()
        for number in range(count):
            emit_expression(context, BoundColumn(sources[0], number), first + number)
        _emit_values(context, values, [first + count + place for place in range(len(values))])
        builder.emit(OP_MAKE_RECORD, first, total, record)
        builder.emit(OP_NEW_ROWID, buffer, key)
        builder.emit(OP_INSERT, buffer, record, key, None, WRITE_APPEND)
        loops.end()
    context.bind_cursor(sources[0], buffer)
    done = builder.label()
    following = builder.label()
    builder.emit(OP_REWIND, buffer, done)
    top = builder.address
    context.loop_depth += 1
    builder.emit(OP_NULL, 0, old)
    for number in range(count):
        builder.emit(OP_COLUMN, buffer, number, old + 1 + number)
    emit_row(buffer, following)
    context.loop_depth -= 1
    builder.place(following)
    builder.emit(OP_NEXT, buffer, top)
    builder.place(done)


def _rows_of_view(source: BoundSource, where: BoundExpression | None, count: int) -> BoundSelect:
    """SELECT * FROM view WHERE ...: where it can be, the view becomes part of the query, which then looks rows up."""
    core = BoundSelectCore()
    core.sources = (source,)
    core.where = where
    core.columns = tuple(
        BoundResultColumn(BoundColumn(source, number), source.column_names[number]) for number in range(count)
    )
    select = BoundSelect()
    select.cores = (core,)
    flatten_sources(select, core, True)
    return select
