"""A child process that runs SQL on one of the three engines: Keelback's kernel, its reference, or real SQLite.

Files are shared between processes only: POSIX locks do not keep the engines of one process apart.

`SqlProcess(kind, path)` with kind "kernel", "reference" or "sqlite"; `run(sql)` gives rows (lists of values; blobs as
hexadecimal text) or raises SqlFailed with the extended result code. The child answers one line of JSON a statement.
Run as a script it is that child.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
LIBRARY = Path(os.environ.get("KEELBACK_BUILD", ROOT / "build")) / "libkeelback.so.0"
ROW, DONE = 100, 101


class SqlFailed(Exception):
    """A statement failed; code: the extended result code, message: its text."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def fails(connection, sql: str) -> int:
    """The code that a statement fails with, on a connection of any kind; AssertionError if it does not."""
    try:
        connection.run(sql)
    except SqlFailed as failure:
        return failure.code
    raise AssertionError(sql)


class LibraryConnection:
    """A connection of the C library, by ctypes."""

    def __init__(self, path: str, flags: int = 0x46) -> None:
        library = ctypes.CDLL(str(LIBRARY))
        for name in ("errmsg", "column_text"):
            getattr(library, "sqlite3_" + name).restype = ctypes.c_char_p
        library.sqlite3_column_int64.restype = ctypes.c_int64
        library.sqlite3_column_double.restype = ctypes.c_double
        library.sqlite3_column_blob.restype = ctypes.c_void_p
        self.library = library
        self.handle = ctypes.c_void_p()
        code = library.sqlite3_open_v2(path.encode(), ctypes.byref(self.handle), flags, None)
        if code:
            raise SqlFailed(code, "open")
        library.sqlite3_extended_result_codes(self.handle, 1)

    def _fail(self, code: int) -> None:
        raise SqlFailed(code, self.library.sqlite3_errmsg(self.handle).decode())

    def run(self, sql: str) -> list[list[Any]]:
        """The rows of all statements of a text."""
        library = self.library
        text = sql.encode() + b"\0"
        buffer = ctypes.create_string_buffer(text)
        at = ctypes.addressof(buffer)
        rows: list[list[Any]] = []
        while True:
            statement = ctypes.c_void_p()
            tail = ctypes.c_void_p()
            code = library.sqlite3_prepare_v2(
                self.handle, ctypes.c_void_p(at), -1, ctypes.byref(statement), ctypes.byref(tail)
            )
            if code:
                self._fail(code)
            if not statement:
                if not tail.value or ctypes.string_at(tail.value) == b"":
                    return rows
                at = tail.value
                continue
            try:
                while True:
                    code = library.sqlite3_step(statement)
                    if code == DONE:
                        break
                    if code != ROW:
                        self._fail(code)
                    rows.append([self._value(statement, i) for i in range(library.sqlite3_column_count(statement))])
            finally:
                library.sqlite3_finalize(statement)
            at = tail.value or 0

    def _value(self, statement: ctypes.c_void_p, index: int) -> Any:
        library = self.library
        kind = library.sqlite3_column_type(statement, index)
        if kind == 1:
            return library.sqlite3_column_int64(statement, index)
        if kind == 2:
            return library.sqlite3_column_double(statement, index)
        if kind == 3:
            return library.sqlite3_column_text(statement, index).decode()
        if kind == 5:
            return None
        size = library.sqlite3_column_bytes(statement, index)
        return ctypes.string_at(library.sqlite3_column_blob(statement, index), size).hex() if size else ""

    def close(self) -> None:
        code = self.library.sqlite3_close(self.handle)
        if code:
            raise SqlFailed(code, "close")


class OracleConnection:
    """A connection of real SQLite."""

    def __init__(self, path: str, flags: int = 0x46) -> None:
        import apsw

        self.failures = (apsw.Error,)
        try:
            self.connection = apsw.Connection(path, flags=flags)
        except apsw.Error as error:
            raise SqlFailed(error.extendedresult & 0xFFFFFFFF, str(error)) from error

    def run(self, sql: str) -> list[list[Any]]:
        try:
            return [
                [value.hex() if isinstance(value, bytes) else value for value in row]
                for row in self.connection.execute(sql)
            ]
        except self.failures as error:
            raise SqlFailed(error.extendedresult, str(error)) from error

    def close(self) -> None:
        self.connection.close()


