"""A scan inside a correlated subquery that compares with what stands outside: an index made once, where it pays.

A subquery in an expression runs for every row around it, but SQLite counts 28 of them at most when it decides whether
an automatic index is worth its making. Here the whole estimate counts:

1. Only a table of which ANALYZE has told the rows, so that schemas without statistics plan as SQLite plans them, and
   only in statements that change nothing: what is copied into the index stays as it was.
2. Rows leave in the order in which the scan would give them: entries of equal keys are in the order of the table.

Must not know: opcodes. The index itself: plan/automatic.py.
"""

from __future__ import annotations

from keelback_core.compiler.bind.walk import may_run_early
from keelback_core.compiler.plan.automatic import is_local
from keelback_core.compiler.plan.estimate import ROW_VISIT_COST, log_add, log_estimate
from keelback_core.compiler.plan.nodes import PlanAutomaticIndex, PlanScan
from keelback_core.compiler.plan.table_sizes import table_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundSource
    from keelback_core.compiler.plan.candidate import PlanCandidate
    from keelback_core.compiler.plan.term_table import TermTable

FEWEST_ROWS: Final = 1000
# Putting a row into the index costs as much as testing so many.
FILLING_COST: Final = log_estimate(12)


def index_repeated_scans(
    path: tuple[PlanCandidate, ...],
    candidates: list[PlanCandidate],
    sources: tuple[BoundSource, ...],
    terms: TermTable,
    rows_around: int,
) -> tuple[PlanCandidate, ...]:
    """The path with automatic indexes in the place of scans that run more often than making the index costs."""
    found: list[PlanCandidate] = []
    runs = rows_around
    known = 0
    for candidate in path:
        source = sources[candidate.position]
        table = source.table
        if _is_whole_scan(candidate) and table is not None and (table.row_count or 0) >= FEWEST_ROWS:
            rows = table_rows(table)
            for other in candidates:
                if other.position != candidate.position or not other.is_automatic or other.needs & ~known:
                    continue
                making = rows + ROW_VISIT_COST + FILLING_COST
                if log_add(making, runs + other.run) < runs + rows + ROW_VISIT_COST and _may_be_kept(
                    other, source, terms
                ):
                    assert isinstance(other.access, PlanAutomaticIndex)
                    other.access.keeps_order = True
                    candidate = other
                    break
        found.append(candidate)
        runs += candidate.rows
        known |= 1 << candidate.position
    return tuple(found)


def _is_whole_scan(candidate: PlanCandidate) -> bool:
    access = candidate.access
    return isinstance(access, PlanScan) and not access.is_reverse and not candidate.terms


def _may_be_kept(candidate: PlanCandidate, source: BoundSource, terms: TermTable) -> bool:
    """Whether every condition that limits what is put into the index says the same each time."""
    bit = 1 << candidate.position
    return all(
        may_run_early(term.expression)
        for term in terms.terms
        if term.reads == bit and is_local(term.expression, source)
    )
