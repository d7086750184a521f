"""The order of the loops: a search that keeps the best few partial orders at each length.

1. A path is a sequence of candidates of different sources, each with what it needs outside of it.
2. Of two paths over the same sources, both ordered or both not yet decided, only the cheaper is kept; ties keep the one
   found first, so that sources stay in FROM order where nothing speaks against it.

Must not know: how accesses are found, what they emit. Source: https://sqlite.org/queryplanner-ng.html
"""

from __future__ import annotations

from keelback_core.compiler.plan.estimate import MOST_ROWS_AROUND, log_add, log_estimate, search_cost
from keelback_core.compiler.plan.order import UNDECIDED
from keelback_core.compiler.plan.star import favour_fact_tables
from keelback_core.compiler.plan.term import FORM_EQUAL, FORM_IN, FORM_IS, FORM_IS_NULL
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundSource
    from keelback_core.compiler.plan.candidate import PlanCandidate
    from keelback_core.compiler.plan.order import OrderMatcher
    from keelback_core.compiler.plan.wish import PlanWish

KEPT_PATHS_OF_TWO: Final = 5
KEPT_PATHS: Final = 12
KEPT_PATHS_OF_STARS: Final = 18
FEWEST_RUNS_FOR_AUTOMATIC_INDEX: Final = 3
LIMIT_SORT_PENALTY: Final = 10
LIMIT_PARTIAL_SORT_PENALTY: Final = 6
DISTINCT_SORT_SAVING: Final = 10
SORT_TIE_PENALTY: Final = 3
PARTIAL_SORT_SCALE: Final = 66
NO_SORT_BONUS: Final = 2
PROBE_COST: Final = 20
GROUP_FIND_COST: Final = 10
LOOKUPS: Final = FORM_EQUAL | FORM_IS | FORM_IS_NULL | FORM_IN


class JoinPath:
    """A partial order of loops: those of the path `before`, then `last`. unsorted: cost without the sort that the
    wanted order may need; cost: with it. ordered: how many terms of the order are delivered, or UNDECIDED.
    reverses: the mask of the loops that run backward, by their numbers. candidates, one a loop, are there once the
    path is `complete`: most paths are worse than others, and forgotten."""

    __slots__ = ("mask", "rows", "unsorted", "cost", "ordered", "before", "last", "candidates", "reverses")

    def __init__(
        self,
        mask: int,
        rows: int,
        unsorted: int,
        cost: int,
        ordered: int,
        before: JoinPath | None = None,
        last: PlanCandidate | None = None,
    ) -> None:
        self.mask = mask
        self.rows = rows
        self.unsorted = unsorted
        self.cost = cost
        self.ordered = ordered
        self.before = before
        self.last = last
        self.candidates: tuple[PlanCandidate, ...] = ()
        self.reverses = 0

    def complete(self) -> None:
        """The path is one of those that may grow."""
        if self.before is not None and self.last is not None:
            if not self.candidates:
                self.candidates = (*self.before.candidates, self.last)
            self.before = None


