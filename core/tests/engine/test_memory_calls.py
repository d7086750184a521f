"""The C calls about cached pages: written in the middle of a transaction, given back, and counted."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import pytest
from sql_process import LibraryConnection, SqlProcess

BUSY = 5
CACHE_USED, CACHE_HIT, CACHE_MISS, CACHE_WRITE, CACHE_SPILL = 1, 7, 8, 9, 12
FILL = """
CREATE TABLE t(a INTEGER PRIMARY KEY, b);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000)
INSERT INTO t SELECT i, zeroblob(3000) FROM n;
"""


@pytest.fixture
def connection(tmp_path: Path) -> Any:
    made = LibraryConnection(str(tmp_path / "a.db"))
    yield made
    made.close()


def status(connection: LibraryConnection, operation: int, reset: int = 0) -> int:
    now, highest = ctypes.c_int(-1), ctypes.c_int(-1)
    code = connection.library.sqlite3_db_status(
        connection.handle, operation, ctypes.byref(now), ctypes.byref(highest), reset
    )
    assert code == 0 and highest.value == 0
    return now.value


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_cacheflush_writes_the_changes_of_a_transaction_that_is_still_undone(
    mode: str, connection: LibraryConnection, tmp_path: Path
) -> None:
    connection.run(f"PRAGMA journal_mode = {mode};{FILL}BEGIN; UPDATE t SET b = 'QZflushedQZ' WHERE a = 7")
    file = tmp_path / ("a.db-wal" if mode == "wal" else "a.db")
    assert b"QZflushedQZ" not in file.read_bytes()
    assert connection.library.sqlite3_db_cacheflush(connection.handle) == 0
    assert b"QZflushedQZ" in file.read_bytes()
    connection.run("UPDATE t SET b = 'again' WHERE a = 7; ROLLBACK")
    assert connection.run("SELECT length(b) FROM t WHERE a = 7; PRAGMA integrity_check") == [[3000], ["ok"]]


def test_cacheflush_is_busy_while_somebody_reads(connection: LibraryConnection, tmp_path: Path) -> None:
    connection.run(FILL)
    with SqlProcess("sqlite", tmp_path / "a.db") as reader:
        reader.run("BEGIN")
        reader.run("SELECT count(*) FROM t")
        connection.run("BEGIN; UPDATE t SET b = 1 WHERE a = 7")
        assert connection.library.sqlite3_db_cacheflush(connection.handle) == BUSY
        reader.run("COMMIT")
    assert connection.library.sqlite3_db_cacheflush(connection.handle) == 0
    connection.run("COMMIT")
    assert connection.run("SELECT b FROM t WHERE a = 7") == [[1]]


@pytest.mark.parametrize("how", ["call", "pragma"])
def test_memory_that_is_released_is_read_again(how: str, connection: LibraryConnection) -> None:
    connection.run(f"{FILL}SELECT sum(length(b)) FROM t")
    assert status(connection, CACHE_USED) > 4 << 20
    if how == "call":
        assert connection.library.sqlite3_db_release_memory(connection.handle) == 0
    else:
        connection.run("PRAGMA shrink_memory")
    assert status(connection, CACHE_USED) < 1 << 18
    status(connection, CACHE_MISS, reset=1)
    assert connection.run("SELECT sum(length(b)) FROM t") == [[6000000]]
    assert status(connection, CACHE_MISS) >= 2000


def test_hits_misses_and_writes_are_counted_until_they_are_reset(connection: LibraryConnection) -> None:
    connection.run(FILL)
    assert status(connection, CACHE_WRITE, reset=1) >= 2000
    assert status(connection, CACHE_WRITE) == 0
    connection.run("PRAGMA shrink_memory")
    status(connection, CACHE_HIT, reset=1)
    status(connection, CACHE_MISS, reset=1)
    connection.run("SELECT b FROM t WHERE a = 1000")
    assert 0 < status(connection, CACHE_MISS) < 10
    assert status(connection, CACHE_SPILL) == 0


@pytest.mark.parametrize("spill", ["on", "off"])
def test_cache_spill_decides_whether_a_transaction_reaches_the_file_early(
    spill: str, connection: LibraryConnection, tmp_path: Path
) -> None:
    connection.run(f"PRAGMA cache_size = 50; PRAGMA cache_spill = {spill}; BEGIN;{FILL}")
    assert (status(connection, CACHE_SPILL) > 0) == (spill == "on")
    assert ((tmp_path / "a.db").stat().st_size > 0) == (spill == "on")
    connection.run("COMMIT")
    assert connection.run("SELECT count(*) FROM t; PRAGMA integrity_check") == [[2000], ["ok"]]
