"""EXPLAIN QUERY PLAN to the letter: numbers of subqueries, names of sources, co-routines, filters, VALUES, views."""

from __future__ import annotations

import apsw
import pytest
from keelback_core.engine.connection import Connection
from plan_support import plan_of

SCHEMA = """
CREATE TABLE t(a, b, c);
CREATE TABLE u(a, b, c);
CREATE INDEX ta ON t(a);
CREATE VIEW few AS SELECT a, b FROM t ORDER BY b LIMIT 7;
CREATE VIEW nested AS SELECT a, (SELECT max(b) FROM u WHERE u.a = t.a) FROM t WHERE c IN (SELECT 1);
"""
FEW = "(SELECT a, b FROM t ORDER BY b LIMIT 7)"
TEXTS = [
    *(
        line.replace("FEW", FEW)
        for line in """
SELECT * FROM FEW
SELECT a FROM FEW
SELECT a + 1 FROM FEW LIMIT 3
SELECT a FROM FEW WHERE a > 1
SELECT a FROM FEW ORDER BY a
SELECT a FROM (SELECT a, b FROM t LIMIT 7) ORDER BY a
SELECT DISTINCT a FROM FEW
SELECT count(*) FROM FEW
SELECT * FROM (SELECT a, b FROM t ORDER BY b LIMIT 7 OFFSET 3)
SELECT * FROM FEW UNION ALL SELECT 1, 2
SELECT * FROM FEW, u
SELECT * FROM few
SELECT * FROM (SELECT * FROM FEW)
SELECT * FROM (SELECT a FROM FEW LIMIT 3)
SELECT (SELECT b FROM FEW) FROM u
SELECT 1 FROM u WHERE a IN (SELECT b FROM FEW)
SELECT EXISTS (SELECT 1 FROM FEW)
INSERT INTO u SELECT a, b, 1 FROM FEW
CREATE TABLE made AS SELECT * FROM FEW
SELECT * FROM (SELECT a, (SELECT 1) FROM t ORDER BY b LIMIT 7)
SELECT * FROM (SELECT a FROM t LIMIT (SELECT 3))
SELECT * FROM (SELECT max(a) FROM t LIMIT 3)
WITH w AS (SELECT a FROM t LIMIT 3) SELECT * FROM w
WITH w AS MATERIALIZED (SELECT a FROM t LIMIT 3) SELECT * FROM w
SELECT 1 FROM u WHERE a IN (SELECT b FROM t ORDER BY c LIMIT 3)
SELECT 1 FROM u WHERE a IN (SELECT b FROM t ORDER BY a LIMIT 3)
SELECT 1 FROM u WHERE a IN (SELECT DISTINCT b FROM t)
SELECT 1 FROM u WHERE a IN (SELECT b FROM t GROUP BY b)
SELECT 1 FROM u WHERE a IN (SELECT b FROM t UNION SELECT c FROM t)
SELECT 1 FROM u WHERE a IN (SELECT b FROM t UNION ALL SELECT c FROM t)
SELECT 1 FROM u WHERE a IN (SELECT b FROM t EXCEPT SELECT c FROM t)
SELECT 1 FROM u WHERE a IN (SELECT b FROM t GROUP BY b ORDER BY c)
SELECT 1 FROM u WHERE a IN (SELECT DISTINCT b FROM t ORDER BY c LIMIT 2)
SELECT 1 FROM u WHERE (a, b) IN (SELECT a, b FROM t ORDER BY c LIMIT 3)
SELECT * FROM nested
SELECT * FROM nested WHERE a = (SELECT 7)
SELECT (SELECT 1), * FROM nested
SELECT * FROM t ORDER BY (SELECT 1), a
SELECT (SELECT 3) FROM t ORDER BY (SELECT max(b) FROM u WHERE u.a = t.a)
SELECT a FROM t WHERE b = (SELECT 1 LIMIT (SELECT 2))
SELECT a FROM t UNION SELECT b FROM u ORDER BY 1 LIMIT (SELECT 3)
SELECT a FROM t UNION SELECT b FROM u UNION ALL SELECT c FROM u ORDER BY 1
UPDATE u SET a = (SELECT 1) WHERE b = (SELECT 2)
INSERT INTO t VALUES ((SELECT 1), 2, 3), (1, 2, (SELECT 3))
VALUES (1), (2)
VALUES ((SELECT 1)), ((SELECT 2))
SELECT * FROM (VALUES (1), (2)) AS x, t
SELECT 1 IN (VALUES (1), (2))
WITH w(x) AS (VALUES (1), (2)) SELECT * FROM w
UPDATE t SET a = 1 FROM (VALUES (1), (2)) AS v WHERE v.column1 = t.b
SELECT * FROM t WHERE a IN (VALUES (1), (2), (3))
SELECT * FROM t WHERE (a, b) IN (VALUES (1, 2), (3, 4))
""".strip().splitlines()
    ),
]


@pytest.fixture(scope="module")
def sides():
    real = apsw.Connection(":memory:")
    list(real.execute(SCHEMA))
    ours = Connection(":memory:")
    ours.execute(SCHEMA)
    return real, ours


@pytest.mark.parametrize("sql", TEXTS)
def test_a_text_equals_sqlites(sides, sql):
    real, ours = sides
    text = "EXPLAIN QUERY PLAN " + sql
    assert plan_of([tuple(row) for row in ours.execute(text)]) == plan_of(list(real.execute(text)))
