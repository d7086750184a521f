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
