"""Files that we write are good for real SQLite, and files that it writes are good for us."""

from __future__ import annotations

import random
from typing import Any

import apsw
import pytest
from keelback_core.reference.storage.database import Database
from keelback_core.value.record import encode_record
from storage_support import (
    IS_LONG,
    READ_ONLY,
    comparator,
    create_t,
    index_rows,
    open_database,
    oracle_check,
    oracle_rows,
    roots_in_order,
    table_rows,
)

STEPS = 20000 if IS_LONG else 2500


def random_value(source: random.Random, page_size: int) -> Any:
    """Mostly short texts, and now and then something that overflows."""
    chance = source.random()
    if chance < 0.03:
        return source.randbytes(source.randrange(4 * page_size))
    if chance < 0.1:
        return None
    if chance < 0.2:
        return source.randrange(-(1 << 40), 1 << 40)
    if chance < 0.25:
        return source.random()
    return "x" * source.randrange(60) + str(source.randrange(100000))


def change_at_random(
    database: Database, table: int, index: int, model: dict[int, Any], source: random.Random, steps: int, compare: Any
) -> None:
    """Random inserts, replacements and deletes, on the table and its index and the model alike."""
    rows = database.open_table_cursor(table, True)
    entries = database.open_index_cursor(index, True, compare)
    highest = max(10, steps)
    for _ in range(steps):
        rowid = source.randrange(highest) if source.random() < 0.9 else source.randrange(-(1 << 63), 1 << 63)
        if rowid in model:
            assert entries.seek([model[rowid], rowid]) == 0
            entries.delete()
            if source.random() < 0.6:
                assert rows.seek(rowid) == 0
                rows.delete()
                del model[rowid]
                continue
        value = random_value(source, database.page_size)
        model[rowid] = value
        rows.insert(rowid, encode_record([None, value]))
        entries.insert([value, rowid])
    rows.close()
    entries.close()


