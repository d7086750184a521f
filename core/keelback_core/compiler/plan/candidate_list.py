"""CandidateList: the candidates of one source, without those that another one makes superfluous.

1. A candidate that uses more terms of an index than another is never dearer than that one.
2. A candidate goes if another needs no more sources outside, and costs and yields no more. Candidates that may serve
   the wanted order by different indexes both stay.
3. An automatic index goes if an index of the schema has an equality and needs no more.

The order of the list is the order in which candidates were found; it decides between equals.
Must not know: how candidates are made.
"""

from __future__ import annotations

from keelback_core.compiler.plan.term import EQUALITIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.plan.candidate import PlanCandidate


class CandidateList:
    """See the module."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found: list[PlanCandidate] = []

    def add(self, candidate: PlanCandidate) -> None:
        """Put the candidate in, in the place of those that it makes superfluous, if it is not superfluous itself."""
        if candidate.is_indexed:
            self._adjust(candidate)
        if not self.found:
            self.found.append(candidate)
            return
        place = -1
        kept: list[PlanCandidate] = []
        is_decided = False
        for other in self.found:
            if is_decided or other.sort_group != candidate.sort_group:
                kept.append(other)
            elif _replaces_automatic(candidate, other):
                place = _put(kept, candidate, place)
            elif _is_as_good(other, candidate):
                if place < 0:
                    return
                kept.append(other)
                is_decided = True
            elif _replaces(candidate, other):
                place = _put(kept, candidate, place)
            else:
                kept.append(other)
        if place < 0:
            kept.append(candidate)
        self.found = kept

    def _adjust(self, candidate: PlanCandidate) -> None:
        for other in self.found:
            if not other.is_indexed:
                continue
            if _is_cheaper_part(other, candidate):
                candidate.run = min(other.run, candidate.run)
                candidate.rows = min(other.rows - 1, candidate.rows)
            elif _is_cheaper_part(candidate, other):
                candidate.run = max(other.run, candidate.run)
                candidate.rows = max(other.rows + 1, candidate.rows)


def _put(kept: list[PlanCandidate], candidate: PlanCandidate, place: int) -> int:
    if place < 0:
        kept.append(candidate)
        return len(kept) - 1
    return place


def _is_cheaper_part(part: PlanCandidate, whole: PlanCandidate) -> bool:
    """Whether `part` uses some but not all of the terms of `whole` and still seems no dearer."""
    if len(part.terms) >= len(whole.terms) or whole.skips > part.skips:
        return False
    if part.run > whole.run and part.rows > whole.rows:
        return False
    if part.is_covering and not whole.is_covering:
        return False
    return all(term in whole.terms for term in part.terms)


def _replaces_automatic(candidate: PlanCandidate, other: PlanCandidate) -> bool:
    return (
        other.is_automatic
        and not candidate.skips
        and candidate.is_indexed
        and candidate.kinds & EQUALITIES != 0
        and other.needs & candidate.needs == candidate.needs
    )


def _is_as_good(other: PlanCandidate, candidate: PlanCandidate) -> bool:
    return (
        other.needs & candidate.needs == other.needs
        and other.setup <= candidate.setup
        and other.run <= candidate.run
        and other.rows <= candidate.rows
    )


def _replaces(candidate: PlanCandidate, other: PlanCandidate) -> bool:
    return (
        other.needs & candidate.needs == candidate.needs and other.run >= candidate.run and other.rows >= candidate.rows
    )
