"""Which UPDATE and DELETE change rows while they look for them: those whose walk through the table nothing disturbs.

Must not know: how rows are changed.
"""

from __future__ import annotations

from keelback_core.compiler.bind.walk import subquery_of, walk
from keelback_core.compiler.plan.nodes import PlanMembers, PlanRowidEqual, PlanRowidRange, PlanScan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.plan.nodes import PlanLoops


def has_subquery(condition: BoundExpression | None) -> bool:
    """Whether a condition has a subquery, which might see rows that are changed already."""
    return condition is not None and any(subquery_of(node) is not None for node in walk(condition))


def walks_table(plan: PlanLoops) -> bool:
    """Whether the rows are reached by one walk through the table's own tree, in its order."""
    if len(plan.loops) != 1:
        return False
    access = plan.loops[0].access
    if isinstance(access, PlanScan):
        return access.index is None and not access.is_reverse
    if isinstance(access, PlanRowidEqual):
        return not isinstance(access.value, PlanMembers)
    return isinstance(access, PlanRowidRange) and not access.is_reverse
