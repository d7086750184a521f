"""WAL mode with real SQLite in other processes on the same file at the same time, in both directions.

1. What one commits, the other sees at its next transaction, and never half of it.
2. A reader keeps its snapshot while others commit and checkpoint.
3. Who was killed leaves what it committed, and the other recovers it.

KEELBACK_LONG=1: a hundred kills a pair. Twin one level down: core/tests/storage/test_wal.py.
"""

from __future__ import annotations

import os
import random
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from sql_process import SqlFailed, SqlProcess

KILLS = 100 if os.environ.get("KEELBACK_LONG") else 10
OURS = ("kernel", "reference")
PAIRS = [("kernel", "sqlite"), ("kernel", "kernel"), ("sqlite", "kernel")]
PAIRS += [("reference", "sqlite"), ("reference", "kernel"), ("sqlite", "reference")]
# Who is killed, and who finds what is left.
KILLED = [("kernel", "sqlite"), ("sqlite", "kernel"), ("reference", "sqlite"), ("sqlite", "reference")]
BUSY, BUSY_SNAPSHOT, LOCKED, READONLY = 5, 517, 6, 8

FILL = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {}) INSERT INTO t SELECT i, {} FROM c"


def check(path: Path) -> None:
    """Real SQLite finds nothing wrong."""
    with SqlProcess("sqlite", path) as judge:
        assert judge.run("PRAGMA integrity_check") == [["ok"]]


