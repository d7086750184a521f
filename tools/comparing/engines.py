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
    """Runs statements on real SQLite; an outcome is ("rows", (list of tuples, changes, names of columns)) or
    ("error", (code, message))."""

    def __init__(self, path: str) -> None:
        # A statement that is kept tells the names that it had when it was first compiled.
        self.connection = apsw.Connection(path, statementcachesize=0)
        self.names: tuple[str, ...] = ()
        self.connection.exec_trace = self._note_names
        # Its build has no generate_series; ours is compared with a table of whole numbers.
        make_virtual_module(self.connection, "generate_series", generate_series)

    def run(self, sql: str) -> Outcome:
        try:
            self.names = ()
            rows = list(self.connection.execute(sql))
        except apsw.Error as error:
            return "error", (getattr(error, "extendedresult", 1), _message(error))
        return "rows", (rows, self.connection.changes(), self.names)

    def _note_names(self, cursor: apsw.Cursor, _sql: str, _bindings: object) -> bool:
        self.names = tuple(name for name, _ in cursor.get_description())
        return True

    def close(self) -> None:
        self.connection.close()


class Keelback:
    """Runs statements on Keelback; outcomes as RealSqlite."""

    def __init__(self, path: str) -> None:
        self.connection = Connection(path)

    def run(self, sql: str) -> Outcome:
        try:
            rows, names = self._rows_of(sql)
        except SqlError as error:
            return "error", (error.code, error.message)
        return "rows", (rows, self.connection.changes, names)

    def _rows_of(self, sql: str) -> tuple[list[tuple[object, ...]], tuple[str, ...]]:
        statement, _ = self.connection.prepare(sql)
        if statement is None:
            return [], ()
        rows = []
        try:
            while statement.step():
                rows.append(tuple(statement.row))
            return rows, statement.column_names
        finally:
            statement.finalize()

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
            cursor = self.connection.execute(sql)
            names = tuple(column[0] for column in cursor.description or ())
            rows = cursor.fetchall()
        except self.binding.Error as error:
            return "error", (getattr(error, "sqlite_errorcode", -1), str(error))
        return "rows", (rows, self.connection.execute("SELECT changes()").fetchone()[0], names)

    def close(self) -> None:
        self.connection.close()


def _message(error: apsw.Error) -> str:
    """The message without the prefix that apsw adds."""
    text = str(error)
    name = type(error).__name__ + ": "
    return text.removeprefix(name)
