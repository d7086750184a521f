"""The order in which the conditions of one loop are tested: the cheap ones first.

1. What the index alone tells comes before what needs the row of the table, which may then never be fetched.
2. What runs a correlated subquery comes last.
3. All else stays in the order in which it was written.

Source: the order in which SQLite evaluates, seen by functions that tell of their calls. Must not know: costs.
"""

from __future__ import annotations

from keelback_core.compiler.bind.walk import column_references, push_children, subquery_of
from keelback_core.compiler.catalog.model import ROWID
from keelback_core.compiler.plan.nodes import PlanIndexSeek

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.plan.nodes import PlanAccess
    from keelback_core.compiler.plan.term import PlanTerm


def in_test_order(terms: list[PlanTerm], source: BoundSource, access: PlanAccess) -> list[PlanTerm]:
    """The terms of one loop in the order in which they are best tested."""
    if len(terms) < 2:
        return terms
    available: set[int] | None = None
    table = source.table
    if isinstance(access, PlanIndexSeek) and not access.is_covering and not access.index.is_table:
        available = {key.column for key in access.index.entry_columns}
        if ROWID in available and table is not None and table.rowid_column >= 0:
            available.add(table.rowid_column)
    first: list[PlanTerm] = []
    middle: list[PlanTerm] = []
    last: list[PlanTerm] = []
    for term in terms:
        if runs_often(term.expression):
            last.append(term)
        elif available is not None and _is_in_index(term.expression, source, available):
            first.append(term)
        else:
            middle.append(term)
    return first + middle + last


def runs_often(expression: BoundExpression) -> bool:
    """Whether a subquery in it runs for every row."""
    stack = [expression]
    while stack:
        node = stack.pop()
        select = subquery_of(node)
        if select is not None and select.outer_references:
            return True
        push_children(stack, node)
    return False


def _is_in_index(expression: BoundExpression, source: BoundSource, available: set[int]) -> bool:
    return all(c.source is not source or c.column in available for c in column_references(expression))
