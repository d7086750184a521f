"""count(*) of a UNION ALL: the sum of the counts of its SELECTs, each of which may count the entries of a tree.

Only where nothing is said of the rows: no WHERE, no LIMIT, no GROUP BY, neither around the compound nor in it.

Must not know: plans, registers. Source: SQLite's optimization of the count of a view.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import (
    BoundAggregate,
    BoundBinary,
    BoundResultColumn,
    BoundSelect,
    BoundSelectCore,
    BoundSubquery,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundExpression


def counted_parts(core: BoundSelectCore) -> BoundSelectCore | None:
    """SELECT (SELECT count(*) FROM ...) + ... in the place of SELECT count(*) FROM (... UNION ALL ...), or None."""
    if len(core.sources) != 1 or len(core.aggregates) != 1 or len(core.columns) != 1:
        return None
    select = core.sources[0].select
    if select is None or len(select.cores) < 2 or core.sources[0].recursion is not None:
        return None
    count = core.aggregates[0]
    if count.signature.name.lower() != "count" or count.arguments or core.columns[0].expression is not count:
        return None
    if count.filter is not None or core.where is not None or core.having is not None or core.group_by:
        return None
    if select.limit is not None or select.common_table or select.outer_references:
        return None
    if any(operator != "UNION ALL" for operator in select.operators) or not all(map(_is_bare, select.cores)):
        return None
    total: BoundExpression | None = None
    for part in select.cores:
        own = BoundSubquery(_count_of(part, count))
        total = own if total is None else BoundBinary("+", total, own)
    assert total is not None
    found = BoundSelectCore()
    found.columns = (BoundResultColumn(total, core.columns[0].name),)
    return found


def _is_bare(core: BoundSelectCore) -> bool:
    if core.values is not None or core.where is not None or core.windows or not core.sources:
        return False
    return not core.is_aggregate and not core.is_distinct


def _count_of(part: BoundSelectCore, count: BoundAggregate) -> BoundSelect:
    """SELECT count(*) FROM what `part` reads."""
    own = BoundSelectCore()
    own.sources = part.sources
    own.flattened = part.flattened
    own.is_aggregate = True
    aggregate = BoundAggregate(count.signature, (), False, True, None, (), own.level, count.offset, count.spelling)
    own.aggregates = [aggregate]
    own.columns = (BoundResultColumn(aggregate, "count(*)"),)
    found = BoundSelect()
    found.cores = (own,)
    return found
