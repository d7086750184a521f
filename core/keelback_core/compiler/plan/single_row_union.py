"""An OR whose branches all look up the same single row of a source:

    (a.id = b.x AND a.k = 1 AND b.m > 5) OR (a.id = b.x AND a.k = 2 AND b.m > 7)

The row is looked up once and the OR is tested then, instead of one look-up for every branch and a set of the rows seen.

1. Only what finds one row at most, by the same values in all branches; so no row comes twice, nor in another order.
2. The OR is tested as it stands. What it implies of single sources leaves rows out before that, and may not fail
   (plan/common_factors.py).

Must not know: costs, opcodes. Source: none, SQLite makes a union of such an OR.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundExpression
from keelback_core.compiler.bind.walk import equal_expressions
from keelback_core.compiler.plan.common_factors import implied_parts
from keelback_core.compiler.plan.nodes import PlanIndexSeek, PlanRowidEqual, PlanUnion
from keelback_core.compiler.plan.terms import analyse_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.plan.candidate import PlanCandidate
    from keelback_core.compiler.plan.nodes import PlanAccess
    from keelback_core.compiler.plan.term_table import TermTable


def fold_unions(path: Sequence[PlanCandidate], terms: TermTable) -> None:
    """Let such unions of a chosen path look up their row once; the OR goes back to the terms that are to be tested."""
    for candidate in path:
        union = candidate.access
        if not candidate.needs or not isinstance(union, PlanUnion):
            continue
        first = union.branches[0]
        if not all(_finds_the_same_row(first, branch) for branch in union.branches):
            continue
        term = candidate.terms[0]
        if not term.owner:
            said = implied_parts([(term.expression, 0)], terms.masks)
            known = [other.expression for other in terms.terms]
            # What the row was looked up by, which reads several sources, is found again in the OR.
            said = [pair for pair in said if _reads_one(terms.masks.of(pair[0])) and not _is_among(pair[0], known)]
            terms.terms += analyse_all(said, terms.masks)[0]
        candidate.access = first
        candidate.terms = ()
        candidate.is_once = True


def _reads_one(mask: int) -> bool:
    return mask != 0 and not mask & (mask - 1)


def _is_among(expression: BoundExpression, known: Sequence[BoundExpression]) -> bool:
    return any(equal_expressions(expression, one) for one in known)


def _finds_the_same_row(one: PlanAccess, other: PlanAccess) -> bool:
    """Whether both find one row at most, and always the same."""
    if isinstance(one, PlanRowidEqual) and isinstance(other, PlanRowidEqual):
        return (
            isinstance(one.value, BoundExpression)
            and isinstance(other.value, BoundExpression)
            and equal_expressions(one.value, other.value)
        )
    if not isinstance(one, PlanIndexSeek) or not isinstance(other, PlanIndexSeek) or one.index is not other.index:
        return False
    if not _is_unique_seek(one) or not _is_unique_seek(other):
        return False
    return all(
        isinstance(mine, BoundExpression) and isinstance(its, BoundExpression) and equal_expressions(mine, its)
        for mine, its in zip(one.equals, other.equals, strict=True)
    )


def _is_unique_seek(seek: PlanIndexSeek) -> bool:
    """Whether it has a value for every column of a unique index of all rows, and no NULL among them."""
    index = seek.index
    return (
        index.is_unique
        and index.where is None
        and seek.low is None
        and seek.high is None
        and not seek.null_equal
        and len(seek.equals) == len(index.columns)
    )
