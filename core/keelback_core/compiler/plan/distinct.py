"""DISTINCT that changes nothing: one table, and the result has its rowid, or all of a unique key without NULLs.

A key column that an equality fixes need not be in the result. Source: https://sqlite.org/lang_select.html#distinct.
Must not know: accesses, costs.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundColumn
from keelback_core.compiler.bind.types import bare, expression_collation
from keelback_core.compiler.catalog.model import ROWID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.catalog.model import Index, IndexColumn, Table
    from keelback_core.compiler.plan.term_table import TermTable


def is_distinct_redundant(
    sources: tuple[BoundSource, ...], result: Sequence[BoundExpression], terms: TermTable
) -> bool:
    """Whether no two rows of the result can be equal."""
    if len(sources) != 1:
        return False
    source = sources[0]
    table = source.table
    if table is None or table.kind not in ("table", "virtual"):
        return False
    columns = [bare(one) for one in result]
    if any(_is_column(one, source, ROWID) for one in columns):
        return True
    for index in table.indexes:
        if index.is_unique and index.where is None and _is_key_known(source, table, index, result, columns, terms):
            return True
    return False


def _is_column(expression: BoundExpression, source: BoundSource, column: int) -> bool:
    return isinstance(expression, BoundColumn) and expression.source is source and expression.column == column


def _is_key_known(
    source: BoundSource,
    table: Table,
    index: Index,
    result: Sequence[BoundExpression],
    columns: Sequence[BoundExpression],
    terms: TermTable,
) -> bool:
    for key in index.columns:
        if _is_fixed(source, key, terms):
            continue
        is_not_null = index is table.key_index or (key.column >= 0 and table.columns[key.column].not_null is not None)
        if not is_not_null or not _is_in_result(source, key, result, columns):
            return False
    return True


def _is_fixed(source: BoundSource, key: IndexColumn, terms: TermTable) -> bool:
    return any(
        form.operator == "=" and not form.value_reads and form.collation == key.collation and not form.term.owner
        for form in terms.said_of(source, key.column)
    )


def _is_in_result(
    source: BoundSource, key: IndexColumn, result: Sequence[BoundExpression], columns: Sequence[BoundExpression]
) -> bool:
    for whole, column in zip(result, columns, strict=True):
        if _is_column(column, source, key.column) and (expression_collation(whole)[0] or "BINARY") == key.collation:
            return True
    return False
