"""PlanWish: what is wanted of the rows of a FROM ... WHERE besides that they come.

Must not know: sources, costs.
"""

from __future__ import annotations

from keelback_core.module.index_query import ORDERED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundOrderTerm, BoundSelectCore
    from keelback_core.compiler.plan.nodes import PlanStored

NO_LIMIT_ROWS: Final = 1 << 15


class WishedLimit:
    """LIMIT and OFFSET of the SELECT, as a virtual table may hear them: None for none. offset_register: where OFFSET is
    counted down, 0 if there is none."""

    __slots__ = ("limit", "offset", "offset_register")

    def __init__(
        self,
        limit: BoundExpression | PlanStored | None,
        offset: BoundExpression | PlanStored | None,
        offset_register: int,
    ) -> None:
        self.limit = limit
        self.offset = offset
        self.offset_register = offset_register


class PlanWish:
    """core: the SELECT of which this is all that is wanted, None elsewhere. order: the wanted order of rows; with
    is_set any order will do that brings rows with equal terms together, with is_extreme the first row that is not
    NULL is all that counts. width: how many columns the result has. has_limit: perhaps not all rows are wanted;
    limit_rows: the estimate of how many. is_distinct: rows equal in `result` are wanted once. result: the expressions
    of the result, None where other things are computed of the rows. is_write: the rows are about to be changed, so
    nothing is copied. rows_around: the estimate of how often all this runs, for a subquery within loops. reads_only:
    it is a SELECT. keeps_copies: the whole statement changes nothing, so that a copy of rows stays true from one run
    of a subquery to the next. is_order_free: nobody can tell in which order rows come. wants_sorted: with is_set, the
    order is to come as it is written where that costs nothing. purpose: what a virtual table hears that the order is
    for (ORDERED ...). distinct_beside: what is wanted once of each group of `order`. limits: what it may hear of LIMIT
    and OFFSET. unshown: a condition that was not written. allows_automatic: automatic indexes may be made."""

    __slots__ = (
        "order",
        "is_set",
        "is_extreme",
        "reads_only",
        "width",
        "has_limit",
        "limit_rows",
        "is_distinct",
        "result",
        "is_write",
        "rows_around",
        "wants_sorted",
        "keeps_copies",
        "is_order_free",
        "core",
        "purpose",
        "limits",
        "unshown",
        "distinct_beside",
        "allows_automatic",
    )

    def __init__(
        self,
        order: tuple[BoundOrderTerm, ...] = (),
        is_set: bool = False,
        has_limit: bool = False,
        is_write: bool = False,
        width: int = 1,
        limit_rows: int = NO_LIMIT_ROWS,
        is_distinct: bool = False,
        result: Sequence[BoundExpression] | None = None,
        rows_around: int = 0,
        is_extreme: bool = False,
        reads_only: bool = True,
    ) -> None:
        self.order = order
        self.is_set = is_set
        self.has_limit = has_limit
        self.is_write = is_write
        self.width = width
        self.limit_rows = limit_rows
        self.is_distinct = is_distinct
        self.result = result
        self.rows_around = rows_around
        self.is_extreme = is_extreme
        self.reads_only = reads_only
        self.wants_sorted = False
        self.keeps_copies = False
        self.is_order_free = False
        self.core: BoundSelectCore | None = None
        self.purpose = ORDERED
        self.limits: WishedLimit | None = None
        self.unshown: BoundExpression | None = None
        self.distinct_beside: BoundExpression | None = None
        self.allows_automatic = True
