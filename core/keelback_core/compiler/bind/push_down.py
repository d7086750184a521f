"""Push-down: what WHERE says of a subquery's columns alone is said inside of the subquery as well.

1. The condition stays outside too. It goes to every SELECT of a compound; past GROUP BY to HAVING, and from there to
   WHERE if it speaks of the groups' keys only.
2. Not past a LIMIT, nor into what is computed once for several uses, nor into a window whose partitions it would cut.
3. Of the right side of a LEFT JOIN only its own ON speaks; with RIGHT and FULL JOINs nothing is pushed.
4. It is done when the query is about to be planned, from the outside in, and once.

Must not know: plans, registers. Source: https://sqlite.org/optoverview.html (the WHERE-clause push-down optimization).
"""

from __future__ import annotations

from keelback_core.compiler.bind.flatten import without_flattened
from keelback_core.compiler.bind.nodes import (
    BoundAggregate,
    BoundAlias,
    BoundBinary,
    BoundCollate,
    BoundColumn,
    BoundFunction,
    BoundRaise,
    BoundResultColumn,
    BoundSelect,
    BoundSelectCore,
    BoundSource,
    BoundWindow,
)
from keelback_core.compiler.bind.rewrite import rewrite
from keelback_core.compiler.bind.types import expression_collation
from keelback_core.compiler.bind.walk import children, equal_expressions, subquery_of, terms_of, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.bind.nodes import BoundExpression


def push_down(core: BoundSelectCore) -> None:
    """Push what can be pushed into the subqueries of FROM, then move what can be moved from HAVING to WHERE."""
    if any(source.select is not None for source in core.sources):
        if not any(source.join_type in ("RIGHT", "FULL") for source in core.sources):
            _push_into_sources(core)
    if core.having is not None and core.group_by:
        _move_to_where(core)


def _push_into_sources(core: BoundSelectCore) -> None:
    inner_parts = terms_of(core.where)
    for source in core.sources:
        if source.join_type in ("", "INNER", "CROSS"):
            inner_parts += terms_of(source.on)
    for source in core.sources:
        select = source.select
        if select is None or source.recursion is not None or select.is_pushed or not _may_take(select):
            continue
        select.is_pushed = True
        for part in terms_of(source.on) if source.join_type == "LEFT" else inner_parts:
            if _is_about(part, source):
                _push(part, source, select)


def _may_take(select: BoundSelect) -> bool:
    """Whether conditions may be pushed into the SELECT."""
    if select.limit is not None or select.recursion is not None or select.outer_references:
        return False
    if select.common_table and (select.materialized == "MATERIALIZED" or select.uses > 1):
        return False
    if any(core.values is not None for core in select.cores):
        return False
    if len(select.cores) == 1:
        return True
    if any(core.windows for core in select.cores):
        return False
    if all(operator == "UNION ALL" for operator in select.operators):
        return True
    expressions = [column.expression for core in select.cores for column in core.columns]
    return all((expression_collation(expression)[0] or "BINARY") == "BINARY" for expression in expressions)


def _is_about(part: BoundExpression, source: BoundSource) -> bool:
    """Whether the term reads this source and nothing else, and gives the same wherever it is computed."""
    reads = False
    for node in walk(part):
        if isinstance(node, BoundColumn):
            if node.source is not source:
                return False
            reads = True
        elif isinstance(node, (BoundAggregate, BoundWindow, BoundRaise)) or subquery_of(node) is not None:
            return False
        elif isinstance(node, BoundFunction):
            if not (node.signature.is_deterministic or node.signature.is_slow_changing):
                return False
    return reads


def _push(part: BoundExpression, source: BoundSource, select: BoundSelect) -> None:
    pushed = [_inside(part, core, select) for core in select.cores]
    for core, condition in zip(select.cores, pushed, strict=True):
        if not _may_enter(condition, core):
            return
    for core, condition in zip(select.cores, pushed, strict=True):
        if core.is_aggregate:
            core.having = _both(core.having, condition)
        else:
            core.where = _both(core.where, condition)


def _both(known: BoundExpression | None, condition: BoundExpression) -> BoundExpression:
    return condition if known is None else BoundBinary("AND", known, condition)


def _inside(part: BoundExpression, core: BoundSelectCore, select: BoundSelect) -> BoundExpression:
    """The term in terms of one SELECT of the subquery; what stands for a column keeps its affinity and collation."""
    shadow: BoundSource | None = None

    def replace(column: BoundColumn) -> BoundExpression | None:
        nonlocal shadow
        inner = core.columns[column.column].expression
        if isinstance(inner, BoundColumn):
            collation = expression_collation(column)[0] or "BINARY"
            return inner if (expression_collation(inner)[0] or "BINARY") == collation else _collated(inner, collation)
        if shadow is None:
            shadow = _shadow_of(select)
        return BoundAlias(inner, BoundColumn(shadow, column.column))

    return without_flattened(core, rewrite(part, replace))


def _shadow_of(select: BoundSelect) -> BoundSource:
    """A source whose columns have the types of the subquery's. The source itself would be a part of the subquery that
    it has: a circle, which would outlive the compilation until the garbage is collected."""
    cores = []
    for core in select.cores:
        shadow = BoundSelectCore()
        shadow.columns = core.columns
        cores.append(shadow)
    types = BoundSelect()
    types.cores = tuple(cores)
    types.operators = select.operators
    return BoundSource("", None, None, types, "", None)


def _collated(inner: BoundColumn, collation: str) -> BoundAlias:
    """The column with another collation that, as a column's own, gives way to one that is written."""
    core = BoundSelectCore()
    core.columns = (BoundResultColumn(BoundCollate(inner, collation), ""),)
    select = BoundSelect()
    select.cores = (core,)
    return BoundAlias(inner, BoundColumn(BoundSource("", None, None, select, "", None), 0))


def _may_enter(condition: BoundExpression, core: BoundSelectCore) -> bool:
    """Whether the rows that the condition leaves out can be left out before windows and calls see them."""
    for node in walk(condition):
        if isinstance(node, BoundWindow) or subquery_of(node) is not None:
            return False
        if isinstance(node, BoundFunction):
            if not (node.signature.is_deterministic or node.signature.is_slow_changing):
                return False
    return all(is_built_of(condition, window.partition_by) for window in core.windows)


def is_built_of(expression: BoundExpression, keys: Sequence[BoundExpression]) -> bool:
    """Whether all that the expression reads are keys, or constants; keys with a collation do not tell values apart."""
    stack = [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, (BoundAggregate, BoundWindow)) or subquery_of(node) is not None:
            return False
        if any(equal_expressions(node, key) and _is_binary(key) for key in keys):
            continue
        if isinstance(node, BoundColumn):
            return False
        stack.extend(children(node))
    return True


def _is_binary(key: BoundExpression) -> bool:
    return (expression_collation(key)[0] or "BINARY") == "BINARY"


def _move_to_where(core: BoundSelectCore) -> None:
    """HAVING about the keys of groups alone leaves out rows before they are grouped."""
    kept: BoundExpression | None = None
    for written in terms_of(core.having):
        part = without_flattened(core, written)
        if is_built_of(part, core.group_by) and any(isinstance(node, BoundColumn) for node in walk(part)):
            core.where = _both(core.where, part)
        else:
            kept = _both(kept, part)
    core.having = kept
