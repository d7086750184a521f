"""RIGHT and FULL JOINs: how their rows are read so that those without a match can come out at the end.

1. A row that may come out again is read from its table, also where an index would cover it; the index still gives the
   order.
2. Rows without a match are looked for by what WHERE says of them, unless a RIGHT JOIN follows, before which WHERE says
   nothing yet.

Source: https://sqlite.org/optoverview.html and the words of EXPLAIN QUERY PLAN. Must not know: opcodes.
"""

from __future__ import annotations

from keelback_core.compiler.plan.access import AccessFinder
from keelback_core.compiler.plan.describe import access_text
from keelback_core.compiler.plan.join_order import JoinOrderSearch
from keelback_core.compiler.plan.nodes import PlanIndexSeek, PlanScan, PlanVirtual
from keelback_core.compiler.plan.order import OrderMatcher
from keelback_core.compiler.plan.term import SourceMasks
from keelback_core.compiler.plan.term_table import TermTable
from keelback_core.compiler.plan.virtual import VirtualFinder
from keelback_core.compiler.plan.virtual_terms import VirtualTerms, argument_parts
from keelback_core.compiler.plan.wish import PlanWish

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.plan.candidate import PlanCandidate
    from keelback_core.compiler.plan.nodes import PlanAccess, PlanLoop

RIGHT: Final = frozenset(("RIGHT", "FULL"))


def read_from_table(access: PlanAccess) -> PlanAccess:
    """The same rows in the same order, each with its row of the table."""
    if isinstance(access, PlanScan) and access.index is not None:
        return PlanIndexSeek(access.index, (), None, None, False)
    if isinstance(access, PlanIndexSeek) and not access.index.is_table:
        access.is_covering = False
        access.is_told_covering = False
        access.read_keys = ()
    return access


def plan_unmatched(
    loop: PlanLoop, position: int, sources: Sequence[BoundSource], parts: Sequence[BoundExpression]
) -> None:
    """Tell the loop of a right side how to find the rows without a match. parts: what WHERE says."""
    source = loop.source
    table = source.table
    if table is None:
        return
    masks = SourceMasks(tuple(sources))
    known = (2 << position) - 1
    said = [(part, 0) for part in parts if not masks.of(part) & ~known]
    if table.kind == "virtual":
        loop.unmatched = _virtual_access(source, said)
        loop.unmatched_filters = tuple(argument_parts(source))
        return
    if any(later.join_type in RIGHT for later in sources[position + 1 :]):
        said = []
    terms = TermTable(said, SourceMasks((source,)))
    finder = AccessFinder(source, 0, terms, 0, (), False)
    finder.allows_automatic = False
    search = JoinOrderSearch(finder.find(), (source,), OrderMatcher((), False, (source,), terms), PlanWish())
    access = search.search().candidates[0].access
    terms.forget_forms()
    loop.unmatched_text = access_text(source, access)
    loop.unmatched = read_from_table(access)


def _virtual_access(source: BoundSource, said: list[tuple[BoundExpression, int]]) -> PlanVirtual:
    """How a virtual table gives all its rows that WHERE may want, where the rows to the left are NULLs."""
    parts = said + [(part, 0) for part in argument_parts(source)]
    masks = SourceMasks((source,))
    terms = TermTable(parts, masks)
    found = VirtualTerms(source, 1, masks, 0, 0)
    found.add(terms)
    access = min(VirtualFinder(source, 0, found, 0, None).find(), key=_run_cost).access
    terms.forget_forms()
    assert isinstance(access, PlanVirtual)
    return access


def _run_cost(candidate: PlanCandidate) -> int:
    return candidate.run
