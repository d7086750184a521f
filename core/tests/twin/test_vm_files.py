"""Both VMs leave the same file, byte for byte, and real SQLite finds it sound."""

from __future__ import annotations

import random
import time
from pathlib import Path

import apsw
from vm_twin import TwinConnection


def statements(generator: random.Random) -> list[str]:
    found = [
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER, b TEXT, c REAL)",
        "CREATE INDEX ta ON t(a, b)",
        "CREATE TABLE u(k TEXT PRIMARY KEY, v) WITHOUT ROWID",
    ]
    for number in range(250):
        size = generator.choice([0, 3, 40, 3000])
        a, text = generator.randrange(50), generator.choice("xyz") * size
        found.append(
            generator.choice(
                [
                    f"INSERT INTO t(a, b, c) VALUES ({a}, '{text}', {a}.5), ({a}, NULL, {a}.0)",
                    f"UPDATE t SET a = a + 1, b = b || 'q' WHERE a % 7 = {a % 7}",
                    f"DELETE FROM t WHERE a = {a}",
                    f"INSERT OR REPLACE INTO u VALUES ('{a}', zeroblob({size}))",
                    f"DELETE FROM u WHERE k > '{a}'",
                    "BEGIN" if number % 2 else "SAVEPOINT s",
                    "COMMIT",
                    "ROLLBACK",
                    "ROLLBACK TO s",
                ]
            )
        )
    return [*found, "COMMIT"]


def test_both_files_are_the_same(tmp_path: Path) -> None:
    seed = time.time_ns()
    print("seed", seed)
    paths = [tmp_path / "reference.db", tmp_path / "kernel.db"]
    twin = TwinConnection(str(paths[0]), str(paths[1]))
    for sql in statements(random.Random(seed)):
        outcomes = twin.run(sql, [])
        if outcomes is not None:
            assert outcomes[0] == outcomes[1], sql
    twin.close()
    files = [path.read_bytes() for path in paths]
    assert len(files[0]) > 4096
    assert files[0] == files[1]
    assert apsw.Connection(str(paths[1])).execute("PRAGMA integrity_check").fetchall() == [("ok",)]
