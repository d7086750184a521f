"""How many rows a subquery of FROM may give, for the planner of the query around it.

A grouped query is taken for a hundred groups, as SQLite takes it. Must not know: what is done with the rows.
"""

from __future__ import annotations

from keelback_core.compiler.bind.exists_join import join_exists
from keelback_core.compiler.bind.nodes import BoundLiteral, BoundOrderTerm
from keelback_core.compiler.bind.push_down import push_down
from keelback_core.compiler.bind.union_flatten import split_select
from keelback_core.compiler.plan.estimate import TABLE_ROWS, log_add, log_estimate
from keelback_core.compiler.plan.planner import plan_wish
from keelback_core.compiler.plan.wish import PlanWish

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSelect, BoundSelectCore, BoundSource

GROUP_ROWS: Final = 66


def estimate_sources(sources: tuple[BoundSource, ...]) -> None:
    """Let every subquery among the sources know its estimate."""
    for source in sources:
        if source.select is not None and source.recursion is None:
            _estimate(source.select)


def _estimate(select: BoundSelect) -> int:
    if select.row_estimate >= 0:
        return select.row_estimate
    if select.recursion is not None:
        select.row_estimate = TABLE_ROWS
        return TABLE_ROWS
    split = split_select(select) if len(select.cores) == 1 else None
    if split is not None:
        select.row_estimate = _estimate(split)
        return select.row_estimate
    is_merged = bool(select.order_by) or any(operator != "UNION ALL" for operator in select.operators)
    order = select.order_by
    rows = _core_rows(select.cores[0], order, is_merged)
    for operator, core in zip(select.operators, select.cores[1:], strict=True):
        own = _core_rows(core, order, is_merged)
        if operator in ("UNION", "UNION ALL"):
            rows = log_add(rows, own)
        elif operator == "INTERSECT":
            rows = min(rows, own)
    limit = select.limit
    if isinstance(limit, BoundLiteral) and isinstance(limit.value, int) and limit.value >= 0:
        rows = min(rows, log_estimate(limit.value))
    select.row_estimate = max(0, rows)
    return select.row_estimate


def _core_rows(core: BoundSelectCore, order_by: tuple[BoundOrderTerm, ...], is_merged: bool) -> int:
    """The estimate of one SELECT. is_merged: its rows are put in order, with those of others or alone."""
    if core.arm is not None:
        core.arm.enter()
    if core.values is not None:
        return log_estimate(len(core.values))
    if core.group_by:
        return GROUP_ROWS
    if core.is_aggregate or not core.sources:
        return 0
    join_exists(core)
    push_down(core)
    estimate_sources(core.sources)
    result = [column.expression for column in core.columns]
    order: tuple[BoundOrderTerm, ...] = ()
    if is_merged and len(order_by) == 0:
        order = tuple([BoundOrderTerm(expression, False, True, place) for place, expression in enumerate(result)])
    elif is_merged:
        order = tuple(
            [term if term.result_column < 0 else _of_column(term, result[term.result_column]) for term in order_by]
        )
    wish = PlanWish(order, False, width=len(result), is_distinct=core.is_distinct, result=result)
    if core.is_distinct and not order:
        wish.order = tuple([BoundOrderTerm(expression, False, True, place) for place, expression in enumerate(result)])
        wish.is_set = True
    return max(0, plan_wish(core.sources, core.where, wish).rows)


def _of_column(term: BoundOrderTerm, expression: BoundExpression) -> BoundOrderTerm:
    return BoundOrderTerm(expression, term.is_descending, term.nulls_first, term.result_column)
