"""The automatic index of a chosen plan: every equality that is known by then is a key, and conditions on the source
alone limit what is put into it.

Source: https://sqlite.org/optoverview.html#autoindex. Must not know: costs.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundColumn
from keelback_core.compiler.bind.types import expression_affinity
from keelback_core.compiler.bind.walk import column_references, subquery_of, walk
from keelback_core.compiler.plan.access import is_worth_an_index
from keelback_core.compiler.plan.nodes import PlanAutomaticIndex
from keelback_core.compiler.plan.term import affinity_fits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.plan.candidate import PlanCandidate
    from keelback_core.compiler.plan.term import PlanTerm
    from keelback_core.compiler.plan.term_table import TermTable


def is_to_be_completed(candidate: PlanCandidate) -> bool:
    """Whether the candidate is an automatic index whose keys are not chosen yet."""
    return isinstance(candidate.access, PlanAutomaticIndex) and not candidate.access.is_complete


def complete_automatic_index(
    candidate: PlanCandidate,
    sources: tuple[BoundSource, ...],
    terms: TermTable,
    known: int,
    outer: Sequence[bool],
    unshown: BoundExpression | None = None,
) -> set[PlanTerm]:
    """Give the candidate's access all keys and filters; the terms that need not be tested any more. unshown: a filter
    that makes no partial index of it in the eyes of EXPLAIN QUERY PLAN."""
    source = sources[candidate.position]
    bit = 1 << candidate.position
    owner = bit if outer[candidate.position] else 0
    columns: list[int] = []
    values: list[BoundExpression] = []
    collations: list[str] = []
    used: set[PlanTerm] = set()
    filters: list[BoundExpression] = []
    for term in terms.terms:
        if term.owner == owner and term.reads == bit and is_local(term.expression, source):
            filters.append(term.expression)
    for form in terms.forms:
        operand = form.operand
        if form.term.owner != owner or form.operator != "=":
            continue
        if not isinstance(operand, BoundColumn) or operand.source is not source or operand.column < 0:
            continue
        if form.value_reads & ~known or not affinity_fits(form, expression_affinity(operand)):
            continue
        if not is_worth_an_index(source, operand.column):
            continue
        if operand.column not in columns:
            used.add(form.term)
            columns.append(operand.column)
            values.append(form.value)
            collations.append(form.collation)
    access = PlanAutomaticIndex(tuple(columns), tuple(values), tuple(collations), tuple(filters))
    access.is_partial = any(one is not unshown for one in filters) or any(
        term.owner == owner and not term.reads & ~owner and is_local(term.expression, source) for term in terms.terms
    )
    access.keeps_order = isinstance(candidate.access, PlanAutomaticIndex) and candidate.access.keeps_order
    candidate.access = access
    used.update([term for term in terms.terms if term.expression in filters])
    return used


def is_local(expression: BoundExpression, source: BoundSource) -> bool:
    """Whether the expression reads nothing but the source, and no subquery runs in it."""
    for node in walk(expression):
        if subquery_of(node) is not None:
            return False
    return all(column.source is source for column in column_references(expression))
