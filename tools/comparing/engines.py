"""The two sides of a comparison: real SQLite through apsw, Keelback's engine directly."""

from __future__ import annotations

import apsw
from keelback_core.engine.connection import Connection
from keelback_core.value.errors import SqlError

Outcome = tuple[str, object]


class RealSqlite:
    """Runs statements on real SQLite; an outcome is ("rows", list of tuples) or ("error", (code, message))."""

    def __init__(self, path: str) -> None:
        self.connection = apsw.Connection(path)

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


def _message(error: apsw.Error) -> str:
    """The message without the prefix that apsw adds."""
    text = str(error)
    name = type(error).__name__ + ": "
    return text.removeprefix(name)
