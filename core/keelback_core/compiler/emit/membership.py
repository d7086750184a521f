"""Emission of IN: as a chain of comparisons, or as a search in an ephemeral index of the right side.

1. The answer is three-valued: NULL when nothing equals but the left side or a member is NULL; an empty set is
   always false.
2. The left side's affinity (joined with that of the subquery's last SELECT) is applied to members and probe alike.
3. A set that reads nothing from outside is built once.

Must not know: statements, plans. Source: https://sqlite.org/lang_expr.html#the_in_and_not_in_operators
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundLiteral
from keelback_core.compiler.bind.types import (
    NO_AFFINITY,
    comparison_affinity,
    comparison_collation,
    expression_affinity,
    last_row,
    row_items,
    sort_collation,
    width,
)
from keelback_core.compiler.bind.walk import is_constant
from keelback_core.compiler.emit.comparison import Part, emit_parts
from keelback_core.compiler.emit.destination import SetOutput
from keelback_core.compiler.emit.dispatch import emit_expression
from keelback_core.compiler.emit.member_tree import member_tree
from keelback_core.compiler.emit.subquery import note_subquery
from keelback_core.program.opcodes import (
    OP_AFFINITY,
    OP_COLUMN,
    OP_COPY,
    OP_EQ,
    OP_FILTER,
    OP_FOUND,
    OP_GOTO,
    OP_IDX_INSERT,
    OP_INTEGER,
    OP_IS_NULL,
    OP_MAKE_RECORD,
    OP_NE,
    OP_NEXT,
    OP_NOT,
    OP_NOT_FOUND,
    OP_NULL,
    OP_ONCE,
    OP_OPEN_EPHEMERAL,
    OP_REWIND,
    OP_SEEK_ROWID,
)
from keelback_core.program.program import COMPARE_AFFINITY_MASK
from keelback_core.value.key_info import KeyInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundIn
    from keelback_core.compiler.emit.context import EmitContext

LONGEST_CHAIN: Final = 2


def member_affinities(e: BoundIn) -> str:
    """The affinities under which members and left side meet, one a column."""
    left = row_items(e.operand)
    if e.select is None:
        # Members of a list are made numbers, never reals: a REAL is compared with an integer exactly.
        affinity = min(expression_affinity(left[0]), "C")
        return affinity if affinity > NO_AFFINITY else "A"
    found = ""
    for item, member in zip(left, last_row(e.select), strict=True):
        affinity = comparison_affinity(item, member)
        found += affinity if affinity > NO_AFFINITY else "A"
    return found


def member_collations(context: EmitContext, e: BoundIn) -> tuple[str, ...]:
    """The collations of the comparison, one a column."""
    left = row_items(e.operand)
    if e.select is None:
        return (context.collation(sort_collation(left[0])),)
    return tuple(
        context.collation(comparison_collation(item, member))
        for item, member in zip(left, last_row(e.select), strict=True)
    )


def emit_member_set(context: EmitContext, e: BoundIn, filter_register: int = 0) -> int:
    """Build the ephemeral index of the members, and the Bloom filter of those of a subquery; its cursor."""
    builder = context.builder
    cursor = builder.cursor()
    count = width(e.operand)
    collations = member_collations(context, e)
    affinities = member_affinities(e)
    built = builder.label()
    if is_fixed_set(e):
        builder.emit(OP_ONCE, 0, built)
    builder.emit(OP_OPEN_EPHEMERAL, cursor, count, 0, KeyInfo(collations, (0,) * count, count))
    if e.select is not None:
        note_subquery(context, e.select, "LIST")
        context.emit_select(e.select, SetOutput(cursor, affinities, filter_register))
        builder.pop_note()
    else:
        record = builder.register()
        # MakeRecord applies affinities in place, so a constant's own register must not be used.
        register = builder.register()
        for item in e.items or ():
            emit_expression(context, item, register)
            builder.emit(OP_MAKE_RECORD, register, 1, record, affinities)
            builder.emit(OP_IDX_INSERT, cursor, record, register, 1)
    builder.place(built)
    return cursor


def is_fixed_set(e: BoundIn) -> bool:
    """Whether the members are the same all through the statement."""
    if e.select is not None:
        return not e.select.outer_references
    return all(is_constant(item) for item in e.items or ())


def emit_in(context: EmitContext, e: BoundIn, target: int) -> None:
    """IN as a value."""
    builder = context.builder
    is_true = builder.label()
    is_null = builder.label()
    done = builder.label()
    result = builder.register()
    _branch(context, e, is_true, is_null)
    builder.emit(OP_INTEGER, 0, result)
    builder.emit(OP_GOTO, 0, done)
    builder.place(is_true)
    builder.emit(OP_INTEGER, 1, result)
    builder.emit(OP_GOTO, 0, done)
    builder.place(is_null)
    builder.emit(OP_NULL, 0, result)
    builder.place(done)
    builder.emit(OP_NOT if e.is_negated else OP_COPY, result, target)


def jump_in(context: EmitContext, e: BoundIn, label: int, when: bool, null_jumps: bool) -> None:
    """IN as a jump."""
    builder = context.builder
    past = builder.label()
    null_label = label if null_jumps else past
    if when != e.is_negated:
        _branch(context, e, label, null_label, not null_jumps)
    else:
        _branch(context, e, past, null_label, null_jumps)
        builder.emit(OP_GOTO, 0, label)
    builder.place(past)


def _branch(context: EmitContext, e: BoundIn, is_true: int, is_null: int, is_null_false: bool = False) -> None:
    """Jump to `is_true` or `is_null` as `operand IN set` (not negated) tells; fall through when it is false.
    is_null_false: it may fall through for NULL too."""
    if e.select is None:
        items = e.items or ()
        if not items:
            emit_parts(context, e.operand)
            return
        if len(items) <= LONGEST_CHAIN or not all(is_constant(item) for item in items):
            _branch_chain(context, e, is_true, is_null)
            return
    _branch_set(context, e, is_true, is_null, is_null_false)


def _branch_chain(context: EmitContext, e: BoundIn, is_true: int, is_null: int) -> None:
    """Compare with one member after the other."""
    builder = context.builder
    operand = emit_expression(context, e.operand)
    collation = member_collations(context, e)[0]
    flags = ord(member_affinities(e)) & COMPARE_AFFINITY_MASK
    # NULL as soon as the operand or any member is; BitAnd of a NULL stays NULL.
    members: list[int] = []
    for item in e.items or ():
        register = emit_expression(context, item)
        builder.emit(OP_EQ, register, is_true, operand, collation, flags)
        members.append(register)
    builder.emit(OP_IS_NULL, operand, is_null)
    for item, register in zip(e.items or (), members, strict=True):
        if not _is_never_null(item):
            builder.emit(OP_IS_NULL, register, is_null)


def _is_never_null(e: BoundExpression) -> bool:
    return isinstance(e, BoundLiteral) and not e.is_null


def _branch_set(context: EmitContext, e: BoundIn, is_true: int, is_null: int, is_null_false: bool) -> None:
    """Search in the ephemeral index."""
    builder = context.builder
    parts = emit_parts(context, e.operand)
    tree = member_tree(context, e, False)
    filter_register = 0
    if tree is None and e.select is not None and not e.select.outer_references:
        filter_register = builder.register()
    cursor = emit_member_set(context, e, filter_register) if tree is None else tree.cursor
    count = len(parts)
    first = builder.registers(count)
    for position, part in enumerate(parts):
        builder.emit(OP_COPY, part.register, first + position)
    affinities = member_affinities(e)
    if affinities.strip("A"):
        builder.emit(OP_AFFINITY, first, count, 0, affinities)
    has_null = builder.label()
    for position in range(count):
        builder.emit(OP_IS_NULL, first + position, has_null)
    if tree is not None and tree.is_rowid:
        _branch_rowid(context, cursor, first, is_true, is_null, has_null)
        return
    unknown = builder.label()
    if filter_register:
        builder.emit(OP_FILTER, filter_register, unknown, first, count)
    builder.emit(OP_FOUND, cursor, is_true, first, count)
    builder.place(unknown)
    if is_null_false:
        # Whether a member or the operand is NULL, and there are members at all, changes nothing.
        builder.place(has_null)
        return
    if count == 1:
        _branch_unknown_scalar(context, cursor, is_null, has_null)
        return
    builder.place(has_null)
    _branch_unknown_row(context, e, cursor, first, parts, is_null)


def _branch_rowid(context: EmitContext, cursor: int, key: int, is_true: int, is_null: int, has_null: int) -> None:
    """Look for a row of this rowid; no rowid is NULL."""
    builder = context.builder
    is_false = builder.label()
    builder.emit(OP_SEEK_ROWID, cursor, is_false, key)
    builder.emit(OP_GOTO, 0, is_true)
    builder.place(has_null)
    builder.emit(OP_REWIND, cursor, is_false)
    builder.emit(OP_GOTO, 0, is_null)
    builder.place(is_false)


def _branch_unknown_scalar(context: EmitContext, cursor: int, is_null: int, has_null: int) -> None:
    """Nothing equals: NULL if a member is NULL, or if the operand is and there are members."""
    builder = context.builder
    is_false = builder.label()
    builder.emit(OP_NOT_FOUND, cursor, is_false, context.constant(None), 1)
    builder.emit(OP_GOTO, 0, is_null)
    builder.place(has_null)
    builder.emit(OP_REWIND, cursor, is_false)
    builder.emit(OP_GOTO, 0, is_null)
    builder.place(is_false)


def _branch_unknown_row(
    context: EmitContext, e: BoundIn, cursor: int, first: int, parts: list[Part], is_null: int
) -> None:
    """Nothing equals, or the operand has a NULL: NULL if some member differs in no column that is known."""
    builder = context.builder
    collations = member_collations(context, e)
    is_false = builder.label()
    column = builder.register()
    builder.emit(OP_REWIND, cursor, is_false)
    top = builder.address
    following = builder.label()
    for position in range(len(parts)):
        builder.emit(OP_COLUMN, cursor, position, column)
        builder.emit(OP_NE, column, following, first + position, collations[position])
    builder.emit(OP_GOTO, 0, is_null)
    builder.place(following)
    builder.emit(OP_NEXT, cursor, top)
    builder.place(is_false)
