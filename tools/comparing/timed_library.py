"""A database in a shared library with the SQLite C API, whose statements are timed: rows, CPU seconds, plans."""

from __future__ import annotations

import ctypes
import math
import threading
import time

ROW, DONE, INTERRUPTED = 100, 101, 9
INTEGER, REAL, TEXT = 1, 2, 3
LOOK_AT_CLOCK = 0.1

Rows = list[tuple[object, ...]]


class TimedLibrary:
    """One connection. Statements that take longer than `limit` CPU seconds are interrupted."""

    def __init__(self, path: str, database: str, limit: float) -> None:
        # Each library with its own symbols (RTLD_DEEPBIND), for both have the same names.
        self.library = ctypes.CDLL(path, mode=getattr(ctypes, "RTLD_LOCAL", 0) | 0x8)
        self.library.sqlite3_column_text.restype = ctypes.c_char_p
        self.library.sqlite3_column_double.restype = ctypes.c_double
        self.library.sqlite3_column_int64.restype = ctypes.c_int64
        self.library.sqlite3_errmsg.restype = ctypes.c_char_p
        self.handle = ctypes.c_void_p()
        if self.library.sqlite3_open(database.encode(), ctypes.byref(self.handle)):
            raise SystemExit(f"{path}: cannot open {database}")
        self.limit = limit

    def close(self) -> None:
        self.library.sqlite3_close(self.handle)

    def seconds(self, sql: str) -> float:
        """CPU seconds from prepare to finalize; no column is read."""
        text = sql.encode()
        watcher, is_over = self._watch()
        start = time.process_time()
        code = self.library.sqlite3_exec(self.handle, text, None, None, None)
        spent = time.process_time() - start
        is_over.set()
        watcher.join()
        return max(spent, self.limit) if code == INTERRUPTED else spent

    def rows(self, sql: str) -> Rows | str | None:
        """All rows; the message if the statement is refused, None if it took too long."""
        watcher, is_over = self._watch()
        try:
            return self._rows(sql)
        finally:
            is_over.set()
            watcher.join()

    def plan(self, sql: str) -> list[str]:
        """EXPLAIN QUERY PLAN, indented."""
        rows = self._rows("EXPLAIN QUERY PLAN " + sql)
        if not isinstance(rows, list):
            return [str(rows)]
        depths: dict[object, int] = {0: -1}
        found = []
        for identifier, parent, _, text in rows:
            depths[identifier] = depths[parent] + 1
            found.append("  " * depths[identifier] + str(text))
        return found

    def _watch(self) -> tuple[threading.Thread, threading.Event]:
        # From outside: a progress handler would be counted, and keeps engines from working on many rows at once.
        is_over = threading.Event()
        end = time.process_time() + self.limit

        def watch() -> None:
            while not is_over.wait(LOOK_AT_CLOCK):
                if time.process_time() > end:
                    self.library.sqlite3_interrupt(self.handle)

        watcher = threading.Thread(target=watch)
        watcher.start()
        return watcher, is_over

    def _rows(self, sql: str) -> Rows | str | None:
        statement = ctypes.c_void_p()
        if self.library.sqlite3_prepare_v2(self.handle, sql.encode(), -1, ctypes.byref(statement), None):
            return str(self.library.sqlite3_errmsg(self.handle).decode())
        count = self.library.sqlite3_column_count(statement)
        found: Rows = []
        while (code := self.library.sqlite3_step(statement)) == ROW:
            found.append(tuple(self._value(statement, column) for column in range(count)))
        message = self.library.sqlite3_errmsg(self.handle).decode() if code != DONE else ""
        self.library.sqlite3_finalize(statement)
        if code == INTERRUPTED:
            return None
        return found if code == DONE else str(message)

    def _value(self, statement: ctypes.c_void_p, column: int) -> object:
        kind = self.library.sqlite3_column_type(statement, column)
        if kind == INTEGER:
            return self.library.sqlite3_column_int64(statement, column)
        if kind == REAL:
            return self.library.sqlite3_column_double(statement, column)
        return self.library.sqlite3_column_text(statement, column).decode() if kind == TEXT else None


def same_rows(sql: str, one: Rows, other: Rows) -> bool:
    """Whether the rows are equal in any order; with a LIMIT, for which rows may be chosen by their order, and with
    columns of a group that are no keys, only how many they are. Sums of reals may differ in the last digits."""
    if len(one) != len(other):
        return False
    if "LIMIT" in sql or "limit_view" in sql or _depends_on_order(sql):
        return True
    for left, right in zip(sorted(one, key=_key), sorted(other, key=_key), strict=True):
        for a, b in zip(left, right, strict=True):
            if isinstance(a, float) and isinstance(b, float):
                if not math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-6):
                    return False
            elif a != b:
                return False
    return True


def _depends_on_order(sql: str) -> bool:
    return any(word in sql for word in ("row_number", "group_concat", "sum(x.b) OVER", "GROUP BY", "SELECT max("))


def _key(row: tuple[object, ...]) -> tuple[tuple[str, object], ...]:
    return tuple((type(value).__name__, f"{value:.6g}" if isinstance(value, float) else value or 0) for value in row)
