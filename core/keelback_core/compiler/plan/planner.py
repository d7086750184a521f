"""plan_loops: from the sources and conditions of a FROM ... WHERE to nested loops.

The steps: split the conditions into terms; find every access of every source; search the cheapest order of loops; leave
out outer joins that change nothing; put each remaining term into the first loop where all that it reads is known.

1. No source moves before a source that stands to its left across an outer or CROSS join.
2. With a RIGHT or FULL JOIN the loops stay in FROM order, every ON stays with its loop, and WHERE is tested last.

Source: https://sqlite.org/optoverview.html. Must not know: registers, opcodes.
"""

from __future__ import annotations

from keelback_core.compiler.bind.exists_join import EXISTS_JOIN
from keelback_core.compiler.bind.nodes import BoundLiteral, BoundOrderTerm
from keelback_core.compiler.bind.outer_join import outer_sources
from keelback_core.compiler.bind.types import bare
from keelback_core.compiler.bind.walk import may_run_early
from keelback_core.compiler.plan.access import AccessFinder
from keelback_core.compiler.plan.automatic import complete_automatic_index, is_to_be_completed
from keelback_core.compiler.plan.bloom import place_filters, set_first_loops
from keelback_core.compiler.plan.common_factors import are_analysed, implied_parts
from keelback_core.compiler.plan.constants import propagate_constants
from keelback_core.compiler.plan.coroutine import may_be_coroutine
from keelback_core.compiler.plan.correlated_index import index_repeated_scans
from keelback_core.compiler.plan.delay import without_delayed
from keelback_core.compiler.plan.distinct import is_distinct_redundant
from keelback_core.compiler.plan.filter_order import in_test_order
from keelback_core.compiler.plan.hash_lookup import hash_lookups, set_hash_costs
from keelback_core.compiler.plan.implication import told_by_index
from keelback_core.compiler.plan.join_order import JoinOrderSearch
from keelback_core.compiler.plan.nodes import (
    DISTINCT_NEEDED,
    DISTINCT_ORDERED,
    DISTINCT_REDUNDANT,
    PlanLoop,
    PlanLoops,
    PlanUnion,
    PlanVirtual,
)
from keelback_core.compiler.plan.noop_join import needed_candidates
from keelback_core.compiler.plan.order import UNDECIDED, OrderMatcher
from keelback_core.compiler.plan.right_join import RIGHT, plan_unmatched, read_from_table
from keelback_core.compiler.plan.short_cut import straight_lookup, unique_lookup
from keelback_core.compiler.plan.single_row_union import fold_unions
from keelback_core.compiler.plan.term import SourceMasks, consumed_terms
from keelback_core.compiler.plan.term_table import TermTable
from keelback_core.compiler.plan.terms import conjuncts
from keelback_core.compiler.plan.union import add_unions, refine_union
from keelback_core.compiler.plan.virtual import VirtualFinder
from keelback_core.compiler.plan.virtual_terms import VirtualTerms
from keelback_core.compiler.plan.virtual_union import add_virtual_unions, refine_virtual_union
from keelback_core.compiler.plan.wish import PlanWish

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.plan.candidate import PlanCandidate
    from keelback_core.compiler.plan.join_order import JoinPath
    from keelback_core.compiler.plan.nodes import PlanFilter
    from keelback_core.compiler.plan.term import PlanTerm

# DISTINCT is taken to leave an eighth of the rows.
DISTINCT_SAVING: Final = 30


def plan_loops(
    sources: tuple[BoundSource, ...],
    where: BoundExpression | None,
    order: tuple[BoundOrderTerm, ...] = (),
    order_is_set: bool = False,
    has_limit: bool = False,
    is_write: bool = False,
    allows_automatic: bool = True,
) -> PlanLoops:
    """The loops for these sources, outermost first; for the arguments see PlanWish."""
    wish = PlanWish(order, order_is_set, has_limit, is_write, reads_only=False)
    wish.allows_automatic = allows_automatic
    return plan_wish(sources, where, wish)


def plan_wish(sources: tuple[BoundSource, ...], where: BoundExpression | None, wish: PlanWish) -> PlanLoops:
    """The loops for these sources, outermost first, that serve the wish best."""
    if len(sources) == 1:
        straight = straight_lookup(sources[0], where, wish)
        if straight is not None:
            return straight
    planner = _Planner(sources, where, wish)
    plan = planner.plan()
    planner.terms.forget_forms()
    return plan


