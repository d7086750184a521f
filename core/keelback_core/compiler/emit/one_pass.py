"""Which UPDATE and DELETE change rows while they look for them: those whose walk through the table nothing disturbs.

Must not know: how rows are changed.
"""

from __future__ import annotations

from keelback_core.compiler.plan.nodes import PlanIndexSeek, PlanMembers, PlanRowidEqual, PlanRowidRange, PlanScan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.plan.nodes import PlanLoops


def tell_of_the_table(plan: PlanLoops, changes_at_once: bool) -> None:
    """Where SQLite changes rows as it finds them it has the table at hand too: its plan tells of no covering index.
    changes_at_once: it may do so for many rows; for the one row of a unique key it always does."""
    loop = plan.loops[0]
    access = loop.access
    if len(plan.loops) == 1 and isinstance(access, PlanIndexSeek):
        is_one_row = access.index.is_unique and len(access.equals) == len(access.index.columns)
        if changes_at_once or is_one_row:
            loop.hides_covering = True


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
