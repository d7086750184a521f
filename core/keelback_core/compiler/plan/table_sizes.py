"""Estimated widths and rows of tables and indexes, and the selectivity of index prefixes: of ANALYZE where known.

Widths are estimates (logarithms) of bytes; they decide between scanning a table and scanning a covering index.
"""

from __future__ import annotations

from keelback_core.compiler.plan.estimate import (
    INDEX_LONG_PREFIX_ROWS,
    INDEX_PREFIX_ROWS,
    TABLE_ROWS,
    log_estimate,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.catalog.model import Column, Index, Table


def column_units(column: Column) -> int:
    """The estimated size of a column in units of four bytes: text and blobs by their declared length or twenty
    bytes, all else one unit."""
    if not column.declared_type or column.affinity not in ("A", "B"):
        return 1
    digits = ""
    for character in column.declared_type:
        if character.isdigit():
            digits += character
        elif digits:
            break
    if digits:
        return min(int(digits[:6]) // 4 + 1, 255)
    return 5


def table_width(table: Table) -> int:
    """The estimate of a row's bytes."""
    units = sum(column_units(column) for column in table.columns)
    if table.rowid_column < 0:
        units += 1
    return log_estimate(units * 4)


def index_width(table: Table, index: Index) -> int:
    """The estimate of an index entry's bytes, what tells it apart included."""
    units = 0
    for key in index.entry_columns:
        units += column_units(table.columns[key.column]) if key.column >= 0 else 1
    return log_estimate(units * 4)


def table_rows(table: Table | None) -> int:
    """The estimate of a table's rows; None stands for a subquery."""
    if table is None or table.row_count is None:
        return TABLE_ROWS
    return log_estimate(table.row_count)


def prefix_rows(index: Index, columns: int) -> int:
    """The estimate of the entries that share the first `columns` key columns (0: all)."""
    if columns < len(index.statistics):
        return log_estimate(index.statistics[columns])
    if columns == 0:
        return TABLE_ROWS - (10 if index.where is not None else 0)
    if index.is_unique and columns == len(index.columns):
        return 0
    if columns <= len(INDEX_PREFIX_ROWS):
        return INDEX_PREFIX_ROWS[columns - 1]
    return INDEX_LONG_PREFIX_ROWS
