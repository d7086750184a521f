"""Estimates of rows and costs as logarithms.

1. An estimate is an int: ten times the binary logarithm of a count, so that 0 is one row, 10 is two, 33 is ten.
2. Products of counts are sums of estimates; sums of counts are `log_add`. Both are rounded as SQLite rounds them, for
   ties between plans are broken by one unit.

The figures without statistics are those that SQLite's documentation and its plans show at work: a table of about a
million rows, ten rows for an equality on the first column of an index, a quarter for a bound of a range.
Must not know: the bound tree.
"""

from __future__ import annotations

from math import log2

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from mypy_extensions import i64

TABLE_ROWS: Final = 200
SMALLEST_TABLE_ROWS: Final = 99
PARTIAL_INDEX_SAVING: Final = 10
INDEX_PREFIX_ROWS: Final = (33, 32, 30, 28, 27)
INDEX_LONG_PREFIX_ROWS: Final = 23
SUBQUERY_LIST_ROWS: Final = 46
RANGE_BOUND_SAVING: Final = 20
RANGE_BOTH_SAVING: Final = 20
SMALLEST_RANGE_ROWS: Final = 10
NULL_PENALTY: Final = 10
ROW_VISIT_COST: Final = 16
# Where samples say how many rows a search finds, a scan is less often taken for dearer than it is.
SAMPLED_SCAN_SAVING: Final = 2
AUTOMATIC_INDEX_ROWS: Final = 43
AUTOMATIC_INDEX_SETUP: Final = 28
AUTOMATIC_INDEX_SUBQUERY_SAVING: Final = 25
EQUAL_FILTER_SAVING: Final = 20
EQUAL_SMALL_INTEGER_SAVING: Final = 10
EQUAL_LOOKUP_SAVING: Final = 19
FEWEST_REPEATS_FOR_SKIP_SCAN: Final = 42
SKIP_SCAN_PENALTY: Final = 5
LOW_QUALITY_ROWS: Final = 66
MOST_ROWS_AROUND: Final = 48

# Ten times the binary logarithm of 8, 9, ... 15, over the 30 of 8.
_EIGHTHS: Final = (0, 2, 3, 5, 6, 7, 8, 9)
_SUMS: Final = tuple(max(1, round(10 * log2(1 + 2 ** (-distance / 10)))) for distance in range(50))


def log_estimate(count: int) -> int:
    """The estimate of a count; 0 for counts below two."""
    if count < 2:
        return 0
    if count < 0x40000000:
        # A loop over machine numbers costs less than asking an object for its length.
        small: i64 = count
        rows: i64 = 30
        while small >= 16:
            small >>= 1
            rows += 10
        while small < 8:
            small <<= 1
            rows -= 10
        return _EIGHTHS[small & 7] + int(rows)
    shift = count.bit_length() - 4
    eighths = (count >> shift if shift >= 0 else count << -shift) & 7
    return _EIGHTHS[eighths] + 30 + 10 * shift


def log_add(left: int, right: int) -> int:
    """The estimate of the sum of two counts."""
    if left < right:
        left, right = right, left
    distance = left - right
    return left + _SUMS[distance] if distance < 50 else left


def search_cost(rows: int) -> int:
    """The cost of a binary search among so many rows."""
    return 0 if rows <= 10 else log_estimate(rows) - 33


def probability_estimate(probability: float) -> int:
    """The estimate of a probability between 0 and 1: never above 0."""
    return log_estimate(int(probability * 134217728.0)) - 270
