"""plan_loops: from the sources and conditions of a FROM ... WHERE to nested loops.

The steps: split the conditions into terms; find every access of every source; search the cheapest order of loops; put
each remaining term into the first loop where all that it reads is known.

1. No source moves before a source that stands to its left across an outer or CROSS join.
2. With a RIGHT or FULL JOIN the loops stay in FROM order, every ON stays with its loop, and WHERE is tested last.

Source: https://sqlite.org/optoverview.html. Must not know: registers, opcodes.
"""

from __future__ import annotations

from keelback_core.compiler.plan.access import AccessFinder
from keelback_core.compiler.plan.join_order import JoinOrderSearch
from keelback_core.compiler.plan.nodes import PlanLoop, PlanLoops, PlanScan, PlanUnion
from keelback_core.compiler.plan.order import OrderMatcher, bare
from keelback_core.compiler.plan.outer_join import rejects_null_row
from keelback_core.compiler.plan.terms import PlanTerm, SourceMasks, analyse, conjuncts
from keelback_core.compiler.plan.union import union_candidates
from keelback_core.compiler.plan.virtual import VirtualFinder
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundOrderTerm, BoundSource
    from keelback_core.compiler.plan.candidate import PlanCandidate


def plan_loops(
    sources: Sequence[BoundSource],
    where: BoundExpression | None,
    order: Sequence[BoundOrderTerm] = (),
    order_is_set: bool = False,
    has_limit: bool = False,
    is_write: bool = False,
) -> PlanLoops:
    """The loops for these sources, outermost first.

    order: the wanted order of rows; with order_is_set any order will do that brings rows with equal terms together.
    has_limit: perhaps not all rows are wanted. is_write: the loop finds rows to be changed, so nothing is copied.
    """
    return _Planner(sources, where, order, order_is_set, has_limit, is_write).plan()


class _Planner:
    """One run of plan_loops."""

    def __init__(
        self,
        sources: Sequence[BoundSource],
        where: BoundExpression | None,
        order: Sequence[BoundOrderTerm],
        order_is_set: bool,
        has_limit: bool,
        is_write: bool,
    ) -> None:
        self.sources = sources
        self.order = order
        self.order_is_set = order_is_set
        self.has_limit = has_limit
        self.is_write = is_write
        self.masks = SourceMasks(sources)
        self.has_right = any(source.join_type in ("RIGHT", "FULL") for source in sources)
        self.where_parts = conjuncts(where)
        self.outer = [self._is_outer(source) for source in sources]
        self.terms = self._make_terms()

    def _is_outer(self, source: BoundSource) -> bool:
        if source.join_type == "FULL" or (self.has_right and source.join_type == "LEFT"):
            return True
        return source.join_type == "LEFT" and not any(rejects_null_row(part, source) for part in self.where_parts)

    def _make_terms(self) -> list[PlanTerm]:
        terms = []
        for position, source in enumerate(self.sources):
            owner = 1 << position if self.outer[position] or self.has_right else 0
            terms += [analyse(part, self.masks, owner) for part in conjuncts(source.on)]
        return [analyse(part, self.masks, 0) for part in self.where_parts] + terms

    def plan(self) -> PlanLoops:
        if not self.sources:
            return PlanLoops((), tuple(self.where_parts), len(self.order))
        if self.has_right:
            return self._plan_in_order()
        matcher = OrderMatcher(self.order, self.order_is_set, self.sources, self.masks, self.terms)
        search = JoinOrderSearch(self._all_candidates(), len(self.sources), matcher, self.has_limit, self.order_is_set)
        path = search.search()
        for candidate, is_reverse in zip(path.candidates, path.reverses, strict=True):
            candidate.access.is_reverse = is_reverse
        ordered = path.ordered if self.order else 0
        return self._place_terms(path.candidates, max(0, ordered))

    def _all_candidates(self) -> list[PlanCandidate]:
        wanted = tuple(bare(term.expression) for term in self.order)
        found: list[PlanCandidate] = []
        prior = 0
        prerequisite = 0
        has_cross = False
        for position, source in enumerate(self.sources):
            if self.outer[position] or source.join_type == "CROSS":
                prerequisite |= prior
                has_cross = has_cross or source.join_type == "CROSS"
            elif not has_cross:
                prerequisite = 0
            is_owner = self.outer[position]
            if source.table is not None and source.table.kind == "virtual":
                found += self._virtual_candidates(position, prerequisite, is_owner)
                prior |= 1 << position
                continue
            finder = AccessFinder(source, position, self.terms, prerequisite, wanted, is_owner, self.is_write)
            found += finder.find()
            found += union_candidates(source, position, self.terms, prerequisite, self.masks, is_owner)
            prior |= 1 << position
        return found

    def _virtual_candidates(self, position: int, prerequisite: int, is_owner: bool) -> list[PlanCandidate]:
        owner = 1 << position if is_owner else 0
        order = tuple(self.order)
        source = self.sources[position]
        finder = VirtualFinder(source, position, self.terms, owner, prerequisite, self.masks, order, self.order_is_set)
        return finder.find()

    def _plan_in_order(self) -> PlanLoops:
        """Loops in FROM order; only a loop that keeps no unmatched rows may use the terms of its ON."""
        chosen = []
        prior = 0
        for position, source in enumerate(self.sources):
            is_virtual = source.table is not None and source.table.kind == "virtual"
            if is_virtual:
                choices = self._virtual_candidates(position, prior, True)
            else:
                choices = AccessFinder(source, position, self.terms, prior, (), True, True).find()
            if source.join_type in ("RIGHT", "FULL") and not is_virtual:
                choices = [c for c in choices if isinstance(c.access, PlanScan) and c.access.index is None]
            choices = [choice for choice in choices if not choice.needs & ~prior]
            if not choices:
                raise SqlError(ERROR, "no query solution")
            chosen.append(min(choices, key=_run_cost))
            prior |= 1 << position
        return self._place_terms(tuple(chosen), 0)

    def _place_terms(self, path: tuple[PlanCandidate, ...], ordered: int) -> PlanLoops:
        used = {term for candidate in path for term in candidate.terms}
        waiting = [term for term in self.terms if term not in used]
        constants = []
        if not self.has_right:
            constants = [term for term in waiting if not term.reads and not term.owner]
            waiting = [term for term in waiting if term not in constants]
        known = 0
        loops = []
        for number, candidate in enumerate(path):
            bit = 1 << candidate.position
            known |= bit
            is_last = number == len(path) - 1
            joins = [term for term in waiting if term.owner == bit]
            filters = [
                term
                for term in waiting
                if not term.owner and not term.reads & ~known and (is_last or not self.has_right)
            ]
            waiting = [term for term in waiting if term not in joins and term not in filters]
            loops.append(self._loop(candidate, joins, filters))
        return PlanLoops(tuple(loops), tuple(term.expression for term in constants), ordered)

    def _loop(self, candidate: PlanCandidate, joins: list[PlanTerm], filters: list[PlanTerm]) -> PlanLoop:
        source = self.sources[candidate.position]
        is_outer = self.outer[candidate.position]
        description = candidate.description
        if is_outer and not isinstance(candidate.access, PlanUnion):
            description += " LEFT-JOIN"
        return PlanLoop(
            source,
            candidate.access,
            tuple(term.expression for term in joins),
            tuple(term.expression for term in filters),
            is_outer,
            source.join_type in ("RIGHT", "FULL"),
            candidate.is_once,
            description,
        )


def _run_cost(candidate: PlanCandidate) -> int:
    return candidate.run
