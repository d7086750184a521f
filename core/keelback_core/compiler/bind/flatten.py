"""Flattening: a plain subquery or view of FROM gives its tables to the query around it.

1. Plain means: one SELECT with FROM, no aggregate, DISTINCT or LIMIT, and joined neither to nor by an outer join that
   would tell its rows apart. Its ORDER BY goes where the query around it sorts, or joins, or turns into that query's;
   so does the LIMIT of a subquery that is all of FROM.
2. WHERE, ON, GROUP BY, ORDER BY and, without aggregates, the result list are rewritten to the inner tables, so that the
   planner sees them; whatever else names a column of the subquery has its expression computed.
3. Affinity and collation of a column stay those it had as the subquery's column.

Must not know: plans, registers. Source: https://sqlite.org/optoverview.html#subquery_flattening
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import (
    BoundAlias,
    BoundBinary,
    BoundColumn,
    BoundFunction,
    BoundOrderTerm,
    BoundResultColumn,
)
from keelback_core.compiler.bind.rewrite import rewrite
from keelback_core.compiler.bind.walk import column_references, walk
from keelback_core.compiler.catalog.model import ROWID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSelect, BoundSelectCore, BoundSource
    from keelback_core.compiler.bind.rewrite import Replacer

LARGEST_JOIN: Final = 64
LARGEST_EXPRESSION: Final = 50
# Aggregates for which the order of their rows does not matter.
ORDERLESS: Final = ("sum", "total", "avg", "count", "min", "max")
OUTER_JOINS: Final = frozenset(("LEFT", "RIGHT", "FULL"))


def flatten_sources(select: BoundSelect, core: BoundSelectCore, owns_order: bool, may_limit: bool = False) -> None:
    """Flatten what can be flattened in FROM of `core`. owns_order: ORDER BY of `select` belongs to this core.
    may_limit: `select` is this core alone and has no LIMIT of its own."""
    if not any(source.select is not None for source in core.sources):
        return
    if may_limit:
        _move_limit(select, core)
    _drop_orders(select, core, owns_order)
    moved = _movable_order(select, core, owns_order)
    chosen = [source for position, source in enumerate(core.sources) if is_plain_source(source, position, core)]
    if not chosen:
        return
    count = sum(len(_core_of(source).sources) - 1 for source in chosen) + len(core.sources)
    if count > LARGEST_JOIN:
        return
    wanted = set(chosen)

    def replace(column: BoundColumn) -> BoundExpression | None:
        if column.source not in wanted:
            return None
        inner = _bare_rowid(_core_of(column.source).columns[column.column].expression)
        return inner if isinstance(inner, BoundColumn) else BoundAlias(inner, column)

    def replace_result(column: BoundColumn) -> BoundExpression | None:
        # A rowid has no collation, a column of a subquery has: in a compound that shows.
        found = replace(column)
        is_rowid = isinstance(found, BoundColumn) and found.column == ROWID
        return BoundAlias(found, column) if found is not None and is_rowid else found

    for source in core.sources:
        if source.on is not None:
            source.on = rewrite(source.on, replace)
    _rewrite_core(core, replace, replace_result)
    if owns_order:
        select.order_by = tuple(_rewrite_term(term, replace) for term in select.order_by) or moved
    _splice(core, chosen)
    for source in chosen:
        _narrow_used_columns(source, moved)


def _drop_orders(select: BoundSelect, core: BoundSelectCore, owns_order: bool) -> None:
    """Forget the ORDER BY of subqueries whose order cannot show."""
    if len(core.sources) < 2 and not (owns_order and select.order_by):
        return
    if core.windows or any(one.signature.name.lower() not in ORDERLESS or one.order_by for one in core.aggregates):
        return
    for source in core.sources:
        inner = source.select
        if inner is None or inner.limit is not None or inner.recursion is not None:
            continue
        if not inner.common_table or (inner.materialized != "MATERIALIZED" and may_flatten(inner, True)):
            inner.order_by = ()


def _move_limit(select: BoundSelect, core: BoundSelectCore) -> None:
    """Let a LIMIT of the only subquery be that of the query around it, which does nothing but compute of its rows, and
    perhaps order those of one that has no order; which rows are within the limit is not for SQL to tell."""
    inner = core.sources[0].select
    if len(core.sources) > 1 or inner is None or inner.limit is None or inner.offset is not None:
        return
    if core.where is not None or core.is_aggregate or core.is_distinct or core.windows:
        return
    if inner.is_shared or (select.order_by and inner.order_by):
        return
    limit = inner.limit
    inner.limit = None
    if may_flatten(inner, True) and is_plain_source(core.sources[0], 0, core, True):
        select.limit = limit
    else:
        inner.limit = limit


def _movable_order(select: BoundSelect, core: BoundSelectCore, owns_order: bool) -> tuple[BoundOrderTerm, ...]:
    """The ORDER BY of the only subquery, as that of the query around it, where that has none and neither groups."""
    inner = core.sources[0].select
    if inner is None or len(core.sources) > 1 or not owns_order or core.is_aggregate or core.is_distinct:
        return ()
    if core.windows or select.order_by or not inner.order_by or not may_flatten(inner, True):
        return ()
    terms = inner.order_by
    inner.order_by = ()
    if not is_plain_source(core.sources[0], 0, core):
        inner.order_by = terms
        return ()
    return tuple(BoundOrderTerm(term.expression, term.is_descending, term.nulls_first) for term in terms)


def without_flattened(core: BoundSelectCore, e: BoundExpression) -> BoundExpression:
    """The expression in terms of the sources that the loops have."""
    if not core.flattened:
        return e
    flattened = set(core.flattened)

    def replace(column: BoundColumn) -> BoundExpression | None:
        if column.source not in flattened:
            return None
        inner = rewrite(_core_of(column.source).columns[column.column].expression, replace)
        return inner if isinstance(inner, BoundColumn) else BoundAlias(inner, column)

    return rewrite(e, replace)


def _bare_rowid(e: BoundExpression) -> BoundExpression:
    """The rowid that a subquery, flattened itself, has for a result: its alias matters to compounds alone."""
    inner = e
    while isinstance(inner, BoundAlias):
        inner = inner.expression
    return inner if isinstance(inner, BoundColumn) and inner.column == ROWID else e


def _core_of(source: BoundSource) -> BoundSelectCore:
    assert source.select is not None
    return source.select.cores[0]


def is_plain_source(source: BoundSource, position: int, outer: BoundSelectCore, may_have_order: bool = False) -> bool:
    """Whether the source, the one at `position` in FROM of `outer`, can be flattened."""
    select = source.select
    if select is None or source.recursion is not None or not may_flatten(select, may_have_order):
        return False
    core = select.cores[0]
    if source.join_type == "LEFT":
        if not _may_be_null_row(source, core, outer):
            return False
    elif source.join_type not in ("", "INNER"):
        return False
    if any(other.join_type in ("RIGHT", "FULL") for other in outer.sources):
        return False
    inner_types = [inner.join_type for inner in core.sources]
    if any(kind in ("RIGHT", "FULL", "CROSS") for kind in inner_types):
        return False
    if position > 0 and "LEFT" in inner_types and source.on is not None:
        return False
    return True


def _may_be_null_row(source: BoundSource, inner: BoundSelectCore, outer: BoundSelectCore) -> bool:
    """Whether the right side of a LEFT JOIN is one table whose columns alone are read: then its row of NULLs is the
    subquery's."""
    if len(inner.sources) != 1 or outer.is_distinct or inner.flattened or inner.sources[0].table is None:
        return False
    columns = [inner.columns[number].expression for number in source.used_columns]
    own = inner.sources[0]
    return all(isinstance(column, BoundColumn) and column.source is own for column in columns)


