"""Eight threads with a connection each, and a process of real SQLite, all writing to one file at once."""

from __future__ import annotations

import ctypes
import subprocess
import sys
import threading
from pathlib import Path

import apsw
from capi_support import Database

THREADS, ROUNDS = 8, 12
OTHER_PROCESS = f"""
import apsw, sys
connection = apsw.Connection(sys.argv[1])
connection.set_busy_timeout(60000)
for _ in range({ROUNDS}):
    connection.execute("BEGIN IMMEDIATE; UPDATE counter SET n = n + 1; INSERT INTO log(who) VALUES('other'); COMMIT")
"""


def test_nothing_is_lost_among_eight_threads_and_another_process(library: ctypes.CDLL, tmp_path: Path) -> None:
    path = str(tmp_path / "shared.db")
    first = Database(library, path)
    schema = "CREATE TABLE counter(n); INSERT INTO counter VALUES(0); CREATE TABLE log(id INTEGER PRIMARY KEY, who)"
    assert first.run(schema + "; CREATE INDEX log_who ON log(who)") == 0
    failures: list[tuple[str, str]] = []

    def work(number: int) -> None:
        database = Database(library, path)
        library.sqlite3_busy_timeout(database.handle, 60000)
        for _ in range(ROUNDS):
            for sql in (
                "BEGIN IMMEDIATE",
                "UPDATE counter SET n = n + 1",
                f"INSERT INTO log(who) VALUES('thread {number}')",
                "COMMIT",
                "SELECT count(*), max(who) FROM log WHERE who > 'thread 3'",
            ):
                if database.run(sql) != 0:
                    failures.append((sql, database.message()))
        if database.close() != 0:
            failures.append(("close", database.message()))

    other = subprocess.Popen([sys.executable, "-c", OTHER_PROCESS, path])
    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert other.wait(100) == 0
    assert failures == []
    total = (THREADS + 1) * ROUNDS
    assert first.rows("SELECT n FROM counter") == [(str(total).encode(),)]
    assert first.close() == 0
    judge = apsw.Connection(path)
    assert list(judge.execute("PRAGMA integrity_check")) == [("ok",)]
    counted = list(judge.execute("SELECT count(*) FROM log GROUP BY who"))
    assert counted == [(ROUNDS,)] * (THREADS + 1)
    judge.close()
