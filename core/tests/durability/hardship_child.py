"""What a process of its own does to databases where its surroundings are against it; prints what came of it as JSON.

    python hardship_child.py ours|sqlite SCENARIO MODE FOLDER

Scenarios: a quota on the size of files (RLIMIT_FSIZE), a full disk (a small tmpfs, mounted by who calls), processes
that fork with connections open, copies by sqlite3_backup that are interrupted or killed, work that is interrupted.

Must not know: what the other side answers.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))
from tools.comparing.prepared import Database, our_functions, real_functions  # noqa: E402

ROWS = "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
MAKE = f"CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT); CREATE INDEX tb ON t(b); {ROWS}"
FILL = MAKE + " INSERT INTO t SELECT i, printf('%d %.*c', i, 80, 'x') FROM n"
CHECK = ("SELECT count(*), sum(a), sum(length(b)) FROM t", "PRAGMA integrity_check")
HANDLER = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)


def outcome(database: Database, sql: str) -> list[Any]:
    """The extended code of a statement, and its rows."""
    found = database.rows(sql)
    code = found[1] if found[0] == "prepare" else found[3] if len(found) > 3 else 0
    return [code, repr(found[2]) if found[0] == "rows" else ""]


class Scenarios:
    """A method is a scenario; `seen` is what is compared."""

    def __init__(self, side: str, mode: str, folder: Path) -> None:
        self.functions = real_functions() if side == "sqlite" else our_functions()
        self.mode = mode
        self.folder = folder
        self.seen: list[Any] = []

    def opened(self, name: str, count: int = 0) -> Database:
        database = Database(self.functions, str(self.folder / name))
        if count:
            assert database.run(f"PRAGMA page_size = 1024; PRAGMA journal_mode = {self.mode}") == 0
            assert database.run(FILL.format(count=count)) == 0
        return database

    def ask(self, database: Database, *statements: str) -> None:
        self.seen += [outcome(database, sql) for sql in statements]

    def grow_until_it_fails(self, database: Database) -> None:
        """Transactions of 20 rows each; what failed is tried again, then room is made by who calls."""
        for number in range(1, 400):
            start = 10_000 * number
            database.run("BEGIN")
            codes = [
                outcome(database, f"INSERT INTO t VALUES({start + row}, printf('%.*c', 400, 'y'))")[0]
                for row in range(20)
            ]
            codes.append(outcome(database, "COMMIT" if not any(codes) else "ROLLBACK")[0])
            self.ask(database, "SELECT count(*) FROM t")
            if any(codes):
                # Where in the transaction it failed depends on when pages leave the cache.
                self.seen.append(sorted({code & 0xFF for code in codes if code > 1}))
                break
        self.seen.append(database.call["get_autocommit"](database.handle))
        self.ask(database, *CHECK)

    def quota(self) -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        database = self.opened("a.db", 200)
        beside = self.opened("a.db")
        for more in (0, 7_000, 90_000):
            largest = max(path.stat().st_size for path in self.folder.iterdir()) + more
            _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, hard))
            self.grow_until_it_fails(database)
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
            self.ask(beside, *CHECK)
            self.ask(database, "INSERT INTO t(b) VALUES('after')", *CHECK)
        database.close()
        self.ask(beside, *CHECK)

    def full_disk(self) -> None:
        database = self.opened("a.db", 200)
        beside = self.opened("a.db")
        ballast = self.folder / "ballast"
        ballast.write_bytes(bytes(40_000))
        self.grow_until_it_fails(database)
        self.ask(beside, *CHECK)
        ballast.unlink()
        self.ask(database, "INSERT INTO t(b) VALUES('after')", *CHECK)
        self.ask(beside, *CHECK)

    def forked(self, work: Any) -> None:
        """Have a child do this; its findings come by a pipe, since what it holds of ours is not to be closed."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            self.seen = []
            status = 1
            try:
                work()
                os.write(writing, json.dumps(self.seen).encode())
                status = 0
            finally:
                os._exit(status)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            self.seen.append(json.loads(pipe.read() or b'"nothing"'))
        self.seen.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

    def fork_and_exit(self) -> None:
        """A child that has inherited an open transaction and goes away leaves it as it was."""
        database = self.opened("a.db", 200)
        self.ask(database, "BEGIN IMMEDIATE", "INSERT INTO t(b) VALUES('mine')")
        self.forked(lambda: None)
        self.ask(database, "INSERT INTO t(b) VALUES('mine too')")

        def look() -> None:
            own = self.opened("a.db")
            self.ask(own, *CHECK, "INSERT INTO t(b) VALUES('other')")

        self.forked(look)
        subprocess.run(["true"], check=True)
        self.ask(database, "COMMIT", *CHECK)
        self.forked(look)
        self.ask(database, *CHECK)

    def fork_and_use(self) -> None:
        """A child works with the connection of its parent, which is not done but must not end it."""
        database = self.opened("a.db", 200)
        self.ask(database, *CHECK)
        self.forked(lambda: self.ask(database, "SELECT max(a) FROM t", *CHECK))
        self.ask(database, "INSERT INTO t(b) VALUES('parent')", *CHECK)
        self.forked(lambda: self.ask(database, "SELECT count(*) FROM t", "INSERT INTO t(b) VALUES('child')"))
        self.ask(self.opened("a.db"), *CHECK)

    def backup_killed(self) -> None:
        """The destination is what it was, whenever the process that copies is killed."""
        source, destination = self.opened("from.db", 600), self.opened("to.db", 90)
        destination.close()
        for steps in (0, 1, 3, 9, 40):

            def copy(steps: int = steps) -> None:
                own, to = self.opened("from.db"), self.opened("to.db")
                to.run("PRAGMA cache_size = 5")
                handle = to.call["backup_init"](to.handle, b"main", own.handle, b"main")
                for _ in range(steps):
                    to.call["backup_step"](handle, 2)
                os.kill(os.getpid(), signal.SIGKILL)

            self.forked(copy)
            for name in ("to.db", "from.db"):
                self.ask(self.opened(name), *CHECK, "INSERT INTO t(b) VALUES('goes on')")
        source.close()

    def backup_interrupted(self) -> None:
        """What is told to stop between two steps, or by a progress handler, copies on."""
        source, destination = self.opened("from.db", 600), self.opened("to.db", 90)
        stop = HANDLER(lambda _: 1)
        call = self.functions
        handle = call["backup_init"](destination.handle, b"main", source.handle, b"main")
        for database in (source, destination):
            call["interrupt"](database.handle)
            self.seen.append(call["backup_step"](handle, 5))
            call["progress_handler"](database.handle, 1, ctypes.cast(stop, ctypes.c_void_p), None)
            self.seen.append(call["backup_step"](handle, 5))
            call["progress_handler"](database.handle, 0, None, None)
        # A statement that runs keeps the interrupt.
        self.ask(source, CHECK[0])
        call["interrupt"](source.handle)
        self.seen += [call["backup_step"](handle, -1), call["backup_finish"](handle)]
        for database in (source, destination):
            self.ask(database, *CHECK)
        # Given up half-way it leaves nothing.
        handle = call["backup_init"](destination.handle, b"main", source.handle, b"main")
        self.seen += [call["backup_step"](handle, 7), call["backup_finish"](handle)]
        self.ask(destination, *CHECK, "INSERT INTO t(b) VALUES('after')", *CHECK)

    def work_stopped(self) -> None:
        """VACUUM and checkpoints that a progress handler ends leave all that was committed."""
        database = self.opened("a.db", 600)
        call = self.functions
        left = [0]

        def count(_: object) -> int:
            left[0] -= 1
            return int(left[0] <= 0)

        stop = HANDLER(count)
        for sql in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)", "REINDEX", "DELETE FROM t WHERE a % 2"):
            for ticks in (1, 3, 20):
                left[0] = ticks
                call["progress_handler"](database.handle, 1, ctypes.cast(stop, ctypes.c_void_p), None)
                code = outcome(database, sql)[0]
                call["progress_handler"](database.handle, 0, None, None)
                # How many instructions it takes is each engine's own: only whether it was done or ended is told.
                self.seen.append((sql, code in (0, 9)))
                self.seen.append(outcome(database, "PRAGMA integrity_check"))
        self.ask(database, "VACUUM", "SELECT count(*) > 0 FROM t", "PRAGMA integrity_check")


def main() -> None:
    side, name, mode, folder = sys.argv[1:]
    scenarios = Scenarios(side, mode, Path(folder))
    getattr(scenarios, name)()
    print(json.dumps(scenarios.seen), flush=True)
    # What was forked must not be closed twice by the ends of interpreters.
    os._exit(0)


if __name__ == "__main__":
    main()
