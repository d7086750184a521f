"""sqlite3_backup_*: the same scripts on our library and on real SQLite give the same codes, counts and databases."""

from __future__ import annotations

import ctypes
from pathlib import Path

import apsw
import pytest
from capi_support import Database

OK, BUSY, READONLY, ROW, DONE = 0, 5, 8, 100, 101
ROWS = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < {count}) "
FILL = ROWS + "INSERT INTO t SELECT n, n % 7, hex(zeroblob(n % 90 + 40)) FROM r"
TABLE = "CREATE TABLE t(id INTEGER PRIMARY KEY, g, s)"


class Side:
    """One library with connections by name; what was seen is kept for comparison."""

    def __init__(self, library: ctypes.CDLL, folder: Path) -> None:
        self.library = library
        self.folder = folder
        self.databases: dict[str, Database] = {}
        self.seen: list[object] = []
        folder.mkdir()
        library.sqlite3_backup_init.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_char_p]
        for name in ("step", "finish", "remaining", "pagecount"):
            getattr(library, f"sqlite3_backup_{name}").argtypes = [ctypes.c_void_p, ctypes.c_int][
                : 2 if name == "step" else 1
            ]

    def open(self, name: str, file: str) -> None:
        self.databases[name] = Database(self.library, file if file == ":memory:" else str(self.folder / file))

    def run(self, name: str, *statements: str) -> None:
        for sql in statements:
            self.seen.append(self.library.sqlite3_exec(self.databases[name].handle, sql.encode(), None, None, None))

    def rows(self, name: str, sql: str) -> list[tuple[str | None, ...]]:
        database = self.databases[name]
        statement = database.prepare(sql)
        found = []
        while self.library.sqlite3_step(statement) == ROW:
            values = []
            for at in range(self.library.sqlite3_column_count(statement)):
                address = self.library.sqlite3_column_text(statement, at)
                values.append(None if address is None else ctypes.string_at(address).decode())
            found.append(tuple(values))
        self.library.sqlite3_finalize(statement)
        return found

    def start(self, destination: str, source: str) -> ctypes.c_void_p:
        handles = self.databases[destination].handle, self.databases[source].handle
        return ctypes.c_void_p(self.library.sqlite3_backup_init(handles[0], b"main", handles[1], b"main"))

    def step(self, backup: ctypes.c_void_p, pages: int) -> int:
        code = self.library.sqlite3_backup_step(backup, pages)
        counts = [getattr(self.library, f"sqlite3_backup_{name}")(backup) for name in ("remaining", "pagecount")]
        self.seen.append((pages, code, *counts))
        return code

    def finish(self, backup: ctypes.c_void_p) -> None:
        self.seen.append(("finish", self.library.sqlite3_backup_finish(backup)))

    def look(self, name: str) -> None:
        for sql in (
            "SELECT type, name, sql FROM sqlite_schema ORDER BY 2",
            "PRAGMA integrity_check",
            "PRAGMA page_size",
            "PRAGMA page_count",
            "PRAGMA auto_vacuum",
            "PRAGMA journal_mode",
            "SELECT count(*), sum(id), sum(length(s)) FROM t",
        ):
            try:
                self.seen.append(self.rows(name, sql))
            except AssertionError as error:
                self.seen.append(str(error).splitlines()[0])

    def close(self) -> None:
        for database in self.databases.values():
            self.seen.append(self.library.sqlite3_close(database.handle))


def small_steps(side: Side) -> None:
    side.open("from", "a.db")
    side.open("to", "b.db")
    side.run("from", TABLE, FILL.format(count=900))
    backup = side.start("to", "from")
    while side.step(backup, 3) == OK:
        pass
    side.finish(backup)
    side.look("to")
    side.run("to", FILL.format(count=0), "INSERT INTO t VALUES(5000, 1, 2)")
    side.look("to")


def all_at_once_over_what_was_there(side: Side) -> None:
    side.open("from", ":memory:")
    side.open("to", "b.db")
    side.run("to", "CREATE TABLE old(x)", "INSERT INTO old SELECT zeroblob(300000)")
    side.open("beside", "b.db")
    side.look("beside")
    side.run("from", TABLE, FILL.format(count=100))
    backup = side.start("to", "from")
    side.step(backup, -1)
    side.step(backup, -1)
    side.finish(backup)
    for name in ("to", "beside"):
        side.look(name)
    side.run("beside", "INSERT INTO t VALUES(5000, 1, 2)")
    side.look("to")


def other_page_sizes(side: Side) -> None:
    side.open("from", "a.db")
    side.run("from", "PRAGMA page_size=1024", TABLE, FILL.format(count=300))
    for file in ("b.db", ":memory:"):
        side.open("to", file)
        side.run("to", "CREATE TABLE old(x)", "INSERT INTO old VALUES(1)")
        backup = side.start("to", "from")
        while side.step(backup, 20) == OK:
            pass
        side.finish(backup)
        side.look("to")
        side.run("to", "INSERT INTO t VALUES(5000, 1, 2)")
        side.look("to")
    side.open("into memory", ":memory:")
    backup = side.start("into memory", "from")
    side.step(backup, -1)
    side.finish(backup)
    side.look("into memory")


