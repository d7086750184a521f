"""The kernel's VM beside SQLite at -O3: the same statements on the same file, no C API in between.

    .venv/bin/python bench/kernel_vm.py [--rows N] [--only WORD] [--engine kernel|sqlite|both] [--repeat N]

Prints nanoseconds of CPU a row or an operation, the best of some interleaved runs, and how many times faster the
kernel is. The kernel runs programs that the compiler made, by core/kernel/vm/twin; what the C API adds is not in it,
while SQLite's numbers have its API's calls. To count instructions: --engine kernel under
`valgrind --tool=callgrind --toggle-collect=vm_run`.
"""

from __future__ import annotations

import argparse
import ctypes
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "core"), str(ROOT / "core" / "tests" / "twin"), str(ROOT / "bench")]

from vm_twin import TwinConnection  # noqa: E402

from bench import newest_sqlite  # noqa: E402

# Name and SQL; times are a row of t.
SCANS = [
    ("scan count filter sum", "SELECT count(*), sum(v) FROM t WHERE g < 500"),
    ("scan sum real", "SELECT sum(v) FROM t"),
    ("scan sum integer", "SELECT sum(g) FROM t"),
    ("scan expression", "SELECT sum(v * 2 + g) FROM t WHERE g % 3 = 1"),
    ("scan LIKE", "SELECT count(*) FROM t WHERE s LIKE '%99%'"),
    ("scan min max", "SELECT min(v), max(g) FROM t WHERE id > 0 AND v >= 0"),
    ("returned rows, 2 columns", "SELECT id, v FROM t"),
    ("returned rows, 4 columns", "SELECT id, g, v, s FROM t"),
    ("GROUP BY 1000 groups", "SELECT g, count(*), sum(v) FROM t GROUP BY g"),
    ("GROUP BY text", "SELECT s, count(*) FROM t GROUP BY s"),
    ("DISTINCT", "SELECT DISTINCT g FROM t"),
    ("count DISTINCT", "SELECT count(DISTINCT g) FROM t"),
    ("ORDER BY real", "SELECT id, v FROM t ORDER BY v"),
    ("ORDER BY text", "SELECT id FROM t ORDER BY s || ''"),
    ("ORDER BY LIMIT 10", "SELECT id, v FROM t ORDER BY v LIMIT 10"),
    ("join by rowid", "SELECT count(*) FROM t a JOIN t b ON b.id = a.g"),
    ("join without index", "SELECT count(*), sum(u.w) FROM t JOIN u ON u.k = t.g"),
    ("join without index, distinct", "SELECT count(*) FROM (SELECT DISTINCT g FROM t) a JOIN t b ON a.g = b.g"),
    ("IN subquery", "SELECT count(*) FROM t WHERE g IN (SELECT k FROM u WHERE w < 300)"),
    (
        "recursive CTE",
        "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {rows}) SELECT sum(n) FROM c",
    ),
    ("window row_number", "SELECT id, row_number() OVER (ORDER BY v) FROM t"),
]
# Name, SQL, letters of the parameters.
POINTS = [
    ("point by rowid", "SELECT s, v FROM t WHERE id = ?", "i"),
    ("point by text index", "SELECT g, v FROM t WHERE s = ?", "t"),
    ("short range by rowid", "SELECT v FROM t WHERE id BETWEEN ?1 AND ?1 + 9", "i"),
]
TABLE = "CREATE TABLE n(id INTEGER PRIMARY KEY, g INTEGER, v REAL, s TEXT)"
INSERT = "INSERT INTO n VALUES (?, ?, ?, ?)"
# Each on an empty database: what makes its tables, then name, SQL, parameters and stride of the keys.
WRITES = [
    ([TABLE], [("insert", INSERT, "iirt", 1)]),
    ([TABLE, "CREATE INDEX nt ON n(s)"], [("insert with text index", INSERT, "iirt", 1)]),
    (
        [TABLE],
        [
            ("insert at random rowids", INSERT, "iirt", 7919),
            ("update by rowid", "UPDATE n SET v = v + 1 WHERE id = ?", "i", 7919),
            ("update all", "UPDATE n SET v = v + 1", "", 0),
            ("delete of a range", "DELETE FROM n WHERE id BETWEEN ?1 AND ?1 + 99", "i", 200),
            ("delete of the rest", "DELETE FROM n WHERE g > 5", "", 0),
        ],
    ),
]