class ReferenceConnection:
    """A connection of the Python engine."""

    def __init__(self, path: str, flags: int = 0x46) -> None:
        from keelback_core.engine import Connection
        from keelback_core.value.errors import SqlError

        self.failures = (SqlError,)
        self.connection = Connection(path, flags)

    def run(self, sql: str) -> list[list[Any]]:
        try:
            return self._rows(sql)
        except self.failures as error:
            raise SqlFailed(error.code, error.message) from error

    def _rows(self, sql: str) -> list[list[Any]]:
        rows = []
        while sql:
            statement, tail = self.connection.prepare(sql)
            sql = sql[tail:]
            if statement is None:
                break
            try:
                while statement.step():
                    rows.append([bytes(v).hex() if isinstance(v, bytes | memoryview) else v for v in statement.row])
            finally:
                statement.finalize()
        return rows

    def close(self) -> None:
        self.connection.close()


KINDS: dict[str, Callable[..., Any]] = {
    "kernel": LibraryConnection,
    "reference": ReferenceConnection,
    "sqlite": OracleConnection,
}


class SqlProcess:
    """See the module."""

    def __init__(self, kind: str, path: Path | str, flags: int = 0x46) -> None:
        environment = dict(os.environ, KEELBACK_ENGINE="kernel")
        environment["PYTHONPATH"] = os.pathsep.join(
            [str(ROOT / "core"), *filter(None, [environment.get("PYTHONPATH")])]
        )
        self.child = subprocess.Popen(
            [sys.executable, __file__, kind, str(path), str(flags)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self.answer()

    def send(self, sql: str) -> None:
        """Have a text run, without waiting."""
        assert self.child.stdin is not None
        self.child.stdin.write(json.dumps(sql) + "\n")
        self.child.stdin.flush()

    def answer(self) -> list[list[Any]]:
        """The rows of the text that was sent."""
        assert self.child.stdout is not None
        line = self.child.stdout.readline()
        assert line, "the child has died"
        found = json.loads(line)
        if "code" in found:
            raise SqlFailed(found["code"], found["message"])
        rows: list[list[Any]] = found["rows"]
        return rows

    def run(self, sql: str) -> list[list[Any]]:
        self.send(sql)
        return self.answer()

    def code(self, sql: str) -> int:
        """The extended result code of a text."""
        try:
            self.run(sql)
        except SqlFailed as error:
            return error.code
        return 0

    def kill(self) -> None:
        self.child.kill()
        self.child.wait()
        self._close_pipes()

    def close(self) -> None:
        """Close the connection in order and end the process."""
        assert self.child.stdin is not None
        self.child.stdin.close()
        self.child.wait(60)
        self._close_pipes()

    def _close_pipes(self) -> None:
        for pipe in (self.child.stdin, self.child.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except BrokenPipeError:
                # What was not sent yet is not wanted by a child that is gone.
                continue

    def __enter__(self) -> SqlProcess:
        return self

    def __exit__(self, *_: object) -> None:
        if self.child.poll() is None:
            self.close()


def serve(kind: str, path: str, flags: int) -> None:
    """The child: a line of JSON in, a line of JSON out."""

    def tell(answer: dict[str, Any]) -> None:
        print(json.dumps(answer), flush=True)

    try:
        connection = KINDS[kind](path, flags)
    except SqlFailed as error:
        tell({"code": error.code, "message": error.message})
        return
    tell({"rows": []})
    for line in sys.stdin:
        try:
            tell({"rows": connection.run(json.loads(line))})
        except SqlFailed as error:
            tell({"code": error.code, "message": error.message})
    connection.close()


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2], int(sys.argv[3]))
