"""The authorizer is asked what real SQLite's is asked, in the same order."""

from __future__ import annotations

import apsw
import pytest
from keelback_core.engine.connection import Connection

SETUP = (
    "CREATE TABLE t(a INTEGER PRIMARY KEY, b, c CHECK (c > 0))",
    "CREATE TABLE u(x REFERENCES t, y)",
    "CREATE INDEX tb ON t(b)",
    "CREATE TRIGGER r AFTER INSERT ON u BEGIN UPDATE t SET b = new.y WHERE a = new.x; END",
    "INSERT INTO t VALUES (1, 2, 3)",
    "PRAGMA foreign_keys = 1",
)
STATEMENTS = (
    "SELECT a FROM t",
    "SELECT * FROM t WHERE b = 1",
    "SELECT t.b, u.y FROM t JOIN u ON u.x = t.a",
    "SELECT count(*) FROM t",
    "SELECT max(b) FROM t",
    "SELECT 1",
    "SELECT a FROM t ORDER BY b",
    "SELECT rowid FROM t",
    "SELECT abs(a), upper(b) FROM t",
    "SELECT DISTINCT b FROM t GROUP BY b HAVING count(*) > 1",
    "SELECT EXISTS (SELECT 1 FROM t)",
    "SELECT t.* FROM t, u",
    "SELECT random(), changes()",
    "SELECT current_date",
    "SELECT * FROM sqlite_schema",
    "VALUES (1)",
    "INSERT INTO t VALUES (2, 3, 4)",
    "INSERT INTO t(b) VALUES (5)",
    "INSERT INTO t SELECT 10 + x, y, 1 FROM u",
    "INSERT INTO u VALUES (1, 2)",
    "INSERT OR REPLACE INTO t VALUES (1, 1, 1)",
    "UPDATE t SET b = 1",
    "UPDATE t SET b = c WHERE a = 1",
    "UPDATE t SET a = a + 10 WHERE a = 99",
    "UPDATE t SET rowid = 5",
    "DELETE FROM t WHERE a = 5",
    "DELETE FROM u",
    "CREATE TABLE w(a)",
    "CREATE TABLE w(a PRIMARY KEY, b UNIQUE)",
    "CREATE TEMP TABLE w(a)",
    "CREATE INDEX i ON t(c)",
    "CREATE VIEW v AS SELECT 1",
    "CREATE TEMP VIEW v AS SELECT 1",
    "CREATE TRIGGER s BEFORE DELETE ON t BEGIN SELECT 1; END",
    "CREATE TEMP TRIGGER s BEFORE DELETE ON t BEGIN SELECT 1; END",
    "DROP INDEX tb",
    "DROP TRIGGER r",
    "PRAGMA user_version",
    "PRAGMA user_version = 5",
    "PRAGMA table_info(t)",
    "PRAGMA main.cache_size",
    "BEGIN",
    "SAVEPOINT s",
    "ATTACH ':memory:' AS aux",
    "REINDEX t",
    "EXPLAIN SELECT a FROM t",
)


@pytest.mark.parametrize("sql", STATEMENTS)
def test_the_authorizer_hears_the_same_as_that_of_sqlite(sql):
    own, other = Connection(":memory:"), apsw.Connection(":memory:")
    for statement in SETUP:
        own.execute(statement)
        other.execute(statement)
    heard: list[tuple[object, ...]] = []
    expected: list[tuple[object, ...]] = []

    def note(*question):
        heard.append(question)
        return 0

    def note_other(*question):
        expected.append(question)
        return 0

    own.authorizer = note
    other.authorizer = note_other
    own.execute(sql)
    list(other.execute(sql))
    assert heard == expected