class Sqlite:
    """SQLite by ctypes; its loops are in C."""

    def __init__(self, path: str) -> None:
        folder = newest_sqlite()
        if folder is None:
            sys.exit("SQLite's amalgamation cannot be had")
        library = folder / "libsqlite3.so.0"
        loops = folder / "libsqlite_loops.so"
        source = ROOT / "bench" / "sqlite_loops.c"
        if not loops.exists() or loops.stat().st_mtime < source.stat().st_mtime:
            subprocess.run(["gcc", "-O2", "-fPIC", "-shared", str(source), str(library), "-o", str(loops)], check=True)
        self.lib = ctypes.CDLL(str(library), mode=ctypes.RTLD_LOCAL)
        self.loops = ctypes.CDLL(str(loops))
        self.loops.sqlite_run.argtypes = [ctypes.c_void_p]
        self.loops.sqlite_run.restype = ctypes.c_int64
        self.loops.sqlite_run_keys.argtypes = [ctypes.c_void_p, ctypes.c_char_p] + [ctypes.c_int64] * 4
        self.loops.sqlite_run_keys.restype = ctypes.c_int64
        self.lib.sqlite3_libversion.restype = ctypes.c_char_p
        self.version = self.lib.sqlite3_libversion().decode()
        self.db = ctypes.c_void_p()
        assert self.lib.sqlite3_open(path.encode(), ctypes.byref(self.db)) == 0
        self.execute("PRAGMA cache_size=-400000")

    def execute(self, sql: str) -> None:
        """Run a statement to its end."""
        statement = self.prepare(sql)
        found = self.loops.sqlite_run(statement)
        assert found >= 0, (sql, found)
        self.free(statement)

    def prepare(self, sql: str) -> Any:
        """A statement."""
        statement = ctypes.c_void_p()
        code = self.lib.sqlite3_prepare_v2(self.db, sql.encode(), -1, ctypes.byref(statement), None)
        assert code == 0, (sql, code)
        return statement

    def free(self, statement: Any) -> None:
        """Finalize."""
        self.lib.sqlite3_finalize(statement)

    def run(self, statement: Any, kinds: str, keys: tuple[int, int, int, int] | None) -> int:
        """The number of rows; with keys for the parameters many runs."""
        if keys is None:
            return int(self.loops.sqlite_run(statement))
        return int(self.loops.sqlite_run_keys(statement, kinds.encode(), *keys))


class Kernel:
    """The kernel by the twin library, compiled for by the reference connection of the twin."""

    version = "kernel"

    def __init__(self, path: str) -> None:
        is_memory = path == ":memory:"
        self.twin = TwinConnection(None, "") if is_memory else TwinConnection(path, path)
        self.lib = self.twin.lib
        self.lib.vm_set(self.twin.handle, 8, -400000)
        self.lib.vm_set(self.twin.handle, 9, 1)

    def execute(self, sql: str) -> None:
        """Run a statement to its end; one that changes the schema on the reference too, which compiles."""
        if sql.startswith(("CREATE", "DROP")):
            _, outcome = self.twin.run(sql, []) or (None, None)
            assert outcome is not None, sql
            assert outcome.error is None, outcome
            return
        statement = self.prepare(sql)
        found = self.lib.vm_run(statement)
        assert found >= 0, (sql, found, self.lib.vm_error(statement))
        self.free(statement)

    def prepare(self, sql: str) -> Any:
        """A machine."""
        statement, _ = self.twin.reference.prepare(sql)
        assert statement is not None
        return self.twin.prepare_kernel(statement.program)

    def free(self, statement: Any) -> None:
        """Free the machine."""
        self.lib.vm_free(statement)

    def run(self, statement: Any, kinds: str, keys: tuple[int, int, int, int] | None) -> int:
        """As Sqlite's."""
        keys = keys or (0, 1, 0, 1)
        return int(self.lib.vm_run_keys(statement, kinds.encode(), *keys))


