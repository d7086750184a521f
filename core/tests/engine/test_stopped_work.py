"""Long work of the kernel is stopped at any moment: the statement says `interrupted`, the transaction is as SQLite
leaves it, and nothing has changed.

A progress handler counts its calls and stops the work at one of them, by its answer or by sqlite3_interrupt. Each piece
of work must ask often: at least once in so many rows.
"""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import apsw
import pytest
from sql_process import LibraryConnection, SqlFailed, SqlProcess

INTERRUPT = 9
ROWS = 1500
PERIOD = 100
HANDLER = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
SETUP = (
    "PRAGMA page_size = 512; PRAGMA cache_size = 20; CREATE TABLE t(a INTEGER PRIMARY KEY, b, c TEXT);"
    f"WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS}) INSERT INTO t"
    f" SELECT i, i * 7919 % {ROWS}, printf('%s %d', hex(zeroblob(40)), i * 31 % 1009) FROM n; CREATE INDEX tc ON t(c);"
    "CREATE TABLE k(x INTEGER PRIMARY KEY, y REFERENCES t(a)); INSERT INTO k SELECT a, a FROM t WHERE a < 500"
)
READING = {
    "groups by hash": "SELECT count(*) FROM (SELECT c || 'x', count(*), max(b) FROM t GROUP BY 1)",
    "join by hash": "SELECT count(*) FROM t x JOIN t y ON x.b + 0 = y.b + 1 WHERE x.c <> y.c",
    "sort": f"SELECT c FROM t ORDER BY c || 'x', b LIMIT 1 OFFSET {ROWS - 100}",
    "distinct": "SELECT count(DISTINCT c || 'x') FROM t",
    "window": "SELECT sum(b) OVER (ORDER BY c || 'x') FROM t",
    "integrity_check": "PRAGMA integrity_check",
    "quick_check": "PRAGMA quick_check",
}
WRITING = {
    "create index": "CREATE INDEX x ON t(b, c)",
    "reindex": "REINDEX",
    "analyze": "ANALYZE",
    "update": "UPDATE t SET c = c || 'y'",
    "delete": "DELETE FROM t WHERE b % 3",
    "insert": "INSERT INTO t SELECT a + 10000, b, c FROM t",
    "create table": "CREATE TABLE u AS SELECT * FROM t",
    "drop column": "ALTER TABLE t DROP COLUMN b",
}
ALONE = {"vacuum": "VACUUM", "vacuum into": "VACUUM INTO 'FILE'"}
WORK = {**READING, **WRITING, **ALONE}


class Stop:
    """Stops a connection at the n-th call of its handler."""

    def __init__(self, connection: LibraryConnection, at: int, by_interrupt: bool) -> None:
        self.connection, self.at, self.by_interrupt, self.calls = connection, at, by_interrupt, 0
        self.handler = HANDLER(self.called)
        connection.library.sqlite3_progress_handler(connection.handle, PERIOD, self.handler, None)

    def called(self, _: Any) -> int:
        self.calls += 1
        if self.calls < self.at:
            return 0
        if self.by_interrupt:
            self.connection.library.sqlite3_interrupt(self.connection.handle)
        return int(not self.by_interrupt)

    def end(self) -> None:
        self.connection.library.sqlite3_progress_handler(self.connection.handle, 0, HANDLER(), None)


def outcome(connection: LibraryConnection, sql: str, at: int, by_interrupt: bool) -> tuple[int, int]:
    """The code, and how often the handler was called."""
    stop = Stop(connection, at, by_interrupt)
    try:
        connection.run(sql)
        code = 0
    except SqlFailed as failure:
        code = failure.code
    stop.end()
    return code, stop.calls


def is_open(connection: LibraryConnection) -> bool:
    return not connection.library.sqlite3_get_autocommit(connection.handle)


def is_open_in_sqlite(sql: str) -> bool:
    """Whether SQLite's transaction is still there after the statement was interrupted."""
    other = apsw.Connection(":memory:")
    other.execute(SETUP)
    other.execute("BEGIN; INSERT INTO k VALUES(1000000, 1)")
    calls = 0

    def stop() -> bool:
        nonlocal calls
        calls += 1
        return calls > 3

    other.set_progress_handler(stop, PERIOD)
    with pytest.raises(apsw.InterruptError):
        other.execute(sql).fetchall()
    return bool(other.in_transaction)


