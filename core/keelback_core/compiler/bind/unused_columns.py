"""Columns of a subquery of FROM that nobody reads are NULL: their expressions are not computed, and cannot fail.

1. Not where every column counts: DISTINCT, aggregates, windows, compounds other than UNION ALL, common tables, VALUES
   of several rows; nor a column that ORDER BY names.
2. It is done when the query is about to be planned, after push-down. What the sources inside are asked for stays.

Must not know: plans, registers. Source: behaviour of SQLite 3.54 (SQLITE_NullUnusedCols).
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundLiteral, BoundResultColumn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundSelect, BoundSelectCore, BoundSource

# From this column on all are in use as soon as one is.
LAST_TOLD_APART: Final = 63


def drop_unused_columns(core: BoundSelectCore) -> None:
    """Make the unused columns of the subqueries in FROM of `core` NULL."""
    for source in core.sources:
        select = source.select
        if select is not None and source.recursion is None and _may_drop(select):
            wanted = _wanted(source, select)
            if len(wanted) < len(select.columns):
                for inner in select.cores:
                    _drop(inner, wanted)


def _may_drop(select: BoundSelect) -> bool:
    if select.common_table or select.recursion is not None or select.outer_references:
        return False
    if any(operator != "UNION ALL" for operator in select.operators):
        return False
    for core in select.cores:
        if core.is_distinct or core.is_aggregate or core.windows:
            return False
        if core.values is not None and len(core.values) > 1:
            return False
    return True


def _wanted(source: BoundSource, select: BoundSelect) -> set[int]:
    wanted = set(source.used_columns)
    wanted.update(term.result_column for term in select.order_by)
    if any(number >= LAST_TOLD_APART for number in wanted):
        wanted.update(range(LAST_TOLD_APART, len(select.columns)))
    return {number for number in wanted if 0 <= number < len(select.columns)}


def _drop(core: BoundSelectCore, wanted: set[int]) -> None:
    columns = []
    for number, column in enumerate(core.columns):
        if number in wanted or isinstance(column.expression, BoundLiteral):
            columns.append(column)
        else:
            columns.append(_null_column(column))
    core.columns = tuple(columns)
    if core.values is not None:
        core.values = (tuple(column.expression for column in columns),)


def _null_column(column: BoundResultColumn) -> BoundResultColumn:
    return column.with_expression(BoundLiteral(None, column.expression.offset))
