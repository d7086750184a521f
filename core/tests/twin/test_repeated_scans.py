"""A scan that a correlated subquery repeats is remembered by value in the kernel: that it is, and when it is not."""

from __future__ import annotations

from vm_twin import TwinConnection

SETUP = (
    "CREATE TABLE t(a, b)",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)"
    " INSERT INTO t SELECT i % 60, i FROM n",
    "CREATE TABLE u(c)",
    "INSERT INTO u SELECT b FROM t WHERE b <= 200",
)
# Fewer rows than an automatic index is made for. A scan is remembered when the runs have visited 2000 rows.
REPEATED = "SELECT c, (SELECT max(b) FROM t WHERE a = c) FROM u"
RUNS, MOST_BEFORE = 200, 8


def listed(*statements: str, period: int = 0) -> list[int]:
    """How many scans each statement did by what was known; both machines must answer alike."""
    connection = TwinConnection()
    try:
        for sql in SETUP:
            connection.run(sql, [])
        counts = []
        for sql in statements:
            if period:
                connection.lib.vm_set(connection.handle, 2, period)
            outcomes = connection.run(sql, [])
            assert outcomes is not None and outcomes[0] == outcomes[1]
            counts.append(connection.listed_scans)
        return counts
    finally:
        connection.close()


def test_a_correlated_scan_is_remembered_after_a_few_runs() -> None:
    for sql in (
        REPEATED,
        "SELECT c, (SELECT count(*) FROM t WHERE +a = c) FROM u",
        "SELECT c, EXISTS (SELECT 1 FROM t WHERE a = c AND b > 1000) FROM u",
        "SELECT c, (SELECT b FROM t WHERE a = c ORDER BY b DESC LIMIT 1) FROM u",
    ):
        (count,) = listed(sql)
        assert RUNS - MOST_BEFORE <= count < RUNS, sql


def test_each_run_of_a_statement_begins_anew() -> None:
    first, second = listed(REPEATED, REPEATED)
    assert first == second < RUNS


def test_a_scan_is_not_remembered_where_it_does_not_begin_with_the_value() -> None:
    for sql in (
        "SELECT c, (SELECT max(b) FROM t WHERE a > c) FROM u",
        "SELECT c, (SELECT max(b) FROM t WHERE a = c OR b = c) FROM u",
        "SELECT c, (SELECT max(b) FROM t WHERE a IS c) FROM u",
        "SELECT c, (SELECT max(b) FROM t WHERE a = c COLLATE NOCASE) FROM u",
    ):
        assert listed(sql) == [0], sql


def test_what_is_remembered_is_forgotten_when_the_database_changes() -> None:
    """Each row that is updated changes it, so that the scan before the next row has nothing to go by."""
    assert listed("UPDATE u SET c = c + (SELECT count(*) FROM t WHERE a = c)", REPEATED)[0] < RUNS // 2


def test_nothing_is_remembered_while_a_progress_handler_counts() -> None:
    assert listed(REPEATED, period=1 << 20) == [0]
