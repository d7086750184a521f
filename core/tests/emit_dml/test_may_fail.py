"""A statement keeps a journal of its own where it may fail after it has changed something, and only there."""

from __future__ import annotations

import pytest
from keelback_core.engine.connection import Connection
from keelback_core.value.errors import SqlError

TABLES = """
CREATE TABLE t(id INTEGER PRIMARY KEY, a NOT NULL, b CHECK(b > 0));
CREATE INDEX ta ON t(a);
CREATE TABLE k(id TEXT PRIMARY KEY ON CONFLICT REPLACE, v UNIQUE);
CREATE TABLE w(id TEXT PRIMARY KEY, v) WITHOUT ROWID;
CREATE TABLE l(x);
CREATE TRIGGER lt AFTER INSERT ON l BEGIN INSERT INTO t VALUES (new.x, 1, 1); END;
"""
NEEDED = {
    # One row, whose checks come before its first change.
    "REPLACE INTO t VALUES (1, ?, abs(?))": False,
    "REPLACE INTO w VALUES (?, ? || 'x')": False,
    "INSERT INTO t VALUES (1, 2, 3)": False,
    # Keys that replace are looked at behind those that fail.
    "INSERT INTO k VALUES (1, 2)": False,
    "REPLACE INTO k VALUES (1, 2)": False,
    # A loop comes back to what may fail.
    "REPLACE INTO t SELECT x, x, x FROM l": True,
    "UPDATE t SET a = abs(a)": True,
    "UPDATE t SET b = 1 WHERE a = 7": True,
    "UPDATE t SET a = a || ?": True,
    # Nothing fails but by the disk.
    "DELETE FROM t WHERE a + 1 > ?": False,
    # Triggers.
    "INSERT INTO l VALUES (1)": True,
}


@pytest.mark.parametrize("sql", NEEDED)
def test_a_journal_is_kept_where_it_is_needed(sql: str) -> None:
    connection = Connection(":memory:")
    connection.execute(TABLES)
    statement, _ = connection.prepare(sql)
    assert statement is not None
    assert statement.program.needs_statement_journal == NEEDED[sql]


@pytest.mark.parametrize(
    "sql",
    (
        "INSERT INTO t SELECT x, x, x FROM l",
        "REPLACE INTO t SELECT x, nullif(x, 3), x FROM l",
        "UPDATE t SET a = nullif(a, 12)",
        "UPDATE t SET id = id + 1",
        "UPDATE k SET v = 5",
        "INSERT INTO k VALUES ('one', 'second')",
        "REPLACE INTO k SELECT 'one', abs(-9223372036854775808)",
    ),
)
def test_what_fails_in_a_transaction_is_undone_as_a_whole(sql: str) -> None:
    connection = Connection(":memory:")
    connection.execute(TABLES + "DROP TRIGGER lt; INSERT INTO l VALUES (1), (2), (3), (0)")
    connection.execute(
        "INSERT INTO t VALUES (10, 11, 1), (11, 12, 1); INSERT INTO k VALUES ('one', 'first'), ('two', 'second')"
    )
    connection.execute("BEGIN; UPDATE t SET b = 2")
    before = [connection.execute(f"SELECT * FROM {table}") for table in "tk"]
    with pytest.raises(SqlError):
        connection.execute(sql)
    assert [connection.execute(f"SELECT * FROM {table}") for table in "tk"] == before
