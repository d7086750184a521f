"""Estimates of rows and costs as logarithms.

1. An estimate is an int: ten times the binary logarithm of a count, so that 0 is one row, 10 is two, 33 is ten.
2. Products of counts are sums of estimates; sums of counts are `log_add`.

The figures without statistics are those that the SQLite documentation and EXPLAIN QUERY PLAN show at work: a table
of about a million rows, ten rows for an equality on the first column of an index, a quarter for a bound of a range.
Must not know: the bound tree.
"""

from __future__ import annotations

from math import log2

TABLE_ROWS = 200
SMALLEST_TABLE_ROWS = 99
INDEX_PREFIX_ROWS = (33, 32, 30, 28, 27)
INDEX_LONG_PREFIX_ROWS = 23
SUBQUERY_LIST_ROWS = 46
RANGE_BOUND_SAVING = 20
RANGE_BOTH_SAVING = 20
SMALLEST_RANGE_ROWS = 10
NULL_PENALTY = 10
ROW_VISIT_COST = 16
AUTOMATIC_INDEX_ROWS = 43
AUTOMATIC_INDEX_SETUP = 28
EQUAL_FILTER_SAVING = 20
EQUAL_SMALL_INTEGER_SAVING = 10
FAR = 1 << 20

_SUMS = tuple(round(10 * log2(1 + 2 ** (-distance / 10))) for distance in range(50))


def log_estimate(count: int) -> int:
    """The estimate of a count; 0 for counts below two."""
    return round(10 * log2(count)) if count > 1 else 0


def log_add(left: int, right: int) -> int:
    """The estimate of the sum of two counts."""
    if left < right:
        left, right = right, left
    distance = left - right
    return left + _SUMS[distance] if distance < 50 else left


def search_cost(rows: int) -> int:
    """The cost of a binary search among so many rows."""
    return 0 if rows <= 10 else log_estimate(rows) - 33
