"""The C API through ctypes, without compiled glue: tells a fault of the library from a fault of a binding.

The library is the one that KEELBACK_LIBRARY names (default build/libkeelback.so).
"""

from __future__ import annotations

import ctypes
import os
from ctypes import c_char_p, c_double, c_int, c_int64, c_void_p

from runner.drivers.serve import SqlFailure, serve
from runner.values import Value, text_from_bytes, text_to_bytes

ROW, DONE = 100, 101
INTEGER, REAL, TEXT, BLOB = 1, 2, 3, 4
TRANSIENT = c_void_p(-1)

_SIGNATURES: dict[str, tuple[object, list[object]]] = {
    "libversion": (c_char_p, []),
    "open_v2": (c_int, [c_char_p, c_void_p, c_int, c_char_p]),
    "close": (c_int, [c_void_p]),
    "extended_result_codes": (c_int, [c_void_p, c_int]),
    "extended_errcode": (c_int, [c_void_p]),
    "errmsg": (c_char_p, [c_void_p]),
    "prepare_v2": (c_int, [c_void_p, c_char_p, c_int, c_void_p, c_void_p]),
    "step": (c_int, [c_void_p]),
    "finalize": (c_int, [c_void_p]),
    "changes": (c_int, [c_void_p]),
    "total_changes": (c_int, [c_void_p]),
    "bind_parameter_count": (c_int, [c_void_p]),
    "bind_parameter_index": (c_int, [c_void_p, c_char_p]),
    "bind_null": (c_int, [c_void_p, c_int]),
    "bind_int64": (c_int, [c_void_p, c_int, c_int64]),
    "bind_double": (c_int, [c_void_p, c_int, c_double]),
    "bind_text": (c_int, [c_void_p, c_int, c_char_p, c_int, c_void_p]),
    "bind_blob": (c_int, [c_void_p, c_int, c_char_p, c_int, c_void_p]),
    "bind_zeroblob": (c_int, [c_void_p, c_int, c_int]),
    "column_count": (c_int, [c_void_p]),
    "column_name": (c_char_p, [c_void_p, c_int]),
    "column_type": (c_int, [c_void_p, c_int]),
    "column_int64": (c_int64, [c_void_p, c_int]),
    "column_double": (c_double, [c_void_p, c_int]),
    "column_text": (c_void_p, [c_void_p, c_int]),
    "column_blob": (c_void_p, [c_void_p, c_int]),
    "column_bytes": (c_int, [c_void_p, c_int]),
}


class Library:
    """The functions of the C API that the driver calls, by their names without `sqlite3_`."""

    def __init__(self, path: str) -> None:
        library = ctypes.CDLL(path)
        self.functions = {}
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(library, "sqlite3_" + name)
            function.restype = result
            function.argtypes = arguments
            self.functions[name] = function

    def __getattr__(self, name: str):  # type: ignore[no-untyped-def]
        return self.functions[name]


class CtypesConnection:
    """One sqlite3 handle."""

    def __init__(self, library: Library, path: str, flags: int) -> None:
        self.library = library
        self.handle = c_void_p()
        code = library.open_v2(path.encode(), ctypes.byref(self.handle), flags, None)
        if code != 0:
            failure = self._failure()
            library.close(self.handle)
            raise failure
        library.extended_result_codes(self.handle, 1)

    def _failure(self) -> SqlFailure:
        message = text_from_bytes(self.library.errmsg(self.handle) or b"")
        return SqlFailure(self.library.extended_errcode(self.handle), message)

    def execute(self, sql: str, parameters: list[Value] | dict[str, Value]) -> tuple[list[str], list[list[Value]], int]:
        """See DriverConnection."""
        library = self.library
        before = library.total_changes(self.handle)
        statement = c_void_p()
        data = text_to_bytes(sql)
        if library.prepare_v2(self.handle, data, len(data), ctypes.byref(statement), None) != 0:
            raise self._failure()
        if not statement:
            return [], [], 0
        try:
            self._bind_all(statement, parameters)
            count = library.column_count(statement)
            columns = [text_from_bytes(library.column_name(statement, column)) for column in range(count)]
            rows = []
            while (code := library.step(statement)) == ROW:
                rows.append([self._column(statement, column) for column in range(count)])
            if code != DONE:
                raise self._failure()
        finally:
            library.finalize(statement)
        changed = library.total_changes(self.handle) != before
        return columns, rows, library.changes(self.handle) if changed else 0

    def _bind_all(self, statement: c_void_p, parameters: list[Value] | dict[str, Value]) -> None:
        if isinstance(parameters, dict):
            for name, value in parameters.items():
                index = self.library.bind_parameter_index(statement, name.encode())
                if index == 0:
                    raise ValueError(f"the statement has no parameter {name}")
                self._bind(statement, index, value)
            return
        count = self.library.bind_parameter_count(statement)
        if count != len(parameters):
            raise ValueError(f"{count} parameters expected, {len(parameters)} given")
        for index, value in enumerate(parameters, 1):
            self._bind(statement, index, value)

    def _bind(self, statement: c_void_p, index: int, value: Value) -> None:
        library = self.library
        if value is None:
            code = library.bind_null(statement, index)
        elif isinstance(value, int):
            code = library.bind_int64(statement, index, value)
        elif isinstance(value, float):
            code = library.bind_double(statement, index, value)
        elif isinstance(value, str):
            data = text_to_bytes(value)
            code = library.bind_text(statement, index, data, len(data), TRANSIENT)
        else:
            code = library.bind_blob(statement, index, value, len(value), TRANSIENT)
        if code != 0:
            raise self._failure()

    def _column(self, statement: c_void_p, column: int) -> Value:
        library = self.library
        kind = library.column_type(statement, column)
        if kind == INTEGER:
            return int(library.column_int64(statement, column))
        if kind == REAL:
            return float(library.column_double(statement, column))
        if kind == TEXT:
            address = library.column_text(statement, column)
            return text_from_bytes(self._bytes_at(address, library.column_bytes(statement, column)))
        if kind == BLOB:
            address = library.column_blob(statement, column)
            return self._bytes_at(address, library.column_bytes(statement, column))
        return None

    @staticmethod
    def _bytes_at(address: int | None, size: int) -> bytes:
        return ctypes.string_at(address, size) if address and size else b""

    def close(self) -> None:
        """See DriverConnection."""
        if self.library.close(self.handle) != 0:
            raise self._failure()


def main() -> None:
    """Serve on the library that the environment names."""
    path = os.environ.get("KEELBACK_LIBRARY", "build/libkeelback.so")
    library = Library(os.path.abspath(path))
    serve(
        {
            "name": "ctypes",
            "version": library.libversion().decode(),
            "language": "python",
            "engine": os.path.basename(path) + " " + os.environ.get("KEELBACK_ENGINE", ""),
            "features": ["named-parameters", "invalid-text", "several-connections"],
        },
        lambda path, flags: CtypesConnection(library, path, flags),
    )


if __name__ == "__main__":
    main()
