"""Code that is kept with a table is what the long way emits, whatever the statement around it took before."""

from __future__ import annotations

import pytest
from keelback_core.compiler.emit.kept_code import MOST_KEPT
from keelback_core.engine.connection import Connection

TABLES = (
    "CREATE TABLE t(a, b, c)",
    "CREATE TABLE t(a INTEGER PRIMARY KEY, b REAL, c TEXT NOT NULL)",
    "CREATE TABLE t(a INTEGER PRIMARY KEY ON CONFLICT REPLACE, b UNIQUE ON CONFLICT IGNORE, c UNIQUE)",
    "CREATE TABLE t(a INT, b TEXT, c, PRIMARY KEY(b DESC, a)) WITHOUT ROWID",
    "CREATE TABLE t(a INT, b TEXT, c ANY NOT NULL ON CONFLICT REPLACE) STRICT",
    "CREATE TABLE t(a, b, c); CREATE INDEX tb ON t(b); CREATE UNIQUE INDEX tcb ON t(c COLLATE NOCASE, b)",
)
ACTIONS = ("", "OR ROLLBACK ", "OR ABORT ", "OR FAIL ", "OR IGNORE ", "OR REPLACE ")
# Registers, cursors and labels are taken before the row is written, or not.
STATEMENTS = (
    "INSERT {}INTO t VALUES (1, 2, 3)",
    "INSERT {}INTO t(c, b) VALUES (1 + ?, CASE WHEN ?2 THEN 1 ELSE abs(?3) END)",
    "INSERT {}INTO t SELECT x, y, x FROM u WHERE y > ?",
    "INSERT {}INTO t(b, c, a) SELECT c, b, a FROM t",
    "INSERT {}INTO t(rowid, b, c) VALUES (7, 8, (SELECT max(x) FROM u))",
    "UPDATE {}t SET b = ?",
    "UPDATE {}t SET b = b + 1, c = (SELECT max(x) FROM u WHERE y = a) WHERE rowid = ?",
    "UPDATE {}t SET b = a WHERE c IN (SELECT x FROM u)",
    "UPDATE {}t SET a = a + 1, b = 2 WHERE c > 'x'",
    "UPDATE {}t SET b = x FROM u WHERE u.y = t.c",
    "DELETE FROM t WHERE rowid = ?",
    "DELETE FROM t WHERE abs(c) > (SELECT 7) + 1",
    "DELETE FROM t WHERE c + 1 > ? RETURNING b",
    "UPDATE {}t SET (b, c) = (SELECT x, y FROM u) WHERE a BETWEEN 1 AND 9 RETURNING a, b + 1",
)


def listing(connection: Connection, sql: str) -> list[list[object]] | str:
    """What EXPLAIN says of a statement."""
    try:
        return connection.execute("EXPLAIN " + sql)
    except Exception as error:
        return str(error)


def new_connection(table: str) -> Connection:
    """A connection of which nobody has asked anything yet."""
    connection = Connection(":memory:")
    connection.execute(f"{table}; CREATE TABLE u(x, y)")
    return connection


@pytest.mark.parametrize("table", TABLES)
def test_a_statement_has_the_same_program_first_and_after_others(table: str) -> None:
    texts = [text.format(action) for text in STATEMENTS for action in ACTIONS]
    alone = [listing(new_connection(table), text) for text in texts]
    together = new_connection(table)
    for _ in range(2):
        assert [listing(together, text) for text in texts] == alone


def opcodes(connection: Connection, sql: str) -> list[object]:
    """The names of a statement's instructions."""
    return [row[1] for row in connection.execute("EXPLAIN " + sql)]


def test_what_is_kept_of_a_table_ends_when_somebody_begins_to_look() -> None:
    connection = new_connection(TABLES[0])
    text = "INSERT INTO t VALUES (1, 2, 3)"
    plain = opcodes(connection, text)
    assert opcodes(connection, text) == plain
    connection.execute("CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO u VALUES (NEW.a, NEW.b); END")
    assert "Program" in opcodes(connection, text)
    connection.execute("DROP TRIGGER r")
    assert opcodes(connection, text) == plain
    connection.execute("CREATE TEMP TRIGGER r BEFORE INSERT ON t BEGIN DELETE FROM u; END")
    assert "Program" in opcodes(connection, text)
    connection.execute("DROP TRIGGER r; CREATE TABLE child(p REFERENCES t(a)); CREATE UNIQUE INDEX ta ON t(a)")
    assert "FkCounter" not in opcodes(connection, "UPDATE t SET a = 1")
    connection.execute("PRAGMA foreign_keys = 1")
    assert "FkCounter" in opcodes(connection, "UPDATE t SET a = 1")


def test_what_is_kept_of_a_table_has_a_limit() -> None:
    connection = Connection(":memory:")
    names = [f"c{number}" for number in range(9)]
    connection.execute(f"CREATE TABLE t({', '.join(names)})")
    for mask in range(1, 1 << len(names)):
        chosen = [name for number, name in enumerate(names) if mask >> number & 1]
        connection.execute("UPDATE t SET " + ", ".join(f"{name} = 1" for name in chosen))
    table = connection.catalog().find_table("t")
    assert table is not None
    assert 0 < len(table.kept_code) <= MOST_KEPT