def may_flatten(select: BoundSelect, may_have_order: bool = False) -> bool:
    """Whether the SELECT itself is plain, wherever it stands."""
    if len(select.cores) != 1 or (select.order_by and not may_have_order) or select.limit is not None:
        return False
    core = select.cores[0]
    if core.values is not None or core.is_aggregate or core.is_distinct or not core.sources:
        return False
    if core.windows:
        return False
    if select.materialized == "MATERIALIZED":
        return False
    return all(_may_be_repeated(column.expression) for column in core.columns)


def _may_be_repeated(e: BoundExpression) -> bool:
    """Whether the expression may stand wherever its column is named: it is small (or it would grow beyond measure from
    level to level) and calls no function like random()."""
    size = 0
    for node in walk(e):
        size += 1
        if isinstance(node, BoundFunction):
            signature = node.signature
            if not (signature.is_deterministic or signature.is_slow_changing):
                return False
    return size <= LARGEST_EXPRESSION


def _rewrite_core(core: BoundSelectCore, replace: Replacer, replace_result: Replacer) -> None:
    if core.where is not None:
        core.where = rewrite(core.where, replace)
    core.group_by = tuple(rewrite(term, replace) for term in core.group_by)
    if not core.is_aggregate:
        core.columns = tuple(_rewrite_column(column, replace_result) for column in core.columns)


def _rewrite_column(column: BoundResultColumn, replace: Replacer) -> BoundResultColumn:
    expression = rewrite(column.expression, replace)
    if expression is column.expression:
        return column
    return column.with_expression(expression)


def _rewrite_term(term: BoundOrderTerm, replace: Replacer) -> BoundOrderTerm:
    expression = rewrite(term.expression, replace)
    return BoundOrderTerm(expression, term.is_descending, term.nulls_first, term.result_column)


def _splice(core: BoundSelectCore, chosen: list[BoundSource]) -> None:
    """Put the inner sources in the place of the flattened ones, and their conditions into WHERE."""
    sources: list[BoundSource] = []
    flattened = list(core.flattened)
    conditions: list[BoundExpression] = []
    for source in core.sources:
        if source not in chosen:
            sources.append(source)
            continue
        inner = _core_of(source)
        sources.extend(inner.sources)
        flattened.append(source)
        flattened.extend(inner.flattened)
        if source.join_type == "LEFT":
            own = inner.sources[0]
            own.join_type = "LEFT"
            own.on = _both(source.on, inner.where)
            continue
        if source.on is not None:
            conditions.append(source.on)
        if inner.where is not None:
            conditions.append(inner.where)
    for condition in conditions:
        core.where = condition if core.where is None else BoundBinary("AND", core.where, condition)
    core.sources = tuple(sources)
    core.flattened = tuple(flattened)


def _both(one: BoundExpression | None, other: BoundExpression | None) -> BoundExpression | None:
    if one is None or other is None:
        return one if other is None else other
    return BoundBinary("AND", one, other)


def _narrow_used_columns(source: BoundSource, moved: tuple[BoundOrderTerm, ...]) -> None:
    """Let the inner sources know that only the columns read from outside are wanted; moved: its ORDER BY, if that has
    become the query's own."""
    inner = _core_of(source)
    wanted = [inner.columns[number].expression for number in source.used_columns]
    wanted.extend(term.expression for term in moved)
    if inner.where is not None:
        wanted.append(inner.where)
    wanted.extend(one.on for one in inner.sources if one.on is not None)
    own = set(inner.sources)
    for one in inner.sources:
        one.used_columns.clear()
    for expression in wanted:
        for column in column_references(expression):
            if column.source in own:
                column.source.used_columns.add(column.column)
