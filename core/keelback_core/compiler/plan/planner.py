"""plan_loops: first version; loops in FROM order with full scans. Replaced by the cost model."""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundBinary
from keelback_core.compiler.bind.walk import source_references
from keelback_core.compiler.plan.nodes import PlanLoop, PlanLoops, PlanScan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundOrderTerm, BoundSource


def conjuncts(expression: BoundExpression | None) -> list[BoundExpression]:
    """The terms of a tree of ANDs, from left to right."""
    found: list[BoundExpression] = []
    stack = [] if expression is None else [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, BoundBinary) and node.operator == "AND":
            stack.append(node.right)
            stack.append(node.left)
        else:
            found.append(node)
    return found


def plan_loops(
    sources: Sequence[BoundSource],
    where: BoundExpression | None,
    order: Sequence[BoundOrderTerm] = (),
    order_is_set: bool = False,
    has_limit: bool = False,
    is_write: bool = False,
) -> PlanLoops:
    """The loops for these sources."""
    waiting = conjuncts(where)
    known: set[BoundSource] = set()
    local = set(sources)
    constants = [term for term in waiting if not source_references(term) & local]
    waiting = [term for term in waiting if source_references(term) & local]
    loops = []
    has_right = any(source.join_type in ("RIGHT", "FULL") for source in sources)
    for position, source in enumerate(sources):
        known.add(source)
        is_outer = source.join_type in ("LEFT", "FULL")
        on_terms = conjuncts(source.on)
        join_filters: list[BoundExpression] = []
        if is_outer or source.join_type == "RIGHT" or has_right:
            join_filters = on_terms
        else:
            waiting = on_terms + waiting
        is_last = position == len(sources) - 1
        filters = [term for term in waiting if (is_last if has_right else source_references(term) & local <= known)]
        waiting = [term for term in waiting if term not in filters]
        loops.append(
            PlanLoop(
                source,
                PlanScan(),
                tuple(join_filters),
                tuple(filters),
                is_outer,
                source.join_type in ("RIGHT", "FULL"),
                False,
                "SCAN " + source.name,
            )
        )
    return PlanLoops(tuple(loops), tuple(constants), 0)