def somebody_is_in_the_way(side: Side) -> None:
    side.open("from", "a.db")
    side.open("to", "b.db")
    side.open("beside", "b.db")
    side.run("from", TABLE, FILL.format(count=200))
    side.run("to", "CREATE TABLE old(x)")
    side.run("beside", "BEGIN EXCLUSIVE")
    backup = side.start("to", "from")
    side.step(backup, 2)
    side.run("beside", "COMMIT")
    side.step(backup, 2)
    side.run("beside", "INSERT INTO old VALUES(1)", "SELECT * FROM old")
    side.run("from", "BEGIN", "INSERT INTO t VALUES(7777, 1, 1)")
    side.step(backup, 2)
    side.run("from", "COMMIT")
    side.step(backup, -1)
    side.finish(backup)
    side.look("to")
    side.look("beside")


def the_source_is_written_by_another(side: Side) -> None:
    side.open("from", "a.db")
    side.open("beside", "a.db")
    side.open("to", "b.db")
    side.run("from", TABLE, FILL.format(count=400))
    backup = side.start("to", "from")
    side.step(backup, 5)
    side.run("beside", "UPDATE t SET g = 99 WHERE id < 3", "INSERT INTO t SELECT id + 1000, g, s FROM t")
    side.step(backup, 1)
    side.step(backup, 4)
    side.step(backup, -1)
    side.finish(backup)
    side.look("to")
    side.seen.append(side.rows("to", "SELECT g, count(*) FROM t GROUP BY g"))


def the_source_is_written_by_itself(side: Side) -> None:
    side.open("from", "a.db")
    side.open("to", "b.db")
    side.run("from", TABLE, FILL.format(count=400))
    backup = side.start("to", "from")
    side.step(backup, 5)
    side.run("from", "UPDATE t SET g = 99", "DELETE FROM t WHERE id % 3 = 0")
    side.step(backup, 5)
    side.step(backup, -1)
    side.finish(backup)
    side.look("to")
    side.seen.append(side.rows("to", "SELECT g, count(*) FROM t GROUP BY g"))


def it_ends_too_early(side: Side) -> None:
    side.open("from", "a.db")
    side.open("to", "b.db")
    side.run("from", TABLE, FILL.format(count=400))
    side.run("to", TABLE, FILL.format(count=3))
    backup = side.start("to", "from")
    side.step(backup, 5)
    side.finish(backup)
    side.look("to")
    side.run("to", "INSERT INTO t VALUES(5000, 1, 2)")
    side.look("to")


def an_empty_source(side: Side) -> None:
    side.open("from", "a.db")
    side.open("to", "b.db")
    side.run("to", TABLE, FILL.format(count=300))
    backup = side.start("to", "from")
    side.step(backup, -1)
    side.finish(backup)
    side.look("to")


def auto_vacuum_and_wal(side: Side) -> None:
    side.open("from", "a.db")
    side.open("to", "b.db")
    side.open("back", "c.db")
    side.run("from", "PRAGMA auto_vacuum=FULL", "PRAGMA journal_mode=WAL", TABLE, FILL.format(count=300))
    side.run("from", "DELETE FROM t WHERE id < 200")
    side.run("to", TABLE)
    side.run("back", "PRAGMA journal_mode=WAL", TABLE, FILL.format(count=500))
    for source, destination in (("from", "to"), ("to", "back")):
        backup = side.start(destination, source)
        while side.step(backup, 10) == OK:
            pass
        side.finish(backup)
        side.look(destination)
        side.run(destination, "DELETE FROM t WHERE id < 250", FILL.format(count=20))
        side.look(destination)


SCRIPTS = (
    *(small_steps, all_at_once_over_what_was_there, other_page_sizes, somebody_is_in_the_way),
    *(the_source_is_written_by_another, the_source_is_written_by_itself, it_ends_too_early, an_empty_source),
    auto_vacuum_and_wal,
)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_a_script_gives_what_sqlite_gives(library, real, tmp_path: Path, script) -> None:
    sides = [Side(library, tmp_path / "ours"), Side(real, tmp_path / "real")]
    for side in sides:
        script(side)
        side.close()
    assert sides[0].seen == sides[1].seen
    for file in (tmp_path / "ours").glob("*.db"):
        assert apsw.Connection(str(file)).pragma("integrity_check") == "ok"


def test_a_database_that_is_killed_in_the_middle_is_what_it_was(library, tmp_path: Path) -> None:
    side = Side(library, tmp_path / "ours")
    side.open("from", "a.db")
    side.open("to", "b.db")
    side.run("from", TABLE, FILL.format(count=3000))
    side.run("to", TABLE, FILL.format(count=900), "PRAGMA cache_size=10")
    backup = side.start("to", "from")
    assert side.step(backup, 40) == OK
    for file in (tmp_path / "ours").glob("b.db*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    side.finish(backup)
    side.close()
    connection = apsw.Connection(str(tmp_path / "b.db"))
    assert connection.pragma("integrity_check") == "ok"
    assert list(connection.execute("SELECT count(*) FROM t")) == [(900,)]
