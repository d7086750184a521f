"""One file, two engines: Keelback and real SQLite take turns at writing it, and heed each other's locks.

1. Random SQL on one file, a few statements by Keelback, a few by real SQLite, for every page size, encoding and
   auto-vacuum setting; a third database in memory of real SQLite gets all of them and tells what the file should hold.
2. Locks between processes: whatever one engine holds, the other meets what real SQLite would meet.
3. Files that may only be read, and what a crash in WAL mode leaves; test_wal_crossing.py has the rest of WAL mode.

KEELBACK_LONG=1 takes more turns; KEELBACK_SEED=n repeats a run.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import apsw
import pytest
from keelback_core.engine import Connection
from keelback_core.value.errors import SqlError

ROOT = Path(__file__).resolve().parents[3]
TURNS = 60 if os.environ.get("KEELBACK_LONG") else 8
TABLES = ("t", "u")
SETTINGS = [(512, "UTF-8", 1), (512, "UTF-16le", 0), (1024, "UTF-8", 2), (2048, "UTF-16be", 0), (4096, "UTF-8", 0),
            (8192, "UTF-8", 0), (16384, "UTF-16le", 1), (32768, "UTF-8", 0), (65536, "UTF-8", 0)]  # fmt: skip


def random_statement(source: random.Random, big: int) -> str:
    """One statement that both engines run alike. big: the size of the largest texts and blobs."""
    table = source.choice(TABLES)
    key = source.randrange(400)
    size = source.choice((0, 3, 20, 100, big // 8, source.randrange(big)))
    text = f"'{source.choice(('a', 'B', 'ß', '€', '😀'))}{key}' || hex(zeroblob({size // 2}))"
    value = source.choice((text, text, f"zeroblob({size})", str(key * 7919), str(key / 7), "NULL", str(-(2**62) - key)))
    kind = source.randrange(12)
    if kind < 5:
        return f"INSERT OR REPLACE INTO {table}(a, b, c) VALUES({key}, {value}, {source.randrange(50)})"
    if kind == 5:
        return f"INSERT OR IGNORE INTO {table} SELECT a + {key}, c, b FROM t WHERE a < {source.randrange(100)}"
    if kind == 6:
        return f"UPDATE {table} SET b = {value} WHERE c = {source.randrange(50)}"
    if kind == 7:
        return f"UPDATE OR IGNORE {table} SET a = a + 1000 WHERE a % 17 = {key % 17}"
    if kind == 8:
        return f"DELETE FROM {table} WHERE a BETWEEN {key} AND {key + source.randrange(200)}"
    if kind == 9:
        return f"DELETE FROM {table} WHERE c % 5 = {key % 5}"
    if kind == 10:
        return source.choice(
            (f"CREATE INDEX IF NOT EXISTS x{key % 3} ON {table}(c DESC, b)", f"DROP INDEX IF EXISTS x{key % 3}")
        )
    return source.choice((
        f"CREATE TABLE IF NOT EXISTS v{key % 2} AS SELECT * FROM t WHERE c < 20",
        f"DROP TABLE IF EXISTS v{key % 2}",
        f"PRAGMA user_version = {key}",
    ))  # fmt: skip


class OneFile:
    """The file, and the judge in memory."""

    def __init__(self, path: Path, page_size: int, encoding: str, auto_vacuum: int, maker: str) -> None:
        self.path = str(path)
        self.judge = apsw.Connection(":memory:")
        settings = f"PRAGMA page_size={page_size}; PRAGMA encoding='{encoding}'"
        if auto_vacuum:
            settings += f"; PRAGMA auto_vacuum={auto_vacuum}"
            maker = "sqlite"  # auto-vacuum files are made by real SQLite only so far
        schema = (
            "CREATE TABLE t(a INTEGER PRIMARY KEY, b, c INT); CREATE INDEX tc ON t(c, b);"
            "CREATE TABLE u(a INT UNIQUE, b TEXT COLLATE NOCASE, c NUMERIC DEFAULT 5);"
            "CREATE INDEX ub ON u(b) WHERE c > 9"
        )
        self.run(maker, [settings, schema])

    def run(self, engine: str, statements: list[str]) -> None:
        """Run statements on the file by one engine, and on the judge; their errors have to be the same."""
        if engine == "sqlite":
            connection: Any = apsw.Connection(self.path)
        else:
            connection = Connection(self.path)
        for sql in statements:
            found = outcome(connection, sql)
            expected = outcome(self.judge, sql)
            assert found == expected, (engine, sql)
        connection.close()

    def check(self) -> None:
        """Both engines find the file in order and find in it what the judge holds."""
        ours = Connection(self.path)
        theirs = apsw.Connection(self.path)
        assert [tuple(row) for row in ours.execute("PRAGMA integrity_check")] == [("ok",)]
        assert list(theirs.execute("PRAGMA integrity_check")) == [("ok",)]
        names = [name for (name,) in self.judge.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        queries = [f'SELECT * FROM "{name}" ORDER BY 1, 2, 3' for name in names]
        queries += ["SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2", "PRAGMA user_version"]
        queries += ["SELECT c, b FROM t WHERE c > 10 ORDER BY c, b", "SELECT count(*) FROM u WHERE c > 9 AND b > 'A'"]
        for sql in queries:
            expected = list(self.judge.execute(sql))
            assert list(theirs.execute(sql)) == expected, sql
            assert [tuple(row) for row in ours.execute(sql)] == expected, sql
        ours.close()
        theirs.close()


def outcome(connection: Any, sql: str) -> Any:
    try:
        for _ in connection.execute(sql):
            pass
        return None
    except SqlError as error:
        return (error.code, error.message)
    except apsw.Error as error:
        return (error.extendedresult, str(error))


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: "-".join(map(str, setting)))
def test_both_engines_take_turns_at_one_file(tmp_path: Path, setting: tuple[int, str, int]) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    source = random.Random(seed)
    page_size, encoding, auto_vacuum = setting
    file = OneFile(tmp_path / "a.db", page_size, encoding, auto_vacuum, source.choice(("sqlite", "keelback")))
    for turn in range(TURNS):
        engine = ("keelback", "sqlite")[turn % 2]
        statements = [random_statement(source, page_size * 3) for _ in range(source.randrange(3, 15))]
        if source.random() < 0.5:
            statements = ["BEGIN", *statements, source.choice(("COMMIT", "COMMIT", "ROLLBACK"))]
        file.run(engine, statements)
        if turn % 4 == 3:
            file.check()
    file.check()
    content = Path(file.path).read_bytes()
    assert int.from_bytes(content[16:18], "big") in (page_size, 1 if page_size == 65536 else page_size)


HOLDERS = {
    "sqlite": "import apsw; c = apsw.Connection(sys.argv[1]); run = lambda sql: list(c.execute(sql))",
    "keelback": "from keelback_core.engine import Connection; c = Connection(sys.argv[1]); run = c.execute",
}
HOLDER = """
import sys
{make}
for line in sys.stdin:
    try:
        run(line.strip())
        print("ok", flush=True)
    except Exception as error:
        print(str(error), flush=True)
