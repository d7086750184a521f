"""Ownership and threads: what is dropped in any order, closed under way, or used by several threads."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

import keelback
import pytest


def run_in_threads(work: Callable[[int], None], count: int) -> None:
    """Run `work(number)` in threads at once; the first error is raised here, and a dead-lock is an error."""
    errors: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive(), "threads wait for each other"
    if errors:
        raise errors[0]


def test_another_thread_is_refused() -> None:
    connection = keelback.connect(":memory:")
    cursor = connection.execute("SELECT 1")
    uses: list[Callable[[], object]] = [
        connection.cursor,
        connection.commit,
        connection.rollback,
        connection.close,
        lambda: connection.execute("SELECT 1"),
        lambda: connection.in_transaction,
        lambda: cursor.execute("SELECT 1"),
        cursor.fetchone,
        cursor.fetchall,
        cursor.close,
    ]

    def work(number: int) -> None:
        with pytest.raises(keelback.ProgrammingError, match="SQLite objects created in a thread can only be used in"):
            uses[number]()

    run_in_threads(work, len(uses))
    assert cursor.fetchone() == (1,)


def test_several_threads_share_a_connection() -> None:
    connection = keelback.connect(":memory:", check_same_thread=False)
    connection.execute("CREATE TABLE t(a)")
    connection.create_function("twice", 1, lambda x: 2 * x)

    def work(number: int) -> None:
        for i in range(20):
            connection.execute("INSERT INTO t VALUES (twice(?))", (number * 100 + i,))
            assert connection.execute("SELECT count(*) FROM t").fetchone()[0] > 0

    run_in_threads(work, 4)
    assert connection.execute("SELECT count(*), count(DISTINCT a) FROM t").fetchone() == (80, 80)


def test_several_threads_have_a_connection_each(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with keelback.connect(path) as connection:
        connection.execute("CREATE TABLE t(a)")
    connection.close()

    def work(number: int) -> None:
        mine = keelback.connect(path, timeout=20, isolation_level="IMMEDIATE")
        for i in range(5):
            with mine:
                mine.execute("INSERT INTO t VALUES (?)", (number * 100 + i,))
        mine.close()

    run_in_threads(work, 4)
    assert keelback.connect(path).execute("SELECT count(DISTINCT a) FROM t").fetchone() == (20,)


def test_interrupt_comes_from_another_thread() -> None:
    connection = keelback.connect(":memory:", check_same_thread=False)
    is_running = threading.Event()
    connection.create_function("running", 0, lambda: is_running.set())

    def interrupt() -> None:
        is_running.wait(20)
        connection.interrupt()

    thread = threading.Thread(target=interrupt, daemon=True)
    thread.start()
    values = ",".join("(1)" for _ in range(30))
    tables = ",".join(f"(VALUES {values}) AS t{i}" for i in range(8))
    with pytest.raises(keelback.OperationalError, match="interrupted") as caught:
        connection.execute(f"SELECT count(running()) FROM {tables}").fetchall()
    assert caught.value.sqlite_errorcode == keelback.SQLITE_INTERRUPT
    thread.join(20)


def test_a_dropped_cursor_gives_its_lock_back(tmp_path: Path) -> None:
    reader = keelback.connect(tmp_path / "x.db", timeout=0)
    reader.execute("CREATE TABLE t(a)")
    reader.executemany("INSERT INTO t VALUES (?)", [(i,) for i in range(5)])
    reader.commit()
    cursor = reader.execute("SELECT a FROM t")
    writer = keelback.connect(tmp_path / "x.db", timeout=0)
    writer.execute("INSERT INTO t VALUES (9)")
    with pytest.raises(keelback.OperationalError, match="database is locked"):
        writer.commit()
    del cursor
    writer.commit()


def test_things_are_dropped_in_any_order() -> None:
    for _ in range(3):
        connection = keelback.connect(":memory:")
        connection.execute("CREATE TABLE t(a)")
        connection.executemany("INSERT INTO t VALUES (?)", [(b"xyz",)] * 5)
        cursor = connection.execute("SELECT a FROM t")
        blob = connection.blobopen("t", "a", 1)
        del connection
        assert cursor.fetchone() == (b"xyz",)
        assert blob.read() == b"xyz"
        del blob
        gc.collect()
        del cursor
        gc.collect()


def test_closing_ends_cursors_and_blobs() -> None:
    connection = keelback.connect(":memory:")
    connection.execute("CREATE TABLE t(a)")
    connection.execute("INSERT INTO t VALUES (x'00'), (x'01')")
    cursor = connection.execute("SELECT a FROM t")
    blob = connection.blobopen("t", "a", 1)
    connection.close()
    with pytest.raises(keelback.ProgrammingError, match="Cannot operate on a closed database"):
        cursor.fetchone()
    with pytest.raises(keelback.ProgrammingError, match="Cannot operate on a closed database"):
        blob.read()
    del cursor, blob
    gc.collect()


def test_closing_within_a_call_is_refused() -> None:
    connection = keelback.connect(":memory:")
    connection.create_function("closing", 0, connection.close)
    with pytest.raises(keelback.OperationalError, match="user-defined function raised exception"):
        connection.execute("SELECT closing()").fetchall()
    assert connection.execute("SELECT 1").fetchone() == (1,)
    connection.close()


def test_cursors_dropped_within_a_call_are_ended_after_it() -> None:
    connection = keelback.connect(":memory:")
    cursors = [connection.execute("VALUES (1), (2), (3)") for _ in range(5)]

    def drop() -> int:
        cursors.clear()
        gc.collect()
        return 1

    connection.create_function("dropping", 0, drop)
    assert connection.execute("SELECT dropping()").fetchall() == [(1,)]
    assert connection.execute("VALUES (1), (2), (3)").fetchall() == [(1,), (2,), (3,)]


def test_a_connection_that_is_not_used_any_more_is_collected() -> None:
    class Watched(keelback.Connection):
        pass

    connection = keelback.connect(":memory:", factory=Watched)
    connection.execute("SELECT 1").fetchall()
    watch = weakref.ref(connection)
    del connection
    gc.collect()
    assert watch() is None


def test_functions_are_released_with_their_connection() -> None:
    class Doubling:
        def __call__(self, x: int) -> int:
            return 2 * x

    function = Doubling()
    watch = weakref.ref(function)
    connection = keelback.connect(":memory:")
    connection.create_function("twice", 1, function)
    connection.create_collation("c", lambda a, b: 0)
    del function
    assert connection.execute("SELECT twice(4)").fetchone() == (8,)
    connection.close()
    gc.collect()
    assert watch() is None


def test_a_removed_function_is_unknown() -> None:
    connection = keelback.connect(":memory:")
    connection.create_function("f", 1, lambda x: x)
    connection.create_function("f", 1, None)
    with pytest.raises(keelback.OperationalError, match="no such function: f|wrong number of arguments"):
        connection.execute("SELECT f(1)")
