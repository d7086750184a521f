"""The 22 queries of TPC-H on real SQLite and on Keelback: plans, answers, times.

    python bench/tpch/run.py [--scale 0.01] [--seed 1] [--queries 1,5,9] [--no-analyze]
        [--real LIBRARY --ours LIBRARY [--repeat 3]]     times: both are shared libraries with the SQLite C API
        [--write FILE]                                   times with primary keys only and after ANALYZE, as a page
        [--plans]                                        plans: EXPLAIN QUERY PLAN side by side where they differ
        [--reference]                                    answers of the reference engine (slow: take a small scale)

Without libraries the plans are compared. Times are CPU times of one process, the best of `--repeat` runs, each engine's
runs in turn, from prepare to finalize without reading the columns, which one run before them does to compare the rows.
A query that has taken longer than a second is not run again; one that takes longer than `--limit` seconds is
interrupted and counts as that long.
"""

from __future__ import annotations

import argparse
import ctypes
import datetime
import math
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "core")]

import apsw  # noqa: E402
from keelback_core.engine.connection import Connection  # noqa: E402

from bench.bench import machine  # noqa: E402
from bench.tpch.generate import write_database  # noqa: E402

ROW = 100
INTEGER, REAL, TEXT = 1, 2, 3
LONG = 1.0
LOOK_AT_CLOCK = 0.2
WRITING = {"INSERT", "UPDATE", "DELETE", "REPLACE"}  # what they do is rolled back


def read_queries(path: Path = FOLDER / "queries.sql") -> dict[int, str]:
    """The queries by number."""
    found = {}
    for part in path.read_text(encoding="utf-8").split("-- ")[1:]:
        number, sql = part.split("\n", 1)
        found[int(number)] = sql.strip().rstrip(";")
    return found


class Library:
    """A database in a shared library with the SQLite C API."""

    def __init__(self, path: str, database: str, limit: float) -> None:
        self.library = ctypes.CDLL(path, mode=getattr(ctypes, "RTLD_LOCAL", 0) | 0x8)
        self.library.sqlite3_column_text.restype = ctypes.c_char_p
        self.library.sqlite3_column_double.restype = ctypes.c_double
        self.library.sqlite3_column_int64.restype = ctypes.c_int64
        self.library.sqlite3_errmsg.restype = ctypes.c_char_p
        self.handle = ctypes.c_void_p()
        if self.library.sqlite3_open(database.encode(), ctypes.byref(self.handle)):
            raise SystemExit(f"{path}: cannot open {database}")
        self.library.sqlite3_exec(self.handle, b"PRAGMA foreign_keys = on", None, None, None)
        self.limit = limit

    def version(self) -> str:
        """What the library calls itself."""
        self.library.sqlite3_libversion.restype = ctypes.c_char_p
        return str(self.library.sqlite3_libversion().decode())

    def run(self, sql: str, reads_rows: bool = True) -> tuple[float, list[tuple[object, ...]] | None]:
        """CPU seconds from prepare to finalize, and the rows that were read, None if it took too long."""
        # From outside: a progress handler would be counted, and keeps engines from working on many rows at once.
        is_over = threading.Event()
        end = time.process_time() + self.limit

        def watch() -> None:
            while not is_over.wait(LOOK_AT_CLOCK):
                if time.process_time() > end:
                    self.library.sqlite3_interrupt(self.handle)

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            return self._run(sql, reads_rows)
        finally:
            is_over.set()
            watcher.join()

    def _run(self, sql: str, reads_rows: bool) -> tuple[float, list[tuple[object, ...]] | None]:
        if sql.split(None, 1)[0] in WRITING:
            self.library.sqlite3_exec(self.handle, b"BEGIN", None, None, None)
            try:
                return self._run_one(sql, reads_rows)
            finally:
                self.library.sqlite3_exec(self.handle, b"ROLLBACK", None, None, None)
        return self._run_one(sql, reads_rows)

    def _run_one(self, sql: str, reads_rows: bool) -> tuple[float, list[tuple[object, ...]] | None]:
        statement = ctypes.c_void_p()
        start = time.process_time()
        if self.library.sqlite3_prepare_v2(self.handle, sql.encode(), -1, ctypes.byref(statement), None):
            raise SystemExit(self.library.sqlite3_errmsg(self.handle).decode())
        rows: list[tuple[object, ...]] = []
        count = self.library.sqlite3_column_count(statement) if reads_rows else 0
        code = self.library.sqlite3_step(statement)
        while code == ROW:
            if reads_rows:
                rows.append(tuple(self._value(statement, column) for column in range(count)))
            code = self.library.sqlite3_step(statement)
        self.library.sqlite3_finalize(statement)
        spent = time.process_time() - start
        return (spent, rows) if code == 101 else (max(spent, self.limit), None)

    def _value(self, statement: ctypes.c_void_p, column: int) -> object:
        kind = self.library.sqlite3_column_type(statement, column)
        if kind == INTEGER:
            return self.library.sqlite3_column_int64(statement, column)
        if kind == REAL:
            return self.library.sqlite3_column_double(statement, column)
        return self.library.sqlite3_column_text(statement, column).decode() if kind == TEXT else None


