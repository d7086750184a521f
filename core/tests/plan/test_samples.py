"""The samples of sqlite_stat4: ANALYZE keeps those that SQLite keeps, and both plan alike by them.

apsw's SQLite is built with SQLITE_ENABLE_STAT4.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import apsw
import pytest
from keelback_core.engine.connection import Connection
from plan_support import plan_of

sys.path.insert(0, str(Path(__file__).parent))

SCHEMA = (
    "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b INT, c REAL, d TEXT COLLATE NOCASE, note)",
    "CREATE TABLE w(x INT, y TEXT, z, PRIMARY KEY(y, x DESC)) WITHOUT ROWID",
    "CREATE INDEX t_a ON t(a)",
    "CREATE INDEX t_bc ON t(b, c DESC)",
    "CREATE INDEX t_d ON t(d)",
    "CREATE INDEX t_c ON t(c DESC)",
    "CREATE INDEX t_expr ON t(a + b, d)",
    "CREATE INDEX t_part ON t(c) WHERE c > 3",
    "CREATE UNIQUE INDEX t_u ON t(a, b, id)",
    "CREATE INDEX w_z ON w(z)",
)
QUERIES = """
SELECT * FROM t WHERE a = 5
SELECT * FROM t WHERE a = 5 AND d = 'b1'
SELECT * FROM t WHERE a = 'x1' AND d = 'b1'
SELECT * FROM t WHERE a IS NULL AND d = 'b2'
SELECT * FROM t WHERE a IS 3 AND d = 'B'
SELECT * FROM t WHERE a = -(-5) AND d = 'B'
SELECT * FROM t WHERE a = CAST('5' AS INT) AND d = 'B'
SELECT * FROM t WHERE a IN (1, 5, 'x0') AND d = 'a'
SELECT * FROM t WHERE a IN (1, 2) AND d > 'a'
SELECT * FROM t WHERE a > 5 AND d = 'a'
SELECT * FROM t WHERE a < 3 AND d = 'a'
SELECT * FROM t WHERE a BETWEEN 1 AND 2 AND d = 'b1'
SELECT * FROM t WHERE a IS NOT NULL AND d = 'a'
SELECT * FROM t WHERE b = 4 AND c > 5
SELECT * FROM t WHERE b = 4 AND c BETWEEN 2 AND 3 AND d = 'a'
SELECT * FROM t WHERE b = 4 AND c < 0.5 AND a = 5
SELECT * FROM t WHERE c > 9.5 AND a = 5
SELECT * FROM t WHERE c > 0.5 AND a = 5
SELECT * FROM t WHERE c < 0.5 AND a = 5
SELECT * FROM t WHERE d LIKE 'b%' AND a = 5
SELECT * FROM t WHERE a + b = 5 AND d = 'a'
SELECT * FROM t WHERE a = 5 AND b = 4 AND id > 7
SELECT * FROM t WHERE likely(a = 5) AND d = 'a'
SELECT * FROM t WHERE b > 2 AND note = 1 ORDER BY a
SELECT * FROM t, w WHERE t.b = w.x AND w.y = 'y0' AND t.d = 'a'
SELECT * FROM t, w WHERE t.b = w.x AND t.a = 'x1'
SELECT * FROM t, w WHERE t.id = w.x AND w.z = 3 AND t.a = 5
SELECT * FROM w WHERE y = 'y1' AND x > 50
SELECT * FROM w WHERE y > 'y0' AND z = 2
SELECT * FROM w WHERE z = 2 AND x = 3
SELECT * FROM t WHERE a = 5 OR d = 'b1'
UPDATE t SET note = 2 WHERE a = 5 AND d = 'b1'
DELETE FROM t WHERE a = 5 AND c > 9
"""


def fill(connections, seed: int) -> None:
    """The same rows for all, and their statistics; some values are far more frequent than others."""
    rng = random.Random(seed)
    rows = rng.choice([1, 25, 90, 500])
    kinds = rng.choice([2, 5, 60])
    for connection in connections:
        for sql in SCHEMA:
            list(connection.execute(sql))
    statements = ["BEGIN"]
    for number in range(rows):
        a = rng.choice([str(rng.randrange(kinds)), f"'x{rng.randrange(kinds)}'", "NULL", "5"])
        c = rng.choice([str(float(rng.randrange(10))), str(round(rng.random() * 10, 1)), "NULL"])
        d = rng.choice(["a", "B", "A", f"b{rng.randrange(kinds)}", ""])
        statements.append(f"INSERT INTO t VALUES ({number}, {a}, {rng.randrange(kinds * 2)}, {c}, '{d}', 0)")
        if number % 3 == 0:
            statements.append(f"INSERT INTO w VALUES ({number}, 'y{rng.randrange(3)}', {rng.randrange(5)})")
    for sql in [*statements, "COMMIT", "ANALYZE"]:
        for connection in connections:
            list(connection.execute(sql))


def rows_of(connection, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(sql)]


@pytest.fixture(params=range(8))
def pair(request):
    real, ours = apsw.Connection(":memory:"), Connection(":memory:")
    fill((real, ours), request.param)
    return real, ours


def test_the_same_entries_are_kept(pair) -> None:
    real, ours = pair
    for sql in ("SELECT * FROM sqlite_stat4", "SELECT * FROM sqlite_stat1"):
        assert rows_of(ours, sql) == rows_of(real, sql)


def test_both_plan_alike_by_them(pair) -> None:
    real, ours = pair
    for sql in QUERIES.strip().splitlines():
        plans = [plan_of(rows_of(connection, "EXPLAIN QUERY PLAN " + sql)) for connection in (ours, real)]
        plans = [[(depth, text) for depth, text in plan if "BLOOM" not in text] for plan in plans]
        assert plans[0] == plans[1], sql


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_each_reads_the_file_of_the_other(tmp_path, encoding) -> None:
    for number, writer in enumerate((Connection, apsw.Connection)):
        path = str(tmp_path / f"{number}.db")
        made = writer(path)
        list(made.execute(f"PRAGMA encoding = '{encoding}'"))
        fill((made,), 3)
        made.close()
        real, ours = apsw.Connection(path), Connection(path)
        for sql in QUERIES.strip().splitlines()[:24]:
            plans = [plan_of(rows_of(connection, "EXPLAIN QUERY PLAN " + sql)) for connection in (ours, real)]
            assert plans[0] == plans[1], sql
        assert rows_of(real, "PRAGMA integrity_check") == [("ok",)]
        real.close()
        ours.close()


def test_a_frequent_value_is_planned_otherwise_than_a_rare_one() -> None:
    ours = Connection(":memory:")
    fill((ours,), 3)
    list(ours.execute("UPDATE t SET d = CASE WHEN id % 40 THEN 'much' ELSE 'r' || id END"))
    list(ours.execute("ANALYZE"))
    plans = [rows_of(ours, f"EXPLAIN QUERY PLAN SELECT * FROM t WHERE d = '{value}'") for value in ("much", "r40")]
    assert plans[0] != plans[1]
