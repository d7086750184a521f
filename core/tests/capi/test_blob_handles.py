"""Handles of sqlite3_blob_open beside real SQLite: the same programs on both, answer by answer, and random work beside
a model.
"""

from __future__ import annotations

import ctypes
import json
import random
import sys
from pathlib import Path

import apsw
import pytest
from blob_cases import CASES
from blob_programs import answers_of
from capi_support import BUILD, Database, run_child

HERE = Path(__file__).parent


@pytest.mark.parametrize("engine", ["kernel", "mirror"])
def test_programs_of_blob_calls_answer_as_in_sqlite(engine: str, real: ctypes.CDLL) -> None:
    child = run_child(sys.executable, HERE / "blob_programs.py", BUILD / "libkeelback.so.0", KEELBACK_ENGINE=engine)
    assert child.returncode == 0, child.stderr
    found, wanted = json.loads(child.stdout), answers_of(real)
    assert list(found) == list(CASES)
    for name, answers in wanted.items():
        assert found[name] == answers, name


class Handle:
    """A handle through ctypes."""

    def __init__(self, database: Database, column: str, rowid: int) -> None:
        self.library = database.library
        self.pointer = ctypes.c_void_p()
        code = self.library.sqlite3_blob_open(
            database.handle, b"main", b"t", column.encode(), ctypes.c_longlong(rowid), 1, ctypes.byref(self.pointer)
        )
        assert code == 0, database.message()

    def read(self, offset: int, size: int) -> bytes:
        room = ctypes.create_string_buffer(size + 1)
        assert self.library.sqlite3_blob_read(self.pointer, room, size, offset) == 0
        return room.raw[:size]

    def write(self, offset: int, data: bytes) -> None:
        assert self.library.sqlite3_blob_write(self.pointer, data, len(data), offset) == 0

    def close(self) -> None:
        assert self.library.sqlite3_blob_close(self.pointer) == 0


@pytest.mark.parametrize(
    "page_size, vacuum, journal", [(512, "FULL", "delete"), (4096, "NONE", "wal"), (1024, "NONE", "persist")]
)
def test_random_reads_and_writes_give_what_a_model_gives(
    library: ctypes.CDLL, tmp_path: Path, page_size: int, vacuum: str, journal: str
) -> None:
    seed = page_size + 7
    print("seed", seed)
    chance = random.Random(seed)
    path = tmp_path / "random.db"
    database = Database(library, str(path))
    for sql in (f"PRAGMA page_size = {page_size}", f"PRAGMA auto_vacuum = {vacuum}", f"PRAGMA journal_mode = {journal}",
                "PRAGMA synchronous = OFF", "PRAGMA cache_size = 20",
                "CREATE TABLE t(id INTEGER PRIMARY KEY, x, y)", "CREATE TABLE other(z)"):  # fmt: skip
        database.rows(sql)
    model: dict[tuple[int, str], bytearray] = {}
    for row in range(1, 8):
        sizes = [chance.choice([0, 10, 400, 3000, 60000]) for _ in range(2)]
        database.rows(f"INSERT INTO t VALUES ({row}, zeroblob({sizes[0]}), zeroblob({sizes[1]}))")
        model[row, "x"], model[row, "y"] = bytearray(sizes[0]), bytearray(sizes[1])
    handles: dict[tuple[int, str], Handle] = {}
    for step in range(1500):
        place = (chance.randrange(1, 8), chance.choice("xy"))
        value = model[place]
        if chance.random() < 0.05 and place in handles:
            handles.pop(place).close()
            continue
        handle = handles.get(place)
        if handle is None:
            handle = handles[place] = Handle(database, place[1], place[0])
        offset = chance.randrange(len(value) + 1)
        size = min(chance.choice([1, 20, 1000, 50000]), len(value) - offset)
        if chance.random() < 0.5:
            assert handle.read(offset, size) == bytes(value[offset : offset + size]), (step, place)
        else:
            data = chance.randbytes(size)
            handle.write(offset, data)
            value[offset : offset + size] = data
        if chance.random() < 0.1:
            database.rows("INSERT INTO other VALUES (zeroblob(3000))")
            database.rows("DELETE FROM other WHERE rowid % 3 = 0")
    for handle in handles.values():
        handle.close()
    assert library.sqlite3_close(database.handle) == 0
    real = apsw.Connection(str(path))
    assert real.execute("PRAGMA integrity_check").get == "ok"
    for (row, column), value in model.items():
        assert real.execute(f"SELECT {column} FROM t WHERE id = {row}").get == bytes(value), (row, column)


def test_a_transaction_of_many_written_pages_spills_and_rolls_back(library: ctypes.CDLL, tmp_path: Path) -> None:
    path = tmp_path / "spill.db"
    database = Database(library, str(path))
    for sql in ("PRAGMA cache_size = 10", "CREATE TABLE t(id INTEGER PRIMARY KEY, x)",
                "INSERT INTO t VALUES (1, zeroblob(2000000))", "BEGIN"):  # fmt: skip
        database.rows(sql)
    handle = Handle(database, "x", 1)
    handle.write(0, b"a" * 2000000)
    assert handle.read(1999990, 10) == b"a" * 10
    database.rows("ROLLBACK")
    assert library.sqlite3_blob_close(handle.pointer) == 0
    handle = Handle(database, "x", 1)
    assert handle.read(0, 2000000) == bytes(2000000)
    handle.write(1000000, b"b" * 1000000)
    handle.close()
    library.sqlite3_close(database.handle)
    real = apsw.Connection(str(path))
    assert real.execute("SELECT x FROM t").get == bytes(1000000) + b"b" * 1000000
