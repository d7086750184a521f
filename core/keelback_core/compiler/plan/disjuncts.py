"""What both branches of an OR say: `x = 1 OR x > 1` implies `x >= 1`, and `(x = 1 AND y > 2) OR (x = 1 AND z < 3)`
implies `x = 1`, by which an index can be searched while the OR itself is tested.

1. Only ORs of two branches, and only if each can be used for an index of one and the same source.
2. Two comparisons go together if they have equal operands and both bound from the same side: two different ones are
   as one that includes the bound.
3. `x = 1 OR x = 2` is left to be an IN: to compare its values would keep them out of what the program cache may lift.

Must not know: indexes, costs. Source: behaviour of SQLite 3.54 (`EXPLAIN QUERY PLAN`).
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundBinary, BoundColumn, BoundLiteral
from keelback_core.compiler.bind.types import bare
from keelback_core.compiler.bind.walk import equal_expressions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.plan.term import PlanTerm

FROM_BELOW: Final = ("=", ">", ">=")
FROM_ABOVE: Final = ("=", "<", "<=")
SWAPPED: Final = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def shared_comparisons(branches: Sequence[Sequence[PlanTerm]]) -> list[BoundExpression]:
    """The comparisons that both branches, given as their terms, imply."""
    if len(branches) != 2:
        return []
    left, right = branches
    if len(left) == 1 and len(right) == 1 and _equates_literal(left[0]) and _equates_literal(right[0]):
        return []
    if not _sources_of(left) & _sources_of(right):
        return []
    found: list[BoundExpression] = []
    for one in left:
        for other in right:
            both = _combined(one, other)
            if both is not None:
                found.append(both)
    return found


def _equates_literal(term: PlanTerm) -> bool:
    return any(form.operator == "=" and isinstance(form.value, BoundLiteral) for form in term.forms)


def _sources_of(terms: Sequence[PlanTerm]) -> set[BoundSource]:
    """The sources a column of which some term says something of."""
    return {form.operand.source for term in terms for form in term.forms if isinstance(form.operand, BoundColumn)}


def _combined(one: PlanTerm, other: PlanTerm) -> BoundExpression | None:
    first, second = _comparison(one), _comparison(other)
    if first is None or second is None:
        return None
    operator = second.operator
    if not (equal_expressions(first.left, second.left) and equal_expressions(first.right, second.right)):
        if not (equal_expressions(first.left, second.right) and equal_expressions(first.right, second.left)):
            return None
        operator = SWAPPED[operator]
    if operator == first.operator:
        return first
    pair = (first.operator, operator)
    for side, loose in ((FROM_BELOW, ">="), (FROM_ABOVE, "<=")):
        if pair[0] in side and pair[1] in side:
            return BoundBinary(loose, first.left, first.right, first.offset)
    return None


def _comparison(term: PlanTerm) -> BoundBinary | None:
    expression = bare(term.expression)
    if not term.forms or not isinstance(expression, BoundBinary) or expression.operator not in SWAPPED:
        return None
    return expression
