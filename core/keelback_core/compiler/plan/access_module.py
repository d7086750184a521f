"""The candidates of a table-valued function: all rows, for the values that equations give to its hidden columns.

Must not know: how a module makes its rows.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundColumn
from keelback_core.compiler.plan.candidate import PlanCandidate
from keelback_core.compiler.plan.estimate import ROW_VISIT_COST
from keelback_core.compiler.plan.nodes import PlanModule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.plan.access import AccessFinder
    from keelback_core.compiler.plan.terms import PlanTerm, TermForm

# Estimates: rows of a module, and the cost of one that is not told what its arguments are.
MODULE_ROWS = 43
MODULE_COST_WITHOUT_ARGUMENTS = 310


def module_candidates(finder: AccessFinder, table: Table) -> list[PlanCandidate]:
    """All rows, for the values of the hidden columns; without them only if need be."""
    values: list[BoundExpression | None] = []
    used: list[PlanTerm] = []
    needs = 0
    for number, column in enumerate(table.columns):
        if not column.is_hidden:
            continue
        form = _equation(finder, number)
        values.append(None if form is None else form.value)
        if form is not None:
            used.append(form.term)
            needs |= form.value_reads
    run = MODULE_ROWS + ROW_VISIT_COST
    candidate = PlanCandidate(finder.position, PlanModule(tuple(values)), needs, 0, run, MODULE_ROWS)
    candidate.terms = tuple(used)
    finder.add(candidate, MODULE_ROWS)
    if needs:
        cost = MODULE_COST_WITHOUT_ARGUMENTS
        finder.add(PlanCandidate(finder.position, PlanModule((None,) * len(values)), 0, 0, cost, cost), cost)
    return finder.found.found


def _equation(finder: AccessFinder, number: int) -> TermForm | None:
    """The first equation for a column of the source."""
    for form in finder.forms_of(number, None):
        if form.operator == "=" and isinstance(form.operand, BoundColumn):
            return form
    return None
