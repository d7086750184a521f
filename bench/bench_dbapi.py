"""The DB-API benchmark: one program, run with `sqlite3` or `keelback`.

bench_dbapi.py MODULE FOLDER ROWS     prints one line a workload: name, operations, nanoseconds of CPU time
"""

from __future__ import annotations

import importlib
import random
import sys
import time
from pathlib import Path


def main(module_name: str, folder: str, rows: int) -> None:
    module = importlib.import_module(module_name)
    path = Path(folder) / "dbapi.db"
    path.unlink(missing_ok=True)
    generator = random.Random(12345)
    lookups = min(rows, 5000)

    def report(name: str, operations: int, started: int) -> None:
        print(name, operations, time.process_time_ns() - started, flush=True)

    started = time.process_time_ns()
    for _ in range(50):
        module.connect(path).close()
    report("open_close", 50, started)

    connection = module.connect(path)
    connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, g INTEGER, v REAL, s TEXT)")
    data = [
        (i, generator.randrange(1000), generator.random() * 1000, f"key-{generator.randrange(10**8):08}")
        for i in range(1, rows + 1)
    ]
    started = time.process_time_ns()
    connection.executemany("INSERT INTO t VALUES(?,?,?,?)", data)
    connection.commit()
    report("insert_bound", rows, started)

    started = time.process_time_ns()
    for i in range(200):
        connection.execute(f"SELECT v, s, g+{i} FROM t WHERE id=1")
    report("prepare_distinct", 200, started)

    started = time.process_time_ns()
    for _ in range(lookups):
        connection.execute("SELECT v, s FROM t WHERE id=?", (generator.randrange(rows) + 1,)).fetchone()
    report("point_rowid", lookups, started)

    for name, sql in (
        ("scan_filter_sum", "SELECT sum(g) FROM t WHERE v > 500.0"),
        ("scan_rows", "SELECT g, v FROM t"),
        ("group_1000", "SELECT g, count(*), sum(v) FROM t GROUP BY g"),
        ("sort_real", "SELECT id FROM t ORDER BY v"),
    ):
        started = time.process_time_ns()
        connection.execute(sql).fetchall()
        report(name, rows, started)
    connection.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
