"""Star joins: where several small tables hang on one large one, the large one is scanned and the others looked up.

A search that keeps a few partial orders only would lose that plan, because the first steps of every order that begins
with the small tables look cheaper. So scans of the small ones are made dearer than one of the large table.

Must not know: what the accesses are. Source: https://sqlite.org/src/timeline?r=starschema, in own words.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundSource
    from keelback_core.compiler.plan.candidate import PlanCandidate

FEWEST_SOURCES: Final = 5
FEWEST_DIMENSIONS: Final = 3
FENCES: Final = frozenset(("LEFT", "RIGHT", "FULL", "CROSS"))


def favour_fact_tables(candidates: list[PlanCandidate], sources: tuple[BoundSource, ...]) -> bool:
    """Raise the cost of scanning what hangs on a fact table; whether there was any such cost to raise."""
    if len(sources) < FEWEST_SOURCES:
        return False
    is_raised = False
    start = 0
    for position, fact in enumerate(sources):
        if fact.join_type in FENCES:
            if position + 3 > len(sources):
                break
            start = position + 1
        bit = 1 << position
        seen = 0
        count = 0
        for candidate in candidates:
            if candidate.position < start:
                continue
            other = sources[candidate.position]
            if other.join_type in FENCES:
                break
            own = 1 << candidate.position
            if candidate.needs & bit and not own & seen and not _is_same_table(other, fact):
                seen |= own
                count += 1
        if count >= FEWEST_DIMENSIONS:
            is_raised = _raise_scans(candidates, position, seen) or is_raised
    return is_raised


def _is_same_table(one: BoundSource, other: BoundSource) -> bool:
    return one.table is not None and one.table is other.table


def _raise_scans(candidates: list[PlanCandidate], position: int, dimensions: int) -> bool:
    most = max([candidate.run for candidate in candidates if candidate.position == position]) + 1
    is_raised = False
    for candidate in candidates:
        if dimensions >> candidate.position & 1 and not candidate.terms and candidate.run < most:
            candidate.run = most
            is_raised = True
    return is_raised