@pytest.fixture(params=PAIRS, ids=["-".join(pair) for pair in PAIRS])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Two processes on one database in WAL mode, made by the first."""
    first = SqlProcess(request.param[0], tmp_path / "a.db")
    second = SqlProcess(request.param[1], tmp_path / "a.db")
    assert first.run("PRAGMA journal_mode = wal") == [["wal"]]
    first.run("CREATE TABLE t(a INTEGER PRIMARY KEY, b)")
    yield first, second
    for process in (first, second):
        if process.child.poll() is None:
            process.close()
    check(tmp_path / "a.db")


def test_each_sees_what_the_other_commits(pair: Any) -> None:
    first, second = pair
    assert second.run("PRAGMA journal_mode") == [["wal"]]
    for number in range(1, 40):
        writer, reader = (first, second) if number % 2 else (second, first)
        writer.run(f"INSERT INTO t VALUES({number}, hex(zeroblob({number * 37 % 3000})))")
        assert reader.run("SELECT max(a), count(*) FROM t") == [[number, number]]


def test_a_reader_keeps_its_snapshot(pair: Any) -> None:
    first, second = pair
    first.run(FILL.format(500, "'old'"))
    second.run("BEGIN")
    assert second.run("SELECT count(*) FROM t WHERE b = 'old'") == [[500]]
    first.run("UPDATE t SET b = 'new'")
    first.run("DELETE FROM t WHERE a > 100")
    assert first.run("PRAGMA wal_checkpoint")[0][0] == 0
    assert second.run("SELECT count(*) FROM t WHERE b = 'old'") == [[500]]
    assert second.code("DELETE FROM t") == BUSY_SNAPSHOT
    second.run("COMMIT")
    assert second.run("SELECT count(*), min(b) FROM t") == [[100, "new"]]
    second.run("DELETE FROM t WHERE a > 50")
    assert first.run("SELECT count(*) FROM t") == [[50]]


def test_there_is_one_writer_at_a_time_and_readers_do_not_mind(pair: Any) -> None:
    first, second = pair
    first.run("BEGIN IMMEDIATE; INSERT INTO t VALUES(1, 1)")
    assert second.code("INSERT INTO t VALUES(2, 2)") == BUSY
    assert second.code("BEGIN EXCLUSIVE") == BUSY
    assert second.run("SELECT count(*) FROM t") == [[0]]
    second.run("PRAGMA busy_timeout = 20000")
    second.send("INSERT INTO t VALUES(2, 2)")
    first.run("COMMIT")
    second.answer()
    assert first.run("SELECT a FROM t") == [[1], [2]]


def test_spilled_pages_and_rollbacks_leave_no_trace(pair: Any) -> None:
    first, second = pair
    first.run(FILL.format(3000, "hex(randomblob(100))"))
    expected = first.run("SELECT count(*), sum(length(b)) FROM t")
    for process, other in ((first, second), (second, first)):
        process.run("PRAGMA cache_size = 10")
        process.run("BEGIN; UPDATE t SET b = b || 'xx'; SAVEPOINT s; DELETE FROM t WHERE a % 2; ROLLBACK TO s")
        assert other.run("SELECT count(*), sum(length(b)) FROM t") == expected
        process.run("ROLLBACK")
        assert process.run("SELECT count(*), sum(length(b)) FROM t") == expected
        process.run("BEGIN; UPDATE t SET b = b || 'x'; SAVEPOINT s; UPDATE t SET b = NULL; ROLLBACK TO s; COMMIT")
        expected = [[3000, expected[0][1] + 3000]]
        assert other.run("SELECT count(*), sum(length(b)) FROM t") == expected
        assert other.run("PRAGMA integrity_check") == [["ok"]]


def test_the_last_one_to_close_brings_everything_back_and_deletes_the_files(pair: Any, tmp_path: Path) -> None:
    first, second = pair
    first.run("INSERT INTO t VALUES(1, 1)")
    second.run("INSERT INTO t VALUES(2, 2)")
    first.close()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.db", "a.db-shm", "a.db-wal"]
    second.close()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.db"]


def test_only_who_is_alone_can_leave_the_mode(pair: Any, tmp_path: Path) -> None:
    first, second = pair
    second.run("INSERT INTO t VALUES(1, 1)")
    assert first.code("PRAGMA journal_mode = delete") == BUSY
    with pytest.raises(SqlFailed, match="cannot change out of wal mode from within a transaction"):
        first.run("BEGIN; PRAGMA journal_mode = delete")
    first.run("ROLLBACK")
    second.close()
    assert first.run("PRAGMA journal_mode = delete") == [["delete"]]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.db"]
    assert (tmp_path / "a.db").read_bytes()[18:20] == b"\1\1"
    first.run("INSERT INTO t VALUES(2, 2)")
    with pytest.raises(SqlFailed, match="cannot change into wal mode from within a transaction"):
        first.run("BEGIN; PRAGMA journal_mode = wal")
    first.run("ROLLBACK")
    assert first.run("PRAGMA journal_mode = wal; SELECT count(*) FROM t") == [["wal"], [2]]


def test_vacuum_and_auto_vacuum_go_through_the_wal(pair: Any, tmp_path: Path) -> None:
    first, second = pair
    first.run("PRAGMA auto_vacuum = full; PRAGMA page_size = 512")
    first.run(FILL.format(2000, "hex(randomblob(50))"))
    second.run("BEGIN; SELECT count(*) FROM t")
    first.run("DELETE FROM t WHERE a > 10; VACUUM")
    assert second.run("SELECT count(*) FROM t") == [[2000]]
    second.run("COMMIT")
    assert second.run("SELECT count(*) FROM t; PRAGMA page_size; PRAGMA auto_vacuum; PRAGMA integrity_check") == [
        [10],
        [4096],
        [1],
        ["ok"],
    ]
    for process in (second, first):
        process.run(FILL.format(3000, "hex(randomblob(50))").replace("SELECT i,", "SELECT i + 100,"))
        process.run("DELETE FROM t WHERE a > 100")
        assert process.run("PRAGMA freelist_count") == [[0]]


def test_a_wal_starts_again_when_nobody_needs_it(pair: Any, tmp_path: Path) -> None:
    first, second = pair
    sizes = []
    for turn in range(8):
        writer, other = (first, second) if turn % 2 else (second, first)
        writer.run(FILL.format(300, f"hex(randomblob({20 + turn}))").replace("INSERT", "REPLACE"))
        other.run("PRAGMA wal_checkpoint")
        sizes.append((tmp_path / "a.db-wal").stat().st_size)
    assert max(sizes) < 2 * sizes[0] + 100000
    assert first.run("SELECT count(*), min(length(b)) FROM t") == second.run("SELECT 300, 54") == [[300, 54]]


@pytest.mark.parametrize("kind", [*OURS, "sqlite"])
def test_who_commits_much_checkpoints_by_itself(tmp_path: Path, kind: str) -> None:
    with SqlProcess(kind, tmp_path / "a.db") as process:
        process.run("PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 20")
        process.run("CREATE TABLE t(a INTEGER PRIMARY KEY, b)")
        for number in range(200):
            process.run(f"INSERT INTO t VALUES({number}, zeroblob(3000))")
        assert (tmp_path / "a.db-wal").stat().st_size < 40 * 4200
    check(tmp_path / "a.db")


# Many at once.

STRESS = 400 if os.environ.get("KEELBACK_LONG") else 60


@pytest.mark.parametrize("kinds", [("kernel", "sqlite", "kernel"), ("sqlite", "kernel", "reference")])
def test_many_write_and_read_at_once(tmp_path: Path, kinds: tuple[str, ...]) -> None:
    """Each transaction moves money; every snapshot has all of it."""
    path = tmp_path / "a.db"
    processes = [SqlProcess(kind, path) for kind in kinds]
    processes[0].run("PRAGMA journal_mode = wal")
    processes[0].run("CREATE TABLE t(a INTEGER PRIMARY KEY, b); CREATE TABLE done(who, number)")
    processes[0].run(FILL.format(50, "100"))
    failures: list[str] = []

    def work(who: int) -> None:
        source = random.Random(who)
        process = processes[who]
        process.run(f"PRAGMA busy_timeout = 60000; PRAGMA wal_autocheckpoint = {source.choice((3, 20, 1000))}")
        process.run(f"PRAGMA synchronous = {source.choice(('off', 'normal', 'full'))}")
        for number in range(STRESS):
            amount = source.randrange(20)
            process.run("BEGIN IMMEDIATE")
            process.run(f"UPDATE t SET b = b - {amount} WHERE a = {source.randrange(1, 51)}")
            process.run(f"UPDATE t SET b = b + {amount} WHERE a = {source.randrange(1, 51)}")
            process.run(f"INSERT INTO done VALUES({who}, {number})")
            process.run("COMMIT" if source.random() < 0.8 else "ROLLBACK")
            total, busy = process.run("SELECT sum(b), count(*) FROM t")[0]
            if (total, busy) != (5000, 50):
                failures.append(f"{who} saw {total} at {number}")
            if source.random() < 0.05:
                mode = source.choice(("passive", "full", "restart", "truncate"))
                process.run(f"PRAGMA wal_checkpoint({mode})")

    threads = [threading.Thread(target=work, args=(who,)) for who in range(len(kinds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process in processes:
        process.close()
    assert not failures
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.db"]
    check(path)


# Crashes.


@pytest.mark.parametrize("pair_of_kinds", KILLED)
def test_a_killed_writer_leaves_what_it_committed(tmp_path: Path, pair_of_kinds: tuple[str, str]) -> None:
    path = tmp_path / "a.db"
    seed = random.randrange(1 << 30)
    print("seed", seed)
    source = random.Random(seed)
    writer_kind, reader_kind = pair_of_kinds
    with SqlProcess(writer_kind, path) as maker:
        maker.run("PRAGMA journal_mode = wal; CREATE TABLE t(a INTEGER PRIMARY KEY, b); INSERT INTO t VALUES(1, 0)")
        maker.run("CREATE TABLE log(number INTEGER PRIMARY KEY, mark)")
    number = 0
    for _ in range(KILLS):
        writer = SqlProcess(writer_kind, path)
        writer.run(f"PRAGMA cache_size = 8; PRAGMA wal_autocheckpoint = {source.choice((2, 30, 1000))}")
        done = number
        for _ in range(source.randrange(1, 8)):
            number += 1
            writer.run(
                f"BEGIN; INSERT INTO log VALUES({number}, hex(randomblob({source.randrange(30000)})));"
                f"DELETE FROM log WHERE number < {number} - 5; UPDATE t SET b = {number}; COMMIT"
            )
            done = number
        timer = threading.Timer(source.random() * 0.01, writer.child.kill)
        timer.start()
        try:
            while True:
                writer.run(
                    f"BEGIN; INSERT INTO log VALUES({number + 1}, hex(randomblob({source.randrange(90000)})));"
                    f"UPDATE t SET b = {number + 1}; COMMIT"
                )
                number += 1
                done = number
        except (AssertionError, BrokenPipeError):
            pass
        timer.join()
        writer.kill()
        with SqlProcess(reader_kind, path) as reader:
            (found,) = reader.run("SELECT b FROM t")[0]
            assert found in (done, done + 1)
            assert reader.run("SELECT max(number) FROM log") == [[found]]
            assert reader.run("PRAGMA integrity_check") == [["ok"]]
            number = found
    check(path)


# Damage.


def left_behind(folder: Path, kind: str) -> Path:
    """A database whose newest commits are in the WAL only, with older frames behind them."""
    path = folder / "live.db"
    with SqlProcess(kind, path) as process:
        process.run("PRAGMA page_size = 1024; PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0")
        process.run("CREATE TABLE t(a INTEGER PRIMARY KEY, b)")
        process.run(FILL.format(60, "hex(randomblob(100))"))
        process.run("PRAGMA wal_checkpoint(restart)")
        for number in range(6):
            process.run(f"UPDATE t SET b = {number} WHERE a % 6 >= {number}; INSERT INTO t(b) VALUES('row {number}')")
        copy = folder / "left.db"
        for suffix in ("", "-wal", "-shm"):
            shutil.copy(f"{path}{suffix}", f"{copy}{suffix}")
    return copy


@pytest.mark.parametrize("kind", [*OURS, "sqlite"])
def test_a_damaged_wal_shows_what_sqlite_shows(tmp_path: Path, kind: str) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    source = random.Random(seed)
    left = left_behind(tmp_path, kind)
    wal = Path(f"{left}-wal").read_bytes()
    shm = Path(f"{left}-shm").read_bytes()
    for turn in range(60 if os.environ.get("KEELBACK_LONG") else 16):
        damaged = bytearray(wal)
        way = turn % 4
        if way == 0:
            del damaged[source.randrange(len(damaged)) :]
        elif way == 1:
            damaged[source.randrange(len(damaged))] ^= 1 << source.randrange(8)
        elif way == 2:
            damaged[source.randrange(32)] ^= 1 << source.randrange(8)
        else:
            frame = 32 + source.randrange((len(damaged) - 32) // 1048) * 1048
            damaged[frame + source.randrange(24)] ^= 1 << source.randrange(8)
        answers = []
        for reader in ("sqlite", *OURS):
            path = tmp_path / f"{turn}-{reader}.db"
            shutil.copy(left, path)
            Path(f"{path}-wal").write_bytes(damaged)
            if turn % 3 == 0:
                Path(f"{path}-shm").write_bytes(bytes(source.randrange(256) for _ in range(200)) + shm[200:])
            with SqlProcess(reader, path) as process:
                try:
                    rows = process.run("SELECT a, b FROM t")
                    rows += process.run("INSERT INTO t(b) VALUES('new'); SELECT count(*) FROM t")
                except SqlFailed as error:
                    rows = [[error.code]]
                answers.append(rows)
        assert answers[1:] == answers[:1] * (len(answers) - 1), turn
        if len(answers[0]) > 1:
            check(tmp_path / f"{turn}-kernel.db")
