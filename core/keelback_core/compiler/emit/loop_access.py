"""How the rows of one loop are reached: scan, rowid, rowid range, index, automatic index, union.

Each `begin_...` leaves the code on a row, and a step in the level that goes on to the next one. Where the access has
no (more) rows it jumps to the level's exit label.

Must not know: filters, what is done with the rows. Plans: plan/nodes.py.
"""

from __future__ import annotations

from keelback_core.compiler.bind.walk import column_references, may_run_early
from keelback_core.compiler.emit.column import subquery_is_real
from keelback_core.compiler.emit.dispatch import emit_expression, emit_jump_if_false
from keelback_core.compiler.emit.loop_automatic import begin_automatic
from keelback_core.compiler.emit.loop_index import begin_index, begin_members, emit_member_list
from keelback_core.compiler.emit.loop_level import LoopStep
from keelback_core.compiler.emit.loop_source import open_index
from keelback_core.compiler.emit.membership import member_affinities, member_collations
from keelback_core.compiler.emit.row_key import RowKey
from keelback_core.compiler.emit.row_members import members_of_fields
from keelback_core.compiler.plan.describe import access_text, filter_text
from keelback_core.compiler.plan.nodes import (
    PlanAutomaticIndex,
    PlanIndexSeek,
    PlanMembers,
    PlanRowidEqual,
    PlanRowidRange,
    PlanScan,
    PlanStored,
    PlanUnion,
    PlanVirtual,
)
from keelback_core.program.opcodes import (
    OP_COPY,
    OP_FOUND,
    OP_GE,
    OP_GOSUB,
    OP_GOTO,
    OP_GT,
    OP_IDX_INSERT,
    OP_INT64,
    OP_INTEGER,
    OP_IS_NULL,
    OP_LAST,
    OP_LE,
    OP_LT,
    OP_MAKE_RECORD,
    OP_NE,
    OP_NEXT,
    OP_NULL,
    OP_OPEN_EPHEMERAL,
    OP_PREV,
    OP_REAL_AFFINITY,
    OP_RETURN,
    OP_REWIND,
    OP_ROW_SET_TEST,
    OP_ROWID,
    OP_SEEK_GE,
    OP_SEEK_GT,
    OP_SEEK_LE,
    OP_SEEK_LT,
    OP_SEEK_ROWID,
    OP_V_FILTER,
    OP_V_NEXT,
    OP_YIELD,
)
from keelback_core.program.program import COMPARE_JUMP_IF_NULL, COUNT_FULL_SCAN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.emit.context import EmitContext
    from keelback_core.compiler.emit.loop_level import LoopLevel
    from keelback_core.compiler.plan.nodes import PlanAccess

NUMERIC: Final = ord("C")


def begin_access(context: EmitContext, level: LoopLevel) -> None:
    """Emit the head of the loop."""
    access = level.loop.access
    if isinstance(access, PlanUnion):
        context.builder.push_note(level.description())
        _begin_union(context, level, access)
        context.builder.pop_note()
        return
    if context.builder.takes_notes:
        if isinstance(access, PlanAutomaticIndex) and not level.loop.is_right:
            context.builder.note(filter_text(level.source, access))
        context.builder.note(level.description())
    cursor = level.index_cursors[0] if level.index_cursors else -1
    if isinstance(access, PlanIndexSeek) and access.index.is_table:
        cursor = level.cursor
    _begin(context, level, access, cursor)


def begin_unmatched(context: EmitContext, level: LoopLevel, access: PlanAccess) -> None:
    """Emit the head of the loop that looks for the rows of a right side without a match."""
    cursor = -1
    table = level.source.table
    if isinstance(access, PlanIndexSeek):
        assert table is not None
        cursor = level.cursor if access.index.is_table else open_index(context, table, access.index)
    _begin(context, level, access, cursor)


def _begin(context: EmitContext, level: LoopLevel, access: PlanAccess, index_cursor: int) -> None:
    if isinstance(access, PlanVirtual):
        begin_virtual(context, level, access)
    elif isinstance(access, PlanScan):
        _begin_scan(context, level, access, index_cursor)
    elif isinstance(access, PlanRowidEqual):
        _begin_rowid(context, level, access)
    elif isinstance(access, PlanRowidRange):
        _begin_rowid_range(context, level, access)
    elif isinstance(access, PlanIndexSeek):
        begin_index(context, level, access, index_cursor)
    else:
        assert isinstance(access, PlanAutomaticIndex)
        begin_automatic(context, level, access)