"""


class Holder:
    """A child process with one connection of an engine."""

    def __init__(self, engine: str, path: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "core")}
        command = [sys.executable, "-c", HOLDER.format(make=HOLDERS[engine]), path]
        self.child = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def run(self, sql: str) -> str:
        assert self.child.stdin is not None and self.child.stdout is not None
        self.child.stdin.write(sql + "\n")
        self.child.stdin.flush()
        return self.child.stdout.readline().strip()

    def send(self, sql: str) -> None:
        assert self.child.stdin is not None
        self.child.stdin.write(sql + "\n")
        self.child.stdin.flush()

    def stop(self) -> None:
        assert self.child.stdin is not None and self.child.stdout is not None
        self.child.stdin.close()
        self.child.wait(30)
        self.child.stdout.close()


HELD = ["BEGIN; SELECT * FROM t", "BEGIN IMMEDIATE", "BEGIN IMMEDIATE; INSERT INTO t VALUES(7)", "BEGIN EXCLUSIVE"]
TRIED = [
    "SELECT * FROM t",
    "INSERT INTO t VALUES(1)",
    "BEGIN; SELECT * FROM t; COMMIT",
    "BEGIN IMMEDIATE; COMMIT",
    "BEGIN EXCLUSIVE; COMMIT",
    "CREATE TABLE z(a)",
]


def met(holder: str, tryer: str, path: str) -> list[list[str]]:
    """What `tryer` meets while `holder` holds each lock."""
    answers = []
    first, second = Holder(holder, path), Holder(tryer, path)
    try:
        for held in HELD:
            assert [first.run(part) for part in held.split("; ")] == ["ok"] * len(held.split("; "))
            answers.append([])
            for tried in TRIED:
                answers[-1] += [second.run(part) for part in tried.split("; ")]
                second.run("ROLLBACK")
                second.run("DROP TABLE IF EXISTS z")
            assert first.run("ROLLBACK") == "ok"
    finally:
        first.stop()
        second.stop()
    return answers


def test_locks_of_one_engine_are_met_by_the_other_as_between_two_of_real_sqlite(tmp_path: Path) -> None:
    answers = {}
    for holder in HOLDERS:
        for tryer in HOLDERS:
            path = str(tmp_path / f"{holder}-{tryer}.db")
            Connection(path).execute("CREATE TABLE t(a); INSERT INTO t VALUES(5)")
            answers[holder, tryer] = met(holder, tryer, path)
    expected = answers["sqlite", "sqlite"]
    assert any("database is locked" in row for row in expected)
    for pair, found in answers.items():
        if pair[1] == "keelback":
            found = [[text.removeprefix("5: ") for text in row] for row in found]
        clean = [[text.rsplit(": ", 1)[-1] for text in row] for row in found]
        assert clean == [[text.rsplit(": ", 1)[-1] for text in row] for row in expected], pair


@pytest.mark.parametrize("holder", list(HOLDERS))
@pytest.mark.parametrize("tryer", list(HOLDERS))
def test_a_busy_timeout_waits_for_another_process(tmp_path: Path, holder: str, tryer: str) -> None:
    path = str(tmp_path / "a.db")
    Connection(path).execute("CREATE TABLE t(a)")
    first, second = Holder(holder, path), Holder(tryer, path)
    try:
        assert first.run("BEGIN EXCLUSIVE") == "ok"
        assert second.run("PRAGMA busy_timeout = 200") == "ok"
        started = time.monotonic()
        assert second.run("INSERT INTO t VALUES(1)").endswith("database is locked")
        assert time.monotonic() - started > 0.15
        assert second.run("PRAGMA busy_timeout = 20000") == "ok"
        second.send("INSERT INTO t VALUES(2)")
        time.sleep(0.1)
        assert first.run("COMMIT") == "ok"
        assert second.child.stdout is not None and second.child.stdout.readline().strip() == "ok"
        assert time.monotonic() - started < 15
    finally:
        first.stop()
        second.stop()


def wal_file(folder: Path) -> Path:
    """A database in WAL mode whose newest rows are in the WAL only, left by a process that ended without closing."""
    path = folder / "live.db"
    connection = apsw.Connection(str(path))
    list(connection.execute("PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t(a, b)"))
    list(connection.execute("INSERT INTO t VALUES(1, 'old'); PRAGMA wal_checkpoint(TRUNCATE); UPDATE t SET b = 'new'"))
    list(connection.execute("INSERT INTO t VALUES(2, zeroblob(9000))"))
    left = folder / "left.db"
    shutil.copy(path, left)
    shutil.copy(f"{path}-wal", f"{left}-wal")
    connection.close()
    return left


def test_a_database_in_wal_mode_is_recovered_and_written(tmp_path: Path) -> None:
    path = wal_file(tmp_path)
    connection = Connection(str(path))
    assert connection.execute("PRAGMA journal_mode") == [["wal"]]
    assert connection.execute("SELECT a, b FROM t WHERE a = 1") == [[1, "new"]]
    assert connection.execute("SELECT length(b) FROM t WHERE a = 2") == [[9000]]
    connection.execute("INSERT INTO t VALUES(3, 'third')")
    assert connection.execute("PRAGMA integrity_check") == [["ok"]]
    connection.close()
    assert sorted(file.name for file in tmp_path.iterdir() if file.name.startswith("left")) == ["left.db"]
    judge = apsw.Connection(str(path))
    assert list(judge.execute("SELECT a, length(b) FROM t")) == [(1, 3), (2, 9000), (3, 5)]
    judge.close()


def test_a_file_opened_for_reading_only_is_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    apsw.Connection(str(path)).execute("CREATE TABLE t(a); INSERT INTO t VALUES(1)")
    content = path.read_bytes()
    connection = Connection(str(path), 1)
    assert connection.execute("SELECT * FROM t") == [[1]]
    for sql in (
        "INSERT INTO t VALUES(2)",
        "DELETE FROM t",
        "CREATE TABLE u(a)",
        "DROP TABLE t",
        "PRAGMA user_version=3",
    ):
        with pytest.raises(SqlError) as caught:
            connection.execute(sql)
        assert (caught.value.code, caught.value.message) == (8, "attempt to write a readonly database"), sql
    connection.execute("BEGIN; SELECT * FROM t; COMMIT; CREATE TEMP TABLE x(a); INSERT INTO x VALUES(1)")
    connection.close()
    assert path.read_bytes() == content and sorted(p.name for p in tmp_path.iterdir()) == ["a.db"]
