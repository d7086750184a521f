"""The two sides of a comparison: real SQLite through apsw; Keelback's reference engine directly, or the library with
the engine that KEELBACK_ENGINE names, through the Python binding."""

from __future__ import annotations

import sys
from pathlib import Path

import apsw
from apsw.ext import generate_series, make_virtual_module
from keelback_core.engine.connection import Connection
from keelback_core.value.errors import SqlError

BINDING = Path(__file__).resolve().parents[2] / "bindings/python/src"

Outcome = tuple[str, object]


class RealSqlite:
    """Runs statements on real SQLite; an outcome is ("rows", list of tuples) or ("error", (code, message))."""

    def __init__(self, path: str) -> None:
        self.connection = apsw.Connection(path)
        # Its build has no generate_series; ours is compared with a table of whole numbers.
        make_virtual_module(self.connection, "generate_series", generate_series)

    def run(self, sql: str) -> Outcome:
        try:
            rows = list(self.connection.execute(sql))
        except apsw.Error as error:
            return "error", (getattr(error, "extendedresult", 1), _message(error))
        return "rows", (rows, self.connection.changes())

    def close(self) -> None:
        self.connection.close()


class Keelback:
    """Runs statements on Keelback; outcomes as RealSqlite."""

    def __init__(self, path: str) -> None:
        self.connection = Connection(path)

    def run(self, sql: str) -> Outcome:
        try:
            rows = [tuple(row) for row in self.connection.execute(sql)]
        except SqlError as error:
            return "error", (error.code, error.message)
        return "rows", (rows, self.connection.changes)

    def close(self) -> None:
        self.connection.close()


class KeelbackLibrary:
    """Runs statements on libkeelback.so; outcomes as RealSqlite."""

    def __init__(self, path: str) -> None:
        sys.path.insert(0, str(BINDING))
        self.binding = __import__("keelback")
        self.connection = self.binding.connect(path, isolation_level=None)

    def run(self, sql: str) -> Outcome:
        try:
            rows = self.connection.execute(sql).fetchall()
        except self.binding.Error as error:
            return "error", (getattr(error, "sqlite_errorcode", -1), str(error))
        return "rows", (rows, self.connection.execute("SELECT changes()").fetchone()[0])

    def close(self) -> None:
        self.connection.close()


def _message(error: apsw.Error) -> str:
    """The message without the prefix that apsw adds."""
    text = str(error)
    name = type(error).__name__ + ": "
    return text.removeprefix(name)