class JoinOrderSearch:
    """Finds the cheapest path over all sources."""

    __slots__ = (
        "candidates",
        "sources",
        "matcher",
        "wish",
        "kept",
        "order_count",
        "sort_costs",
        "sorted_rows",
        "finds_groups",
    )

    def __init__(
        self,
        candidates: list[PlanCandidate],
        sources: tuple[BoundSource, ...],
        matcher: OrderMatcher,
        wish: PlanWish,
    ) -> None:
        self.candidates = candidates
        self.sources = sources
        self.matcher = matcher
        self.wish = wish
        self.order_count = 0
        # By how many terms need no sorting, -1 until asked.
        self.sort_costs: list[int] = []
        self.sorted_rows = 0
        # Groups are found by a hash table instead of being sorted for.
        self.finds_groups = False
        count = len(sources)
        if count <= 2:
            self.kept = 1 if count < 2 else KEPT_PATHS_OF_TWO
        else:
            self.kept = KEPT_PATHS_OF_STARS if favour_fact_tables(candidates, sources) else KEPT_PATHS

    def search(self) -> JoinPath:
        """The cheapest path; with a wanted order in two rounds, the first to learn how many rows a sort would have."""
        path = self._round()
        if not self.matcher.order:
            return path
        self._keep_lookups(path)
        self.order_count = len(self.matcher.order)
        self.sort_costs = [-1] * self.order_count
        self.sorted_rows = path.rows + 1 if path.rows >= 0 else 1
        return self._round()

    def _keep_lookups(self, path: JoinPath) -> None:
        """The order is no reason to scan a source that the first round looks up."""
        spoilt = 0
        for candidate in path.candidates:
            if not LOOKUPS & candidate.kinds:
                break
            spoilt |= 1 << candidate.position
        if spoilt:
            self.candidates = [
                one for one in self.candidates if not spoilt >> one.position & 1 or one.is_automatic or one.kinds
            ]

    def _sorting_cost(self, ordered: int) -> int:
        """The cost of sorting for the terms behind the first `ordered` ones."""
        known = self.sort_costs[ordered]
        if known >= 0:
            return known
        wish = self.wish
        rows = self.sorted_rows
        if self.finds_groups:
            return rows + GROUP_FIND_COST
        cost = rows + log_estimate((wish.width + 59) // 30)
        if ordered > 0:
            cost += log_estimate((self.order_count - ordered) * 100 // self.order_count) - PARTIAL_SORT_SCALE
        if wish.has_limit:
            cost += LIMIT_SORT_PENALTY
            if ordered:
                cost += LIMIT_PARTIAL_SORT_PENALTY
            rows = min(rows, wish.limit_rows)
        elif wish.is_distinct and rows > DISTINCT_SORT_SAVING:
            rows -= DISTINCT_SORT_SAVING
        cost += search_cost(rows)
        self.sort_costs[ordered] = cost
        return cost

    def _round(self) -> JoinPath:
        start = UNDECIDED if self.order_count else 0
        paths = [JoinPath(0, min(self.wish.rows_around, MOST_ROWS_AROUND), 0, 0, start)]
        for _ in self.sources:
            best: list[JoinPath] = []
            worst = -1
            for path in paths:
                for candidate in self.candidates:
                    if path.mask >> candidate.position & 1 or candidate.needs & ~path.mask:
                        continue
                    if candidate.is_automatic and path.rows < FEWEST_RUNS_FOR_AUTOMATIC_INDEX:
                        continue
                    longer = self._extend(path, candidate)
                    if self._offer(best, longer, worst) and len(best) >= self.kept:
                        worst = _worst_of(best)
            if not best:
                raise SqlError(ERROR, "no query solution")
            paths = best
        cheapest = paths[0]
        for path in paths:
            if path.cost < cheapest.cost:
                cheapest = path
        return cheapest

    def _offer(self, best: list[JoinPath], path: JoinPath, worst: int) -> bool:
        """Put the path among the best ones if it belongs there."""
        for place, other in enumerate(best):
            if other.mask == path.mask and (other.ordered == UNDECIDED) == (path.ordered == UNDECIDED):
                if _is_no_better(path, other):
                    return False
                path.complete()
                best[place] = path
                return True
        if len(best) < self.kept:
            path.complete()
            best.append(path)
            return True
        bad = best[worst]
        if (path.cost, path.unsorted) >= (bad.cost, bad.unsorted):
            return False
        path.complete()
        best[worst] = path
        return True

    def _extend(self, path: JoinPath, candidate: PlanCandidate) -> JoinPath:
        unsorted = candidate.run + path.rows
        if path.candidates:
            unsorted += candidate.inner_penalty
        if candidate.setup:
            unsorted = log_add(candidate.setup, unsorted)
        if candidate.hash_setup >= 0 and path.candidates:
            unsorted = min(unsorted, log_add(candidate.hash_setup, path.rows + PROBE_COST))
        unsorted = log_add(unsorted, path.unsorted)
        ordered = path.ordered
        candidates: tuple[PlanCandidate, ...] = ()
        reverses = path.reverses
        if ordered == UNDECIDED:
            candidates = (*path.candidates, candidate)
            ordered, reverses = self.matcher.match(candidates)
        if 0 <= ordered < self.order_count:
            cost = log_add(unsorted, self._sorting_cost(ordered)) + SORT_TIE_PENALTY
        else:
            cost = unsorted
            unsorted -= NO_SORT_BONUS
        mask = path.mask | 1 << candidate.position
        longer = JoinPath(mask, path.rows + candidate.rows, unsorted, cost, ordered, path, candidate)
        longer.candidates = candidates
        longer.reverses = reverses
        return longer


def _worst_of(paths: list[JoinPath]) -> int:
    worst = 0
    for place, path in enumerate(paths):
        other = paths[worst]
        if (path.cost, path.unsorted) > (other.cost, other.unsorted):
            worst = place
    return worst


def _is_no_better(path: JoinPath, other: JoinPath) -> bool:
    """Whether the path is not to take the place of the other."""
    if path.cost != other.cost:
        return path.cost > other.cost
    if path.rows != other.rows:
        return path.rows > other.rows
    if path.unsorted != other.unsorted:
        return path.unsorted > other.unsorted
    assert path.last is not None and other.last is not None
    mine = path.last.index_width
    theirs = other.last.index_width
    return mine < 0 or theirs < 0 or mine >= theirs
