"""Whether the terms of a query imply the condition of a partial index; and which terms such an index makes superfluous.

A condition is implied if each of its conjuncts is a term of the query, or is `x IS NOT NULL` while some term of the
query is a comparison that no NULL x passes. `2 < x` counts as `x > 2`, likely(x) as x.
Source: https://sqlite.org/partialindex.html section 3
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import (
    BoundBetween,
    BoundBinary,
    BoundCollate,
    BoundColumn,
    BoundIn,
    BoundIsNull,
    BoundUnary,
)
from keelback_core.compiler.bind.types import bare, comparison_collation, expression_affinity
from keelback_core.compiler.bind.walk import equal_expressions, is_constant
from keelback_core.compiler.plan.nodes import PlanIndexSeek, PlanScan
from keelback_core.compiler.plan.terms import SWAPPED, conjuncts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.catalog.model import Index
    from keelback_core.compiler.plan.nodes import PlanAccess
    from keelback_core.compiler.plan.term import PlanTerm

NULL_REJECTING: Final = ("=", "<>", "<", "<=", ">", ">=", "&", "|", "<<", ">>", "+", "-", "*", "/", "%", "||")


def told_by_index(access: PlanAccess, source: BoundSource, terms: Sequence[PlanTerm]) -> list[PlanTerm]:
    """The terms that every entry of the partial index passes that an access walks."""
    if not isinstance(access, (PlanScan, PlanIndexSeek)) or access.index is None or access.index.where is None:
        return []
    bound = source.bound_indexes.get(access.index.name)
    if bound is None:
        return []
    parts = conjuncts(bound.where)
    return [
        term for term in terms if not term.owner and any(equal_expressions(term.expression, part) for part in parts)
    ]


def fixed_columns(source: BoundSource, index: Index) -> set[int]:
    """The columns that the condition of a partial index equates with a constant, so that all its rows have one value
    there: of a text or numeric affinity, compared byte by byte."""
    bound = source.bound_indexes.get(index.name)
    if index.where is None or bound is None:
        return set()
    found: set[int] = set()
    for part in conjuncts(bound.where):
        if not isinstance(part, BoundBinary) or part.operator not in ("=", "IS"):
            continue
        left = part.left
        if not isinstance(left, BoundColumn) or left.column < 0 or not is_constant(part.right):
            continue
        if expression_affinity(left) >= "B" and comparison_collation(left, part.right) == "BINARY":
            found.add(left.column)
    return found


def implies(terms: list[BoundExpression], condition: BoundExpression) -> bool:
    """Whether all rows that pass `terms` pass `condition`."""
    terms = [bare(term) for term in terms]
    for part in conjuncts(condition):
        if not any(_implies_one(term, part) for term in terms):
            return False
    return True


def _implies_one(term: BoundExpression, part: BoundExpression) -> bool:
    if equal_expressions(term, part) or _is_swapped(term, part):
        return True
    if isinstance(part, BoundIsNull) and part.is_negated:
        return rejects_null(term, part.operand)
    if isinstance(part, BoundBinary) and part.operator == "OR":
        return _implies_one(term, part.left) or _implies_one(term, part.right)
    return False


def _is_swapped(term: BoundExpression, part: BoundExpression) -> bool:
    """Whether the term is the comparison with a column of the condition, its sides exchanged."""
    if not isinstance(term, BoundBinary) or not isinstance(part, BoundBinary) or not isinstance(part.left, BoundColumn):
        return False
    return (
        SWAPPED.get(term.operator) == part.operator
        and equal_expressions(term.left, part.right)
        and equal_expressions(term.right, part.left)
        and comparison_collation(term.left, term.right) == comparison_collation(part.left, part.right)
    )


def rejects_null(term: BoundExpression, operand: BoundExpression) -> bool:
    """Whether the term cannot be true while `operand` is NULL."""
    if isinstance(term, BoundBinary) and term.operator in NULL_REJECTING[:6]:
        return _is_null_with(term.left, operand) or _is_null_with(term.right, operand)
    if isinstance(term, BoundUnary) and term.operator == "NOT":
        return _is_null_with(term.operand, operand)
    if isinstance(term, BoundIn):
        # NOT IN () is true of a NULL too, and a subquery may be empty.
        return (not term.is_negated or bool(term.items)) and _is_null_with(term.operand, operand)
    if isinstance(term, BoundBetween):
        return not term.is_negated and _is_null_with(term.operand, operand)
    if isinstance(term, BoundIsNull):
        return False
    return _is_null_with(term, operand)


def _is_null_with(expression: BoundExpression, operand: BoundExpression) -> bool:
    """Whether the expression is NULL whenever `operand` is."""
    if equal_expressions(expression, operand):
        return True
    if isinstance(expression, BoundCollate):
        return _is_null_with(expression.operand, operand)
    if isinstance(expression, BoundUnary):
        return _is_null_with(expression.operand, operand)
    if isinstance(expression, BoundBinary) and expression.operator in NULL_REJECTING:
        return _is_null_with(expression.left, operand) or _is_null_with(expression.right, operand)
    return False