def fill(path: str, rows: int) -> None:
    """The database: t with a text index, u with 1000 rows and no index."""
    db = Sqlite(path)
    db.execute("PRAGMA synchronous=OFF")
    db.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, g INTEGER, v REAL, s TEXT)")
    db.execute("CREATE TABLE u(k INTEGER, w REAL)")
    db.execute("BEGIN")
    db.execute(
        f"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {rows}) INSERT INTO t"
        f" SELECT n, n * 7919 % 1000, (n * 2654435761 % 1000003) / 7.0, 'text ' || (n * 48271 % {rows}) FROM c"
    )
    db.execute("INSERT INTO u SELECT g, v FROM t WHERE id <= 1000 ORDER BY v")
    db.execute("CREATE INDEX ts ON t(s)")
    db.execute("COMMIT")
    db.lib.sqlite3_close(db.db)


class Job:
    """One line of the report: a statement on each engine, run in turn; the best time of each counts."""

    def __init__(self, engines: list[Any], sql: str, kinds: str, keys: tuple[int, int, int, int] | None) -> None:
        self.engines = engines
        self.sql = sql
        self.kinds = kinds
        self.keys = keys

    def run(self, name: str, divisor: int, repeat: int, is_writing: bool = False) -> None:
        """Print the line; a writing statement is in a transaction of its own."""
        print(f"{name:40}", end="")
        best = [float("inf")] * len(self.engines)
        counted = [0] * len(self.engines)
        statements = [engine.prepare(self.sql) for engine in self.engines]
        for _ in range(repeat):
            for place, engine in enumerate(self.engines):
                start = time.process_time()
                if is_writing:
                    engine.execute("BEGIN")
                counted[place] = engine.run(statements[place], self.kinds, self.keys)
                if is_writing:
                    engine.execute("COMMIT")
                best[place] = min(best[place], time.process_time() - start)
        for engine, statement in zip(self.engines, statements, strict=True):
            engine.free(statement)
        assert len(set(counted)) == 1, counted
        assert counted[0] >= 0, counted
        line = "".join(f"{seconds / divisor * 1e9:10.1f}" for seconds in best)
        ratio = f"{best[1] / best[0]:9.2f}x" if len(best) == 2 else ""
        print(line + ratio, flush=True)


def run_reads(engines: list[Any], rows: int, repeat: int, only: str) -> None:
    """Scans, then look-ups in and outside of a transaction."""
    for name, sql in SCANS:
        if only in name:
            Job(engines, sql.format(rows=rows), "", None).run(name, rows, repeat)
    count = min(rows, 100000)
    for in_transaction in (True, False):
        for engine in engines:
            if in_transaction:
                engine.execute("BEGIN")
        for name, sql, kinds in POINTS:
            name += ", in a transaction" if in_transaction else ", autocommit"
            if only in name:
                Job(engines, sql, kinds, (1, count, 7919, rows)).run(name, count, repeat)
        for engine in engines:
            if in_transaction:
                engine.execute("COMMIT")


def run_writes(kinds_of_engine: list[Any], rows: int, only: str) -> None:
    """Writes in memory, each in a transaction and once."""
    for schema, writes in WRITES:
        if not any(only in name for name, *_ in writes):
            continue
        engines = [kind(":memory:") for kind in kinds_of_engine]
        for engine in engines:
            for sql in schema:
                engine.execute(sql)
        for name, sql, kinds, stride in writes:
            count = rows // stride if stride == 200 else rows
            keys = (0, count, stride, rows) if kinds else None
            divisor = rows // 2 if name.startswith("delete") else rows
            Job(engines, sql, kinds, keys).run(name, divisor, 1, is_writing=True)


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=200000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", default="")
    parser.add_argument("--engine", choices=["kernel", "sqlite", "both"], default="both")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "bench.db")
        fill(path, arguments.rows)
        kinds: list[Any] = [] if arguments.engine == "sqlite" else [Kernel]
        kinds += [] if arguments.engine == "kernel" else [Sqlite]
        engines = [kind(path) for kind in kinds]
        print(
            f"{arguments.rows} rows; ns of CPU a row or operation: " + ", ".join(engine.version for engine in engines)
        )
        run_reads(engines, arguments.rows, arguments.repeat, arguments.only)
        run_writes(kinds, arguments.rows, arguments.only)


if __name__ == "__main__":
    main()
