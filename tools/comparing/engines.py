"""The two sides of a comparison: real SQLite through apsw; Keelback's reference engine directly, or the library with
the engine that KEELBACK_ENGINE names, through the Python binding.

What no SQL says is a line that begins with a dot: `.limit CATEGORY N` (N = -2: as at first), `.stop N` (the N-th
call of stop(x) from now on interrupts the connection), `.progress N` (everything is stopped after N instructions;
0: no more). `@folder@` in a statement is the folder that the side has for its files.
"""

from __future__ import annotations

import sys
from pathlib import Path

import apsw
from apsw.ext import generate_series, make_virtual_module
from keelback_core.engine.connection import Connection
from keelback_core.value.errors import SqlError

BINDING = Path(__file__).resolve().parents[2] / "bindings/python/src"

Outcome = tuple[str, object]
FIRST_LIMIT = -2


class Side:
    """Runs statements; an outcome is ("rows", (list of tuples, changes, names of columns)) or
    ("error", (code, message))."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.calls_left = 0
        self.first_limits: dict[int, int] = {}

    def run(self, sql: str) -> Outcome:
        """Run a statement, or what a line with a dot says."""
        if sql.startswith("."):
            self._direct(sql)
            return "rows", ([], 0, ())
        kind, facts = self._run(sql.replace("@folder@", self.folder))
        if kind == "error" and self.folder:
            code, message = facts  # type: ignore[misc]
            return kind, (code, message.replace(self.folder, "@folder@"))
        return kind, facts

    def in_transaction(self) -> bool:
        raise NotImplementedError

    def _run(self, sql: str) -> Outcome:
        raise NotImplementedError

    def _limit(self, category: int, value: int) -> int:
        """Set a limit; the value before."""
        raise NotImplementedError

    def _progress(self, count: int) -> None:
        """Stop everything after so many instructions; 0: no more."""
        raise NotImplementedError

    def _interrupt(self) -> None:
        raise NotImplementedError

    def _direct(self, line: str) -> None:
        word, *numbers = line.split()
        if word == ".stop":
            self.calls_left = int(numbers[0])
        elif word == ".progress":
            self._progress(int(numbers[0]))
        else:
            category, value = (int(number) for number in numbers)
            value = self.first_limits[category] if value == FIRST_LIMIT else value
            before = self._limit(category, value)
            self.first_limits.setdefault(category, before)

    def _stop(self, value: object) -> object:
        """The SQL function stop()."""
        self.calls_left -= 1
        if not self.calls_left:
            self._interrupt()
        return value


class RealSqlite(Side):
    """Real SQLite."""

    def __init__(self, path: str, folder: str = "") -> None:
        super().__init__(folder)
        # A statement that is kept tells the names that it had when it was first compiled.
        self.connection = apsw.Connection(path, statementcachesize=0)
        self.names: tuple[str, ...] = ()
        self.connection.exec_trace = self._note_names
        # Its build has no generate_series; ours is compared with a table of whole numbers.
        make_virtual_module(self.connection, "generate_series", generate_series)
        self.connection.create_scalar_function("stop", self._stop, 1)

    def _run(self, sql: str) -> Outcome:
        try:
            self.names = ()
            rows = list(self.connection.execute(sql))
        except apsw.Error as error:
            return "error", (getattr(error, "extendedresult", 1), _message(error))
        return "rows", (rows, self.connection.changes(), self.names)

    def _note_names(self, cursor: apsw.Cursor, _sql: str, _bindings: object) -> bool:
        self.names = tuple(name for name, _ in cursor.get_description())
        return True

    def in_transaction(self) -> bool:
        return self.connection.in_transaction

    def _limit(self, category: int, value: int) -> int:
        return self.connection.limit(category, value)

    def _progress(self, count: int) -> None:
        self.connection.set_progress_handler((lambda: True) if count else None, count or 1)

    def _interrupt(self) -> None:
        self.connection.interrupt()

    def close(self) -> None:
        self.connection.close()


class Keelback(Side):
    """Keelback's reference engine, without the library."""

    def __init__(self, path: str, folder: str = "") -> None:
        super().__init__(folder)
        self.connection = Connection(path)
        self.connection.create_function("stop", 1, 0, lambda values: self._stop(values[0]))

    def _run(self, sql: str) -> Outcome:
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

    def in_transaction(self) -> bool:
        return not self.connection.autocommit

    def _limit(self, category: int, value: int) -> int:
        return self.connection.limit(category, value)

    def _progress(self, count: int) -> None:
        self.connection.progress_handler = (count, lambda: True) if count else None

    def _interrupt(self) -> None:
        self.connection.interrupt()

    def close(self) -> None:
        self.connection.close()


class KeelbackLibrary(Side):
    """libkeelback.so with the engine that KEELBACK_ENGINE names."""

    def __init__(self, path: str, folder: str = "") -> None:
        super().__init__(folder)
        if str(BINDING) not in sys.path:
            sys.path.insert(0, str(BINDING))
        self.binding = __import__("keelback")
        self.connection = self.binding.connect(path, isolation_level=None, timeout=0)
        self.connection.create_function("stop", 1, self._stop)
        self.progress = 0

    def _run(self, sql: str) -> Outcome:
        try:
            cursor = self.connection.execute(sql)
            names = tuple(column[0] for column in cursor.description or ())
            rows = cursor.fetchall()
        except self.binding.Error as error:
            return "error", (getattr(error, "sqlite_errorcode", -1), str(error))
        if self.progress:
            self._set_progress(0)
        changes = self.connection.execute("SELECT changes()").fetchone()[0]
        if self.progress:
            self._set_progress(self.progress)
        return "rows", (rows, changes, names)

    def in_transaction(self) -> bool:
        return self.connection.in_transaction

    def _limit(self, category: int, value: int) -> int:
        return self.connection.setlimit(category, value)

    def _progress(self, count: int) -> None:
        self.progress = count
        self._set_progress(count)

    def _set_progress(self, count: int) -> None:
        self.connection.set_progress_handler((lambda: True) if count else None, count)

    def _interrupt(self) -> None:
        self.connection.interrupt()

    def close(self) -> None:
        self.connection.close()


def _message(error: apsw.Error) -> str:
    """The message without the prefix that apsw adds."""
    text = str(error)
    name = type(error).__name__ + ": "
    return text.removeprefix(name)
