"""Walking an index: equalities (also IN and IS NULL), then a range, forward or backward, with DESC columns.

1. Keys get the column's affinity where the comparison would apply one; a NULL in `=` or in a bound ends the loop.
2. A range never meets NULLs: an open lower end starts behind, or stops before, the NULLs.
3. low and high are in terms of values; which of them is met first follows from the direction of column and walk.

Must not know: filters, what is done with the rows.
"""

from __future__ import annotations

from keelback_core.compiler.bind.types import NO_AFFINITY, expression_affinity, join_affinities
from keelback_core.compiler.catalog.model import ROWID
from keelback_core.compiler.emit.column import default_value
from keelback_core.compiler.emit.context import reading_of
from keelback_core.compiler.emit.dispatch import emit_expression
from keelback_core.compiler.emit.loop_level import LoopStep
from keelback_core.compiler.emit.member_tree import member_tree
from keelback_core.compiler.emit.membership import emit_member_set
from keelback_core.compiler.emit.row_key import RowKey
from keelback_core.compiler.emit.row_members import members_of_fields
from keelback_core.compiler.plan.nodes import NOT_NULL_BOUND, PlanBound, PlanMembers, PlanNull, PlanSkip
from keelback_core.program.opcodes import (
    OP_AFFINITY,
    OP_COLUMN,
    OP_COPY,
    OP_DEFERRED_SEEK,
    OP_GOTO,
    OP_IDX_GE,
    OP_IDX_GT,
    OP_IDX_LE,
    OP_IDX_LT,
    OP_IS_NULL,
    OP_LAST,
    OP_LIST_APPEND,
    OP_NEXT,
    OP_NULL,
    OP_PREV,
    OP_REWIND,
    OP_ROWID,
    OP_SEEK_GE,
    OP_SEEK_GT,
    OP_SEEK_LE,
    OP_SEEK_LT,
)
from keelback_core.program.program import COUNT_FULL_SCAN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundIn, BoundSource
    from keelback_core.compiler.catalog.model import Index
    from keelback_core.compiler.emit.context import EmitContext
    from keelback_core.compiler.emit.loop_level import LoopLevel
    from keelback_core.compiler.plan.nodes import PlanIndexSeek

NUMERIC: Final = "C"


def begin_members(
    context: EmitContext, level: LoopLevel, e: BoundIn, keys: Sequence[int], is_reverse: bool, exit_label: int
) -> int:
    """Open a loop over the members of an IN, each in the registers `keys`; the label that goes on to the next one."""
    builder = context.builder
    tree = member_tree(context, e, True)
    cursor = emit_member_set(context, e) if tree is None else tree.cursor
    following = builder.label()
    builder.emit(OP_LAST if is_reverse else OP_REWIND, cursor, exit_label)
    top = builder.address
    if tree is not None and tree.is_rowid:
        builder.emit(OP_ROWID, cursor, keys[0])
    else:
        for column, key in enumerate(keys):
            builder.emit(OP_COLUMN, cursor, column, key)
    for key in keys:
        builder.emit(OP_IS_NULL, key, following)

    level.steps.append(LoopStep(OP_PREV if is_reverse else OP_NEXT, cursor, top, following))
    return following


def emit_member_list(context: EmitContext, e: BoundIn, target: int) -> None:
    """All members of an IN as one list, NULL among them, in the order of the set."""
    builder = context.builder
    tree = member_tree(context, e, True)
    cursor = emit_member_set(context, e) if tree is None else tree.cursor
    member = builder.register()
    done = builder.label()
    builder.emit(OP_NULL, 0, target)
    builder.emit(OP_REWIND, cursor, done)
    top = builder.address
    if tree is not None and tree.is_rowid:
        builder.emit(OP_ROWID, cursor, member)
    else:
        builder.emit(OP_COLUMN, cursor, 0, member)
    builder.emit(OP_LIST_APPEND, member, target)
    builder.emit(OP_NEXT, cursor, top)
    builder.place(done)


