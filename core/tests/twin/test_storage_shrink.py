"""Auto-vacuum on both storages: roots that move, pages given back, trees filled in order; the same files."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import apsw
import pytest
from keelback_core.reference.storage.database import Database
from keelback_core.reference.storage.vfs import OPEN_CREATE, OPEN_READWRITE
from keelback_core.value.key import KeyComparator, compare_binary
from keelback_core.value.key_info import KeyInfo
from keelback_core.value.record import encode_record
from twin_storage import KernelDatabase

COMPARATOR = KeyComparator(KeyInfo(("BINARY",) * 2, (0, 0), 2), (compare_binary,) * 2)
FLAGS = OPEN_READWRITE | OPEN_CREATE


def scenario(database: Any, seed: int, mode: int) -> list[Any]:
    """Trees that come and go, with rows on overflow pages; what was answered."""
    source = random.Random(seed)
    seen: list[Any] = []
    trees: list[int] = []
    for turn in range(12):
        database.begin_write()
        for _ in range(source.randrange(1, 4)):
            trees.append(database.create_root(True))
        for root in trees:
            cursor = database.open_table_cursor(root, True)
            for _ in range(source.randrange(30)):
                rowid = source.randrange(100)
                cursor.insert(rowid, bytes([2, source.randrange(12, 13)]) + bytes(source.choice((0, 50, 700, 5000))))
            cursor.close()
        if source.random() < 0.7:
            database.clear_root(source.choice(trees))
        while len(trees) > 4:
            root = trees.pop(source.randrange(len(trees)))
            moved = database.drop_root(root)
            seen.append(moved)
            trees = [root if tree == moved else tree for tree in trees]
        if mode == 2 and turn % 3 == 2:
            seen.append(database.give_back_pages(source.randrange(1, 60)))
        if source.random() < 0.2:
            database.give_back_pages(5)
            database.rollback()
            return seen
        database.commit()
        database.begin_read()
        seen.append((database.page_count, database.freelist_count, sorted(trees)))
        seen.append(database.integrity_check([1, *sorted(trees)], 10))
        database.end_read()
    return seen


@pytest.mark.parametrize("page_size", [512, 4096])
@pytest.mark.parametrize("mode", [1, 2])
def test_both_storages_leave_the_same_file(tmp_path: Path, page_size: int, mode: int) -> None:
    seed = int(os.environ.get("KEELBACK_SEED") or random.randrange(2**32))
    print("seed", seed)
    answers, files = [], []
    for name, kind in (("python", Database), ("kernel", KernelDatabase)):
        path = tmp_path / f"{name}.db"
        connection = apsw.Connection(str(path))
        connection.execute(f"PRAGMA page_size = {page_size}; PRAGMA auto_vacuum = {mode}")
        connection.close()
        database = kind.open(str(path), FLAGS)
        answers.append(scenario(database, seed, mode))
        database.close()
        files.append(path.read_bytes())
    assert answers[0] == answers[1]
    assert [answer for answer in answers[0] if isinstance(answer, list) and answer] == []
    if mode == 1:
        assert all(answer[1] == 0 for answer in answers[0] if isinstance(answer, tuple))
    assert files[0] == files[1]


@pytest.mark.parametrize("page_size", [512, 4096])
@pytest.mark.parametrize("mode", [0, 1, 2])
def test_an_index_filled_in_order_is_sound_and_the_same_on_both(tmp_path: Path, page_size: int, mode: int) -> None:
    seed = int(os.environ.get("KEELBACK_SEED") or random.randrange(2**32))
    print("seed", seed)
    files = []
    for name, kind in (("python", Database), ("kernel", KernelDatabase)):
        source = random.Random(seed)
        path = tmp_path / f"{name}.db"
        connection = apsw.Connection(str(path))
        connection.execute(f"PRAGMA page_size = {page_size}; PRAGMA auto_vacuum = {mode}")
        connection.execute("CREATE TABLE t(a, b); CREATE INDEX i ON t(a)")
        root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'i'").fetchall()[0][0]
        table = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 't'").fetchall()[0][0]
        connection.close()
        database = kind.open(str(path), FLAGS)
        database.begin_write()
        rows = database.open_table_cursor(table, True)
        entries = database.open_index_cursor(root, True, COMPARATOR)
        for number in range(3000):
            key = f"{number:06}" + "k" * source.choice((0, 5, 20, page_size // 5, page_size * 2))
            rows.insert(number + 1, encode_record([key, None]))
            entries.append([key, number + 1])
        entries.close()
        rows.close()
        database.commit()
        database.close()
        files.append(path.read_bytes())
        connection = apsw.Connection(str(path))
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("SELECT count(*) FROM t INDEXED BY i WHERE a > ''").fetchall() == [(3000,)]
        connection.close()
    assert files[0] == files[1]
