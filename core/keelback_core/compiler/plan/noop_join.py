"""LEFT JOINs that change nothing: nobody reads the right side, and each left row has at most one row there.

With DISTINCT it does not matter how many rows there are. Source: https://sqlite.org/optoverview.html#omitnoopjoin.
Must not know: costs.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.bind.nodes import BoundSource
    from keelback_core.compiler.plan.candidate import PlanCandidate
    from keelback_core.compiler.plan.term_table import TermTable
    from keelback_core.compiler.plan.wish import PlanWish


def needed_candidates(
    path: tuple[PlanCandidate, ...],
    sources: tuple[BoundSource, ...],
    outer: Sequence[bool],
    terms: TermTable,
    wish: PlanWish,
) -> tuple[PlanCandidate, ...]:
    """The path without the loops that may be left out; terms of theirs alone are left out of `terms` too."""
    if not any(outer):
        return tuple(path)
    used = 0
    for expression in wish.result or ():
        used |= terms.masks.of(expression)
    for term in wish.order:
        used |= terms.masks.of(term.expression)
    kept = list(path)
    for candidate in reversed(path[1:]):
        bit = 1 << candidate.position
        if sources[candidate.position].join_type != "LEFT" or not outer[candidate.position] or used & bit:
            continue
        if not wish.is_distinct and not candidate.is_once:
            continue
        if any(one.reads & bit and one.owner != bit for one in terms.terms):
            continue
        kept.remove(candidate)
        terms.terms = [one for one in terms.terms if one.owner != bit]
    return tuple(kept)
