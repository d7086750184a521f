"""Small programs of SQL and sqlite3_blob_* calls, and what they answer on a library: for test_blob_handles.py, which
runs this file as a program: blob_programs.py LIBRARY prints the answers of all of blob_cases.py as JSON.

    a> SQL                            run it on connection a (or b, or r, which opens the file read-only)
    h = a schema table column rowid r|w     open; schema `-` is a NULL pointer
    h read OFFSET SIZE                h write OFFSET HEX
    h reopen ROWID                    h bytes
    h close
    a preupdate                       show the rows before they change from now on

Every line answers with its code, the message, rows or bytes, and what the connection says of itself afterwards.
"""

from __future__ import annotations

import ctypes
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from blob_cases import CASES, FORMATS, SCHEMA
from capi_support import load

NAMES = {"a": 6, "b": 6, "r": 1}
ROW, DONE = 100, 101


class BlobProgram:
    """The connections and handles of one run."""

    def __init__(self, library: ctypes.CDLL, path: Path | str) -> None:
        self.library = library
        self.path = str(path)
        self.connections: dict[str, ctypes.c_void_p] = {}
        self.handles: dict[str, tuple[str, ctypes.c_void_p]] = {}
        self.events: list[str] = []
        self.keep: list[object] = []

    def connection(self, name: str) -> ctypes.c_void_p:
        if name not in self.connections:
            handle = ctypes.c_void_p()
            code = self.library.sqlite3_open_v2(self.path.encode(), ctypes.byref(handle), NAMES[name], None)
            assert code == 0
            self.connections[name] = handle
            hook = ctypes.CFUNCTYPE(
                None, ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_longlong
            )(lambda _, kind, schema, table, rowid: self.note(f"{kind} {schema.decode()} {table.decode()} {rowid}"))
            self.keep.append(hook)
            self.library.sqlite3_update_hook(handle, hook, None)
        return self.connections[name]

    def note(self, event: str) -> None:
        # VACUUM writes to a database of its own, whose name is made of chance.
        if " vacuum_" not in event:
            self.events.append(event)

    def run(self, text: str) -> list[str]:
        """The answers, one a line of the program."""
        answers = [self.answer(line.strip()) for line in text.strip().splitlines() if line.strip()]
        for name in list(self.handles):
            answers.append(f"close {name}: {self.close(name)}")
        for name, handle in self.connections.items():
            answers.append(f"close {name}: {self.library.sqlite3_close(handle)}")
        return answers

    def answer(self, line: str) -> str:
        if line[1] == ">":
            name = line[0]
            found = self.sql(self.connection(name), line[2:].strip())
        else:
            words = line.split()
            if words[1] == "preupdate":
                name, found = words[0], self.watch(self.connection(words[0]))
            elif words[1] == "=":
                name = words[2]
                found = self.open(words[0], name, *words[3:])
            else:
                name, found = self.call(words[0], words[1], words[2:])
        return f"{line} -> {found} {self.facts(self.connections[name])}"

    def watch(self, handle: ctypes.c_void_p) -> str:
        library = self.library

        def tell(_: object, db: int, kind: int, schema: bytes, table: bytes, old: int, new: int) -> None:
            event = f"before {kind} {schema.decode()} {table.decode()} {old} {new}"
            column = library.sqlite3_preupdate_blobwrite(ctypes.c_void_p(db))
            values = []
            for index in range(library.sqlite3_preupdate_count(ctypes.c_void_p(db))):
                value = ctypes.c_void_p()
                if library.sqlite3_preupdate_old(ctypes.c_void_p(db), index, ctypes.byref(value)) == 0:
                    size = library.sqlite3_value_bytes(value)
                    values.append(ctypes.string_at(library.sqlite3_value_blob(value) or b"", size)[:9])
            self.note(f"{event} column {column} {values}")

        kinds = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p]
        hook = ctypes.CFUNCTYPE(None, *kinds, ctypes.c_longlong, ctypes.c_longlong)(tell)
        self.keep.append(hook)
        library.sqlite3_preupdate_hook(handle, hook, None)
        return "watching"

    def facts(self, handle: ctypes.c_void_p) -> str:
        library = self.library
        events, self.events = self.events, []
        state = getattr(library, "sqlite3_txn_state", None)
        message = library.sqlite3_errmsg(handle).decode()
        return (
            f"[{library.sqlite3_extended_errcode(handle)} {message}; changes {library.sqlite3_changes(handle)} of "
            f"{library.sqlite3_total_changes(handle)}, autocommit {library.sqlite3_get_autocommit(handle)}, "
            f"state {state(handle, b'main') if state else None} {state(handle, b'temp') if state else None}]"
            f" {events or ''}"
        )

    def sql(self, handle: ctypes.c_void_p, sql: str) -> str:
        library = self.library
        statement = ctypes.c_void_p()
        rest = ctypes.c_char_p(sql.encode())
        rows: list[str] = []
        while rest.value and rest.value.strip():
            code = library.sqlite3_prepare_v2(handle, rest, -1, ctypes.byref(statement), ctypes.byref(rest))
            if code:
                return f"prepare {code}"
            if not statement:
                break
            while (code := library.sqlite3_step(statement)) == ROW:
                columns = range(library.sqlite3_column_count(statement))
                rows.append(",".join(self.value(statement, column) for column in columns))
            code = library.sqlite3_finalize(statement)
            if code:
                return f"step {code}"
        return " ".join(rows)

    def value(self, statement: ctypes.c_void_p, column: int) -> str:
        library = self.library
        is_text = library.sqlite3_column_type(statement, column) == 3
        address = (library.sqlite3_column_text if is_text else library.sqlite3_column_blob)(statement, column)
        size = library.sqlite3_column_bytes(statement, column)
        data = ctypes.string_at(address, size) if address else b""
        return data.decode("utf-8", "backslashreplace") if size < 60 else f"{size}:{data[:4]!r}{hash_of(data)}"

    def open(self, name: str, connection: str, schema: str, table: str, column: str, rowid: str, mode: str) -> str:
        blob = ctypes.c_void_p()
        code = self.library.sqlite3_blob_open(
            self.connection(connection),
            None if schema == "-" else schema.encode(),
            table.encode(),
            column.encode(),
            ctypes.c_longlong(int(rowid)),
            int(mode == "w"),
            ctypes.byref(blob),
        )
        if blob:
            self.handles[name] = (connection, blob)
        return f"{code} {'a handle' if blob else 'none'}"

    def close(self, name: str) -> int:
        _, blob = self.handles.pop(name)
        code: int = self.library.sqlite3_blob_close(blob)
        return code

    def call(self, name: str, what: str, words: list[str]) -> tuple[str, str]:
        library = self.library
        connection, blob = self.handles[name]
        if what == "read":
            offset, size = int(words[0]), int(words[1])
            room = ctypes.create_string_buffer(max(size, 1))
            code = library.sqlite3_blob_read(blob, room, size, offset)
            data = room.raw[: max(size, 0)] if code == 0 else b""
            shown = data if len(data) < 60 else hash_of(data)
            return connection, f"{code} {shown!r}"
        if what == "write":
            data = bytes.fromhex(words[1]) * (int(words[2]) if len(words) > 2 else 1)
            return connection, f"{library.sqlite3_blob_write(blob, data, len(data), int(words[0]))}"
        if what == "reopen":
            return connection, f"{library.sqlite3_blob_reopen(blob, ctypes.c_longlong(int(words[0])))}"
        if what == "bytes":
            return connection, f"{library.sqlite3_blob_bytes(blob)}"
        assert what == "close"
        return connection, f"{self.close(name)}"


def hash_of(data: bytes) -> int:
    """A number that stands for bytes too long to show."""
    value = len(data)
    for byte in data:
        value = (value * 131 + byte) % 1000000007
    return value


def scratch() -> tempfile.TemporaryDirectory[str]:
    """A folder for databases whose commits need not wait for a disk, where there is one."""
    memory = Path("/dev/shm")
    return tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)


def answers_of(library: ctypes.CDLL) -> dict[str, list[str]]:
    """What all programs answer."""
    found = {}
    for name, text in CASES.items():
        with scratch() as folder:
            path = f"{folder}/blobs.db"
            format_sql = FORMATS.get(name.split(":")[0], "")
            BlobProgram(library, path).run("\n".join(f"a> {sql}" for sql in (format_sql + SCHEMA).strip().splitlines()))
            found[name] = BlobProgram(library, path).run(text)
    return found


if __name__ == "__main__":
    print(json.dumps(answers_of(load(sys.argv[1]))))
