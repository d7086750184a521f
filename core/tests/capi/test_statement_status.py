"""What sqlite3_stmt_status counts, beside real SQLite: rows of full scans, sorts, rows of automatic indexes, runs.

Instructions are each engine's own; here they only have to be there. A grouping by hash is no sort, so statements with
GROUP BY are left out.
"""

from __future__ import annotations

import ctypes

import pytest
from capi_support import BUILD, REAL, Database, load

FULL_SCAN, SORT, AUTOMATIC_INDEX, STEP, REPREPARE, RUN = 1, 2, 3, 4, 5, 6
SETUP = (
    "CREATE TABLE t(a, b, c)",
    "CREATE INDEX ta ON t(a)",
    "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
    " INSERT INTO t SELECT i, i % 7, i * 2 FROM n",
    "CREATE TABLE w(k PRIMARY KEY, v) WITHOUT ROWID",
    "INSERT INTO w SELECT a, b FROM t WHERE a <= 50",
)
STATEMENTS = (
    "SELECT 1",
    "SELECT * FROM t",
    "SELECT * FROM t WHERE b = 3",
    "SELECT sum(b) FROM t WHERE c > 5",
    "SELECT * FROM t ORDER BY b",
    "SELECT * FROM t ORDER BY rowid DESC",
    "SELECT a FROM t ORDER BY a",
    "SELECT * FROM t WHERE a = 5",
    "SELECT * FROM t WHERE a > 2990",
    "SELECT * FROM t WHERE rowid BETWEEN 5 AND 500",
    "SELECT count(*) FROM t",
    "SELECT max(a) FROM t",
    "SELECT * FROM w",
    "SELECT * FROM w WHERE k = 3",
    "SELECT * FROM t x JOIN t y ON x.c = y.a",
    "SELECT x.a, (SELECT count(*) FROM w WHERE v = x.b) FROM t x WHERE x.a < 10",
    "UPDATE t SET b = b + 1",
    "DELETE FROM t WHERE c = 4",
    "INSERT INTO t SELECT * FROM t WHERE b = 2",
)


def counts(library: ctypes.CDLL, database: Database, sql: str) -> dict[int, int]:
    statement = database.prepare(sql)
    for _run in range(2):
        while library.sqlite3_step(statement) == 100:
            pass
        library.sqlite3_reset(statement)
    found = {counter: library.sqlite3_stmt_status(statement, counter, 0) for counter in (1, 2, 3, 4, 5, 6)}
    assert library.sqlite3_stmt_status(statement, STEP, 1) == found[STEP]
    assert library.sqlite3_stmt_status(statement, STEP, 0) == 0
    library.sqlite3_finalize(statement)
    return found


def filled(library: ctypes.CDLL) -> Database:
    database = Database(library)
    for sql in SETUP:
        database.rows(sql)
    return database


def test_counters_are_those_of_sqlite() -> None:
    told = []
    for path in (REAL, BUILD / "libkeelback.so"):
        library = load(path)
        database = filled(library)
        told.append({sql: counts(library, database, sql) for sql in STATEMENTS})
        library.sqlite3_close(database.handle)
    for sql in STATEMENTS:
        expected, found = (side[sql] for side in told)
        assert found.pop(STEP) > 0, sql
        assert expected.pop(STEP) > 0
        assert found == expected, sql


def test_an_automatic_index_counts_its_rows() -> None:
    library = load(BUILD / "libkeelback.so")
    database = filled(library)
    assert counts(library, database, "SELECT count(*) FROM t x, t y WHERE x.b = y.c")[AUTOMATIC_INDEX] == 2 * 2999
    library.sqlite3_close(database.handle)


@pytest.mark.parametrize("limit", [1, 10, 2000])
def test_a_scan_that_ends_early_counts_no_more_than_it_has_read(limit: int) -> None:
    library = load(BUILD / "libkeelback.so")
    database = filled(library)
    found = counts(library, database, f"SELECT a FROM t WHERE b >= 0 LIMIT {limit}")[FULL_SCAN]
    # Rows are read by batches, the first ones small.
    assert 2 * (limit - 1) <= found <= 2 * 2999
    assert limit > 1 or found <= 2 * 8
    library.sqlite3_close(database.handle)


def test_counters_outlive_a_new_compilation() -> None:
    library = load(BUILD / "libkeelback.so")
    database = filled(library)
    statement = database.prepare("SELECT * FROM t")
    for sql in ("CREATE TABLE u(x)", "SELECT 1"):
        while library.sqlite3_step(statement) == 100:
            pass
        library.sqlite3_reset(statement)
        database.rows(sql)
    assert library.sqlite3_stmt_status(statement, FULL_SCAN, 0) == 2 * 2999
    assert library.sqlite3_stmt_status(statement, RUN, 0) == 2
    library.sqlite3_finalize(statement)
    library.sqlite3_close(database.handle)
