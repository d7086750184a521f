"""Emission of operators: arithmetic, logic, CASE, CAST; AND, OR and NOT also as jumps.

1. Left spines of one family are emitted by a loop, so that a chain of a thousand costs no recursion.
2. Of AND and OR both sides are computed, as in SQLite, but no subquery where the other side decides, and nothing where
   a small whole number in the text does. Beside an operand that is NULL no subquery is computed either.

Must not know: statements, plans.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundBinary, BoundColumn, BoundLiteral, BoundParameter
from keelback_core.compiler.bind.walk import has_subquery
from keelback_core.compiler.emit.comparison import (
    RIGHT_DECIDES,
    SIDE_BY_SIDE,
    emit_compare,
    emit_comparison,
    emit_parts,
    jump_compare,
    jump_comparison,
    jump_register,
    operand_order,
)
from keelback_core.compiler.emit.dispatch import emit_expression, emit_jump, without_wrappers
from keelback_core.program.opcodes import (
    OP_ADD,
    OP_AND,
    OP_BIT_AND,
    OP_BIT_NOT,
    OP_BIT_OR,
    OP_CAST,
    OP_CONCAT,
    OP_COPY,
    OP_DIVIDE,
    OP_GOTO,
    OP_IF,
    OP_IF_NOT,
    OP_INTEGER,
    OP_IS_NULL,
    OP_IS_TRUE,
    OP_MULTIPLY,
    OP_NOT,
    OP_NULL,
    OP_OR,
    OP_REMAINDER,
    OP_SHIFT_LEFT,
    OP_SHIFT_RIGHT,
    OP_SUBTRACT,
)
from keelback_core.value.affinity import BLOB, TEXT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundCase, BoundCast, BoundExpression, BoundIsTruth, BoundUnary
    from keelback_core.compiler.emit.context import EmitContext

LARGEST_SMALL: Final = 0x7FFFFFFF
ARITHMETIC: Final = {
    "+": OP_ADD,
    "-": OP_SUBTRACT,
    "*": OP_MULTIPLY,
    "/": OP_DIVIDE,
    "%": OP_REMAINDER,
    "||": OP_CONCAT,
    "&": OP_BIT_AND,
    "|": OP_BIT_OR,
    "<<": OP_SHIFT_LEFT,
    ">>": OP_SHIFT_RIGHT,
}


def emit_binary(context: EmitContext, e: BoundBinary, target: int) -> None:
    """Any binary operator as a value."""
    opcode = ARITHMETIC.get(e.operator, 0)
    if opcode != 0 and isinstance(e.left, (BoundColumn, BoundLiteral, BoundParameter)):
        # Most are no chain, and there is nothing to be decided.
        if (opcode != OP_CONCAT or context.catalog.text_encoding == 1) and not has_subquery(e.right):
            left = emit_expression(context, e.left)
            context.builder.emit(opcode, emit_expression(context, e.right), left, target)
            return
    spine: list[BoundBinary] = []
    node: BoundExpression = e
    has_subqueries = has_subquery(e)
    while isinstance(node, BoundBinary) and (node.operator in ARITHMETIC or node.operator in ("AND", "OR")):
        is_logic = node.operator in ("AND", "OR")
        if is_logic and (_decides(node.right, node) or (has_subqueries and _is_right_first(node))):
            break
        if has_subqueries and not is_logic and operand_order(node.left, node.right) == RIGHT_DECIDES:
            break
        spine.append(node)
        node = without_wrappers(node.left)
    if not spine:
        if e.operator in ARITHMETIC:
            _emit_right_then_left(context, e, target)
        elif e.operator in ("AND", "OR"):
            _emit_right_first(context, e, target)
        else:
            emit_comparison(context, e, target)
        return
    is_decided = spine[-1].operator in ("AND", "OR") and _is_decided(spine[-1].left, spine[-1])
    left = 0 if is_decided else emit_expression(context, node)
    while spine:
        top = spine.pop()
        into = target if not spine else context.builder.register()
        if is_decided:
            # The text says it, so nothing else is computed.
            context.builder.emit(OP_INTEGER, 0 if top.operator == "AND" else 1, into)
            is_decided = bool(spine) and spine[-1].operator == top.operator
        elif top.operator in ARITHMETIC:
            _emit_after_left(context, top, left, into, has_subqueries)
        else:
            _emit_logic(context, top, left, into)
        left = into


def _emit_after_left(context: EmitContext, e: BoundBinary, left: int, target: int, has_subqueries: bool) -> None:
    """r[target] = r[left] and the right side of arithmetic or ||; a subquery there only where the left is not NULL."""
    builder = context.builder
    if not has_subqueries or operand_order(e.left, e.right) == SIDE_BY_SIDE:
        _emit_arithmetic(context, e.operator, left, emit_expression(context, e.right), target)
        return
    done = builder.label()
    builder.emit(OP_NULL, 0, target)
    builder.emit(OP_IS_NULL, left, done)
    _emit_arithmetic(context, e.operator, left, emit_expression(context, e.right), target)
    builder.place(done)


def _emit_right_then_left(context: EmitContext, e: BoundBinary, target: int) -> None:
    """Arithmetic or || whose left side has a subquery, which is computed only where the right side is not NULL."""
    builder = context.builder
    done = builder.label()
    builder.emit(OP_NULL, 0, target)
    right = emit_expression(context, e.right)
    builder.emit(OP_IS_NULL, right, done)
    _emit_arithmetic(context, e.operator, emit_expression(context, e.left), right, target)
    builder.place(done)


def _is_decided(left: BoundExpression, e: BoundBinary) -> bool:
    """Whether the left side of AND or OR, or the right side of the same operator there, decides it."""
    if isinstance(left, BoundBinary) and left.operator == e.operator:
        return _decides(left.right, left)
    return _decides(left, e)


def _decides(side: BoundExpression, e: BoundBinary) -> bool:
    """Whether the text says of one side of AND or OR what the whole is; only small whole numbers count."""
    if not isinstance(side, BoundLiteral):
        return False
    value = side.value
    return isinstance(value, int) and (value == 0 if e.operator == "AND" else 0 < value <= LARGEST_SMALL)


def _emit_arithmetic(context: EmitContext, operator: str, left: int, right: int, target: int) -> None:
    """r[target] = r[left] operator r[right]. || joins bytes, and those of a BLOB are taken for UTF-16 where that is the
    encoding."""
    builder = context.builder
    encoding = context.catalog.text_encoding
    if operator != "||" or encoding <= 1:
        builder.emit(ARITHMETIC[operator], right, left, target)
        return
    operands = builder.registers(2)
    builder.emit(OP_COPY, left, operands)
    builder.emit(OP_COPY, right, operands + 1)
    for register in (operands, operands + 1):
        builder.emit(OP_CAST, register, ord(BLOB), 0, None, encoding)
    builder.emit(OP_CONCAT, operands + 1, operands, target)
    builder.emit(OP_CAST, target, ord(BLOB))
    builder.emit(OP_CAST, target, ord(TEXT), 0, None, encoding)


def _emit_logic(context: EmitContext, e: BoundBinary, left: int, target: int) -> None:
    """r[target] = r[left] AND/OR e.right. As in SQLite both are computed, but a subquery on the right only where the
    left does not decide."""
    builder = context.builder
    opcode = OP_AND if e.operator == "AND" else OP_OR
    if not has_subquery(e.right):
        builder.emit(opcode, left, emit_expression(context, e.right), target)
        return
    decided = _begin_decided(context, e, left, target)
    builder.emit(opcode, left, emit_expression(context, e.right), target)
    builder.place(decided)


def _is_right_first(e: BoundBinary) -> bool:
    """Whether the right is computed first, as the subquery on the left may not be needed."""
    return has_subquery(e.left) and not has_subquery(e.right)


def _emit_right_first(context: EmitContext, e: BoundBinary, target: int) -> None:
    builder = context.builder
    if _decides(e.right, e):
        builder.emit(OP_INTEGER, 0 if e.operator == "AND" else 1, target)
        return
    right = emit_expression(context, e.right)
    decided = _begin_decided(context, e, right, target)
    builder.emit(OP_AND if e.operator == "AND" else OP_OR, emit_expression(context, e.left), right, target)
    builder.place(decided)


def _begin_decided(context: EmitContext, e: BoundBinary, known: int, target: int) -> int:
    """Give what one side decides alone, and jump to the label that is returned; else go on."""
    builder = context.builder
    is_and = e.operator == "AND"
    decided = builder.label()
    builder.emit(OP_INTEGER, 0 if is_and else 1, target)
    builder.emit(OP_IF_NOT if is_and else OP_IF, known, decided)
    return decided


def jump_binary(context: EmitContext, e: BoundBinary, label: int, when: bool, null_jumps: bool) -> None:
    """Any binary operator as a jump."""
    if e.operator in ARITHMETIC:
        jump_register(context, emit_expression(context, e), label, when, null_jumps)
        return
    if e.operator not in ("AND", "OR"):
        jump_comparison(context, e, label, when, null_jumps)
        return
    terms = spine_terms(e)
    if any(_decides(term, e) for term in terms):
        if (e.operator == "OR") == when:
            context.builder.emit(OP_GOTO, 0, label)
        return
    if has_subquery(e):
        terms = _in_order_of_computation(terms)
    # AND jumps on true, and OR on false, only when all its terms agree.
    needs_all = (e.operator == "AND") == when
    if not needs_all:
        for term in terms:
            emit_jump(context, term, label, when, null_jumps)
        return
    past = context.builder.label()
    for term in terms[:-1]:
        emit_jump(context, term, past, not when, not null_jumps)
    emit_jump(context, terms[-1], label, when, null_jumps)
    context.builder.place(past)


def _in_order_of_computation(terms: list[BoundExpression]) -> list[BoundExpression]:
    """A term without a subquery comes before those on its left if one of them has some."""
    first: list[BoundExpression] = []
    last: list[BoundExpression] = []
    leftmost = next(place for place, term in enumerate(terms) if has_subquery(term))
    for term in reversed(terms[leftmost + 1 :]):
        if has_subquery(term):
            last.append(term)
        else:
            first.append(term)
    last.reverse()
    return [*first, *terms[: leftmost + 1], *last]


def spine_terms(e: BoundBinary) -> list[BoundExpression]:
    """The terms of a left-deep chain of one of AND and OR, from left to right."""
    terms: list[BoundExpression] = []
    node: BoundExpression = e
    while isinstance(node, BoundBinary) and node.operator == e.operator:
        terms.append(node.right)
        node = without_wrappers(node.left)
    terms.append(node)
    terms.reverse()
    return terms


def emit_unary(context: EmitContext, e: BoundUnary, target: int) -> None:
    """A unary operator as a value."""
    builder = context.builder
    if e.operator == "+":
        emit_expression(context, e.operand, target)
        return
    register = emit_expression(context, e.operand)
    if e.operator == "-":
        builder.emit(OP_SUBTRACT, register, context.constant(0), target)
    else:
        builder.emit(OP_BIT_NOT if e.operator == "~" else OP_NOT, register, target)


def jump_unary(context: EmitContext, e: BoundUnary, label: int, when: bool, null_jumps: bool) -> None:
    """NOT as a jump turned round; other operators as values."""
    if e.operator == "NOT":
        emit_jump(context, e.operand, label, not when, null_jumps)
        return
    jump_register(context, emit_expression(context, e), label, when, null_jumps)


def emit_is_truth(context: EmitContext, e: BoundIsTruth, target: int) -> None:
    """IS [NOT] TRUE / FALSE as a value."""
    register = emit_expression(context, e.operand)
    for_null = 0 if e.truth else 1
    flip = 1 if e.truth == e.is_negated else 0
    context.builder.emit(OP_IS_TRUE, register, target, for_null, flip)


def emit_cast(context: EmitContext, e: BoundCast, target: int) -> None:
    """CAST: the copy of the operand is converted."""
    emit_expression(context, e.operand, target)
    encoding = context.catalog.text_encoding
    context.builder.emit(OP_CAST, target, ord(e.affinity), 0, None, encoding if encoding > 1 else 0)


def emit_case(context: EmitContext, e: BoundCase, target: int) -> None:
    """CASE: only the branch that is taken is computed."""
    builder = context.builder
    done = builder.label()
    operand = None if e.operand is None else emit_parts(context, e.operand)
    for condition, result in e.branches:
        following = builder.label()
        if operand is None:
            emit_jump(context, condition, following, False, True)
        else:
            value = emit_parts(context, condition)
            if len(operand) == 1:
                jump_compare(context, "=", operand[0], value[0], following, False, True)
            else:
                register = builder.register()
                emit_compare(context, "=", operand, value, register)
                jump_register(context, register, following, False, True)
        emit_expression(context, result, target)
        builder.emit(OP_GOTO, 0, done)
        builder.place(following)
    if e.otherwise is None:
        builder.emit(OP_NULL, 0, target)
    else:
        emit_expression(context, e.otherwise, target)
    builder.place(done)