def moments(calls: int) -> list[int]:
    return sorted({1, 2, calls // 4, calls // 2, calls // 2 + 1, calls * 3 // 4, calls - 1, calls} - {0})


def everything(connection: LibraryConnection) -> list[Any]:
    return [
        connection.run("SELECT name, sql FROM sqlite_schema ORDER BY 1"),
        connection.run("SELECT count(*), sum(a), sum(b), sum(length(c)) FROM t"),
        connection.run("SELECT count(*), sum(x) FROM k"),
        connection.run("PRAGMA integrity_check"),
    ]


@pytest.mark.parametrize("name", list(WORK))
def test_work_that_is_stopped_leaves_everything_as_it_was(name: str, tmp_path: Path) -> None:
    connection = LibraryConnection(str(tmp_path / "a.db"))
    connection.run(SETUP)
    sql = WORK[name].replace("FILE", str(tmp_path / "copy.db"))
    before = everything(connection)
    if name not in ALONE:
        connection.run("BEGIN")
    code, calls = outcome(connection, sql, 1 << 40, False)
    assert code == 0
    # A handler is called once for so many instructions, and work within one counts as fifty a page or a row.
    assert calls >= ROWS // PERIOD
    if name not in ALONE:
        connection.run("ROLLBACK")
    (tmp_path / "copy.db").unlink(missing_ok=True)
    expected_open = name not in ALONE and is_open_in_sqlite(sql)
    for at in moments(calls):
        if name not in ALONE:
            connection.run("BEGIN; INSERT INTO k VALUES(1000000, 1)")
        code, _ = outcome(connection, sql, at, at % 2 == 0)
        # What asks last of all may ask in vain.
        assert code == INTERRUPT or (code == 0 and at >= calls - 1), (at, calls)
        if code:
            assert is_open(connection) == expected_open, at
        if is_open(connection):
            connection.run("ROLLBACK")
        (tmp_path / "copy.db").unlink(missing_ok=True)
        if code or name not in ALONE:
            assert everything(connection) == before, at
    connection.close()
    with SqlProcess("sqlite", tmp_path / "a.db") as judge:
        assert judge.run("PRAGMA integrity_check") == [["ok"]]


@pytest.mark.parametrize("by_interrupt", [False, True])
def test_a_checkpoint_that_is_stopped_loses_nothing(by_interrupt: bool, tmp_path: Path) -> None:
    connection = LibraryConnection(str(tmp_path / "a.db"))
    connection.run(f"{SETUP}; PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0")
    connection.run("UPDATE t SET c = c || 'w'")
    before = everything(connection)
    for at in (1, 2, 3, 10, 20):
        code, _ = outcome(connection, "PRAGMA wal_checkpoint(truncate)", at, by_interrupt)
        assert code == INTERRUPT
        assert everything(connection) == before
        with SqlProcess("sqlite", tmp_path / "a.db") as other:
            assert other.run("SELECT count(*) FROM t WHERE c LIKE '%w'") == [[ROWS]]
    assert connection.run("PRAGMA wal_checkpoint(truncate)") == [[0, 0, 0]]
    assert everything(connection) == before
    connection.close()


@pytest.mark.parametrize("by_interrupt", [False, True])
def test_a_commit_stands_though_the_checkpoint_after_it_is_stopped(by_interrupt: bool, tmp_path: Path) -> None:
    connection = LibraryConnection(str(tmp_path / "a.db"))
    connection.run(f"{SETUP}; PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 1")
    changed = "SELECT count(*) FROM t WHERE c LIKE '%w'"
    committed = 0
    for at in (1, 5, 20, 60, 100, 150, 200, 400, 1 << 40):
        code, _ = outcome(connection, "UPDATE t SET c = substr(c, 1, 80) || 'w' WHERE a % 2", at, by_interrupt)
        assert code in (0, INTERRUPT) and not is_open(connection)
        assert connection.run(changed) == [[0 if code else ROWS // 2]], at
        committed += not code
        connection.run("UPDATE t SET c = substr(c, 1, 80)")
        assert connection.run(changed) == [[0]]
    assert committed
    connection.close()
