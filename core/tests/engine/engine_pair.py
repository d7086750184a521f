"""Runs scripts of statements on Keelback and on real SQLite (apsw) and tells the first difference.

A script is a list of statements, run one after the other on one connection each; of every statement the rows, the
error (extended code and message), changes() and total_changes() are compared, and at the end sqlite_schema and what
real SQLite's integrity_check says of the file that Keelback wrote.
"""

from __future__ import annotations

from typing import Any

import apsw
from keelback_core.engine import Connection
from keelback_core.value.errors import SqlError


class Pair:
    """One connection of each engine, on files of their own (or in memory)."""

    def __init__(self, own_path: str = ":memory:", other_path: str = ":memory:") -> None:
        self.own_path = own_path
        self.own = Connection(own_path)
        self.other = apsw.Connection(other_path)

    def close(self) -> None:
        self.own.close(True)
        self.other.close()

    def run_own(self, sql: str, parameters: Any = ()) -> Any:
        try:
            rows = [tuple(row) for row in self.own.execute(sql, parameters)]
        except SqlError as error:
            return ("error", error.code, error.message)
        return rows

    def run_other(self, sql: str, parameters: Any = ()) -> Any:
        try:
            rows = [tuple(row) for row in self.other.execute(sql, parameters)]
        except apsw.Error as error:
            return ("error", getattr(error, "extendedresult", 0), str(error))
        return rows

    def check(self, sql: str, parameters: Any = ()) -> None:
        """Run a statement on both; AssertionError if they differ."""
        own = self.run_own(sql, parameters)
        other = self.run_other(sql, parameters)
        assert typed(own) == typed(other), f"{sql!r}\n  keelback: {own}\n  sqlite:   {other}"
        state = (self.own.changes, self.own.total_changes, self.own.last_insert_rowid, self.own.autocommit)
        other_state = (
            self.other.changes(),
            self.other.total_changes(),
            self.other.last_insert_rowid(),
            not self.other.in_transaction,
        )
        assert state == other_state, (
            f"{sql!r}: (changes, total, rowid, autocommit)\n  keelback: {state}\n  sqlite:   {other_state}"
        )

    def check_schema(self) -> None:
        """The rows of sqlite_schema are the same."""
        self.check("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema")


def typed(rows: Any) -> Any:
    """Rows with the type of every value, so that 1 and 1.0 differ."""
    if isinstance(rows, tuple):
        return rows
    return [tuple((type(value).__name__, value) for value in row) for row in rows]


def check_script(statements: list[str]) -> None:
    """Run a script on both engines in memory."""
    pair = Pair()
    try:
        for sql in statements:
            pair.check(sql)
        pair.check_schema()
        pair.check("PRAGMA integrity_check")
    finally:
        pair.close()


def check_script_on_files(statements: list[str], folder: Any) -> None:
    """Run a script on files, and have real SQLite check the file that Keelback wrote."""
    pair = Pair(str(folder / "own.db"), str(folder / "other.db"))
    try:
        for sql in statements:
            pair.check(sql)
        pair.check_schema()
        tables = [name for (name,) in pair.other.execute("SELECT name FROM sqlite_schema WHERE type='table'")]
        pair.own.close(True)
        judge = apsw.Connection(pair.own_path)
        assert list(judge.execute("PRAGMA integrity_check")) == [("ok",)]
        for name in tables:
            query = 'SELECT * FROM "' + name.replace('"', '""') + '"'
            assert sorted(map(repr, judge.execute(query))) == sorted(map(repr, pair.other.execute(query))), name
        judge.close()
    finally:
        pair.close()
