"""WITHIN GROUP (ORDER BY ...), which SQLite has in special builds only: the oracle answers for the form with two
arguments, and for texts in which WITHIN is a name."""

from __future__ import annotations

import re

import apsw
import pytest
from sql_process import LibraryConnection, ReferenceConnection, SqlFailed

ROWS = "CREATE TABLE t(g, x); INSERT INTO t VALUES (1, 10), (1, 20), (1, 40), (2, 5), (2, NULL), (3, NULL), (1, 1.5)"
SAME = [
    ("percentile_cont(0.25) WITHIN GROUP (ORDER BY x)", "percentile_cont(x, 0.25)"),
    ("percentile_disc(0.5) WITHIN GROUP (ORDER BY -x)", "percentile_disc(-x, 0.5)"),
    ("percentile(30) within group (order by x + g)", "percentile(x + g, 30)"),
    ("median() WITHIN GROUP (ORDER BY x)", "median(x)"),
    ("median() WITHIN GROUP (ORDER BY x) FILTER (WHERE x > 5)", "median(x) FILTER (WHERE x > 5)"),
    ("median() WITHIN GROUP (ORDER BY x) OVER (ORDER BY rowid)", "median(x) OVER (ORDER BY rowid)"),
]
NAMES = ["SELECT count(*) within FROM t", "SELECT g, 1 WITHIN FROM t GROUP BY g", "SELECT 1 within GROUP BY 1"]


@pytest.fixture(params=[LibraryConnection, ReferenceConnection], ids=["library", "reference"])
def connection(request):
    connection = request.param(":memory:")
    for sql in ROWS.split("; "):
        connection.run(sql)
    yield connection
    connection.close()


@pytest.fixture
def oracle():
    connection = apsw.Connection(":memory:")
    connection.execute(ROWS)
    return connection


@pytest.mark.parametrize(("ordered", "plain"), SAME)
def test_the_ordered_expression_is_the_first_argument(connection, oracle, ordered, plain):
    group = "" if "OVER" in ordered else " GROUP BY g"
    expected = [list(row) for row in oracle.execute(f"SELECT {plain} FROM t{group}")]
    assert connection.run(f"SELECT {ordered} FROM t{group}") == expected


@pytest.mark.parametrize("sql", NAMES)
def test_within_stays_a_name(connection, oracle, sql):
    expected = [list(row) for row in oracle.execute(sql)]
    assert connection.run(sql) == expected


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT max(1) WITHIN GROUP (ORDER BY x) FROM t", "max() is not an ordered-set aggregate"),
        ("SELECT sum() WITHIN GROUP (ORDER BY x) FROM t", "sum() is not an ordered-set aggregate"),
        ("SELECT median() WITHIN GROUP (ORDER BY x DESC) FROM t", 'near "DESC": syntax error'),
        ("SELECT median() WITHIN GROUP (x) FROM t", 'near "x": syntax error'),
        ("SELECT median(x) WITHIN GROUP (ORDER BY x) FROM t", "wrong number of arguments to function median()"),
    ],
)
def test_other_uses_are_errors(connection, sql, message):
    with pytest.raises(SqlFailed, match=re.escape(message)):
        connection.run(sql)


def test_a_stored_text_is_rewritten_like_any_other(connection):
    connection.run("CREATE VIEW v AS SELECT median() WITHIN GROUP (ORDER BY x + 1) AS m FROM t")
    connection.run("ALTER TABLE t RENAME COLUMN x TO value")
    assert connection.run("SELECT sql FROM sqlite_schema WHERE name = 'v'") == [
        ["CREATE VIEW v AS SELECT median() WITHIN GROUP (ORDER BY value + 1) AS m FROM t"]
    ]
    assert connection.run("SELECT m FROM v") == [[11.0]]
