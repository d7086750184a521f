"""Statements of one or two connections in random turns, beside real SQLite: rows, errors, counters, autocommit."""

from __future__ import annotations

import random
from typing import Any

import apsw
import pytest
from keelback_core.engine.connection import Connection
from keelback_core.value.errors import SqlError

SCHEMA = """
CREATE TABLE t(a INTEGER PRIMARY KEY, b, c UNIQUE);
CREATE INDEX tb ON t(b);
CREATE TABLE u(x)
"""
QUERIES = [
    "SELECT a, b, c FROM t",
    "SELECT a, b FROM t ORDER BY a DESC",
    "SELECT b, a FROM t WHERE b >= 3",
    "SELECT c, a FROM t WHERE c > 5 ORDER BY c",
    "SELECT b, a, c FROM t ORDER BY b DESC",
    "SELECT count(*), sum(b) FROM t",
    "SELECT x FROM u",
    "SELECT t.a, u.x FROM t, u",
    "SELECT b, count(*) FROM t GROUP BY b",
]


class Ours:
    """The connection under test."""

    def __init__(self, path: str = ":memory:") -> None:
        self.connection = Connection(path)
        self.readers: dict[int, Any] = {}

    def execute(self, sql: str) -> Any:
        try:
            return [tuple(row) for row in self.connection.execute(sql)]
        except SqlError as error:
            return error.message

    def open(self, number: int, sql: str) -> Any:
        self.close(number)
        statement, _ = self.connection.prepare(sql)
        self.readers[number] = statement
        return self.step(number)

    def step(self, number: int) -> Any:
        statement = self.readers.get(number)
        if statement is None:
            return None
        try:
            if statement.step():
                return tuple(statement.row)
            result: Any = None
        except SqlError as error:
            result = error.message
        self.close(number)
        return result

    def close(self, number: int) -> None:
        statement = self.readers.pop(number, None)
        if statement is not None:
            statement.finalize()

    def state(self) -> Any:
        connection = self.connection
        return connection.changes, connection.total_changes, connection.last_insert_rowid, connection.autocommit


class Oracle:
    """The same on real SQLite."""

    def __init__(self, path: str = ":memory:") -> None:
        self.connection = apsw.Connection(path)
        self.readers: dict[int, Any] = {}

    def execute(self, sql: str) -> Any:
        try:
            return self.connection.execute(sql).fetchall()
        except apsw.Error as error:
            return str(error)

    def open(self, number: int, sql: str) -> Any:
        self.close(number)
        self.readers[number] = self.connection.cursor()
        try:
            self.readers[number].execute(sql)
        except apsw.Error as error:
            self.close(number)
            return str(error)
        return self.step(number)

    def step(self, number: int) -> Any:
        cursor = self.readers.get(number)
        if cursor is None:
            return None
        try:
            return next(cursor)
        except StopIteration:
            result: Any = None
        except apsw.Error as error:
            result = str(error)
        self.close(number)
        return result

    def close(self, number: int) -> None:
        cursor = self.readers.pop(number, None)
        if cursor is not None:
            cursor.close(True)

    def state(self) -> Any:
        connection = self.connection
        changes = connection.changes(), connection.total_changes()
        return *changes, connection.last_insert_rowid(), connection.get_autocommit()


def change(chooser: random.Random, with_schema: bool) -> str:
    """A random statement that changes rows, or with_schema the schema too."""
    a, b, c = chooser.randrange(1, 30), chooser.randrange(8), chooser.randrange(12)
    conflict = chooser.choice(["", "", "OR IGNORE", "OR REPLACE", "OR FAIL", "OR ROLLBACK"])
    if with_schema and chooser.randrange(4) == 0:
        return chooser.choice(["CREATE TABLE v(y)", "DROP TABLE v", "CREATE INDEX ux ON u(x)", "DROP INDEX ux"])
    return chooser.choice(
        [
            f"INSERT {conflict} INTO t(b, c) VALUES({b}, {c})",
            f"INSERT {conflict} INTO t VALUES({a}, {b}, {c}), ({a + 1}, {b}, {c + 5})",
            f"DELETE FROM t WHERE a = {a}",
            f"DELETE FROM t WHERE b = {b}",
            f"UPDATE {conflict} t SET b = {b} WHERE a > {a}",
            f"UPDATE {conflict} t SET c = {c} WHERE a = {a}",
            f"UPDATE t SET b = b + 1 WHERE b < {b}",
            f"INSERT INTO u VALUES({a})",
            "DELETE FROM u",
        ]
    )


def control(chooser: random.Random) -> str:
    """A random statement about transactions."""
    name = chooser.choice("xy")
    statements = ["BEGIN", "COMMIT", "ROLLBACK", f"SAVEPOINT {name}", f"RELEASE {name}", f"ROLLBACK TO {name}"]
    return chooser.choice([*statements, "BEGIN", "COMMIT"])


def random_step(chooser: random.Random, with_schema: bool) -> tuple[Any, ...]:
    """A method of Ours and Oracle, and its arguments."""
    number = chooser.randrange(3)
    kind = chooser.choices(["change", "control", "open", "step", "close"], [28, 12, 16, 40, 2])[0]
    if kind == "change":
        return "execute", change(chooser, with_schema)
    if kind == "control":
        return "execute", control(chooser)
    if kind == "open":
        return kind, number, chooser.choice(QUERIES)
    return kind, number


def compare(seed: int, ours: list[Ours], oracles: list[Oracle], steps: int) -> None:
    """Take random steps on both and stop at the first difference.

    Two connections do not change the schema: SQLite keeps the lock of a statement that it must compile again while
    another one reads, and we have compiled it before.
    """
    print("seed", seed)
    chooser = random.Random(seed)
    first_rows = [f"INSERT INTO t VALUES({2 * place + 1}, {place % 5}, {place + 20})" for place in range(12)]
    for sql in [*SCHEMA.split(";"), *first_rows]:
        assert ours[0].execute(sql) == oracles[0].execute(sql) == []
    history = []
    for _ in range(steps):
        which = chooser.randrange(len(ours))
        method, *arguments = random_step(chooser, len(ours) == 1)
        history.append((which, method, *arguments))
        mine = getattr(ours[which], method)(*arguments)
        theirs = getattr(oracles[which], method)(*arguments)
        outcome = (mine, ours[which].state(), theirs, oracles[which].state())
        assert outcome[:2] == outcome[2:], (outcome, history[-12:])
    everything = "SELECT a, b, c FROM t ORDER BY a"
    for mine, theirs in zip(ours, oracles, strict=True):
        for number in range(3):
            mine.close(number)
            theirs.close(number)
        assert mine.execute("COMMIT") == theirs.execute("COMMIT"), history[-12:]
    for mine, theirs in zip(ours, oracles, strict=True):
        left, right = mine.execute(everything), theirs.execute(everything)
        assert left == right, (left, right)
        mine.connection.close()
        theirs.connection.close()


@pytest.mark.parametrize("seed", range(12))
def test_statements_in_random_turns_give_what_sqlite_gives(seed: int) -> None:
    compare(seed, [Ours()], [Oracle()], 300)


@pytest.mark.parametrize("seed", range(6))
def test_two_connections_on_a_file_give_what_sqlite_gives(seed: int, tmp_path: Any) -> None:
    ours, theirs = str(tmp_path / "ours.db"), str(tmp_path / "theirs.db")
    compare(1000 + seed, [Ours(ours), Ours(ours)], [Oracle(theirs), Oracle(theirs)], 250)
    connection = apsw.Connection(ours)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