def alike(one: list[tuple[object, ...]], other: list[tuple[object, ...]]) -> bool:
    """Whether the rows are equal; sums of reals may differ in the last digits, for they are added in another order."""
    if len(one) != len(other):
        return False
    for left, right in zip(one, other, strict=True):
        for a, b in zip(left, right, strict=True):
            if isinstance(a, float) and isinstance(b, float):
                if not math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-6):
                    return False
            elif a != b:
                return False
    return True


def plan_of(rows: list[tuple[int, int, int, str]]) -> list[str]:
    """EXPLAIN QUERY PLAN, indented."""
    depths = {0: -1}
    found = []
    for identifier, parent, _, text in rows:
        depths[identifier] = depths[parent] + 1
        found.append("  " * depths[identifier] + text)
    return found


def compare_plans(path: str, queries: dict[int, str]) -> int:
    """Print the plans that differ; how many."""
    real = apsw.Connection(path)
    ours = Connection(path)
    differing = 0
    for number, sql in queries.items():
        text = "EXPLAIN QUERY PLAN " + sql
        left, right = plan_of(list(real.execute(text))), plan_of([tuple(row) for row in ours.execute(text)])
        if left != right:
            differing += 1
            print(f"\nquery {number}\n  SQLite:", *left, sep="\n    ")
            print("  Keelback:", *right, sep="\n    ")
    print(f"\n{len(queries) - differing} of {len(queries)} plans are alike")
    return differing


def compare_answers(path: str, queries: dict[int, str]) -> int:
    """Run the queries on real SQLite and on the reference engine; how many differ."""
    real = apsw.Connection(path)
    ours = Connection(path)
    wrong = 0
    for number, sql in queries.items():
        wanted = list(real.execute(sql))
        start = time.process_time()
        found = [tuple(row) for row in ours.execute(sql)]
        spent = time.process_time() - start
        is_alike = alike(wanted, found)
        wrong += not is_alike
        print(f"query {number:2}: {len(wanted):4} rows, {spent:6.2f} s, {'alike' if is_alike else 'DIFFERENT'}")
    return wrong


class Line:
    """What one query took on both, in seconds."""

    __slots__ = ("number", "real", "ours", "note")

    def __init__(self, number: int, real: float, ours: float, note: str) -> None:
        self.number = number
        self.real = real
        self.ours = ours
        self.note = note

    def ratio(self) -> float:
        """Above 1 where Keelback is faster."""
        return self.real / max(self.ours, 1e-9)


def measure(path: str, queries: dict[int, str], arguments: argparse.Namespace) -> list[Line]:
    """Print the times of all queries."""
    libraries = (Library(arguments.real, path, arguments.limit), Library(arguments.ours, path, arguments.limit))
    lines: list[Line] = []
    print("query    SQLite ms  Keelback ms   SQLite / Keelback")
    for number, sql in queries.items():
        best = [math.inf, math.inf]
        rows: list[list[tuple[object, ...]] | None] = [None, None]
        for side, library in enumerate(libraries):
            spent, rows[side] = library.run(sql)
            if spent > LONG:
                best[side] = spent
        for _ in range(arguments.repeat):
            for side, library in enumerate(libraries):
                if best[side] < LONG or best[side] == math.inf:
                    best[side] = min(best[side], library.run(sql, reads_rows=False)[0])
        note = ""
        if rows[0] is not None and rows[1] is not None and not alike(rows[0], rows[1]):
            note = "DIFFERENT ANSWERS"
        elif rows[0] is None or rows[1] is None:
            note = "interrupted: " + (
                "SQLite" if rows[1] is not None else "Keelback" if rows[0] is not None else "both"
            )
        line = Line(number, best[0], best[1], note)
        lines.append(line)
        print(f"{number:5} {line.real * 1000:12.1f} {line.ours * 1000:12.1f} {line.ratio():12.2f}  {note}", flush=True)
    print(summary(lines))
    return lines


