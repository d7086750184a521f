"""An OR on a virtual table: the rows that it gives for each branch, each once.

1. A branch is asked with what it says itself and what the rest of WHERE says, and asked again once the union is chosen,
   with what is known outside by then: modules see the same questions as from SQLite.
2. The rest of WHERE is tested behind the union all the same.

Must not know: modules. Twin of plan/union.py for tables.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundBinary
from keelback_core.compiler.bind.walk import may_run_early, terms_of
from keelback_core.compiler.plan.candidate import PlanCandidate
from keelback_core.compiler.plan.estimate import log_add
from keelback_core.compiler.plan.nodes import PlanUnion
from keelback_core.compiler.plan.term import consumed_terms
from keelback_core.compiler.plan.term_table import TermTable
from keelback_core.compiler.plan.terms import conjuncts
from keelback_core.compiler.plan.virtual import VirtualFinder
from keelback_core.compiler.plan.virtual_terms import VirtualTerms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.plan.nodes import PlanAccess


def add_virtual_unions(
    around: VirtualTerms, position: int, terms: TermTable, prerequisite: int, candidates: list[PlanCandidate]
) -> None:
    """Add a candidate for every OR each branch of which says something of the table."""
    for term in terms.terms:
        expression = term.expression
        if term.owner != around.owner or not isinstance(expression, BoundBinary) or expression.operator != "OR":
            continue
        branches = terms_of(expression, "OR")
        tables = [TermTable([(part, around.owner) for part in conjuncts(branch)], terms.masks) for branch in branches]
        found = _union(around, position, tables, prerequisite)
        if found is not None:
            found.terms = (term,)
            candidates.append(found)
        for table in tables:
            table.forget_forms()


def _own_terms(around: VirtualTerms, table: TermTable) -> VirtualTerms:
    own = VirtualTerms(around.source, around.bit, around.masks, around.owner, around.unusable)
    own.add(table)
    return own


def _union(around: VirtualTerms, position: int, tables: list[TermTable], prerequisite: int) -> PlanCandidate | None:
    """The cheapest access of every branch; None if some branch has none of its own."""
    questions = [_own_terms(around, table) for table in tables]
    if not all(question.found for question in questions):
        return None
    needs = run = rows = 0
    accesses: list[PlanAccess] = []
    filters: list[tuple[BoundExpression, ...]] = []
    for table, question in zip(tables, questions, strict=True):
        question.found += around.found
        choices = VirtualFinder(around.source, position, question, prerequisite, None).find()
        if not choices:
            return None
        best = min(choices, key=_cost_of)
        needs |= best.needs
        for one in table.terms:
            needs |= one.reads & ~around.bit
        run = log_add(run, best.run) if accesses else best.run
        rows = log_add(rows, best.rows) if accesses else best.rows
        accesses.append(best.access)
        filters.append(_filters(table, best))
    return PlanCandidate(position, PlanUnion(tuple(accesses), tuple(filters)), needs, 0, run + 1, rows)


def _filters(table: TermTable, candidate: PlanCandidate) -> tuple[BoundExpression, ...]:
    used = consumed_terms(candidate.terms)
    return tuple([one.expression for one in table.terms if one not in used])


def refine_virtual_union(candidate: PlanCandidate, source: BoundSource, terms: TermTable, known: int) -> None:
    """Ask for the branches again, with what else is said of the table. known: mask of the sources outside."""
    term = candidate.terms[0]
    bit = 1 << candidate.position
    others = [
        (one.expression, one.owner)
        for one in terms.terms
        if one is not term and one.owner == term.owner and one.reads & bit and not one.reads & ~(known | bit)
    ]
    others = [pair for pair in others if may_run_early(pair[0])]
    accesses: list[PlanAccess] = []
    filters: list[tuple[BoundExpression, ...]] = []
    for branch in terms_of(term.expression, "OR"):
        own = [(part, term.owner) for part in conjuncts(branch)]
        table = TermTable([*own, *others], terms.masks)
        question = VirtualTerms(source, bit, terms.masks, term.owner, 0)
        question.add(table)
        choices = VirtualFinder(source, candidate.position, question, known, None).find()
        if not choices:
            return
        best = min(choices, key=_cost_of)
        accesses.append(best.access)
        used = consumed_terms(best.terms)
        filters.append(tuple([one.expression for one in table.terms[: len(own)] if one not in used]))
        table.forget_forms()
    candidate.access = PlanUnion(tuple(accesses), tuple(filters))


def _cost_of(candidate: PlanCandidate) -> tuple[int, int]:
    return candidate.run, candidate.rows
