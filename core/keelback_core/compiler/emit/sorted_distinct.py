"""count(DISTINCT x) of a GROUP BY that sorts its rows: x is sorted by too, behind the keys, so that equal values follow
one another and no tree of a group's values is needed.

1. Nobody may see that rows of a group come in another order: the count is the only aggregate, and all else that is read
   of a group are its keys.
2. Keys that compare equal must be the same value, for the first row gives the group's: columns of an affinity that
   leaves no INTEGER beside an equal REAL, compared byte by byte.

3. Where keys and argument together are a unique key, or rows come in the order of all of them, nothing of this is
   needed (`only_distinct`, asked of the planner).

Must not know: opcodes. Source of 1 and 2: none, SQLite fills a tree for every group.
"""

from __future__ import annotations

from keelback_core.compiler.bind.flatten import without_flattened
from keelback_core.compiler.bind.nodes import BoundColumn
from keelback_core.compiler.bind.types import BLOB_AFFINITY, NO_AFFINITY, expression_affinity, sort_collation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSelectCore


def only_distinct(core: BoundSelectCore) -> BoundExpression | None:
    """The argument of the only aggregate, if its distinct values are wanted."""
    if len(core.aggregates) != 1 or not core.sources:
        return None
    one = core.aggregates[0]
    if not one.is_distinct or len(one.arguments) != 1 or one.order_by:
        return None
    return without_flattened(core, one.arguments[0])


def sorted_distinct(
    core: BoundSelectCore, keys: Sequence[BoundExpression], bare: Sequence[BoundColumn]
) -> BoundColumn | None:
    """The column to sort by behind the keys; None where rows must come as they are."""
    if len(core.aggregates) != 1:
        return None
    one = core.aggregates[0]
    is_count = one.is_distinct and one.signature.name.lower() == "count" and len(one.arguments) == 1
    if not is_count or one.filter is not None or one.order_by:
        return None
    argument = one.arguments[0]
    if not isinstance(argument, BoundColumn) or argument.source not in core.sources:
        return None
    if not all(_is_one_value(key) for key in keys):
        return None
    known = [(key.source, key.column) for key in keys if isinstance(key, BoundColumn)]
    return argument if all((column.source, column.column) in known for column in bare) else None


def _is_one_value(key: BoundExpression) -> bool:
    if not isinstance(key, BoundColumn):
        return False
    return expression_affinity(key) not in (NO_AFFINITY, BLOB_AFFINITY) and sort_collation(key) == "BINARY"
