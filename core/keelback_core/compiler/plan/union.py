"""An OR whose every branch can be reached by an index: the rows of all branches, each once.

Of each branch the few cheapest accesses are kept, for they may need different sources outside. Once the union is
chosen, each branch may use the other terms of the query too, which are tested behind the union all the same.

Source: https://sqlite.org/optoverview.html section 4. Must not know: the order of loops.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundBinary
from keelback_core.compiler.bind.walk import may_run_early, terms_of
from keelback_core.compiler.plan.access import AccessFinder
from keelback_core.compiler.plan.candidate import PlanCandidate
from keelback_core.compiler.plan.candidate_list import CandidateList
from keelback_core.compiler.plan.estimate import log_add
from keelback_core.compiler.plan.nodes import PlanUnion
from keelback_core.compiler.plan.term import consumed_terms
from keelback_core.compiler.plan.term_table import TermTable
from keelback_core.compiler.plan.terms import conjuncts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.plan.nodes import PlanAccess
    from keelback_core.compiler.plan.term import PlanTerm

MOST_CHOICES: Final = 3


class UnionChoice:
    """One way to reach the branches so far."""

    __slots__ = ("needs", "run", "rows", "branches", "filters")

    def __init__(
        self,
        needs: int,
        run: int,
        rows: int,
        branches: tuple[PlanAccess, ...],
        filters: tuple[tuple[BoundExpression, ...], ...],
    ) -> None:
        self.needs = needs
        self.run = run
        self.rows = rows
        self.branches = branches
        self.filters = filters

    def joined(self, other: UnionChoice) -> UnionChoice:
        """Both, one after the other."""
        return UnionChoice(
            self.needs | other.needs,
            log_add(self.run, other.run),
            log_add(self.rows, other.rows),
            self.branches + other.branches,
            self.filters + other.filters,
        )


def add_unions(
    source: BoundSource, position: int, terms: TermTable, prerequisite: int, is_owner: bool, found: CandidateList
) -> None:
    """Add a candidate for every OR that works."""
    table = source.table
    if table is None or table.kind != "table" or source.is_not_indexed:
        return
    owner = 1 << position if is_owner else 0
    for term in terms.terms:
        expression = term.expression
        if term.owner == owner and isinstance(expression, BoundBinary) and expression.operator == "OR":
            for choice in _choices(source, position, term, terms, prerequisite):
                candidate = PlanCandidate(
                    position, PlanUnion(choice.branches, choice.filters), choice.needs, 0, choice.run + 1, choice.rows
                )
                candidate.terms = (term,)
                found.add(candidate)


def _choices(
    source: BoundSource, position: int, term: PlanTerm, terms: TermTable, prerequisite: int
) -> list[UnionChoice]:
    known: list[UnionChoice] | None = None
    for branch in terms_of(term.expression, "OR"):
        found = _branch_choices(source, position, branch, terms, prerequisite)
        if not found:
            return []
        if known is None:
            known = found
            continue
        joined: list[UnionChoice] = []
        for one in known:
            for other in found:
                _keep(joined, one.joined(other))
        known = joined
    return known or []


def _branch_choices(
    source: BoundSource, position: int, branch: BoundExpression, terms: TermTable, prerequisite: int
) -> list[UnionChoice]:
    bit = 1 << position
    table = TermTable([(part, 0) for part in conjuncts(branch)], terms.masks)
    finder = AccessFinder(source, position, table, prerequisite, (), False, False, True)
    kept: list[UnionChoice] = []
    for candidate in finder.find():
        if not candidate.terms:
            continue
        used = consumed_terms(candidate.terms)
        filters = tuple([one.expression for one in table.terms if one not in used])
        needs = candidate.needs
        for one in table.terms:
            needs |= one.reads & ~bit
        _keep(kept, UnionChoice(needs, candidate.run, candidate.rows, (candidate.access,), (filters,)))
    table.forget_forms()
    return kept


def _keep(kept: list[UnionChoice], choice: UnionChoice) -> None:
    """Put the choice among the few that are kept, unless one of them needs no more and costs no more."""
    for place, other in enumerate(kept):
        if choice.run <= other.run and choice.needs & other.needs == choice.needs:
            choice.rows = min(choice.rows, other.rows)
            kept[place] = choice
            return
        if other.run <= choice.run and choice.needs & other.needs == other.needs:
            return
    if len(kept) < MOST_CHOICES:
        kept.append(choice)
        return
    worst = max(kept, key=_run_of)
    if worst.run > choice.run:
        kept[kept.index(worst)] = choice


def _run_of(choice: UnionChoice) -> int:
    return choice.run


def refine_union(candidate: PlanCandidate, source: BoundSource, terms: TermTable, known: int) -> None:
    """Let the branches of a chosen union use what else is said of the source. known: mask of the sources outside."""
    term = candidate.terms[0]
    bit = 1 << candidate.position
    others = [
        (one.expression, 0)
        for one in terms.terms
        if one is not term
        and one.forms
        and one.owner == term.owner
        and one.reads & bit
        and not one.reads & ~(known | bit)
    ]
    others = [pair for pair in others if may_run_early(pair[0])]
    if not others:
        return
    branches: list[PlanAccess] = []
    filters: list[tuple[BoundExpression, ...]] = []
    for branch in terms_of(term.expression, "OR"):
        own = [(part, 0) for part in conjuncts(branch)]
        table = TermTable([*own, *others], terms.masks)
        finder = AccessFinder(source, candidate.position, table, 0, (), False, False, True)
        choices = [one for one in finder.find() if one.terms and not one.needs & ~known]
        if not choices:
            return
        best = min(choices, key=_cost_of)
        used = consumed_terms(best.terms)
        branches.append(best.access)
        filters.append(tuple([one.expression for one in table.terms[: len(own)] if one not in used]))
        table.forget_forms()
    candidate.access = PlanUnion(tuple(branches), tuple(filters))


def _cost_of(candidate: PlanCandidate) -> tuple[int, int]:
    return candidate.run, candidate.rows
