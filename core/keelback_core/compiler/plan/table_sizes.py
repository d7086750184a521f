"""Estimated widths and rows of tables and indexes, and the selectivity of index prefixes: of ANALYZE where known; and
what an index covers.

Widths are estimates (logarithms) of bytes; they decide between scanning a table and scanning a covering index.
"""

from __future__ import annotations

from keelback_core.compiler.catalog.model import ROWID
from keelback_core.compiler.plan.estimate import (
    INDEX_LONG_PREFIX_ROWS,
    INDEX_PREFIX_ROWS,
    LOW_QUALITY_ROWS,
    PARTIAL_INDEX_SAVING,
    SMALLEST_TABLE_ROWS,
    TABLE_ROWS,
    log_estimate,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundSource
    from keelback_core.compiler.catalog.model import Column, Index, Table

LARGEST_UNITS: Final = 255
TEXT_UNITS: Final = 5


def column_units(column: Column) -> int:
    """The estimated size of a column in units of four bytes: characters and blobs by their declared length, text
    otherwise twenty bytes, all else one unit."""
    if column.size_units == 0:
        column.size_units = _units_of_type(column)
    return column.size_units


def _units_of_type(column: Column) -> int:
    declared = column.declared_type
    if not declared or column.affinity not in ("A", "B"):
        return 1
    lower = declared.lower()
    start = lower.rfind("char")
    if start < 0:
        start = lower.find("blob(")
        if start < 0 or "clob" in lower or "text" in lower:
            return TEXT_UNITS
    digits = ""
    for character in lower[start:]:
        if character.isascii() and character.isdigit():
            digits += character
        elif digits:
            break
    return min(int(digits[:6]) // 4 + 1, LARGEST_UNITS) if digits else 1


def table_width(table: Table) -> int:
    """The estimate of a row's bytes."""
    if table.statistics_width:
        return log_estimate(table.statistics_width)
    units = table.size_units
    if units == 0:
        for column in table.columns:
            units += column_units(column)
        if table.rowid_column < 0:
            units += 1
        table.size_units = units
    return log_estimate(units * 4)


def index_width(table: Table, index: Index) -> int:
    """The estimate of an index entry's bytes, what tells it apart included."""
    if index.statistics_width:
        return log_estimate(index.statistics_width)
    units = index.size_units
    if units == 0:
        for key in index.entry_columns:
            units += column_units(table.columns[key.column]) if key.column >= 0 else 1
        index.size_units = units
    return log_estimate(units * 4)


def is_covered(source: BoundSource, table: Table, index: Index) -> bool:
    """Whether all columns that are read of the source are in the index."""
    if index is table.key_index:
        return True
    # Of an automatic index of a table WITHOUT ROWID SQLite forgets that the primary key stands behind its key.
    is_forgotten = table.is_without_rowid and index.sql is None
    available = frozenset([key.column for key in index.columns]) if is_forgotten else index.held_columns
    for column in source.used_columns:
        # The rowid's own column is told by ROWID there.
        if column not in available and (column != table.rowid_column or ROWID not in available):
            return False
    return True


def table_rows(table: Table | None) -> int:
    """The estimate of a table's rows; None stands for a subquery."""
    if table is None or table.row_count is None:
        return TABLE_ROWS
    return log_estimate(table.row_count)


def prefix_rows(table: Table, index: Index, columns: int) -> int:
    """The estimate of the entries that share the first `columns` key columns (0: all)."""
    if index.statistics:
        return log_estimate(index.statistics[columns]) if columns < len(index.statistics) else 0
    if columns == 0:
        rows = max(table_rows(table), SMALLEST_TABLE_ROWS)
        return rows - (PARTIAL_INDEX_SAVING if index.where is not None else 0)
    if columns > len(index.columns) or (index.is_unique and columns == len(index.columns)):
        return 0
    if columns <= len(INDEX_PREFIX_ROWS):
        return INDEX_PREFIX_ROWS[columns - 1]
    return INDEX_LONG_PREFIX_ROWS


def is_low_quality(index: Index) -> bool:
    """Whether ANALYZE has seen one value only in a large index, so that no equality helps."""
    counts = index.statistics
    if not counts:
        return False
    whole = log_estimate(counts[0])
    return whole > LOW_QUALITY_ROWS and whole <= log_estimate(counts[-1])
