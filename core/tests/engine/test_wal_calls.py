"""The C calls of WAL mode: hooks, checkpoints, file controls, backups; expectations are SQLite's documented answers."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import pytest
from sql_process import LibraryConnection, SqlFailed, SqlProcess

BUSY, LOCKED, ABORT = 5, 6, 4
PERSIST_WAL, DATA_VERSION, NO_CHECKPOINT_ON_CLOSE = 10, 35, 1006
HOOK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int)


@pytest.fixture
def connection(tmp_path: Path) -> Any:
    made = LibraryConnection(str(tmp_path / "a.db"))
    made.run("PRAGMA journal_mode = wal; CREATE TABLE t(a)")
    yield made
    if made.handle:
        made.close()


def checkpoint(connection: LibraryConnection, mode: int, schema: bytes | None = None) -> tuple[int, int, int]:
    frames, done = ctypes.c_int(7), ctypes.c_int(7)
    code = connection.library.sqlite3_wal_checkpoint_v2(
        connection.handle, schema, mode, ctypes.byref(frames), ctypes.byref(done)
    )
    return code, frames.value, done.value


def control(connection: LibraryConnection, operation: int, value: int) -> tuple[int, int]:
    argument = ctypes.c_int(value)
    code = connection.library.sqlite3_file_control(connection.handle, b"main", operation, ctypes.byref(argument))
    return code, argument.value


def test_the_hook_is_told_of_each_commit(connection: LibraryConnection) -> None:
    told: list[tuple[bytes, int]] = []

    def note(_: int, __: int, schema: bytes, frames: int) -> int:
        told.append((schema, frames))
        return 0

    hook = HOOK(note)
    connection.library.sqlite3_wal_hook.restype = ctypes.c_void_p
    assert connection.library.sqlite3_wal_hook(connection.handle, hook, ctypes.c_void_p(17)) is None
    before = checkpoint(connection, 3)
    assert before == (0, 0, 0)
    connection.run("INSERT INTO t VALUES(1)")
    connection.run("BEGIN; INSERT INTO t VALUES(2); INSERT INTO t VALUES(3)")
    assert told == [(b"main", 1)]
    connection.run("COMMIT; SELECT * FROM t; BEGIN; DELETE FROM t; ROLLBACK")
    assert told == [(b"main", 1), (b"main", 2)]
    assert connection.library.sqlite3_wal_hook(connection.handle, None, None) == 17
    connection.run("INSERT INTO t VALUES(4)")
    assert len(told) == 2


def test_what_the_hook_answers_is_what_the_statement_answers(connection: LibraryConnection) -> None:
    hook = HOOK(lambda *_: ABORT)
    connection.library.sqlite3_wal_hook(connection.handle, hook, None)
    with pytest.raises(SqlFailed) as caught:
        connection.run("INSERT INTO t VALUES(1)")
    assert caught.value.code == ABORT
    connection.library.sqlite3_wal_hook(connection.handle, None, None)
    assert connection.run("SELECT a FROM t") == [[1]]


def test_autocheckpoint_takes_the_place_of_the_hook(connection: LibraryConnection, tmp_path: Path) -> None:
    told: list[int] = []
    hook = HOOK(lambda *_: told.append(1) or 0)
    connection.library.sqlite3_wal_hook(connection.handle, hook, None)
    assert connection.run("PRAGMA wal_autocheckpoint") == [[0]]
    connection.library.sqlite3_wal_autocheckpoint(connection.handle, 4)
    assert connection.run("PRAGMA wal_autocheckpoint") == [[4]]
    for number in range(50):
        connection.run(f"INSERT INTO t VALUES({number})")
    assert told == []
    assert (tmp_path / "a.db-wal").stat().st_size < 10 * 4120


def test_checkpoints_answer_counts_and_busy(connection: LibraryConnection, tmp_path: Path) -> None:
    connection.run("INSERT INTO t VALUES(1)")
    assert checkpoint(connection, 0) == (0, 3, 3)
    assert checkpoint(connection, 3, b"main") == (0, 0, 0)
    with SqlProcess("sqlite", tmp_path / "a.db") as other:
        connection.run("INSERT INTO t VALUES(2)")
        other.run("BEGIN; SELECT * FROM t")
        connection.run("INSERT INTO t VALUES(3)")
        assert checkpoint(connection, 1) == (BUSY, 2, 1)
        assert checkpoint(connection, 0) == (0, 2, 1)
        other.run("COMMIT")
        assert checkpoint(connection, 2) == (0, 2, 2)
    connection.run("BEGIN; SELECT * FROM t")
    assert checkpoint(connection, 0)[0] == LOCKED
    connection.run("COMMIT")
    assert checkpoint(connection, 0, b"nosuch")[0] == 1
    assert checkpoint(connection, 9)[0] == 21


def test_a_wal_may_outlive_its_last_connection(connection: LibraryConnection, tmp_path: Path) -> None:
    assert control(connection, PERSIST_WAL, -1) == (0, 0)
    assert control(connection, PERSIST_WAL, 1) == (0, 1)
    connection.run("INSERT INTO t VALUES(1)")
    connection.close()
    connection.handle = ctypes.c_void_p()
    assert (tmp_path / "a.db-wal").exists()
    with SqlProcess("sqlite", tmp_path / "a.db") as judge:
        assert judge.run("SELECT a FROM t; PRAGMA integrity_check") == [[1], ["ok"]]


def test_closing_without_a_checkpoint_leaves_the_frames(connection: LibraryConnection, tmp_path: Path) -> None:
    now = ctypes.c_int()
    assert (
        connection.library.sqlite3_db_config(connection.handle, NO_CHECKPOINT_ON_CLOSE, 1, ctypes.byref(now)) == 0
        and now.value == 1
    )
    before = (tmp_path / "a.db").read_bytes()
    connection.run("INSERT INTO t VALUES(1)")
    connection.close()
    connection.handle = ctypes.c_void_p()
    assert (tmp_path / "a.db").read_bytes() == before and (tmp_path / "a.db-wal").stat().st_size > 0
    with SqlProcess("sqlite", tmp_path / "a.db") as judge:
        assert judge.run("SELECT a FROM t") == [[1]]


def test_the_data_version_tells_of_others(connection: LibraryConnection, tmp_path: Path) -> None:
    connection.run("INSERT INTO t VALUES(1)")
    _, before = control(connection, DATA_VERSION, 0)
    with SqlProcess("sqlite", tmp_path / "a.db") as other:
        other.run("INSERT INTO t VALUES(2)")
    connection.run("SELECT * FROM t")
    assert control(connection, DATA_VERSION, 0) == (0, before + 1)


@pytest.mark.parametrize("modes", [("wal", "delete"), ("delete", "wal"), ("wal", "wal")])
def test_a_backup_puts_its_destination_into_wal_mode_and_never_out_of_it(
    tmp_path: Path, modes: tuple[str, str]
) -> None:
    """The header is copied with the other pages, as by SQLite; a destination in WAL mode stays so."""
    source = LibraryConnection(str(tmp_path / "source.db"))
    target = LibraryConnection(str(tmp_path / "target.db"))
    for made, mode in zip((source, target), modes, strict=True):
        made.run(f"PRAGMA journal_mode = {mode}")
        made.run("CREATE TABLE t(a); INSERT INTO t VALUES(randomblob(20000))")
    library = source.library
    library.sqlite3_backup_init.restype = ctypes.c_void_p
    backup = ctypes.c_void_p(library.sqlite3_backup_init(target.handle, b"main", source.handle, b"main"))
    assert library.sqlite3_backup_step(backup, -1) == 101
    assert library.sqlite3_backup_finish(backup) == 0
    assert source.run("SELECT a FROM t") == target.run("SELECT a FROM t")
    assert target.run("PRAGMA journal_mode") == [["wal"]]
    target.run("INSERT INTO t VALUES(2)")
    source.close()
    target.close()
    assert (tmp_path / "target.db").read_bytes()[18:20] == b"\2\2"
    with SqlProcess("sqlite", tmp_path / "target.db") as judge:
        assert judge.run("SELECT count(*) FROM t; PRAGMA integrity_check") == [[2], ["ok"]]


def test_transactions_over_several_files_in_different_modes(connection: LibraryConnection, tmp_path: Path) -> None:
    connection.run(f"ATTACH '{tmp_path / 'b.db'}' AS b; CREATE TABLE b.u(a); PRAGMA b.journal_mode = truncate")
    connection.run("BEGIN; INSERT INTO t VALUES(1); INSERT INTO u VALUES(1); COMMIT")
    connection.run("BEGIN; INSERT INTO t VALUES(2); INSERT INTO u VALUES(2); ROLLBACK")
    assert connection.run("PRAGMA journal_mode = wal; PRAGMA b.journal_mode") == [["wal"], ["wal"]]
    connection.run("BEGIN; INSERT INTO t VALUES(3); INSERT INTO u VALUES(3); COMMIT; DETACH b")
    for name, table in (("a.db", "t"), ("b.db", "u")):
        with SqlProcess("sqlite", tmp_path / name) as judge:
            assert judge.run(f"SELECT a FROM {table}; PRAGMA integrity_check") == [[1], [3], ["ok"]]


def test_a_read_only_connection_reads_beside_a_writer(connection: LibraryConnection, tmp_path: Path) -> None:
    connection.run("INSERT INTO t VALUES(1)")
    reader = LibraryConnection(str(tmp_path / "a.db"), 1)
    assert reader.library.sqlite3_db_readonly(reader.handle, b"main") == 1
    assert reader.run("SELECT a FROM t") == [[1]]
    connection.run("INSERT INTO t VALUES(2)")
    assert reader.run("SELECT a FROM t; PRAGMA journal_mode") == [[1], [2], ["wal"]]
    with pytest.raises(SqlFailed) as caught:
        reader.run("INSERT INTO t VALUES(3)")
    assert caught.value.code == 8
    reader.close()


def test_an_exclusive_connection_needs_no_shared_memory(tmp_path: Path) -> None:
    connection = LibraryConnection(str(tmp_path / "a.db"))
    connection.run("PRAGMA locking_mode = exclusive; PRAGMA journal_mode = wal; CREATE TABLE t(a)")
    connection.run("INSERT INTO t VALUES(1); BEGIN; INSERT INTO t VALUES(2); ROLLBACK")
    assert not (tmp_path / "a.db-shm").exists()
    with SqlProcess("sqlite", tmp_path / "a.db") as other:
        assert other.code("SELECT * FROM t") == BUSY
    # A private index cannot be shared any more.
    assert connection.run("PRAGMA locking_mode = normal; SELECT a FROM t") == [["exclusive"], [1]]
    connection.close()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.db"]
    with SqlProcess("sqlite", tmp_path / "a.db") as judge:
        assert judge.run("SELECT a FROM t; PRAGMA integrity_check") == [[1], ["ok"]]


def test_a_connection_that_becomes_exclusive_lets_others_in_again(
    connection: LibraryConnection, tmp_path: Path
) -> None:
    connection.run("PRAGMA locking_mode = exclusive; INSERT INTO t VALUES(1)")
    with SqlProcess("sqlite", tmp_path / "a.db") as other:
        assert other.code("SELECT * FROM t") == BUSY
        assert connection.run("PRAGMA locking_mode = normal; SELECT a FROM t") == [["normal"], [1]]
        assert other.run("SELECT a FROM t; INSERT INTO t VALUES(2)") == [[1]]
        assert connection.run("SELECT a FROM t") == [[1], [2]]
