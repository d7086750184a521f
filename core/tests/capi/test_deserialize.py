"""sqlite3_deserialize: what it refuses, and how much room the database has then, as in real SQLite."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import apsw
import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))
from tools.comparing.prepared import Database, our_functions, real_functions  # noqa: E402


def content() -> bytes:
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE TABLE t(a); INSERT INTO t VALUES (1), (2)")
    return connection.serialize("main")


CONTENT = content()
QUESTIONS = (
    "SELECT count(*) FROM t",
    "INSERT INTO t VALUES (5)",
    "CREATE TABLE z(a)",
    "SELECT count(*) FROM t",
    "ROLLBACK",
    "SELECT count(*) FROM o",
)


def answers(functions: dict[str, object], schema: bytes | None, more: int, before: tuple[str, ...]) -> list[object]:
    database = Database(functions)
    database.run("CREATE TABLE o(a); ATTACH ':memory:' AS aux; CREATE TABLE aux.ao(a)")
    for sql in before:
        assert database.run(sql) == 0
    block = ctypes.create_string_buffer(CONTENT, len(CONTENT) + max(more, 0))
    size = len(CONTENT)
    code = database.call["deserialize"](database.handle, schema, ctypes.addressof(block), size, size + more, 0)
    found = [code, *(database.rows(sql) for sql in QUESTIONS)]
    database.close()
    return found


@pytest.mark.parametrize("schema", [b"main", b"MAIN", None, b"aux", b"temp", b"nope"])
@pytest.mark.parametrize("more", [0, -1, -4096, 1 << 16])
def test_a_block_without_room_cannot_grow_and_temp_takes_none(schema: bytes | None, more: int) -> None:
    assert answers(our_functions(), schema, more, ()) == answers(real_functions(), schema, more, ())


def test_a_database_that_is_being_written_is_busy() -> None:
    before = ("BEGIN", "INSERT INTO o VALUES (1)")
    assert answers(our_functions(), b"main", 0, before) == answers(real_functions(), b"main", 0, before)


BLOCKS = {
    "a database": CONTENT,
    "another page size": None,
    "no database": b"this is no database" * 300,
    "a header and nothing more": CONTENT[:100],
    "half a page": CONTENT[: len(CONTENT) - 2048],
}
LATER_QUESTIONS = (
    "PRAGMA database_list",
    "SELECT name FROM sqlite_schema",
    "PRAGMA journal_mode",
    "INSERT INTO t VALUES (5)",
    "BEGIN IMMEDIATE",
    "CREATE TABLE z(a)",
    "COMMIT",
    "SELECT count(*) FROM t",
    "SELECT * FROM mine",
    "DELETE FROM t WHERE 0",
    "CREATE TEMP TABLE temporary(a)",
    "VACUUM",
    "SELECT * FROM two.mine",
)


def other_page_size() -> bytes:
    connection = apsw.Connection(":memory:")
    connection.execute("PRAGMA page_size=1024; CREATE TABLE t(a); INSERT INTO t VALUES (1), (2)")
    return connection.serialize("main")


def answers_over_a_file(functions: dict[str, object], folder: Path, block: bytes, flags: int) -> list[object]:
    folder.mkdir()
    path = folder / "mine.db"
    for name in ("mine.db", "two.db"):
        connection = apsw.Connection(str(folder / name))
        connection.execute("CREATE TABLE mine(a); INSERT INTO mine VALUES (42)")
        connection.close()
    before = path.read_bytes()
    database = Database(functions, str(path))
    database.run(f"ATTACH '{folder}/two.db' AS two")
    database.rows("SELECT * FROM mine")
    room = 1 << 16
    data = ctypes.create_string_buffer(block, len(block) + room)
    size = len(block)
    code = database.call["deserialize"](database.handle, b"main", ctypes.addressof(data), size, size + room, flags)
    found = [code, *(database.rows(sql) for sql in LATER_QUESTIONS)]
    database.close()
    assert path.read_bytes() == before, "the file was changed"
    # That a file is none may be found when a statement is prepared or when it runs.
    return [str(entry).replace(str(folder), "FOLDER").replace("'rows', (), (),", "'prepare',") for entry in found]


@pytest.mark.parametrize("flags", [0, 2, 4, 6])
@pytest.mark.parametrize("kind", BLOCKS)
def test_a_file_is_left_as_it_is_and_the_block_takes_its_place(tmp_path: Path, kind: str, flags: int) -> None:
    block = BLOCKS[kind] or other_page_size()
    expected = answers_over_a_file(real_functions(), tmp_path / "real", block, flags)
    assert answers_over_a_file(our_functions(), tmp_path / "ours", block, flags) == expected


def test_a_block_in_wal_mode_can_be_used_which_sqlite_refuses() -> None:
    """There it takes two bytes that the program changes; we change nothing for who does."""
    content = CONTENT[:18] + b"\2\2" + CONTENT[20:]
    database = Database(our_functions())
    block = ctypes.create_string_buffer(content, len(content))
    size = len(content)
    assert database.call["deserialize"](database.handle, b"main", ctypes.addressof(block), size, size, 0) == 0
    assert database.rows("SELECT count(*) FROM t")[2] == (((1, b"2"),),)
    database.close()
