"""What a compilation leaves behind: nothing that only the collector of garbage could take away."""

from __future__ import annotations

import gc

import pytest
from keelback_core.engine import Connection

SCHEMA = """
CREATE TABLE t(id INTEGER PRIMARY KEY, g INTEGER, v REAL, s TEXT);
CREATE TABLE u(g INTEGER PRIMARY KEY, name TEXT);
CREATE INDEX t_s ON t(s)
"""
TEXTS = (
    "SELECT v, s FROM t WHERE id = ?",
    "SELECT id FROM t WHERE s BETWEEN ? AND ? ORDER BY s LIMIT 5",
    "SELECT id FROM t WHERE s LIKE 'a%' AND g > 1",
    "SELECT id FROM t WHERE id = 1 OR s = 'a' AND v > 2",
    "SELECT u.name, count(*), sum(a.v) FROM t AS a JOIN u ON u.g = a.g GROUP BY u.name ORDER BY 2 DESC",
    "SELECT t.id, u.name FROM t LEFT JOIN u USING(g) WHERE t.s = ?",
    "SELECT id, row_number() OVER (ORDER BY v) FROM t NATURAL JOIN u",
    "SELECT id FROM t WHERE g = (SELECT max(g) FROM u WHERE u.name = t.s)",
    "WITH x AS (SELECT g, count(*) AS n FROM t GROUP BY g) SELECT u.name, x.n FROM x JOIN u ON u.g = x.g WHERE x.n > 3",
    "WITH x AS (SELECT g, max(v) AS m FROM t GROUP BY g) SELECT a.m, b.m FROM x AS a JOIN x AS b ON a.g = b.g + 1",
    "SELECT name FROM u WHERE g IN (SELECT g FROM t WHERE v > 1 UNION SELECT id FROM t)",
    "INSERT INTO t(g, v) SELECT g, count(*) FROM t WHERE s = 'a' GROUP BY g",
    "UPDATE t SET v = v + 1 WHERE id = 3",
    "DELETE FROM t WHERE s = 'a' AND g <> v",
)


@pytest.mark.parametrize("sql", TEXTS)
def test_a_compilation_leaves_no_circles_for_the_collector(sql):
    connection = Connection(":memory:")
    for statement in SCHEMA.split(";"):
        connection.execute(statement)
    for _ in range(2):
        connection.compile(sql)
    gc.collect()
    gc.disable()
    try:
        connection.compile(sql)
        assert gc.collect() == 0
    finally:
        gc.enable()
        connection.close()
