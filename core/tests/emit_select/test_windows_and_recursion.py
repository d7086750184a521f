"""Plans of windows and common tables beside SQLite's, window functions of the user, and agreement on random queries."""

from __future__ import annotations

import random

import apsw
import pytest
from keelback_core.engine.connection import Connection
from keelback_core.value.errors import SqlError

SETUP = "CREATE TABLE t(a, b, c); INSERT INTO t VALUES (1,2,3),(2,1,4),(3,3,3),(NULL,2,1); CREATE TABLE e(x, y)"

PLANS = [
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM n WHERE x<7) SELECT * FROM n",
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT x+1 FROM n LIMIT 8) SELECT * FROM n a, n b",
    "WITH c AS MATERIALIZED (SELECT a FROM t) SELECT * FROM c x",
    "WITH c AS NOT MATERIALIZED (SELECT a FROM t) SELECT * FROM c x, c y",
    "WITH c AS (SELECT DISTINCT a FROM t) SELECT * FROM c UNION ALL SELECT * FROM c",
    "SELECT row_number() OVER (ORDER BY a) FROM t",
    "SELECT row_number() OVER (), a FROM t",
    "SELECT row_number() OVER (ORDER BY a), sum(b) OVER (ORDER BY a) FROM t ORDER BY b",
    "SELECT row_number() OVER (ORDER BY a), sum(b) OVER (PARTITION BY b ORDER BY a), count(*) OVER (ORDER BY c) FROM t",
    "SELECT sum(count(*)) OVER (ORDER BY a) FROM t GROUP BY b",
    "SELECT sum(a) OVER (ORDER BY a) FROM t ORDER BY a",
    "SELECT DISTINCT sum(a) OVER (ORDER BY a) FROM t UNION ALL SELECT rank() OVER () FROM t",
    "SELECT m.name, p.name FROM sqlite_schema m, pragma_table_info(m.name) p",
]


def plan_lines(rows: list[tuple[object, ...]]) -> list[str]:
    """The lines of EXPLAIN QUERY PLAN, indented by their depth."""
    depths: dict[object, int] = {0: 0}
    lines = []
    for identifier, parent, _, text in rows:
        depths[identifier] = depths[parent] + 1
        lines.append("  " * depths[parent] + str(text))
    return lines


@pytest.mark.parametrize("sql", PLANS)
def test_plans_are_told_as_sqlite_tells_them(sql: str) -> None:
    real = apsw.Connection(":memory:")
    real.execute(SETUP)
    ours = Connection(":memory:")
    ours.execute(SETUP)
    expected = plan_lines(list(real.execute("EXPLAIN QUERY PLAN " + sql)))
    assert plan_lines([tuple(row) for row in ours.execute("EXPLAIN QUERY PLAN " + sql)]) == expected


class Total:
    """A window function of the user."""

    def __init__(self) -> None:
        self.sum = 0
        self.calls: list[str] = []

    def step(self, arguments: list[int]) -> None:
        self.sum += arguments[0]

    def inverse(self, arguments: list[int]) -> None:
        self.sum -= arguments[0]

    def value(self) -> int:
        return self.sum

    def final(self) -> int:
        return self.sum


def test_an_aggregate_of_the_user_that_gives_rows_back_may_have_a_window() -> None:
    connection = Connection(":memory:")
    connection.execute("CREATE TABLE n(x); INSERT INTO n VALUES (1),(2),(3),(4)")
    connection.create_function("mysum", 1, 0, None, Total, True)
    rows = connection.execute("SELECT mysum(x) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM n")
    assert rows == [[3], [6], [9], [7]]
    assert connection.execute("SELECT mysum(x) FROM n") == [[10]]


def test_an_aggregate_of_the_user_that_cannot_may_not_have_a_window() -> None:
    connection = Connection(":memory:")
    connection.create_function("mysum", 1, 0, None, Total)
    with pytest.raises(SqlError, match=r"mysum\(\) may not be used as a window function"):
        connection.execute("SELECT mysum(1) OVER ()")


def test_random_frames_agree_with_sqlite() -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    rng = random.Random(seed)
    real = apsw.Connection(":memory:")
    ours = Connection(":memory:")
    values = ",".join(f"({i},{rng.randint(0, 3)},{rng.choice(['NULL', str(rng.randint(-5, 9))])})" for i in range(25))
    for connection in (real, ours):
        connection.execute(f"CREATE TABLE r(id, g, v); INSERT INTO r VALUES {values}")
    starts = ["UNBOUNDED PRECEDING", "3 PRECEDING", "1 PRECEDING", "CURRENT ROW"]
    ends = ["CURRENT ROW", "1 FOLLOWING", "3 FOLLOWING", "UNBOUNDED FOLLOWING"]
    for _ in range(60):
        exclude = rng.choice(["NO OTHERS", "CURRENT ROW", "GROUP", "TIES"])
        unit = rng.choice(["ROWS", "RANGE", "GROUPS"])
        frame = f"{unit} BETWEEN {rng.choice(starts)} AND {rng.choice(ends)} EXCLUDE {exclude}"
        call = rng.choice(["sum(v)", "count(*)", "min(v)", "first_value(id)", "nth_value(id, 2)", "last_value(v)"])
        partition = rng.choice(["", "PARTITION BY g "])
        sql = f"SELECT id, {call} OVER ({partition}ORDER BY v {frame}) FROM r"
        assert ours.execute(sql) == [list(row) for row in real.execute(sql)], sql
