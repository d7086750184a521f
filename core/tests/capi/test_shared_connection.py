"""One connection used by several threads: its mutex favours the one that opened it (mutex.hpp) until another comes."""

from __future__ import annotations

import ctypes
import threading

import pytest
from capi_support import Database

ROUNDS = 400


def work(database: Database, failures: list[int]) -> None:
    for _ in range(ROUNDS):
        code = database.run("UPDATE counter SET n = n + 1")
        if code:
            failures.append(code)


@pytest.mark.parametrize("late", range(4))
def test_nothing_is_lost_when_a_second_thread_comes_at_any_time(library, late):
    for _ in range(5):
        database = Database(library)
        assert database.run("CREATE TABLE counter(n); INSERT INTO counter VALUES(0)") == 0
        failures: list[int] = []
        others = [threading.Timer(late * 0.002, work, (database, failures)) for _ in range(3)]
        for other in others:
            other.start()
        work(database, failures)
        for other in others:
            other.join()
        assert failures == []
        assert database.rows("SELECT n FROM counter") == [(str(4 * ROUNDS).encode(),)]
        assert database.close() == 0


def test_a_thread_that_tries_gets_the_mutex_only_when_the_opener_is_out(library):
    database = Database(library)
    mutex = ctypes.c_void_p(library.sqlite3_db_mutex(database.handle))
    answers: list[int] = []

    def try_it() -> None:
        answers.append(library.sqlite3_mutex_try(mutex))
        if answers[-1] == 0:
            library.sqlite3_mutex_leave(mutex)

    def ask() -> int:
        thread = threading.Thread(target=try_it)
        thread.start()
        thread.join()
        return answers[-1]

    library.sqlite3_mutex_enter(mutex)
    library.sqlite3_mutex_enter(mutex)
    assert ask() == 5
    library.sqlite3_mutex_leave(mutex)
    assert ask() == 5
    library.sqlite3_mutex_leave(mutex)
    assert ask() == 0
    # The favour is over: the opener takes it as everybody does.
    library.sqlite3_mutex_enter(mutex)
    assert ask() == 5
    library.sqlite3_mutex_leave(mutex)
    assert ask() == 0
    assert database.close() == 0


def test_a_connection_wanders_from_one_thread_to_another_and_back(library):
    thread_saw: list[int] = []
    database = Database(library)
    thread = threading.Thread(target=lambda: thread_saw.append(database.run("CREATE TABLE t(a)")))
    assert database.run("SELECT 1") == 0
    thread.start()
    thread.join()
    assert thread_saw == [0]
    assert database.rows("SELECT count(*) FROM t") == [(b"0",)]
    assert database.close() == 0
