"""Flattening of UNION ALL: a query of a compound subquery becomes a compound of queries of its SELECTs, its arms.

1. The subquery is joined by inner joins to what stands around it; no SELECT of it groups, is DISTINCT or without FROM,
   and their columns agree in affinity and collation. The query neither groups nor is DISTINCT, its ORDER BY names
   result columns.
2. It is done when the query is about to be planned, once; an arm may then be split in its turn.
3. The arms share the sources around the subquery, and what refers to the subquery's columns from inside of expressions:
   `BoundArm.enter` says which arm they belong to, before the arm is planned or emitted.

Must not know: plans, registers. Source: https://sqlite.org/optoverview.html#subquery_flattening (conditions 17 to 23).
"""

from __future__ import annotations

from keelback_core.compiler.bind.flatten import LARGEST_JOIN, flatten_sources, is_plain_source
from keelback_core.compiler.bind.nodes import (
    BoundAlias,
    BoundCollate,
    BoundColumn,
    BoundOrderTerm,
    BoundSelect,
    BoundSelectCore,
)
from keelback_core.compiler.bind.types import expression_affinity, expression_collation, sort_collation
from keelback_core.compiler.catalog.model import ROWID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource


class BoundArm:
    """What is true of the shared sources in one arm: their conditions, and of subqueries the SELECTs."""

    __slots__ = ("sources", "selects", "conditions")

    def __init__(self, sources: tuple[BoundSource, ...]) -> None:
        self.sources = sources
        self.selects: list[BoundSelect | None] = [source.select for source in sources]
        self.conditions: list[BoundExpression | None] = [source.on for source in sources]

    def enter(self) -> None:
        """Let the shared sources be those of this arm."""
        for source, select, condition in zip(self.sources, self.selects, self.conditions, strict=True):
            source.select = select
            source.on = condition


def split_select(select: BoundSelect) -> BoundSelect | None:
    """The compound that a query of one SELECT turns into; None if it stays one."""
    return split_core(select.cores[0], select, select.order_by)


def split_core(
    core: BoundSelectCore, whole: BoundSelect | None, order_by: tuple[BoundOrderTerm, ...]
) -> BoundSelect | None:
    """The compound of the arms of `core`. whole: the query that it is all of, None in a compound."""
    if core.split is not None:
        return core.split
    for position, source in enumerate(core.sources):
        if source.select is not None and len(source.select.cores) > 1 and source.recursion is None:
            if _may_split(core, position, source.select, whole, order_by):
                core.split = _split(core, source, whole, order_by)
                return core.split
    return None


def _may_split(
    core: BoundSelectCore,
    position: int,
    inner: BoundSelect,
    whole: BoundSelect | None,
    order_by: tuple[BoundOrderTerm, ...],
) -> bool:
    if core.is_aggregate or core.is_distinct or core.windows or inner.order_by or inner.recursion is not None:
        return False
    if any(operator != "UNION ALL" for operator in inner.operators) or inner.uses > 1:
        return False
    if any(term.result_column < 0 for term in order_by):
        return False
    if inner.limit is not None:
        # Its LIMIT becomes that of the whole, which has none, and whose reader has none.
        if inner.offset is not None or whole is None or whole.limit is not None or whole.takes_one_row:
            return False
        if len(core.sources) > 1 or core.where is not None or order_by:
            return False
    if not all(_is_uniform(inner, number) for number in range(len(inner.columns))):
        return False
    source = core.sources[position]
    widest = 0
    is_plain = True
    for part in inner.cores:
        source.select = _alone(inner, part)
        is_plain = is_plain and is_plain_source(source, position, core) and not part.windows
        widest = max(widest, len(part.sources))
    source.select = inner
    return is_plain and source.join_type != "LEFT" and len(core.sources) - 1 + widest <= LARGEST_JOIN


def _is_uniform(inner: BoundSelect, number: int) -> bool:
    """Whether the column has one affinity and one collation in all SELECTs."""
    first = inner.cores[0].columns[number].expression
    affinity = expression_affinity(first)
    collation = expression_collation(first)[0] or "BINARY"
    for core in inner.cores[1:]:
        own = core.columns[number].expression
        if expression_affinity(own) != affinity or (expression_collation(own)[0] or "BINARY") != collation:
            return False
    return True


def _alone(inner: BoundSelect, core: BoundSelectCore) -> BoundSelect:
    """One SELECT of the subquery as a subquery."""
    found = BoundSelect()
    found.cores = (core,)
    found.outer_references = inner.outer_references
    found.common_table = inner.common_table
    found.materialized = inner.materialized
    return found


def _split(
    core: BoundSelectCore, source: BoundSource, whole: BoundSelect | None, order_by: tuple[BoundOrderTerm, ...]
) -> BoundSelect:
    inner = source.select
    assert inner is not None
    compound = BoundSelect()
    compound.operators = inner.operators
    compound.order_by = tuple(_collated(term) for term in order_by)
    if whole is not None:
        compound.limit = whole.limit if inner.limit is None else inner.limit
        compound.offset = whole.offset
        compound.outer_references = whole.outer_references
        compound.number = whole.number
    before = BoundArm(core.sources)
    arms = []
    for part in inner.cores:
        before.enter()
        source.select = _alone(inner, part)
        arm = _copy(core)
        flatten_sources(compound, arm, False)
        for column, written in zip(arm.columns, core.columns, strict=True):
            if column is not written:
                column.expression = _without_alias(column.expression)
        arm.arm = BoundArm(core.sources)
        arms.append(arm)
    compound.cores = tuple(arms)
    return compound


def _collated(term: BoundOrderTerm) -> BoundOrderTerm:
    """The term with its collation told, which the first arm need not have."""
    collated = BoundCollate(term.expression, sort_collation(term.expression))
    return BoundOrderTerm(collated, term.is_descending, term.nulls_first, term.result_column)


def _without_alias(e: BoundExpression) -> BoundExpression:
    """The rowid itself in the place of a column of a subquery that it is."""
    is_rowid = isinstance(e, BoundAlias) and isinstance(e.expression, BoundColumn) and e.expression.column == ROWID
    return e.expression if isinstance(e, BoundAlias) and is_rowid else e


def _copy(core: BoundSelectCore) -> BoundSelectCore:
    found = BoundSelectCore()
    found.columns = core.columns
    found.sources = core.sources
    found.where = core.where
    found.flattened = core.flattened
    return found
