"""The order of the loops: a search that keeps the best few partial orders at each length.

1. A path is a sequence of candidates of different sources, each with what it needs outside of it.
2. Of two paths over the same sources and with the same order of rows only the cheaper is kept; ties keep the one found
   first, so that sources stay in FROM order where nothing speaks against it.

Must not know: how accesses are found, what they emit.
"""

from __future__ import annotations

from keelback_core.compiler.plan.estimate import FAR, log_add, log_estimate, search_cost
from keelback_core.compiler.plan.order import UNDECIDED
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.plan.candidate import PlanCandidate
    from keelback_core.compiler.plan.order import OrderMatcher

# How many partial orders are kept, by the number of loops: one for 1, five for 2, and so on.
KEPT_PATHS = (1, 1, 5, 18)
FEWEST_RUNS_FOR_AUTOMATIC_INDEX = 3
LIMIT_SORT_SAVING = 10
DISTINCT_SORT_SAVING = 10
SORT_TIE_PENALTY = 3


class JoinPath:
    """A partial order of loops. unsorted: cost without the sort that the wanted order may need; cost: with it."""

    __slots__ = ("mask", "rows", "unsorted", "cost", "ordered", "candidates", "reverses")

    def __init__(
        self,
        mask: int,
        rows: int,
        unsorted: int,
        cost: int,
        ordered: int,
        candidates: tuple[PlanCandidate, ...],
        reverses: tuple[bool, ...],
    ) -> None:
        self.mask = mask
        self.rows = rows
        self.unsorted = unsorted
        self.cost = cost
        self.ordered = ordered
        self.candidates = candidates
        self.reverses = reverses


class JoinOrderSearch:
    """Finds the cheapest path over all sources."""

    def __init__(
        self,
        candidates: Sequence[PlanCandidate],
        source_count: int,
        matcher: OrderMatcher,
        has_limit: bool,
        is_set: bool,
    ) -> None:
        self.candidates = candidates
        self.source_count = source_count
        self.matcher = matcher
        self.order_count = len(matcher.order)
        self.has_limit = has_limit
        self.is_set = is_set
        self.sort_cost = 0

    def search(self) -> JoinPath:
        """The cheapest path; with a wanted order in two rounds, the first to learn how many rows a sort would have."""
        if not self.order_count:
            return self._round()
        self.sort_cost = FAR
        rows = self._round(is_order_ignored=True).rows
        self.sort_cost = self._sorting_cost(rows)
        return self._round()

    def _sorting_cost(self, rows: int) -> int:
        if self.has_limit:
            rows_sorted = max(0, rows - LIMIT_SORT_SAVING)
        elif self.is_set:
            rows_sorted = rows - DISTINCT_SORT_SAVING if rows > DISTINCT_SORT_SAVING else rows
        else:
            rows_sorted = rows
        width = log_estimate((self.order_count + 59) // 30)
        return rows + width + search_cost(rows_sorted)

    def _round(self, is_order_ignored: bool = False) -> JoinPath:
        start_ordered = 0 if is_order_ignored or not self.order_count else UNDECIDED
        paths = [JoinPath(0, 0, 0, 0, start_ordered, (), ())]
        kept = KEPT_PATHS[min(self.source_count, len(KEPT_PATHS) - 1)]
        for _ in range(self.source_count):
            best: dict[tuple[int, bool], JoinPath] = {}
            for path in paths:
                for candidate in self.candidates:
                    longer = self._extend(path, candidate, is_order_ignored)
                    if longer is None:
                        continue
                    key = (longer.mask, longer.ordered == UNDECIDED)
                    other = best.get(key)
                    if other is None or _is_better(longer, other):
                        best[key] = longer
            if not best:
                raise SqlError(ERROR, "no query solution")
            paths = sorted(best.values(), key=_path_rank)[:kept]
        return paths[0]

    def _extend(self, path: JoinPath, candidate: PlanCandidate, is_order_ignored: bool) -> JoinPath | None:
        bit = 1 << candidate.position
        if path.mask & bit or candidate.needs & ~path.mask:
            return None
        if candidate.is_automatic and path.rows < FEWEST_RUNS_FOR_AUTOMATIC_INDEX:
            return None
        unsorted = candidate.run + path.rows
        if candidate.setup:
            unsorted = log_add(candidate.setup, unsorted)
        unsorted = log_add(unsorted, path.unsorted) if path.candidates else unsorted
        rows = path.rows + candidate.rows
        candidates = (*path.candidates, candidate)
        ordered = path.ordered
        reverses = (*path.reverses, False)
        if not is_order_ignored and ordered == UNDECIDED:
            ordered, reverses = self.matcher.match(candidates)
        if ordered == 0 and self.order_count and not is_order_ignored:
            cost = log_add(unsorted, self.sort_cost) + SORT_TIE_PENALTY
        else:
            cost = unsorted
            unsorted -= 2
        return JoinPath(path.mask | bit, rows, unsorted, cost, ordered, candidates, reverses)


def _is_better(path: JoinPath, other: JoinPath) -> bool:
    return _path_rank(path) < _path_rank(other)


def _path_rank(path: JoinPath) -> tuple[int, int, int]:
    return (path.cost, path.rows, path.unsorted)
