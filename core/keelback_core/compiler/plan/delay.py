"""Correlated subqueries in conditions are run as late as they need to be: a loop that finds one row at most may leave
the row out, and never makes more of it.

SQLite tests a condition as soon as all that it reads is known. Where ANALYZE has told the rows of all sources, a
subquery waits here for the look-ups behind it.

Must not know: costs.
"""

from __future__ import annotations

from keelback_core.compiler.plan.filter_order import runs_often
from keelback_core.compiler.plan.nodes import PlanAutomaticIndex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.plan.candidate import PlanCandidate
    from keelback_core.compiler.plan.term import PlanTerm


def without_delayed(filters: Sequence[PlanTerm], following: PlanCandidate) -> list[PlanTerm]:
    """The conditions that do not wait for the loop that follows."""
    access = following.access
    is_single = following.is_once or (isinstance(access, PlanAutomaticIndex) and access.is_complete)
    if not is_single:
        return list(filters)
    return [term for term in filters if not runs_often(term.expression)]
