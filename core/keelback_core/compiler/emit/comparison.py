"""Emission of comparisons: of two values, of two rows, BETWEEN, IS.

1. Affinity and collation come from the expressions, part by part; rows compare lexicographically, three-valued.
2. The left operand is in p3, the right one in p1, as the opcodes want it.
3. A subquery on one side is not computed where the other side is NULL, and with it the outcome; as SQLite does.

Must not know: statements, plans.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundColumn, BoundLiteral, BoundParameter, BoundRow, BoundSubquery
from keelback_core.compiler.bind.types import (
    comparison_affinity,
    comparison_collation,
    row_items,
    sort_collation,
    width,
)
from keelback_core.compiler.bind.walk import has_subquery
from keelback_core.compiler.emit.dispatch import emit_expression, emit_jump
from keelback_core.compiler.emit.subquery import emit_whole_row
from keelback_core.program.opcodes import (
    OP_AND,
    OP_COPY,
    OP_EQ,
    OP_GE,
    OP_GT,
    OP_IF,
    OP_IF_NOT,
    OP_INTEGER,
    OP_IS_NULL,
    OP_LE,
    OP_LT,
    OP_NE,
    OP_NOT,
    OP_NOT_NULL,
    OP_NULL,
    OP_OR,
    OP_ZERO_OR_NULL,
)
from keelback_core.program.program import COMPARE_AFFINITY_MASK, COMPARE_JUMP_IF_NULL, COMPARE_NULL_EQUAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import (
        BoundBetween,
        BoundBinary,
        BoundExpression,
        BoundIsNull,
        BoundIsTruth,
    )
    from keelback_core.compiler.emit.context import EmitContext

OPCODES: Final = {
    "=": OP_EQ,
    "<>": OP_NE,
    "<": OP_LT,
    "<=": OP_LE,
    ">": OP_GT,
    ">=": OP_GE,
    "IS": OP_EQ,
    "IS NOT": OP_NE,
}
OPPOSITE_OPCODES: Final = {
    "=": OP_NE,
    "<>": OP_EQ,
    "<": OP_GE,
    "<=": OP_GT,
    ">": OP_LE,
    ">=": OP_LT,
    "IS": OP_NE,
    "IS NOT": OP_EQ,
}
SIDE_BY_SIDE: Final = 0
LEFT_DECIDES: Final = 1
RIGHT_DECIDES: Final = 2
SIMPLE: Final = (BoundColumn, BoundLiteral, BoundParameter)


class Part:
    """One value of an operand: the expression it comes from, for its type, and the register that holds it.

    has_collation: False for a column of a subquery that is a row, whose collation SQLite does not ask for."""

    __slots__ = ("expression", "register", "has_collation")

    def __init__(self, expression: BoundExpression, register: int, has_collation: bool = True) -> None:
        self.expression = expression
        self.register = register
        self.has_collation = has_collation


def emit_parts(context: EmitContext, e: BoundExpression) -> list[Part]:
    """Compute an operand, scalar or row; its values in order."""
    if isinstance(e, BoundSubquery) and width(e) > 1:
        first = emit_whole_row(context, e)
        return [Part(item, first + position, False) for position, item in enumerate(row_items(e))]
    if isinstance(e, BoundRow):
        return [Part(item, emit_expression(context, item)) for item in e.items]
    return [Part(e, emit_expression(context, e))]


def emit_two_operands(
    context: EmitContext, left: BoundExpression, right: BoundExpression
) -> tuple[list[Part], list[Part]]:
    """Both operands of a comparison."""
    return emit_parts(context, left), emit_parts(context, right)


def jump_compare(
    context: EmitContext, operator: str, left: Part, right: Part, label: int, when: bool, null_jumps: bool
) -> None:
    """Jump if `left operator right` is `when`; if it is NULL only if `null_jumps`."""
    name = "BINARY"
    if left.has_collation and right.has_collation:
        name = comparison_collation(left.expression, right.expression)
    elif left.has_collation or right.has_collation:
        name = sort_collation(left.expression if left.has_collation else right.expression)
    affinity = comparison_affinity(left.expression, right.expression)
    _jump(context, operator, left.register, right.register, affinity, name, label, when, null_jumps)


def _jump(
    context: EmitContext,
    operator: str,
    left: int,
    right: int,
    affinity: str,
    collation: str,
    label: int,
    when: bool,
    null_jumps: bool,
) -> None:
    """The jump itself, of two registers."""
    flags = ord(affinity) & COMPARE_AFFINITY_MASK
    if operator == "IS" or operator == "IS NOT":
        flags |= COMPARE_NULL_EQUAL
    elif null_jumps:
        flags |= COMPARE_JUMP_IF_NULL
    opcode = OPCODES[operator] if when else OPPOSITE_OPCODES[operator]
    context.builder.emit(opcode, right, label, left, context.collation(collation), flags)


def jump_scalars(
    context: EmitContext,
    operator: str,
    left: BoundExpression,
    right: BoundExpression,
    label: int,
    when: bool,
    null_jumps: bool,
) -> None:
    """Compute two scalars, and jump as `jump_compare` does."""
    order = SIDE_BY_SIDE if operator == "IS" or operator == "IS NOT" else operand_order(left, right)
    if order != SIDE_BY_SIDE:
        _jump_around_subquery(context, operator, left, right, order, (label, when, null_jumps))
        return
    one = emit_expression(context, left)
    other = emit_expression(context, right)
    affinity = comparison_affinity(left, right)
    _jump(context, operator, one, other, affinity, comparison_collation(left, right), label, when, null_jumps)


def _jump_around_subquery(
    context: EmitContext,
    operator: str,
    left: BoundExpression,
    right: BoundExpression,
    order: int,
    goal: tuple[int, bool, bool],
) -> None:
    """`jump_scalars` in another order than from left to right, or with a way past the right side. goal: label, when,
    null_jumps."""
    builder = context.builder
    label, when, null_jumps = goal
    past = builder.label()
    first = emit_expression(context, left if order == LEFT_DECIDES else right)
    builder.emit(OP_IS_NULL, first, label if null_jumps else past)
    second = emit_expression(context, right if order == LEFT_DECIDES else left)
    one, other = (first, second) if order == LEFT_DECIDES else (second, first)
    affinity = comparison_affinity(left, right)
    _jump(context, operator, one, other, affinity, comparison_collation(left, right), label, when, null_jumps)
    builder.place(past)


def operand_order(left: BoundExpression, right: BoundExpression) -> int:
    """How the operands of an operator are computed that is NULL where one of them is: SIDE_BY_SIDE; the left one first,
    and if it is NULL not the right one, which has a subquery; or the other way round."""
    if isinstance(left, SIMPLE) and isinstance(right, SIMPLE):
        return SIDE_BY_SIDE
    if has_subquery(right):
        return LEFT_DECIDES if _may_be_null(left) else SIDE_BY_SIDE
    return RIGHT_DECIDES if has_subquery(left) and _may_be_null(right) else SIDE_BY_SIDE


def _may_be_null(e: BoundExpression) -> bool:
    return not isinstance(e, BoundLiteral) or e.is_null


def emit_compare(context: EmitContext, operator: str, left: list[Part], right: list[Part], target: int) -> None:
    """r[target] = left operator right, three-valued."""
    if len(left) == 1:
        _emit_compare_one(context, operator, left[0], right[0], target)
        return
    if operator in ("=", "IS"):
        _emit_all(context, operator, left, right, target)
        return
    if operator in ("<>", "IS NOT"):
        _emit_all(context, "=" if operator == "<>" else "IS", left, right, target)
        context.builder.emit(OP_NOT, target, target)
        return
    strict = operator[0]
    last = len(left) - 1
    _emit_compare_one(context, operator, left[last], right[last], target)
    for position in range(last - 1, -1, -1):
        less = context.builder.register()
        equal = context.builder.register()
        _emit_compare_one(context, strict, left[position], right[position], less)
        _emit_compare_one(context, "=", left[position], right[position], equal)
        context.builder.emit(OP_AND, equal, target, target)
        context.builder.emit(OP_OR, less, target, target)


def _emit_all(context: EmitContext, operator: str, left: list[Part], right: list[Part], target: int) -> None:
    _emit_compare_one(context, operator, left[0], right[0], target)
    for one, other in zip(left[1:], right[1:], strict=True):
        register = context.builder.register()
        _emit_compare_one(context, operator, one, other, register)
        context.builder.emit(OP_AND, register, target, target)


def _emit_compare_one(context: EmitContext, operator: str, left: Part, right: Part, target: int) -> None:
    builder = context.builder
    done = builder.label()
    if target in (left.register, right.register):
        fresh = builder.register()
        _emit_compare_one(context, operator, left, right, fresh)
        builder.emit(OP_COPY, fresh, target)
        return
    builder.emit(OP_INTEGER, 1, target)
    jump_compare(context, operator, left, right, done, True, False)
    if operator in ("IS", "IS NOT"):
        builder.emit(OP_INTEGER, 0, target)
    else:
        builder.emit(OP_ZERO_OR_NULL, left.register, target, right.register)
    builder.place(done)


def emit_comparison(context: EmitContext, e: BoundBinary, target: int) -> None:
    """A comparison as a value."""
    is_strict = width(e.left) == 1 and e.operator != "IS" and e.operator != "IS NOT"
    order = operand_order(e.left, e.right) if is_strict else SIDE_BY_SIDE
    if order == SIDE_BY_SIDE:
        left, right = emit_two_operands(context, e.left, e.right)
        emit_compare(context, e.operator, left, right, target)
        return
    builder = context.builder
    done = builder.label()
    builder.emit(OP_NULL, 0, target)
    first = emit_parts(context, e.left if order == LEFT_DECIDES else e.right)
    builder.emit(OP_IS_NULL, first[0].register, done)
    second = emit_parts(context, e.right if order == LEFT_DECIDES else e.left)
    left, right = (first, second) if order == LEFT_DECIDES else (second, first)
    emit_compare(context, e.operator, left, right, target)
    builder.place(done)


def jump_comparison(context: EmitContext, e: BoundBinary, label: int, when: bool, null_jumps: bool) -> None:
    """A comparison as a jump."""
    if width(e.left) == 1:
        jump_scalars(context, e.operator, e.left, e.right, label, when, null_jumps)
        return
    if jump_rows(context, e.operator, e.left, e.right, label, when, null_jumps):
        return
    left, right = emit_two_operands(context, e.left, e.right)
    register = context.builder.register()
    emit_compare(context, e.operator, left, right, register)
    jump_register(context, register, label, when, null_jumps)


def jump_rows(
    context: EmitContext,
    operator: str,
    left: BoundExpression,
    right: BoundExpression,
    label: int,
    when: bool,
    null_jumps: bool,
) -> bool:
    """A comparison of rows as jumps, item by item, for as long as the items before do not decide; False, with nothing
    emitted, where NULL goes another way than false."""
    if operator in ("<>", "IS NOT"):
        operator = "=" if operator == "<>" else "IS"
        when = not when
        if operator == "IS":
            null_jumps = not when
    elif operator == "IS":
        null_jumps = not when
    if when == null_jumps:
        return False
    count = width(left)
    # An item that is a column is fetched when it is asked for.
    lefts, rights = _early_parts(context, left), _early_parts(context, right)
    past = context.builder.label()
    true_label, false_label = (label, past) if when else (past, label)
    for position in range(count):
        one = _part(context, left, lefts, position)
        other = _part(context, right, rights, position)
        if position == count - 1:
            jump_compare(context, operator, one, other, label, when, null_jumps)
        elif operator in ("=", "IS"):
            jump_compare(context, operator, one, other, false_label, False, True)
        else:
            jump_compare(context, operator[0], one, other, true_label, True, False)
            jump_compare(context, "=", one, other, false_label, False, True)
    context.builder.place(past)
    return True


def _early_parts(context: EmitContext, e: BoundExpression) -> list[Part | None]:
    """The parts of a row; None for those that are to be computed when they are wanted."""
    if not isinstance(e, BoundRow):
        return list(emit_parts(context, e))
    return [
        None if position and isinstance(item, BoundColumn) else Part(item, emit_expression(context, item))
        for position, item in enumerate(e.items)
    ]


def _part(context: EmitContext, e: BoundExpression, parts: list[Part | None], position: int) -> Part:
    part = parts[position]
    if part is None:
        assert isinstance(e, BoundRow)
        part = Part(e.items[position], emit_expression(context, e.items[position]))
    return part


def jump_register(context: EmitContext, register: int, label: int, when: bool, null_jumps: bool) -> None:
    """Jump on the truth of a register."""
    context.builder.emit(OP_IF if when else OP_IF_NOT, register, label, 1 if null_jumps else 0)


def emit_between(context: EmitContext, e: BoundBetween, target: int) -> None:
    """operand >= low AND operand <= high, the operand computed once."""
    builder = context.builder
    operand = emit_parts(context, e.operand)
    emit_compare(context, ">=", operand, emit_parts(context, e.low), target)
    below = builder.register()
    emit_compare(context, "<=", operand, emit_parts(context, e.high), below)
    builder.emit(OP_AND, below, target, target)
    if e.is_negated:
        builder.emit(OP_NOT, target, target)


def jump_between(context: EmitContext, e: BoundBetween, label: int, when: bool, null_jumps: bool) -> None:
    """BETWEEN as a jump."""
    if width(e.operand) > 1:
        if jump_row_between(context, e, label, when, null_jumps):
            return
        register = context.builder.register()
        emit_between(context, e, register)
        jump_register(context, register, label, when, null_jumps)
        return
    operand = emit_parts(context, e.operand)[0]
    if e.is_negated:
        when = not when
    if when:
        outside = context.builder.label()
        low = emit_parts(context, e.low)[0]
        jump_compare(context, ">=", operand, low, outside, False, not null_jumps)
        jump_compare(context, "<=", operand, emit_parts(context, e.high)[0], label, True, null_jumps)
        context.builder.place(outside)
    else:
        low = emit_parts(context, e.low)[0]
        jump_compare(context, ">=", operand, low, label, False, null_jumps)
        jump_compare(context, "<=", operand, emit_parts(context, e.high)[0], label, False, null_jumps)


def jump_row_between(context: EmitContext, e: BoundBetween, label: int, when: bool, null_jumps: bool) -> bool:
    """BETWEEN of rows of columns as jumps, where both comparisons can be; else False, with nothing emitted."""
    operand = e.operand
    if e.is_negated or when or not null_jumps or not isinstance(operand, BoundRow):
        return False
    if not all(isinstance(item, BoundColumn) for item in operand.items):
        return False
    return jump_rows(context, ">=", operand, e.low, label, when, null_jumps) and jump_rows(
        context, "<=", operand, e.high, label, when, null_jumps
    )


def emit_is_null(context: EmitContext, e: BoundIsNull, target: int) -> None:
    """IS NULL as a value."""
    builder = context.builder
    register = emit_expression(context, e.operand)
    done = builder.label()
    builder.emit(OP_INTEGER, 1, target)
    builder.emit(OP_NOT_NULL if e.is_negated else OP_IS_NULL, register, done)
    builder.emit(OP_INTEGER, 0, target)
    builder.place(done)


def jump_is_null(context: EmitContext, e: BoundIsNull, label: int, when: bool, null_jumps: bool) -> None:
    """IS NULL as a jump."""
    register = emit_expression(context, e.operand)
    context.builder.emit(OP_NOT_NULL if e.is_negated == when else OP_IS_NULL, register, label)


def jump_is_truth(context: EmitContext, e: BoundIsTruth, label: int, when: bool, null_jumps: bool) -> None:
    """IS [NOT] TRUE / FALSE as a jump: it is never NULL itself."""
    # `x IS TRUE` is true when x is true; negation turns the outcome, and with it what NULL does.
    holds = when != e.is_negated
    emit_jump(context, e.operand, label, e.truth == holds, not holds)
