"""Whether the rows of a grouped query may come in any order: nobody can tell from its result.

So it is where every aggregate counts, adds or compares, and all that is shown besides is fixed by the group itself: a
group of texts under NOCASE, or of values without affinity, shows the form of its first row.

Must not know: plans, programs.
"""

from __future__ import annotations

from keelback_core.compiler.bind.flatten import without_flattened
from keelback_core.compiler.bind.nodes import BoundAggregate, BoundAlias, BoundColumn, BoundFunction
from keelback_core.compiler.bind.types import BLOB_AFFINITY, expression_affinity, expression_collation
from keelback_core.compiler.bind.walk import equal_expressions, push_children, subquery_of
from keelback_core.compiler.emit.aggregate import is_own

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSelectCore

OF_TEXT: Final = frozenset(("date", "time", "datetime", "strftime", "substr", "substring", "lower", "upper", "trim"))
ORDER_FREE: Final = frozenset(("count", "sum", "total", "avg", "min", "max"))


def _has_one_form(key: BoundExpression) -> bool:
    """Whether values that are equal as keys of groups look alike: 1 and 1.0 do not."""
    if (expression_collation(key)[0] or "BINARY") != "BINARY":
        return False
    if isinstance(key, BoundAlias):
        key = key.expression
    if isinstance(key, BoundFunction):
        return key.signature.is_built_in and key.signature.name.lower() in OF_TEXT
    return expression_affinity(key) > BLOB_AFFINITY


def is_order_free(core: BoundSelectCore, expressions: Sequence[BoundExpression]) -> bool:
    """See the module. expressions: all that is computed from complete groups."""
    if core.windows:
        return False
    for one in core.aggregates:
        # The names of built-in functions are folded.
        if not one.signature.is_built_in or one.order_by or one.signature.name not in ORDER_FREE:
            return False
    keys = [without_flattened(core, key) for key in core.group_by]
    if not all(_has_one_form(key) for key in keys):
        return False
    stack = [without_flattened(core, expression) for expression in expressions]
    while stack:
        node = stack.pop()
        if isinstance(node, BoundAggregate) and node.level is core.level:
            continue
        if any(equal_expressions(node, key) for key in keys):
            continue
        if isinstance(node, BoundColumn):
            if is_own(node, core):
                return False
            continue
        select = subquery_of(node)
        if select is not None:
            if any(isinstance(outer, BoundColumn) and is_own(outer, core) for outer in select.outer_references):
                return False
        push_children(stack, node)
    return True
