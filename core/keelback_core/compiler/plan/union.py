"""An OR whose every branch can be reached by an index: the rows of all branches, each once.

Source: https://sqlite.org/optoverview.html section 4. Must not know: the order of loops.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundBinary
from keelback_core.compiler.plan.access import AccessFinder
from keelback_core.compiler.plan.candidate import PlanCandidate
from keelback_core.compiler.plan.estimate import TABLE_ROWS, log_add
from keelback_core.compiler.plan.nodes import PlanScan, PlanUnion
from keelback_core.compiler.plan.terms import analyse, conjuncts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.plan.nodes import PlanAccess
    from keelback_core.compiler.plan.terms import PlanTerm, SourceMasks


def disjuncts(expression: BoundExpression) -> list[BoundExpression]:
    """The terms of a tree of ORs, from left to right."""
    found: list[BoundExpression] = []
    stack = [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, BoundBinary) and node.operator == "OR":
            stack.append(node.right)
            stack.append(node.left)
        else:
            found.append(node)
    return found


def union_candidates(
    source: BoundSource, position: int, terms: list[PlanTerm], prerequisite: int, masks: SourceMasks, is_owner: bool
) -> list[PlanCandidate]:
    """A candidate for every OR that works."""
    table = source.table
    if table is None or table.kind != "table" or source.is_not_indexed:
        return []
    owner = 1 << position if is_owner else 0
    found = []
    for term in terms:
        expression = term.expression
        if term.owner == owner and isinstance(expression, BoundBinary) and expression.operator == "OR":
            candidate = _union(source, position, term, prerequisite, masks)
            if candidate is not None:
                found.append(candidate)
    return found


def _union(
    source: BoundSource, position: int, term: PlanTerm, prerequisite: int, masks: SourceMasks
) -> PlanCandidate | None:
    bit = 1 << position
    branches: list[PlanAccess] = []
    filters: list[tuple[BoundExpression, ...]] = []
    needs = prerequisite
    run = -1
    rows = -1
    for branch in disjuncts(term.expression):
        branch_terms = [analyse(part, masks, 0) for part in conjuncts(branch)]
        finder = AccessFinder(source, position, branch_terms, prerequisite, (), False, True)
        choices = [c for c in finder.find() if c.terms and not isinstance(c.access, PlanScan)]
        if not choices:
            return None
        best = min(choices, key=_candidate_cost)
        branches.append(best.access)
        filters.append(tuple(t.expression for t in branch_terms if t not in best.terms))
        for branch_term in branch_terms:
            needs |= branch_term.reads & ~bit
        needs |= best.needs
        run = best.run if run < 0 else log_add(run, best.run)
        rows = best.rows if rows < 0 else log_add(rows, best.rows)
    access = PlanUnion(tuple(branches), tuple(filters))
    return PlanCandidate(
        position,
        access,
        needs & ~bit,
        0,
        run + 1,
        min(rows, TABLE_ROWS),
        (term,),
        (),
        False,
        False,
        "MULTI-INDEX OR",
    )


def _candidate_cost(candidate: PlanCandidate) -> int:
    return candidate.run