@pytest.mark.parametrize("page_size", [512, 1024, 4096, 8192, 65536])
def test_a_file_of_ours_passes_the_check_of_real_sqlite_and_has_the_same_rows(tmp_path: Any, page_size: int) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    source = random.Random(seed)
    path = tmp_path / "ours.db"
    database = open_database(path, page_size=page_size)
    database.begin_write()
    roots = create_t(database)
    model: dict[int, Any] = {}
    for _ in range(3):
        change_at_random(database, *roots, model, source, STEPS // 3, comparator(0, 0))
        database.commit()
        database.begin_write()
    assert database.integrity_check([*roots, 1], 100) == []
    database.rollback()
    database.close()
    assert oracle_check(path) == "ok"
    assert oracle_rows(path, "SELECT a, b FROM t ORDER BY a") == sorted(model.items())
    assert oracle_rows(path, "PRAGMA page_size") == [(page_size,)]


def test_deleting_nearly_everything_leaves_a_good_file(tmp_path: Any) -> None:
    path = tmp_path / "ours.db"
    database = open_database(path, page_size=512)
    database.begin_write()
    table, index = create_t(database)
    rows = database.open_table_cursor(table, True)
    entries = database.open_index_cursor(index, True, comparator(0, 0))
    count = 6000
    for rowid in range(count):
        rows.insert(rowid, encode_record([None, f"{rowid * 7919 % count:05d} and some more text"]))
        entries.insert([f"{rowid * 7919 % count:05d} and some more text", rowid])
    is_on_row = entries.first()
    while is_on_row:
        if entries.values()[1] % 100:
            entries.delete()
        is_on_row = entries.next()
    is_on_row = rows.last()
    while is_on_row:
        if rows.rowid % 100:
            rows.delete()
        is_on_row = rows.previous()
    assert rows.count() == count // 100 and entries.count() == count // 100
    rows.close()
    entries.close()
    database.commit()
    database.close()
    assert oracle_check(path) == "ok"
    assert oracle_rows(path, "SELECT a FROM t") == [(rowid,) for rowid in range(0, count, 100)]
    assert oracle_rows(path, "PRAGMA freelist_count")[0][0] > 100


def test_rows_in_order_fill_their_pages(tmp_path: Any) -> None:
    path = tmp_path / "ours.db"
    database = open_database(path)
    database.begin_write()
    table, _ = create_t(database)
    rows = database.open_table_cursor(table, True)
    for rowid in range(20000):
        rows.insert(rowid, encode_record([None, "a text of thirty bytes or so.."]))
    rows.close()
    database.commit()
    database.close()
    theirs = tmp_path / "theirs.db"
    connection = apsw.Connection(str(theirs))
    connection.execute(
        "CREATE TABLE t(a INTEGER PRIMARY KEY, b); CREATE INDEX tb ON t(b); DROP INDEX tb;"
        "WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < 19999)"
        "INSERT INTO t SELECT i, 'a text of thirty bytes or so..' FROM c"
    )
    connection.close()
    assert abs(oracle_rows(path, "PRAGMA page_count")[0][0] - oracle_rows(theirs, "PRAGMA page_count")[0][0]) <= 2


def test_a_cleared_and_a_dropped_tree_go_to_the_free_list(tmp_path: Any) -> None:
    path = tmp_path / "ours.db"
    database = open_database(path, page_size=1024)
    database.begin_write()
    table, index = create_t(database)
    change_at_random(database, table, index, {}, random.Random(5), 800, comparator(0, 0))
    spare = database.create_root(True)
    rows = database.open_table_cursor(spare, True)
    for rowid in range(500):
        rows.insert(rowid, encode_record([b"z" * 3000 if rowid % 50 == 0 else "short"]))
    rows.close()
    database.drop_root(spare)
    expected = len(table_rows(database, table))
    assert database.clear_root(index) == expected
    assert database.clear_root(table) == expected
    assert database.integrity_check([1, table, index], 10) == []
    database.commit()
    database.close()
    assert oracle_check(path) == "ok"
    assert oracle_rows(path, "SELECT count(*) FROM t") == [(0,)]


SCHEMA = """
CREATE TABLE t(a INTEGER PRIMARY KEY, b);
CREATE INDEX tb ON t(b DESC, a);
CREATE TABLE w(k TEXT, n, v, PRIMARY KEY(k, n DESC)) WITHOUT ROWID;
"""
FILL = """
WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3000)
INSERT INTO t SELECT i * 3 % 7001, CASE i % 5 WHEN 0 THEN i WHEN 1 THEN i / 7.0 WHEN 2 THEN 'text ' || i % 50
  WHEN 3 THEN zeroblob(i % 600) ELSE NULL END FROM c;
INSERT INTO t VALUES (100001, zeroblob(1000000)), (100002, hex(zeroblob(40000)));
INSERT INTO w SELECT 'k' || a % 17, a, b FROM t WHERE a < 4000;
DELETE FROM t WHERE a BETWEEN 1000 AND 2000 OR a % 11 = 0;
"""


@pytest.mark.parametrize("page_size", [512, 2048, 65536])
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le"])
def test_a_file_of_real_sqlite_is_read_changed_and_still_good(tmp_path: Any, page_size: int, encoding: str) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    path = tmp_path / "theirs.db"
    connection = apsw.Connection(str(path))
    connection.execute(f"PRAGMA page_size = {page_size}; PRAGMA encoding = '{encoding}'; PRAGMA auto_vacuum = 0")
    connection.execute(SCHEMA + FILL)
    table, index, keyed = (root for (root,) in connection.execute("SELECT rootpage FROM sqlite_schema ORDER BY rowid"))
    rows_before = list(connection.execute("SELECT a, b FROM t ORDER BY a"))
    index_before = [list(row) for row in connection.execute("SELECT b, a FROM t ORDER BY b DESC, a")]
    keyed_before = [list(row) for row in connection.execute("SELECT k, n, v FROM w ORDER BY k, n DESC")]
    connection.close()

    roots = roots_in_order(path)
    database = open_database(path)
    database.begin_read()
    assert database.page_size == page_size
    assert database.integrity_check(roots, 10) == []
    assert [(rowid, values[1]) for rowid, values in table_rows(database, table).items()] == rows_before
    assert [row[:2] for row in index_rows(database, index, comparator(1, 0, 0))] == index_before
    assert index_rows(database, keyed, comparator(0, 1, 0)) == keyed_before

    database.begin_write()
    source = random.Random(seed)
    rows = database.open_table_cursor(table, True)
    entries = database.open_index_cursor(index, True, comparator(1, 0, 0))
    model = dict(rows_before)
    for rowid in source.sample(sorted(model), len(model) // 2):
        assert rows.seek(rowid) == 0
        rows.delete()
        assert entries.seek([model[rowid], rowid, rowid]) == 0
        entries.delete()
        del model[rowid]
    keyed_cursor = database.open_index_cursor(keyed, True, comparator(0, 1))
    for number in range(500):
        rowid = -source.randrange(1, 1 << 50)
        value = "n" * source.randrange(400)
        model[rowid] = value
        payload = encode_record([None, value], database.encoding)
        rows.insert(rowid, payload)
        entries.insert([value, rowid, rowid])
        keyed_cursor.insert(["new", number % 100, value], 2)
    for cursor in (rows, entries, keyed_cursor):
        cursor.close()
    assert database.integrity_check(roots, 10) == []
    database.commit()
    database.close()
    check = oracle_check(path)
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    assert dict(connection.execute("SELECT a, b FROM t")) == model
    assert list(connection.execute("SELECT count(*) FROM w WHERE k = 'new'")) == [(100,)]
    connection.close()
    # The index on (b DESC, a) holds a twice in these entries: real SQLite does the same.
    assert check == "ok"


def test_reserved_bytes_are_left_alone(tmp_path: Any) -> None:
    path = tmp_path / "theirs.db"
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA page_size = 1024")
    connection.reserve_bytes("main", 40) if hasattr(connection, "reserve_bytes") else connection.file_control(
        "main", apsw.SQLITE_FCNTL_RESERVE_BYTES, pointer_to_int(40)
    )
    connection.execute(SCHEMA)
    table, index = (root for (root,) in connection.execute("SELECT rootpage FROM sqlite_schema ORDER BY rowid LIMIT 2"))
    connection.close()
    database = open_database(path)
    database.begin_write()
    assert database.reserved_bytes == 40
    rows = database.open_table_cursor(table, True)
    entries = database.open_index_cursor(index, True, comparator(1, 0, 0))
    for rowid in range(700):
        rows.insert(rowid, encode_record([None, "y" * (rowid * 37 % 1500)]))
        entries.insert(["y" * (rowid * 37 % 1500), rowid, rowid])
    rows.close()
    entries.close()
    database.commit()
    database.close()
    assert oracle_check(path) == "ok"


def pointer_to_int(value: int) -> int:
    """The address of a C int that stays alive."""
    import ctypes

    _kept.append(ctypes.c_int(value))
    return ctypes.addressof(_kept[-1])


_kept: list[Any] = []


def test_the_lock_byte_page_is_passed_over() -> None:
    database = Database.open(None, READ_ONLY)
    database.set_page_size(65536)
    database.begin_write()
    pager = database.pager
    pager.page_count = pager.lock_page - 1
    first = database.create_root(True)
    second = database.create_root(True)
    assert first == pager.lock_page + 1 == 16386
    assert second == first + 1
