"""Bloom filters before look-ups: filled when the loop is first reached, asked before every look-up.

1. A filter is filled from a scan of the table; rows that fail the conditions on the table alone are not in it.
2. Filters of inner loops whose keys are known already are filled, and asked, together with that of the loop around
   them, so that a row without a match is given up as early as can be.

Must not know: what is done with the rows. Plans: plan/bloom.py.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundColumn, BoundExpression
from keelback_core.compiler.bind.scope import column_of
from keelback_core.compiler.bind.types import comparison_affinity
from keelback_core.compiler.catalog.model import ROWID
from keelback_core.compiler.emit.dispatch import emit_expression, emit_jump_if_false
from keelback_core.compiler.plan.nodes import PlanIndexSeek, PlanRowidEqual
from keelback_core.program.opcodes import (
    OP_AFFINITY,
    OP_FILTER,
    OP_FILTER_ADD,
    OP_NEXT,
    OP_ONCE,
    OP_REWIND,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.emit.context import EmitContext
    from keelback_core.compiler.emit.loop_level import LoopLevel

SMALLEST_FILTER_BYTES: Final = 10000
LARGEST_FILTER_BYTES: Final = 10000000


def filter_bytes(table: Table | None) -> int:
    """The size of a filter for the rows of a table, None for a subquery."""
    rows = 0 if table is None else table.row_count or 0
    return min(max(rows, SMALLEST_FILTER_BYTES), LARGEST_FILTER_BYTES)


def begin_filters(context: EmitContext, levels: Sequence[LoopLevel], position: int) -> None:
    """Fill the filters that are asked first before this loop, once, and ask them."""
    level = levels[position]
    if level.loop.bloom is None:
        return
    builder = context.builder
    wanted = [other for other in levels if other.loop.bloom is not None and other.loop.bloom.first_loop == position]
    if not wanted:
        return
    filled = builder.label()
    builder.emit(OP_ONCE, 0, filled)
    registers = []
    for other in wanted:
        assert other.loop.bloom is not None
        builder.note(other.loop.bloom.description)
        registers.append(builder.register())
        _fill(context, other, registers[-1])
    builder.place(filled)
    for other, register in zip(wanted, registers, strict=True):
        _ask(context, other, register, level.exit_label)


def _fill(context: EmitContext, level: LoopLevel, filter_register: int) -> None:
    builder = context.builder
    bloom = level.loop.bloom
    table = level.source.table
    assert bloom is not None and table is not None
    done = builder.label()
    following = builder.label()
    cursor = level.cursor if level.cursor >= 0 else level.index_cursors[0]
    builder.emit(OP_REWIND, cursor, done)
    top = builder.address
    reading = level.source.reading
    if level.cursor >= 0:
        context.bind_cursor(level.source, level.cursor)
    for condition in bloom.conditions:
        emit_jump_if_false(context, condition, following, True)
    columns = _key_columns(level)
    first = builder.registers(len(columns))
    for place, column in enumerate(columns):
        emit_expression(context, column, first + place)
    builder.emit(OP_FILTER_ADD, filter_register, filter_bytes(table), first, len(columns))
    level.source.reading = reading
    builder.place(following)
    builder.emit(OP_NEXT, cursor, top)
    builder.place(done)


def _key_columns(level: LoopLevel) -> list[BoundExpression]:
    """What the look-up compares, as expressions over the source."""
    access = level.loop.access
    source = level.source
    if isinstance(access, PlanRowidEqual):
        return [BoundColumn(source, ROWID)]
    assert isinstance(access, PlanIndexSeek)
    bound = source.bound_indexes.get(access.index.name)
    found: list[BoundExpression] = []
    for number, key in enumerate(access.index.entry_columns[: len(access.equals)]):
        if key.expression is not None and bound is not None:
            found.append(bound.expressions[number])
        else:
            found.append(column_of(source, key.column))
    return found


def _ask(context: EmitContext, level: LoopLevel, filter_register: int, out: int) -> None:
    """Leave for `out` if the key that the look-up wants is in the filter of no row."""
    builder = context.builder
    access = level.loop.access
    assert isinstance(access, (PlanIndexSeek, PlanRowidEqual))
    wanted = access.equals if isinstance(access, PlanIndexSeek) else (access.value,)
    values = [value for value in wanted if isinstance(value, BoundExpression)]
    columns = _key_columns(level)
    first = builder.registers(len(columns))
    for place, (column, value) in enumerate(zip(columns, values, strict=True)):
        emit_expression(context, value, first + place)
        affinity = comparison_affinity(column, value)
        if affinity > "A":
            builder.emit(OP_AFFINITY, first + place, 1, 0, affinity)
    builder.emit(OP_FILTER, filter_register, out, first, len(columns))