class _Planner:
    """One run of plan_wish."""

    __slots__ = (
        "sources",
        "wish",
        "has_right",
        "where_parts",
        "outer",
        "has_outer",
        "terms",
        "delays",
        "is_order_needed",
    )

    def __init__(self, sources: tuple[BoundSource, ...], where: BoundExpression | None, wish: PlanWish) -> None:
        self.sources = sources
        self.wish = wish
        # Whether the order of the wish still matters.
        self.is_order_needed = True
        self.has_right = any(source.join_type in ("RIGHT", "FULL") for source in sources)
        self.where_parts = conjuncts(where)
        if self.has_right:
            self.outer = [source.join_type in ("LEFT", "FULL") for source in sources]
        else:
            self.outer = outer_sources(sources, self.where_parts)
        self.has_outer = True in self.outer
        parts = self._owned_parts()
        if wish.reads_only and not self.has_right:
            parts = propagate_constants(parts)
        masks = SourceMasks(sources)
        self.delays = False
        if wish.keeps_copies and len(sources) > 1 and not self.has_right and are_analysed(sources):
            self.delays = not self.has_outer
            parts = parts + implied_parts(parts, masks)
        self.terms = TermTable(parts, masks)

    def _owned_parts(self) -> list[tuple[BoundExpression, int]]:
        parts = [(part, 0) for part in self.where_parts]
        for position, source in enumerate(self.sources):
            if source.on is not None:
                owner = 1 << position if self.outer[position] or self.has_right else 0
                for part in conjuncts(source.on):
                    parts.append((part, owner))
        return parts

    def plan(self) -> PlanLoops:
        wish = self.wish
        if not self.sources:
            return PlanLoops((), tuple(self.where_parts), len(wish.order))
        if self.has_right:
            return self._plan_in_order()
        if len(self.sources) == 1 and not self.outer[0]:
            lookup = unique_lookup(self.sources[0], self.terms)
            if lookup is not None:
                plan = self._place_terms((lookup,), len(wish.order), lookup.rows)
                plan.distinct = DISTINCT_REDUNDANT
                return plan
        order = wish.order
        is_set = wish.is_set
        distinct = DISTINCT_NEEDED
        if wish.is_distinct and is_distinct_redundant(self.sources, wish.result or (), self.terms):
            distinct = DISTINCT_REDUNDANT
            order, is_set = (order, False) if not is_set else ((), False)
        self.is_order_needed = len(order) > 0
        matcher = OrderMatcher(order, is_set, self.sources, self.terms, wish.is_extreme, wish.is_distinct)
        candidates = self._all_candidates(order)
        if any(term.is_often_true and term.was_selective for term in self.terms.terms):
            # What was said of these terms before the samples were asked is not so.
            candidates = self._all_candidates(order)
        search = JoinOrderSearch(candidates, self.sources, matcher, wish)
        if wish.is_order_free and wish.keeps_copies and are_analysed(self.sources) and not self.has_outer:
            set_hash_costs(candidates, self.sources, self.terms)
            search.finds_groups = is_set
        path = search.search()
        for place in range(len(path.candidates)):
            # What only brings equal rows together is walked forward, whichever way its key goes.
            path.candidates[place].access.is_reverse = path.reverses >> place & 1 != 0 and not is_set
        ordered = len(wish.order) if order is not wish.order else max(0, path.ordered)
        chosen = path.candidates
        if wish.keeps_copies and len(chosen) > 1:
            fold_unions(chosen, self.terms)
        if wish.keeps_copies and wish.rows_around > 0 and not self.has_outer:
            chosen = index_repeated_scans(chosen, search.candidates, self.sources, self.terms, wish.rows_around)
        if len(chosen) > 1 and wish.result is not None and self.has_outer:
            chosen = needed_candidates(chosen, self.sources, self.outer, self.terms, wish)
        if len(chosen) > 1 and wish.keeps_copies and not wish.has_limit and not self.has_outer and self._knows_rows():
            gone = hash_lookups(chosen, self.sources, self.terms, wish.rows_around)
            self.terms.terms = [term for term in self.terms.terms if term not in gone]
        plan = self._place_terms(chosen, ordered if wish.order else 0, self._rows_out(path, bool(order)))
        plan.is_inner_ordered = self._is_inner_ordered(path, matcher)
        plan.is_sorted = not is_set or self._is_sorted(path, order)
        plan.distinct = distinct
        if wish.is_distinct and distinct == DISTINCT_NEEDED and self._are_equals_neighbours(path, is_set, order):
            plan.distinct = DISTINCT_ORDERED
        if wish.distinct_beside is not None:
            plan.distinct = self._distinct_of_groups(path, wish.distinct_beside)
        return plan

    def _knows_rows(self) -> bool:
        """Whether ANALYZE has told the rows of any source."""
        for source in self.sources:
            if source.table is not None and source.table.row_count is not None:
                return True
        return False

    def _distinct_of_groups(self, path: JoinPath, beside: BoundExpression) -> int:
        """What is to be done for the distinct values of an expression in each group."""
        result = [term.expression for term in self.wish.order] + [beside]
        if is_distinct_redundant(self.sources, result, self.terms):
            return DISTINCT_REDUNDANT
        order = tuple([BoundOrderTerm(one, False, True) for one in result])
        matcher = OrderMatcher(order, True, self.sources, self.terms, False, True)
        return DISTINCT_ORDERED if matcher.match(path.candidates)[0] == len(order) else DISTINCT_NEEDED

    def _rows_out(self, path: JoinPath, is_ordered: bool) -> int:
        """The estimate of the rows that come out, for what runs once a row: as SQLite's, it leaves the terms that are
        tested out of account where there is one source and no order to think of."""
        rows = path.rows
        if len(self.sources) == 1 and not is_ordered:
            only = path.candidates[0]
            rows += max(0, only.whole_rows - only.rows)
        return rows - DISTINCT_SAVING if self.wish.is_distinct else rows

    def _are_equals_neighbours(self, path: JoinPath, is_set: bool, order: tuple[BoundOrderTerm, ...]) -> bool:
        """Whether rows of equal results come one after the other."""
        if is_set:
            return path.ordered == len(order)
        result = tuple([BoundOrderTerm(expression, False, True) for expression in self.wish.result or ()])
        if not order or not result:
            return False
        matcher = OrderMatcher(result, True, self.sources, self.terms, False, True)
        return matcher.match(path.candidates)[0] == len(result)

    def _is_sorted(self, path: JoinPath, order: tuple[BoundOrderTerm, ...]) -> bool:
        """Whether an order that was wanted only to bring equal rows together comes as it was written; then the loops
        run in the directions for that."""
        if path.ordered != len(order) or not self.wish.wants_sorted:
            return False
        strict = OrderMatcher(order, False, self.sources, self.terms)
        ordered, reverses = strict.match(path.candidates)
        if ordered != len(order):
            return False
        for place, candidate in enumerate(path.candidates):
            candidate.access.is_reverse = reverses >> place & 1 != 0
        return True

    def _is_inner_ordered(self, path: JoinPath, matcher: OrderMatcher) -> bool:
        """Whether the innermost loop delivers the whole order by itself, where the loops together do not."""
        if not matcher.order or matcher.is_set or path.ordered not in (0, UNDECIDED):
            return False
        last = path.candidates[-1]
        if last.is_once or last.is_rowid_members:
            return False
        inner = OrderMatcher(matcher.order, False, self.sources, self.terms, True)
        ordered, is_reverse = inner.match_last(path.candidates)
        if ordered != len(matcher.order):
            return False
        last.access.is_reverse = is_reverse
        return True

    def _all_candidates(self, order: tuple[BoundOrderTerm, ...]) -> list[PlanCandidate]:
        wanted = tuple([bare(term.expression) for term in order]) if order else ()
        found: list[PlanCandidate] = []
        prior = 0
        prerequisite = 0
        for position, source in enumerate(self.sources):
            if self.outer[position] or source.join_type == "CROSS":
                prerequisite |= prior
            elif source.join_type == EXISTS_JOIN:
                prerequisite |= self._read_with(position)
            else:
                prerequisite = 0
            is_owner = self.outer[position]
            if source.table is not None and source.table.kind == "virtual":
                found += self._virtual_candidates(position, prerequisite, is_owner)
                prior |= 1 << position
                continue
            finder = AccessFinder(source, position, self.terms, prerequisite, wanted, is_owner, self.wish.is_write)
            finder.wish = None if is_owner else self.wish
            finder.allows_automatic = self.wish.allows_automatic
            finder.find()
            add_unions(source, position, self.terms, prerequisite, is_owner, finder.found)
            found += finder.found.found
            prior |= 1 << position
        return found

    def _read_with(self, position: int) -> int:
        """The mask of the sources to the left that a term reads together with this one."""
        bit = 1 << position
        found = 0
        for term in self.terms.terms:
            if term.reads & bit:
                found |= term.reads
        return found & (bit - 1)

    def _virtual_candidates(self, position: int, prerequisite: int, is_owner: bool) -> list[PlanCandidate]:
        source = self.sources[position]
        found = VirtualTerms(
            source, 1 << position, self.terms.masks, 1 << position if is_owner else 0, self._inside(position)
        )
        found.add(self.terms)
        wish = None if self.has_right else self.wish
        candidates = VirtualFinder(source, position, found, prerequisite, wish, not self.is_order_needed).find()
        if not self.has_right:
            add_virtual_unions(found, position, self.terms, prerequisite, candidates)
        return candidates

    def _inside(self, position: int) -> int:
        """The mask of the sources that no plan has outside of this one."""
        mask = 0
        for other in range(position + 1, len(self.sources)):
            if mask or self.outer[other] or self.sources[other].join_type in ("CROSS", "RIGHT", "FULL"):
                mask |= 1 << other
        return mask

    def _plan_in_order(self) -> PlanLoops:
        """Loops in FROM order; each may use the terms of its own ON."""
        candidates: list[PlanCandidate] = []
        prior = 0
        for position, source in enumerate(self.sources):
            if source.table is not None and source.table.kind == "virtual":
                candidates += self._virtual_candidates(position, prior, True)
            else:
                finder = AccessFinder(source, position, self.terms, prior, (), True)
                finder.allows_automatic = self.wish.allows_automatic
                candidates += finder.find()
            prior |= 1 << position
        matcher = OrderMatcher((), False, self.sources, self.terms)
        path = JoinOrderSearch(candidates, self.sources, matcher, self.wish).search()
        for candidate in path.candidates:
            if self.sources[candidate.position].join_type in RIGHT:
                candidate.access = read_from_table(candidate.access)
        return self._place_terms(path.candidates, 0, path.rows)

    def _place_terms(self, path: tuple[PlanCandidate, ...], ordered: int, rows: int) -> PlanLoops:
        # What becomes a key of an automatic index is not known yet.
        used = [term for candidate in path if not is_to_be_completed(candidate) for term in candidate.terms]
        gone = consumed_terms(used)
        for candidate in path:
            source = self.sources[candidate.position]
            if source.bound_indexes and not self.has_right and not self.outer[candidate.position]:
                gone.extend(told_by_index(candidate.access, source, self.terms.terms))
        waiting: list[PlanTerm] = []
        constants: list[BoundExpression] = []
        for term in self.terms.terms:
            if term in gone:
                continue
            if term.reads or term.owner or self.has_right or not may_run_early(term.expression):
                waiting.append(term)
            elif not _is_one(term.expression):
                constants.append(term.expression)
        filters_of: dict[int, PlanFilter] = {}
        if len(path) > 1 and not self.has_right:
            filters_of = place_filters(path, self.sources, self.outer, self.terms)
        # With a RIGHT JOIN every ON is its own source's.
        owners = [True] * len(self.sources) if self.has_right else self.outer
        known = 0
        loops = []
        for number, candidate in enumerate(path):
            bit = 1 << candidate.position
            is_last = number == len(path) - 1
            if isinstance(candidate.access, PlanUnion):
                if isinstance(candidate.access.branches[0], PlanVirtual):
                    refine_virtual_union(candidate, self.sources[candidate.position], self.terms, known)
                else:
                    refine_union(candidate, self.sources[candidate.position], self.terms, known)
            if is_to_be_completed(candidate):
                used_too = complete_automatic_index(
                    candidate, self.sources, self.terms, known, owners, self.wish.unshown
                )
                waiting = [term for term in waiting if term not in used_too]
            known |= bit
            joins: list[PlanTerm] = []
            filters: list[PlanTerm] = []
            if waiting:
                joins = [term for term in waiting if term.owner == bit]
                filters = [
                    term
                    for term in waiting
                    if not term.owner and not term.reads & ~known and (is_last or not self.has_right)
                ]
                if self.delays and not is_last:
                    filters = without_delayed(filters, path[number + 1])
                if not is_last:
                    waiting = [term for term in waiting if term not in joins and term not in filters]
                joins = in_test_order(joins, self.sources[candidate.position], candidate.access)
                filters = in_test_order(filters, self.sources[candidate.position], candidate.access)
            loop = self._loop(candidate, joins, filters)
            loop.may_be_coroutine = may_be_coroutine(self.sources, candidate.position) or not self.wish.reads_only
            if filters_of:
                loop.bloom = filters_of.get(candidate.position)
            if loop.is_right:
                plan_unmatched(loop, candidate.position, self.sources, self.where_parts)
            loops.append(loop)
        if filters_of:
            set_first_loops(loops, [candidate.position for candidate in path])
        return PlanLoops(tuple(loops), tuple(constants), ordered, rows)

    def _loop(self, candidate: PlanCandidate, joins: list[PlanTerm], filters: list[PlanTerm]) -> PlanLoop:
        source = self.sources[candidate.position]
        is_outer = self.outer[candidate.position]
        return PlanLoop(
            source,
            candidate.access,
            tuple([term.expression for term in joins]) if joins else (),
            tuple([term.expression for term in filters]) if filters else (),
            is_outer,
            self.has_right and source.join_type in ("RIGHT", "FULL"),
            candidate.is_once,
            candidate.rows,
            source.join_type == EXISTS_JOIN,
        )


def _is_one(expression: BoundExpression) -> bool:
    """Whether the term is the 1 that an EXISTS leaves behind."""
    return isinstance(expression, BoundLiteral) and expression.literal is None and expression.value == 1