def begin_index(context: EmitContext, level: LoopLevel, access: PlanIndexSeek, cursor: int) -> None:
    """Walk the entries of the index that the access wants."""
    builder = context.builder
    count = len(access.equals)
    start, end = _ends(access)
    width = count + 1 + max([len(bound.more) for bound in (start, end) if bound is not None], default=0)
    first = builder.registers(width)
    out = _emit_equals(context, level, access, first, _begin_skip(context, level, access, cursor, first))
    if start is not None:
        _emit_bound(context, level.source, access, start, first + count, out)
    end_first = first
    if end is not None and start is not None:
        end_first = builder.registers(width)
        if count:
            builder.emit(OP_COPY, first, end_first, count - 1)
    if end is not None:
        _emit_bound(context, level.source, access, end, end_first + count, out)
    _emit_seek(context, access, cursor, first, start, out)
    top = builder.address
    _emit_stop(context, access, cursor, end_first, end, out)
    following = 0
    if level.cursor >= 0 and not access.index.is_table:
        following = builder.label()
        _emit_seek_row(context, level, access, cursor, following)
    counter = COUNT_FULL_SCAN if count == 0 and start is None and end is None else 0
    level.steps.append(LoopStep(OP_PREV if access.is_reverse else OP_NEXT, cursor, top, following, counter))


def _emit_seek_row(context: EmitContext, level: LoopLevel, access: PlanIndexSeek, cursor: int, following: int) -> None:
    """Go from an index entry to its row: later, when it matters, by rowid; at once by primary key."""
    table = level.source.table
    assert table is not None
    key = RowKey(table)
    if key.is_rowid:
        context.builder.emit(OP_DEFERRED_SEEK, cursor, 0, level.cursor, _column_map(context, level, access.index), 1)
        return
    first = context.builder.registers(key.width)
    key.emit_read_entry(context, access.index, cursor, first)
    key.emit_seek(context, level.cursor, following, first)


def _column_map(context: EmitContext, level: LoopLevel, index: Index) -> tuple[int, ...] | None:
    """Where the index has the table's stored columns, plus one, and 0 for those that it has not; None if it does not
    hold every row, or a column as it is stored. With it a machine may read the table instead of the index."""
    table = level.source.table
    assert table is not None
    if index.where is not None or level.source.generated:
        return None
    stored = reading_of(level.source).positions
    places = [0] * len(table.columns)
    for number, key in enumerate(index.columns):
        column = key.column
        if column < 0 or column == table.rowid_column or places[stored[column]]:
            return None
        if default_value(table.columns[column]) is not None:
            return None
        places[stored[column]] = number + 1
    return tuple(places)


def _begin_skip(context: EmitContext, level: LoopLevel, access: PlanIndexSeek, cursor: int, first: int) -> int:
    """Open a loop over the different values of the columns that are skipped, if there are any; where to go when this
    combination has no more entries."""
    builder = context.builder
    count = 0
    while count < len(access.equals) and isinstance(access.equals[count], PlanSkip):
        count += 1
    if count == 0:
        return level.exit_label
    found = builder.label()
    following = builder.label()
    builder.emit(OP_LAST if access.is_reverse else OP_REWIND, cursor, level.exit_label)
    builder.emit(OP_GOTO, 0, found)
    top = builder.address
    builder.emit(OP_SEEK_LT if access.is_reverse else OP_SEEK_GT, cursor, level.exit_label, first, count)
    builder.place(found)
    for position in range(count):
        builder.emit(OP_COLUMN, cursor, position, first + position)

    level.steps.append(LoopStep(OP_GOTO, 0, top, following))
    return following


def _emit_equals(context: EmitContext, level: LoopLevel, access: PlanIndexSeek, first: int, out: int) -> int:
    """Compute the keys of the equalities; where to go when this combination has no more entries."""
    builder = context.builder
    for position, value in enumerate(access.equals):
        register = first + position
        if isinstance(value, PlanSkip):
            continue
        if isinstance(value, PlanMembers):
            is_reverse = access.is_reverse != access.index.entry_columns[position].is_descending
            if value.field < 0:
                out = begin_members(context, level, value.membership, (register,), is_reverse, out)
            else:
                out = _begin_rows(context, level, access, position, first, is_reverse, out)
        elif isinstance(value, PlanNull):
            builder.emit(OP_NULL, 0, register)
        else:
            emit_expression(context, value, register)
            if position not in access.null_equal:
                builder.emit(OP_IS_NULL, register, out)
            _emit_key_affinity(context, level.source, access, position, value, register)
    return out


