"""Bloom filters: before a row is looked up, whether it can be there at all.

1. It pays where most look-ups fail: the table has been analysed, terms on it alone leave out many of its rows, and it
   is smaller than the number of look-ups. Then its rows are read once, and the keys of those that pass are noted.
2. Only look-ups by equalities have one; an automatic index always has, for its rows are read anyway.

Source: https://sqlite.org/optoverview.html#hash_joins and the words of EXPLAIN QUERY PLAN. Must not know: opcodes.
"""

from __future__ import annotations

from keelback_core.compiler.plan.automatic import is_local
from keelback_core.compiler.plan.describe import filter_text
from keelback_core.compiler.plan.nodes import PlanFilter, PlanIndexSeek, PlanMembers, PlanNull, PlanRowidEqual, PlanSkip
from keelback_core.compiler.plan.table_sizes import table_rows
from keelback_core.compiler.plan.term import EQUALITIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.bind.nodes import BoundSource
    from keelback_core.compiler.plan.candidate import PlanCandidate
    from keelback_core.compiler.plan.nodes import PlanLoop
    from keelback_core.compiler.plan.term_table import TermTable


def place_filters(
    path: tuple[PlanCandidate, ...], sources: tuple[BoundSource, ...], outer: Sequence[bool], terms: TermTable
) -> dict[int, PlanFilter]:
    """The filters of a chosen path, by the position of their source."""
    found: dict[int, PlanFilter] = {}
    lookups = 0
    for number, candidate in enumerate(path):
        source = sources[candidate.position]
        table = source.table
        if table is None or table.row_count is None:
            break
        if number and candidate.is_self_culling and EQUALITIES & candidate.kinds and lookups > table_rows(table):
            made = _filter_of(candidate, source, outer[candidate.position], terms)
            if made is not None:
                found[candidate.position] = made
        lookups += candidate.rows
    return found


def set_first_loops(loops: Sequence[PlanLoop], positions: Sequence[int]) -> None:
    """Tell every filter where it is asked first; those of outer joins stay with their loops."""
    for number, loop in enumerate(loops):
        if loop.bloom is None:
            continue
        loop.bloom.first_loop = number
        known = 0
        for place in range(0 if not loop.is_outer else number, number):
            before = loops[place].bloom
            # Only a loop that asks its own filter then asks those of inner loops.
            if before is not None and before.first_loop == place and not loop.bloom.needs & ~known:
                loop.bloom.first_loop = place
                break
            known |= 1 << positions[place]


def _filter_of(candidate: PlanCandidate, source: BoundSource, is_outer: bool, terms: TermTable) -> PlanFilter | None:
    access = candidate.access
    bit = 1 << candidate.position
    owner = bit if is_outer else 0
    conditions = tuple(
        term.expression
        for term in terms.terms
        if term.owner == owner and term.reads == bit and is_local(term.expression, source)
    )
    if isinstance(access, PlanRowidEqual):
        if isinstance(access.value, PlanMembers):
            return None
    elif isinstance(access, PlanIndexSeek):
        if access.null_equal or not all(_is_plain(value) for value in access.equals):
            return None
        # The table's own columns must be at hand to fill the filter.
        access.is_covering = access.index.is_table
        access.is_told_covering = False
        candidate.is_covering = access.is_covering
    else:
        return None
    return PlanFilter(conditions, filter_text(source, access), candidate.needs)


def _is_plain(value: object) -> bool:
    return not isinstance(value, (PlanMembers, PlanNull, PlanSkip))
