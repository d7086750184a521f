"""Databases in WAL mode and those with pointer maps; what cannot be opened says so."""

from __future__ import annotations

import random
import shutil
from typing import Any

import apsw
import pytest
from keelback_core.reference.storage.database import Database
from keelback_core.value.errors import SqlError
from keelback_core.value.record import encode_record
from keelback_core.value.result_codes import CANTOPEN
from storage_support import (
    add_schema_row,
    comparator,
    open_database,
    oracle_check,
    oracle_rows,
    roots_in_order,
    table_rows,
)


def test_a_wal_is_read_through_up_to_its_last_commit(tmp_path: Any) -> None:
    live = tmp_path / "live.db"
    connection = apsw.Connection(str(live))
    connection.execute("PRAGMA page_size = 1024; PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0")
    connection.execute("CREATE TABLE t(a INTEGER PRIMARY KEY, b)")
    connection.execute(
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 500)"
        "INSERT INTO t SELECT i, 'x' || i FROM c"
    )
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    connection.execute("UPDATE t SET b = 'second' WHERE a % 50 = 0")
    connection.execute("PRAGMA cache_size = 5; BEGIN; UPDATE t SET b = 'never' || hex(zeroblob(200))")
    for suffix in ("", "-wal"):
        shutil.copy(f"{live}{suffix}", f"{tmp_path}/copy.db{suffix}")
    connection.execute("ROLLBACK")
    connection.close()
    copy = tmp_path / "copy.db"
    database = open_database(copy)
    database.begin_read()
    assert database.journal_mode == "wal"
    rows = {rowid: values[1] for rowid, values in table_rows(database, 2).items()}
    assert rows == {i: "second" if i % 50 == 0 else f"x{i}" for i in range(1, 501)}
    database.close()
    assert oracle_rows(copy, "SELECT count(*) FROM t WHERE b = 'second'") == [(10,)]
    database = open_database(copy)
    database.begin_read()
    assert {rowid: values[1] for rowid, values in table_rows(database, 2).items()} == rows
    database.close()


@pytest.mark.parametrize("mode", [1, 2])
@pytest.mark.parametrize("page_size", [512, 4096])
def test_a_database_with_pointer_maps_is_read_and_written(tmp_path: Any, mode: int, page_size: int) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    source = random.Random(seed)
    path = tmp_path / "a.db"
    connection = apsw.Connection(str(path))
    connection.execute(f"PRAGMA page_size = {page_size}; PRAGMA auto_vacuum = {mode}")
    connection.execute("CREATE TABLE t(a INTEGER PRIMARY KEY, b); CREATE INDEX tb ON t(b)")
    connection.execute(
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 1000)"
        "INSERT INTO t SELECT i, hex(zeroblob(i % 400)) || i FROM c; INSERT INTO t VALUES (5000, zeroblob(100000))"
    )
    model = dict(connection.execute("SELECT a, b FROM t"))
    connection.close()
    for turn in range(3):
        database = open_database(path)
        database.begin_write()
        if turn:
            created = database.create_root(turn == 1)
            add_schema_row(database, "table", "n", "n", created, "CREATE TABLE n(a)") if turn == 1 else (
                add_schema_row(database, "index", "ni", "n", created, "CREATE INDEX ni ON n(a)")
            )
        roots = [3, 4]
        rows = database.open_table_cursor(roots[0], True)
        entries = database.open_index_cursor(roots[1], True, comparator(0, 0))
        assert {rowid: values[1] for rowid, values in table_rows(database, roots[0]).items()} == model
        for _ in range(700):
            rowid = source.randrange(1500)
            if rowid in model:
                assert entries.seek([model[rowid], rowid]) == 0
                entries.delete()
                if source.random() < 0.6:
                    assert rows.seek(rowid) == 0
                    rows.delete()
                    del model[rowid]
                    continue
            model[rowid] = "v" * source.randrange(3 * page_size if source.random() < 0.1 else 200)
            rows.insert(rowid, encode_record([None, model[rowid]]))
            entries.insert([model[rowid], rowid])
        rows.close()
        entries.close()
        if turn == 2:
            first, extra = database.create_root(True), database.create_root(True)
            assert database.drop_root(first) == extra
            assert database.drop_root(first) == 0
        database.commit()
        database.close()
        order = roots_in_order(path)
        database = open_database(path)
        database.begin_read()
        assert database.integrity_check(order, 10) == []
        database.close()
        assert oracle_check(path) == "ok"
        assert dict(oracle_rows(path, "SELECT a, b FROM t")) == model
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA incremental_vacuum; DELETE FROM t WHERE a % 2; DROP TABLE n; CREATE TABLE z(a)")
    connection.close()
    assert oracle_check(path) == "ok"


def test_what_cannot_be_opened_says_so(tmp_path: Any) -> None:
    for path in (tmp_path / "missing" / "a.db", tmp_path, "a\0b"):
        with pytest.raises(SqlError) as caught:
            Database.open(str(path), 6)
        assert caught.value.primary_code == CANTOPEN
        assert caught.value.message == "unable to open database file"
    with pytest.raises(SqlError):
        Database.open(str(tmp_path / "none.db"), 2)


def test_the_page_size_is_chosen_while_the_database_is_empty(tmp_path: Any) -> None:
    database = open_database(tmp_path / "a.db")
    for size in (0, 511, 1000, 131072):
        database.set_page_size(size)
    assert database.page_size == 4096
    database.set_page_size(1024)
    database.begin_write()
    database.set_page_size(2048)
    database.commit()
    database.set_page_size(2048)
    assert database.page_size == 1024
    database.close()