def _begin_scan(context: EmitContext, level: LoopLevel, access: PlanScan, index_cursor: int) -> None:
    builder = context.builder
    if level.row_register and level.first_register == level.row_register:
        return
    if level.row_register:
        builder.emit(OP_COPY, level.row_register, level.first_register, level.register_count - 1)
        for column in range(level.register_count):
            if subquery_is_real(level.source, column):
                builder.emit(OP_REAL_AFFINITY, level.first_register + column)
        return
    if level.yield_register:
        top = builder.address
        builder.emit(OP_YIELD, level.yield_register, level.exit_label)
        for column in range(level.register_count):
            if subquery_is_real(level.source, column):
                builder.emit(OP_REAL_AFFINITY, level.first_register + column)
        level.steps.append(LoopStep(OP_GOTO, 0, top))
        return
    cursor = index_cursor if index_cursor >= 0 else level.cursor
    builder.emit(OP_LAST if access.is_reverse else OP_REWIND, cursor, level.exit_label)
    top = builder.address
    step = OP_PREV if access.is_reverse else OP_NEXT
    level.steps.append(LoopStep(step, cursor, top, 0, COUNT_FULL_SCAN))


def begin_virtual(context: EmitContext, level: LoopLevel, access: PlanVirtual) -> None:
    """Ask a virtual table for the rows that it promised for these values."""
    builder = context.builder
    first = builder.registers(len(access.values) + 1)
    out = level.exit_label
    for position, value in enumerate(access.values):
        register = first + 1 + position
        if isinstance(value, PlanStored):
            builder.emit(OP_COPY, value.register, register)
        elif not isinstance(value, PlanMembers):
            emit_expression(context, value, register)
        elif access.lists >> position & 1:
            emit_member_list(context, value.membership, register)
        elif value.field < 0:
            out = begin_members(context, level, value.membership, (register,), False, out)
        else:
            out = _begin_virtual_rows(context, level, access, position, first + 1, out)
    if access.offset_register:
        # The table skips these rows.
        builder.emit(OP_INTEGER, 0, access.offset_register)
    if access.lists:
        builder.emit(OP_INT64, 0, first, 0, access.lists << 32 | access.number & 0xFFFFFFFF)
    else:
        builder.emit(OP_INTEGER, access.number, first)
    builder.emit(OP_V_FILTER, level.cursor, out, first, access.text, len(access.values))
    top = builder.address
    level.steps.append(LoopStep(OP_V_NEXT, level.cursor, top))
    for position in access.tested:
        value = access.values[position]
        assert isinstance(value, PlanMembers)
        # Rows of another member come with that one.
        membership = value.membership
        if value.field >= 0:
            membership = members_of_fields(membership, (value.field,))
        row = emit_expression(context, membership.operand)
        flags = ord(member_affinities(membership)) | COMPARE_JUMP_IF_NULL
        collation = member_collations(context, membership)[0]
        builder.emit(OP_NE, first + 1 + position, level.continue_label, row, collation, flags)


def _begin_virtual_rows(
    context: EmitContext, level: LoopLevel, access: PlanVirtual, position: int, first: int, out: int
) -> int:
    """Open the loop over the rows of an IN at the first of the constraints that take their values together."""
    value = access.values[position]
    assert isinstance(value, PlanMembers)
    fields: list[int] = []
    keys: list[int] = []
    for place, other in enumerate(access.values):
        if isinstance(other, PlanMembers) and other.membership is value.membership:
            if place < position:
                return out
            fields.append(other.field)
            keys.append(first + place)
    return begin_members(context, level, members_of_fields(value.membership, fields), keys, False, out)


def _begin_rowid(context: EmitContext, level: LoopLevel, access: PlanRowidEqual) -> None:
    builder = context.builder
    if isinstance(access.value, PlanMembers):
        key = builder.register()
        membership = access.value.membership
        if access.value.field >= 0:
            membership = members_of_fields(membership, (access.value.field,))
        following = begin_members(context, level, membership, (key,), access.is_reverse, level.exit_label)
        builder.emit(OP_SEEK_ROWID, level.cursor, following, key)
        return
    register = emit_expression(context, access.value)
    builder.emit(OP_SEEK_ROWID, level.cursor, level.exit_label, register)