def _begin_rows(
    context: EmitContext, level: LoopLevel, access: PlanIndexSeek, position: int, first: int, is_reverse: bool, out: int
) -> int:
    """Open the loop over the rows of an IN at the first of the columns that they fix together."""
    value = access.equals[position]
    assert isinstance(value, PlanMembers)
    fields: list[int] = []
    keys: list[int] = []
    for place, other in enumerate(access.equals):
        if isinstance(other, PlanMembers) and other.membership is value.membership:
            if place < position:
                return out
            fields.append(other.field)
            keys.append(first + place)
    return begin_members(context, level, members_of_fields(value.membership, fields), keys, is_reverse, out)


def _ends(access: PlanIndexSeek) -> tuple[PlanBound | None, PlanBound | None]:
    """The bound met first and the bound met last on the walk."""
    low, high = access.low, access.high
    if low is None and high is None:
        return None, None
    if low is None:
        low = NOT_NULL_BOUND
    position = len(access.equals)
    is_descending = access.index.entry_columns[position].is_descending
    return (high, low) if access.is_reverse != is_descending else (low, high)


def _bound_width(bound: PlanBound | None) -> int:
    """How many columns of the index a bound is for."""
    return 0 if bound is None else 1 + len(bound.more)


def _emit_bound(
    context: EmitContext, source: BoundSource, access: PlanIndexSeek, bound: PlanBound, register: int, out: int
) -> None:
    emit_expression(context, bound.value, register)
    if bound is not NOT_NULL_BOUND:
        context.builder.emit(OP_IS_NULL, register, out)
        _emit_key_affinity(context, source, access, len(access.equals), bound.value, register)
    for place, value in enumerate(bound.more, 1):
        emit_expression(context, value, register + place)
        _emit_key_affinity(context, source, access, len(access.equals) + place, value, register + place)


def _emit_key_affinity(
    context: EmitContext,
    source: BoundSource,
    access: PlanIndexSeek,
    position: int,
    value: BoundExpression,
    register: int,
) -> None:
    """Apply to a key what the comparison would: it makes numbers of text, never reals of integers."""
    affinity = min(key_affinity(source, access, position), NUMERIC)
    if join_affinities(affinity, expression_affinity(value)) > "A" and affinity > "A":
        context.builder.emit(OP_AFFINITY, register, 1, 0, affinity)


def key_affinity(source: BoundSource, access: PlanIndexSeek, position: int) -> str:
    """The affinity of a column of an index."""
    column = access.index.entry_columns[position]
    assert source.table is not None
    if column.expression is not None:
        bound = source.bound_indexes.get(access.index.name)
        return NO_AFFINITY if bound is None else expression_affinity(bound.expressions[position])
    return "D" if column.column == ROWID else source.table.columns[column.column].affinity


def _emit_seek(
    context: EmitContext, access: PlanIndexSeek, cursor: int, first: int, start: PlanBound | None, out: int
) -> None:
    """Move to the first entry wanted."""
    count = len(access.equals)
    is_reverse = access.is_reverse
    if start is None and count == 0:
        context.builder.emit(OP_LAST if is_reverse else OP_REWIND, cursor, out)
        return
    is_inclusive = start is None or start.is_inclusive
    if is_reverse:
        opcode = OP_SEEK_LE if is_inclusive else OP_SEEK_LT
    else:
        opcode = OP_SEEK_GE if is_inclusive else OP_SEEK_GT
    context.builder.emit(opcode, cursor, out, first, count + _bound_width(start))


def _emit_stop(
    context: EmitContext, access: PlanIndexSeek, cursor: int, first: int, end: PlanBound | None, out: int
) -> None:
    """Leave when the entry is past the last one wanted."""
    count = len(access.equals) + _bound_width(end)
    if count == 0:
        return
    is_inclusive = end is None or end.is_inclusive
    if access.is_reverse:
        opcode = OP_IDX_LT if is_inclusive else OP_IDX_LE
    else:
        opcode = OP_IDX_GT if is_inclusive else OP_IDX_GE
    context.builder.emit(opcode, cursor, out, first, count)