def summary(lines: list[Line]) -> str:
    """The geometric mean and the worst of the ratios."""
    mean = math.exp(sum(math.log(line.ratio()) for line in lines) / len(lines))
    worst = min(lines, key=Line.ratio)
    return f"Geometric mean of the ratios {mean:.2f}; the worst {worst.ratio():.2f}, query {worst.number}."


def different_answers(lines: list[Line]) -> int:
    """How many queries had other answers."""
    return sum(line.note.startswith("DIFFERENT") for line in lines)


def write_page(path: Path, plain: list[Line], analysed: list[Line], arguments: argparse.Namespace) -> None:
    """The page of both tables."""
    version = Library(arguments.real, ":memory:", 1).version()
    text = [
        "<!-- Written by bench/tpch/run.py --write; run it again rather than edit. -->",
        "# The queries of TPC-H",
        "",
        f"{datetime.date.today().isoformat()}, {machine()}. Scale {arguments.scale}, seed {arguments.seed}, in a file;"
        f" SQLite {version} built with -O3; the best of {arguments.repeat} runs, each engine's in turn.",
        "",
        "CPU time of a known statement from prepare to finalize, in milliseconds; a ratio above 1 means that Keelback"
        f" is faster. A query is interrupted after {arguments.limit:g} s and counts as that long. The data are our own"
        " (`bench/tpch/generate.py`): these are not results in the sense of the TPC.",
        "",
    ]
    for title, lines in (("With primary keys only", plain), ("After ANALYZE", analysed)):
        text += [f"## {title}", "", "| query | SQLite | Keelback | ratio | |", "|---:|---:|---:|---:|---|"]
        text += [
            f"| {line.number} | {line.real * 1000:.1f} | {line.ours * 1000:.1f} | {line.ratio():.2f} | {line.note} |"
            for line in lines
        ]
        text += ["", summary(lines), ""]
    path.write_text("\n".join(text), encoding="utf-8")


def copy_without_statistics(path: str) -> str:
    """A copy of the database as it was before ANALYZE."""
    copy = path + ".plain"
    shutil.copyfile(path, copy)
    list(apsw.Connection(copy).execute("DROP TABLE IF EXISTS sqlite_stat1"))
    return copy


def main() -> int:
    parser = argparse.ArgumentParser(description="TPC-H's queries on two engines")
    parser.add_argument("--scale", type=float, default=0.01)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default=None, help="a file that generate.py wrote")
    parser.add_argument("--queries", default="", help="numbers with commas between them")
    parser.add_argument("--no-analyze", action="store_true", help="without statistics")
    parser.add_argument("--real", default=None)
    parser.add_argument("--ours", default=None)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--limit", type=float, default=30.0)
    parser.add_argument("--write", type=Path, default=None, help="write the page, docs/tpch.md")
    parser.add_argument("--plans", action="store_true")
    parser.add_argument("--reference", action="store_true")
    arguments = parser.parse_args()
    queries = read_queries()
    if arguments.queries:
        queries = {int(number): queries[int(number)] for number in arguments.queries.split(",")}
    with tempfile.TemporaryDirectory() as folder:
        path = arguments.database
        if path is None:
            path = str(Path(folder) / "tpch.db")
            write_database(path, arguments.scale, arguments.seed)
        if arguments.no_analyze:
            list(apsw.Connection(path).execute("DROP TABLE IF EXISTS sqlite_stat1"))
        failed = 0
        if arguments.real and arguments.ours and arguments.write:
            plain = measure(copy_without_statistics(path), queries, arguments)
            analysed = measure(path, queries, arguments)
            write_page(arguments.write, plain, analysed, arguments)
            failed += different_answers(plain + analysed)
        elif arguments.real and arguments.ours:
            failed += different_answers(measure(path, queries, arguments))
        if arguments.plans or not (arguments.real or arguments.reference):
            compare_plans(path, queries)
        if arguments.reference:
            failed += compare_answers(path, queries)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
