"""rewrite: a bound expression with some of its columns replaced.

1. Aggregates are never rebuilt: they are known by identity.
2. Subqueries are not rewritten; what they read from outside gains the columns of the replacements.

Must not know: why columns are replaced.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import (
    BoundAlias,
    BoundBetween,
    BoundBinary,
    BoundCase,
    BoundCast,
    BoundCollate,
    BoundColumn,
    BoundFixed,
    BoundFunction,
    BoundIn,
    BoundIsNull,
    BoundIsTruth,
    BoundRaise,
    BoundRow,
    BoundUnary,
)
from keelback_core.compiler.bind.walk import column_references, subquery_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSelect

    Replacer = Callable[[BoundColumn], "BoundExpression | None"]


def rewrite(e: BoundExpression, replace: Replacer) -> BoundExpression:
    """`e` with every column for which `replace` has an expression replaced by it."""
    if isinstance(e, BoundColumn):
        found = replace(e)
        return e if found is None else found
    if isinstance(e, BoundBinary):
        return _rewrite_binary(e, replace)
    select = subquery_of(e)
    if select is not None:
        _extend_references(select, replace)
    return _rewrite_parts(e, replace)


def _rewrite_binary(e: BoundBinary, replace: Replacer) -> BoundExpression:
    spine = []
    node: BoundExpression = e
    while isinstance(node, BoundBinary):
        spine.append(node)
        node = node.left
    left = rewrite(node, replace)
    while spine:
        top = spine.pop()
        right = rewrite(top.right, replace)
        if left is top.left and right is top.right:
            left = top
        else:
            left = BoundBinary(top.operator, left, right, top.offset)
    return left


def _rewrite_parts(e: BoundExpression, replace: Replacer) -> BoundExpression:
    if isinstance(e, (BoundUnary, BoundIsNull, BoundIsTruth, BoundCast, BoundCollate)):
        operand = rewrite(e.operand, replace)
        return e if operand is e.operand else _with_operand(e, operand)
    if isinstance(e, BoundFixed):
        return e
    if isinstance(e, BoundAlias):
        return BoundAlias(rewrite(e.expression, replace), e.column)
    if isinstance(e, BoundFunction):
        call = BoundFunction(e.signature, _rewrite_all(e.arguments, replace), e.offset, e.spelling)
        call.is_infix = e.is_infix
        return call
    if isinstance(e, BoundRow):
        return BoundRow(_rewrite_all(e.items, replace), e.offset)
    if isinstance(e, BoundBetween):
        operand, low, high = _rewrite_all((e.operand, e.low, e.high), replace)
        return BoundBetween(operand, low, high, e.is_negated, e.offset)
    if isinstance(e, BoundIn):
        items = None if e.items is None else _rewrite_all(e.items, replace)
        return BoundIn(rewrite(e.operand, replace), items, e.select, e.is_negated, e.offset)
    if isinstance(e, BoundCase):
        operand_of_case = None if e.operand is None else rewrite(e.operand, replace)
        branches = tuple((rewrite(when, replace), rewrite(then, replace)) for when, then in e.branches)
        otherwise = None if e.otherwise is None else rewrite(e.otherwise, replace)
        return BoundCase(operand_of_case, branches, otherwise, e.offset)
    if isinstance(e, BoundRaise) and e.message is not None:
        return BoundRaise(e.action, rewrite(e.message, replace), e.offset)
    return e


def _rewrite_all(items: tuple[BoundExpression, ...], replace: Replacer) -> tuple[BoundExpression, ...]:
    return tuple(rewrite(item, replace) for item in items)


def _with_operand(e: BoundExpression, operand: BoundExpression) -> BoundExpression:
    if isinstance(e, BoundUnary):
        return BoundUnary(e.operator, operand, e.offset)
    if isinstance(e, BoundIsNull):
        return BoundIsNull(operand, e.is_negated, e.offset)
    if isinstance(e, BoundIsTruth):
        return BoundIsTruth(operand, e.truth, e.is_negated, e.offset)
    if isinstance(e, BoundCast):
        return BoundCast(operand, e.affinity, e.type_text, e.offset)
    assert isinstance(e, BoundCollate)
    return BoundCollate(operand, e.collation, e.offset)


def _extend_references(select: BoundSelect, replace: Replacer) -> None:
    """Let the subquery be known to read what the replaced columns stand for."""
    for reference in list(select.outer_references):
        if not isinstance(reference, BoundColumn):
            continue
        replacement = replace(reference)
        if replacement is not None:
            select.outer_references.extend(column_references(replacement))
