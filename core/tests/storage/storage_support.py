"""What the storage tests share: files with a schema written by hand, comparators, and child processes.

Tables in these files are made by putting rows into sqlite_schema, as the engine would do, so that real SQLite can read
them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import apsw
from keelback_core.reference.storage.database import Database
from keelback_core.reference.storage.vfs import Vfs
from keelback_core.value.key import KeyComparator, compare_binary
from keelback_core.value.key_info import KeyInfo
from keelback_core.value.record import decode_record, encode_record

READ_WRITE_CREATE = 6
READ_ONLY = 1
IS_LONG = os.environ.get("KEELBACK_LONG") == "1"
CORE = str(Path(__file__).resolve().parents[2])


def comparator(*flags: int) -> KeyComparator:
    """A BINARY comparator with the given sort flags."""
    return KeyComparator(KeyInfo(("BINARY",) * len(flags), tuple(flags), len(flags)), (compare_binary,) * len(flags))


def open_database(path: Any, vfs: Vfs | None = None, synchronous: int = 0, page_size: int = 4096) -> Database:
    """Open a file without syncs."""
    database = Database.open(str(path), READ_WRITE_CREATE, vfs)
    database.synchronous = synchronous
    if page_size != 4096:
        database.set_page_size(page_size)
    return database


def add_schema_row(database: Database, kind: str, name: str, table: str, root: int, sql: str) -> None:
    """Write a row of sqlite_schema and raise the schema cookie."""
    cursor = database.open_table_cursor(1, True)
    rowid = cursor.rowid + 1 if cursor.last() else 1
    cursor.insert(rowid, encode_record([kind, name, table, root, sql]))
    cursor.close()
    database.set_meta(1, database.get_meta(1) + 1)
    database.set_meta(2, 4)
    database.set_meta(5, 1)


def create_table(database: Database) -> int:
    """In a write transaction: t(a INTEGER PRIMARY KEY, b) alone. Gives its root."""
    table = database.create_root(True)
    add_schema_row(database, "table", "t", "t", table, "CREATE TABLE t(a INTEGER PRIMARY KEY, b)")
    return table


def create_t(database: Database, index_columns: str = "b") -> tuple[int, int]:
    """In a write transaction: t(a INTEGER PRIMARY KEY, b) and an index. Gives both roots."""
    table = database.create_root(True)
    index = database.create_root(False)
    add_schema_row(database, "table", "t", "t", table, "CREATE TABLE t(a INTEGER PRIMARY KEY, b)")
    add_schema_row(database, "index", "tb", "t", index, f"CREATE INDEX tb ON t({index_columns})")
    return table, index


def table_rows(database: Database, root: int) -> dict[int, list[Any]]:
    """The rows of a table tree."""
    cursor = database.open_table_cursor(root, False)
    rows: dict[int, list[Any]] = {}
    is_on_row = cursor.first()
    while is_on_row:
        rows[cursor.rowid] = decode_record(
            cursor.payload(), cursor.encoding if database.encoding == 1 else database.encoding
        )
        is_on_row = cursor.next()
    cursor.close()
    return rows


def index_rows(database: Database, root: int, compare: KeyComparator) -> list[list[Any]]:
    """The entries of an index tree in order."""
    cursor = database.open_index_cursor(root, False, compare)
    rows = []
    is_on_row = cursor.first()
    while is_on_row:
        rows.append(cursor.values())
        is_on_row = cursor.next()
    cursor.close()
    return rows


def roots_in_order(path: Any) -> list[int]:
    """The roots as real SQLite's integrity_check goes through them: the newest table first, sqlite_schema last."""
    with_oracle = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    rows = list(with_oracle.execute("SELECT type, name, tbl_name, rootpage FROM sqlite_schema WHERE rootpage > 0"))
    with_oracle.close()
    roots: list[int] = []
    for kind, name, _, root in reversed(rows):
        if kind == "table":
            roots.append(root)
            roots.extend(r for k, _, table, r in rows if k == "index" and table == name)
    return [*roots, 1]


def oracle_check(path: Any) -> str:
    """What real SQLite's integrity_check says; "ok" at best."""
    connection = apsw.Connection(str(path))
    try:
        return "\n".join(text for (text,) in connection.execute("PRAGMA integrity_check"))
    finally:
        connection.close()


def oracle_rows(path: Any, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query in real SQLite."""
    connection = apsw.Connection(str(path))
    try:
        return list(connection.execute(sql))
    finally:
        connection.close()


def start_child(code: str, *arguments: Any) -> subprocess.Popen[str]:
    """A Python process with our core on its path; talks through pipes."""
    environment = dict(os.environ)
    environment["PYTHONPATH"] = CORE + os.pathsep + str(Path(__file__).parent)
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


class OracleProcess:
    """Real SQLite in another process: `run(sql)` gives the rows, or the error's text."""

    CODE = """
import sys, json, apsw
connection = apsw.Connection(sys.argv[1])
for line in sys.stdin:
    try:
        print(json.dumps([list(row) for row in connection.execute(json.loads(line))]), flush=True)
    except apsw.Error as error:
        print(json.dumps(str(error)), flush=True)
"""

    def __init__(self, path: Any) -> None:
        self.process = start_child(self.CODE, path)

    def run(self, sql: str) -> Any:
        """Execute; rows as lists, or "<error class>: text"."""
        import json

        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(sql) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()
