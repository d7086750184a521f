"""The locks work together with real SQLite in another process, and between connections of this one."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from keelback_core.reference.storage.database import Database
from keelback_core.reference.storage.locks import LOCK_EXCLUSIVE, LOCK_PENDING, LOCK_RESERVED, LOCK_SHARED
from keelback_core.reference.storage.vfs import OPEN_MAIN_DB, OPEN_READWRITE, OsVfs
from keelback_core.value.errors import SqlError
from keelback_core.value.record import encode_record
from keelback_core.value.result_codes import BUSY, READONLY
from storage_support import OracleProcess, create_table, open_database, oracle_check, table_rows

LOCKED = "BusyError: database is locked"


@pytest.fixture
def shared(tmp_path: Any) -> Any:
    """(our connection, real SQLite in another process, root of t) on one file."""
    path = tmp_path / "shared.db"
    database = open_database(path)
    database.begin_write()
    root = create_table(database)
    database.commit()
    oracle = OracleProcess(path)
    yield database, oracle, root
    oracle.close()
    database.close()


def insert(database: Database, root: int, rowid: int, value: str) -> None:
    """Insert one row."""
    cursor = database.open_table_cursor(root, True)
    cursor.insert(rowid, encode_record([None, value]))
    cursor.close()


def is_busy(answer: Any) -> bool:
    """True when real SQLite said that the database is locked."""
    return isinstance(answer, str) and "database is locked" in answer


def expect_busy(action: Any) -> None:
    """The action fails with BUSY."""
    with pytest.raises(SqlError) as caught:
        action()
    assert (caught.value.code, caught.value.message) == (BUSY, "database is locked")


def test_commits_are_seen_on_both_sides(shared: Any) -> None:
    database, oracle, root = shared
    for number in range(5):
        database.begin_write()
        insert(database, root, number, "ours")
        database.commit()
        assert oracle.run("SELECT count(*) FROM t") == [[number * 2 + 1]]
        assert oracle.run(f"INSERT INTO t VALUES (1000 + {number}, 'theirs')") == []
        version = database.get_meta(15)
        database.begin_read()
        assert database.get_meta(15) == version + 1
        assert len(table_rows(database, root)) == number * 2 + 2
        database.end_read()


def test_our_reserved_lock_excludes_their_writer_and_lets_them_read(shared: Any) -> None:
    database, oracle, root = shared
    database.begin_write()
    insert(database, root, 1, "x")
    assert oracle.run("SELECT count(*) FROM t") == [[0]]
    assert is_busy(oracle.run("BEGIN IMMEDIATE"))
    database.commit()
    assert oracle.run("SELECT count(*) FROM t") == [[1]]


def test_their_reserved_lock_excludes_our_writer_and_lets_us_read(shared: Any) -> None:
    database, oracle, root = shared
    oracle.run("BEGIN IMMEDIATE")
    oracle.run("INSERT INTO t VALUES (1, 'x')")
    database.begin_read()
    assert table_rows(database, root) == {}
    database.end_read()
    expect_busy(database.begin_write)
    assert database.transaction_state == 0
    oracle.run("COMMIT")
    database.begin_write()
    database.rollback()


def test_their_reader_blocks_our_commit_and_pending_keeps_new_readers_out(shared: Any) -> None:
    database, oracle, root = shared
    assert oracle.run("BEGIN") == []
    assert oracle.run("SELECT count(*) FROM t") == [[0]]
    database.begin_write()
    insert(database, root, 1, "x")
    calls: list[int] = []
    database.busy_handler = lambda count: calls.append(count) is None and count < 3
    expect_busy(database.commit)
    assert calls == [0, 1, 2, 3]
    other = OracleProcess(database.path)
    assert is_busy(other.run("SELECT count(*) FROM t"))
    other.close()
    assert oracle.run("COMMIT") == []
    database.commit()
    assert oracle.run("SELECT count(*) FROM t") == [[1]]


def test_our_reader_blocks_their_commit(shared: Any) -> None:
    database, oracle, root = shared
    database.begin_read()
    oracle.run("BEGIN IMMEDIATE")
    oracle.run("INSERT INTO t VALUES (1, 'x')")
    assert is_busy(oracle.run("COMMIT"))
    assert table_rows(database, root) == {}
    database.end_read()
    assert oracle.run("COMMIT") == []


def test_the_busy_handler_is_asked_for_shared_but_not_where_two_readers_would_wait_for_each_other(shared: Any) -> None:
    database, oracle, _ = shared
    calls: list[int] = []

    def handler(count: int) -> bool:
        calls.append(count)
        if count == 2:
            oracle.run("ROLLBACK")
        return True

    database.busy_handler = handler
    oracle.run("BEGIN EXCLUSIVE")
    database.begin_read()
    assert calls == [0, 1, 2]
    calls.clear()
    oracle.run("BEGIN IMMEDIATE")
    expect_busy(database.begin_write)
    assert calls == [] and database.transaction_state == 1
    database.end_read()
    database.begin_write()
    assert calls == [0, 1, 2]
    database.rollback()


def test_an_exclusive_transaction_keeps_everybody_out(shared: Any) -> None:
    database, oracle, _ = shared
    database.begin_write(exclusive=True)
    assert is_busy(oracle.run("SELECT count(*) FROM t"))
    database.rollback()
    assert oracle.run("SELECT count(*) FROM t") == [[0]]


def test_two_connections_of_one_process_exclude_each_other(shared: Any) -> None:
    first, oracle, root = shared
    second = open_database(first.path)
    first.begin_write()
    insert(first, root, 1, "x")
    second.begin_read()
    expect_busy(second.begin_write)
    expect_busy(first.commit)
    expect_busy(open_database(first.path).begin_read)
    second.end_read()
    first.commit()
    second.begin_read()
    assert len(table_rows(second, root)) == 1
    # Closing a connection must not drop the lock that another one holds on the same inode.
    third = open_database(first.path)
    third.begin_read()
    third.close()
    open_database(first.path).close()
    oracle.run("BEGIN IMMEDIATE")
    oracle.run("INSERT INTO t VALUES (7, 'x')")
    assert is_busy(oracle.run("COMMIT"))
    second.close()
    assert oracle.run("COMMIT") == []


def test_a_second_connection_sees_what_the_first_committed(shared: Any) -> None:
    first, _, root = shared
    second = open_database(first.path)
    for number in range(3):
        first.begin_write()
        insert(first, root, number, "x")
        first.commit()
        second.begin_read()
        assert len(table_rows(second, root)) == number + 1
        second.end_read()
    second.close()


def test_the_five_states_of_a_file(tmp_path: Any) -> None:
    path = str(tmp_path / "a.db")
    (tmp_path / "a.db").write_bytes(b"")
    vfs = OsVfs()
    first, second, third = (vfs.open(path, OPEN_READWRITE | OPEN_MAIN_DB) for _ in range(3))
    first.lock(LOCK_SHARED)
    second.lock(LOCK_SHARED)
    assert not second.is_reserved_by_anyone()
    first.lock(LOCK_RESERVED)
    assert second.is_reserved_by_anyone()
    expect_busy(lambda: second.lock(LOCK_RESERVED))
    expect_busy(lambda: first.lock(LOCK_EXCLUSIVE))
    assert first.lock_level == LOCK_PENDING
    expect_busy(lambda: third.lock(LOCK_SHARED))
    second.unlock(0)
    first.lock(LOCK_EXCLUSIVE)
    expect_busy(lambda: third.lock(LOCK_SHARED))
    first.unlock(LOCK_SHARED)
    third.lock(LOCK_SHARED)
    for file in (first, second, third):
        file.close()
        file.close()


def test_a_read_only_file_is_read_and_not_written(tmp_path: Any) -> None:
    path = tmp_path / "a.db"
    database = open_database(path)
    database.begin_write()
    root = create_table(database)
    insert(database, root, 1, "x")
    database.commit()
    database.close()
    database = Database.open(str(path), 1)
    assert database.is_readonly
    database.begin_read()
    assert len(table_rows(database, root)) == 1
    with pytest.raises(SqlError) as caught:
        database.begin_write()
    assert (caught.value.code, caught.value.message) == (READONLY, "attempt to write a readonly database")
    database.close()


def test_eight_threads_with_a_connection_each_lose_no_row(tmp_path: Any) -> None:
    path = tmp_path / "a.db"
    database = open_database(path)
    database.begin_write()
    root = create_table(database)
    database.commit()
    failures: list[BaseException] = []

    def work(number: int) -> None:
        connection = open_database(path)
        connection.busy_handler = lambda calls: OsVfs().sleep(500) is None and calls < 20000
        try:
            for turn in range(15):
                connection.begin_write()
                insert(connection, root, number * 100 + turn, "x" * 500)
                connection.commit()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    database.begin_read()
    assert len(table_rows(database, root)) == 8 * 15
    assert database.integrity_check([root, 1], 10) == []
    database.close()
    assert oracle_check(path) == "ok"
