"""Databases whose pages keep bytes at their ends for somebody else: deserialized, copied, vacuumed as in real SQLite.

The bytes are asked for by SQLITE_FCNTL_RESERVE_BYTES before the first page is made.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import apsw
import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))
from tools.comparing.prepared import Database, our_functions, real_functions  # noqa: E402

RESERVE_BYTES = 38
RESERVED_OFFSET = 20
DONE = 101
MAKE = """
CREATE TABLE t(a, b); CREATE INDEX tb ON t(b);
WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 300)
INSERT INTO t SELECT i, printf('%.*c', i % 90, 'x') FROM n;
INSERT INTO t VALUES (1, zeroblob(20000)), (2, zeroblob(3900));
DELETE FROM t WHERE a % 3 = 0;
"""
QUESTIONS = (
    "PRAGMA integrity_check",
    "SELECT count(*), sum(a), sum(length(b)) FROM t",
    "INSERT INTO t SELECT a + 1000, b FROM t LIMIT 150",
    "DELETE FROM t WHERE a % 7 = 1",
    "PRAGMA integrity_check",
    "VACUUM",
    "INSERT INTO t SELECT a + 2000, b FROM t",
    "PRAGMA integrity_check",
    "SELECT count(*), sum(a), sum(length(b)) FROM t",
)


def made(path: Path, reserve: int, mode: str = "DELETE") -> bytes:
    """A database of real SQLite with so many reserved bytes a page."""
    connection = apsw.Connection(str(path))
    wanted = ctypes.c_int(reserve)
    connection.file_control("main", RESERVE_BYTES, ctypes.addressof(wanted))
    connection.execute(f"PRAGMA journal_mode = {mode}")
    connection.execute(MAKE)
    connection.close()
    content = path.read_bytes()
    assert content[RESERVED_OFFSET] == reserve
    return content


def opened(functions: dict[str, object], content: bytes) -> Database:
    database = Database(functions)
    block = ctypes.create_string_buffer(content, len(content) + (1 << 20))
    size = len(content)
    code = database.call["deserialize"](database.handle, b"main", ctypes.addressof(block), size, size + (1 << 20), 0)
    assert code == 0
    database.block = block  # type: ignore[attr-defined]  # it lives as long as the database
    return database


@pytest.mark.parametrize("reserve", [1, 8, 255])
def test_a_deserialized_database_is_whole(tmp_path: Path, reserve: int) -> None:
    content = made(tmp_path / "a.db", reserve)
    found = [
        [opened(functions, content).rows(sql) for sql in QUESTIONS] for functions in (our_functions(), real_functions())
    ]
    assert found[0] == found[1]
    assert found[0][0][2] == (((3, b"ok"),),)


@pytest.mark.parametrize("pages", [-1, 3])
def test_a_copy_in_memory_is_whole(tmp_path: Path, pages: int) -> None:
    made(tmp_path / "a.db", 8)
    found = []
    for functions in (our_functions(), real_functions()):
        source = Database(functions, str(tmp_path / "a.db"))
        copy = Database(functions)
        handle = copy.call["backup_init"](copy.handle, b"main", source.handle, b"main")
        code = 0
        while code == 0:
            code = copy.call["backup_step"](handle, pages)
        assert code == DONE and copy.call["backup_finish"](handle) == 0
        found.append([copy.rows(sql) for sql in QUESTIONS])
    assert found[0] == found[1]
    assert found[0][0][2] == (((3, b"ok"),),)


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_vacuum_keeps_the_reserved_bytes(tmp_path: Path, mode: str) -> None:
    found = []
    for name, functions in (("ours", our_functions()), ("real", real_functions())):
        path = tmp_path / f"{name}.db"
        made(path, 8, mode)
        database = Database(functions, str(path))
        rows = [database.rows(sql) for sql in (*QUESTIONS, f"VACUUM INTO '{tmp_path / name}-copy'")]
        database.close()
        reserved = [Path(file).read_bytes()[RESERVED_OFFSET] for file in (path, tmp_path / f"{name}-copy")]
        check = apsw.Connection(str(path)).execute("PRAGMA integrity_check").get
        found.append((rows, reserved, check))
    assert found[0] == found[1]
    assert found[0][1] == [8, 8]


def test_vacuum_takes_over_what_was_asked_for(tmp_path: Path) -> None:
    found = []
    for name, functions in (("ours", our_functions()), ("real", real_functions())):
        path = tmp_path / f"{name}.db"
        made(path, 0)
        database = Database(functions, str(path))
        wanted = ctypes.c_int(16)
        control = database.call["file_control"]
        codes = [control(database.handle, b"main", RESERVE_BYTES, ctypes.addressof(wanted)), wanted.value]
        rows = [database.rows(sql) for sql in QUESTIONS]
        database.close()
        found.append((codes, rows, path.read_bytes()[RESERVED_OFFSET]))
    assert found[0] == found[1]
    assert found[0][2] == 16


def test_rows_that_run_into_reserved_bytes_are_read_and_not_freed(tmp_path: Path) -> None:
    content = bytearray(made(tmp_path / "a.db", 0))
    content[RESERVED_OFFSET] = 3
    questions = (
        "SELECT count(*), sum(a) FROM t WHERE a BETWEEN 1 AND 40",
        "SELECT b FROM t WHERE b > 'x' AND b < 'xxx'",
        "SELECT name FROM sqlite_schema",
        "DELETE FROM t WHERE a < 100",
    )
    found = []
    for name, functions in (("ours", our_functions()), ("real", real_functions())):
        path = tmp_path / f"{name}.db"
        path.write_bytes(content)
        database = Database(functions, str(path))
        found.append([database.rows(sql) for sql in questions])
        database.close()
    assert found[0] == found[1]
    assert found[0][0][2] and found[0][3][3] == 11