def _begin_rowid_range(context: EmitContext, level: LoopLevel, access: PlanRowidRange) -> None:
    builder = context.builder
    cursor = level.cursor
    start, end = (access.high, access.low) if access.is_reverse else (access.low, access.high)
    end_register = 0 if end is None else emit_expression(context, end.value)
    if start is None:
        builder.emit(OP_LAST if access.is_reverse else OP_REWIND, cursor, level.exit_label)
    else:
        register = emit_expression(context, start.value)
        builder.emit(OP_IS_NULL, register, level.exit_label)
        if access.is_reverse:
            opcode = OP_SEEK_LE if start.is_inclusive else OP_SEEK_LT
        else:
            opcode = OP_SEEK_GE if start.is_inclusive else OP_SEEK_GT
        builder.emit(opcode, cursor, level.exit_label, register, 1)
    top = builder.address
    if end is not None:
        rowid = builder.register()
        builder.emit(OP_ROWID, cursor, rowid)
        if access.is_reverse:
            opcode = OP_LT if end.is_inclusive else OP_LE
        else:
            opcode = OP_GT if end.is_inclusive else OP_GE
        flags = NUMERIC | COMPARE_JUMP_IF_NULL
        builder.emit(opcode, end_register, level.exit_label, rowid, "BINARY", flags)
    step = OP_PREV if access.is_reverse else OP_NEXT
    level.steps.append(LoopStep(step, cursor, top))


def _is_known_outside(condition: BoundExpression, source: BoundSource) -> bool:
    return may_run_early(condition) and all(column.source is not source for column in column_references(condition))


def _begin_union(context: EmitContext, level: LoopLevel, access: PlanUnion) -> None:
    """Every branch in turn calls the rest of the loop as a subroutine, for rows not seen before."""
    builder = context.builder
    table = level.source.table
    assert table is not None
    key = RowKey(table)
    seen = builder.register() if key.is_rowid else builder.cursor()
    first = builder.registers(key.width)
    level.union_return = builder.register()
    body = builder.label()
    outer_exit = level.exit_label
    if key.is_rowid:
        builder.emit(OP_NULL, 0, seen)
    else:
        builder.emit(OP_OPEN_EPHEMERAL, seen, key.width, 0, key.info())
    cursors = list(level.index_cursors)
    for number, (branch, conditions) in enumerate(zip(access.branches, access.filters, strict=True)):
        builder.push_note(f"INDEX {number + 1}")
        cursor = -1
        if isinstance(branch, PlanIndexSeek):
            cursor = level.cursor if branch.index.is_table else cursors.pop(0)
        level.exit_label = builder.label()
        following = builder.label()
        # What says nothing of the source is tested before its rows are looked up.
        early = [condition for condition in conditions if _is_known_outside(condition, level.source)]
        for condition in early:
            emit_jump_if_false(context, condition, level.exit_label, True)
        _begin(context, level, branch, cursor)
        for condition in conditions:
            if condition not in early:
                emit_jump_if_false(context, condition, following, True)
        # As in SQLite behind the subqueries of the branch.
        builder.note(access_text(level.source, branch) + (" LEFT-JOIN" if level.loop.is_outer else ""))
        key.emit_read(context, level.source, first)
        if key.is_rowid:
            builder.emit(OP_ROW_SET_TEST, seen, following, first, number)
        else:
            record = builder.register()
            builder.emit(OP_FOUND, seen, following, first, key.width)
            builder.emit(OP_MAKE_RECORD, first, key.width, record)
            builder.emit(OP_IDX_INSERT, seen, record, first, key.width)
        builder.emit(OP_GOSUB, level.union_return, body)
        builder.place(following)
        level.end_access(builder)
        builder.place(level.exit_label)
        builder.pop_note()
    level.exit_label = outer_exit
    builder.emit(OP_GOTO, 0, outer_exit)
    builder.place(body)
    level.steps.append(LoopStep(OP_RETURN, level.union_return, 0))
