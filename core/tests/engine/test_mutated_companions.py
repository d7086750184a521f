"""Damaged files beside a database: what kernel and reference make of a -wal, -journal or -shm that was tampered with.

Each damaged set of files is opened by both engines, each on a copy of its own, and asked the same: the codes and the
rows must be the same, and nobody may crash or hang. KEELBACK_LONG=1 damages many more; KEELBACK_SEED=n repeats a run.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

ROOT = Path(__file__).resolve().parents[3]
LIBRARY = Path(os.environ.get("KEELBACK_BUILD", ROOT / "build")) / "libkeelback.so.0"
FILES = 400 if os.environ.get("KEELBACK_LONG") else 25
ALLOWED = {0, 1, 8, 10, 11, 14, 17, 18, 19, 26}

STATEMENTS = [
    "SELECT count(*), sum(a), max(length(b)) FROM t",
    "SELECT a, b FROM t WHERE a > 150 ORDER BY b LIMIT 30",
    "PRAGMA quick_check(3)",
    "INSERT INTO t VALUES (1000, 'new')",
    "DELETE FROM t WHERE a % 7 = 0",
    "SELECT count(*) FROM t",
    "PRAGMA wal_checkpoint(TRUNCATE)",
    "SELECT count(*), sum(a) FROM t",
]

CHILD = """
import ctypes, json, sys
library = ctypes.CDLL(sys.argv[1])
library.sqlite3_column_text.restype = ctypes.c_char_p
library.sqlite3_column_text.argtypes = [ctypes.c_void_p, ctypes.c_int]
for line in sys.stdin:
    path, statements = json.loads(line)
    handle = ctypes.c_void_p()
    library.sqlite3_open(path.encode(), ctypes.byref(handle))
    found = []
    for sql in statements:
        statement = ctypes.c_void_p()
        code = library.sqlite3_prepare_v2(handle, sql.encode(), -1, ctypes.byref(statement), None)
        rows = []
        while code in (0, 100) and statement:
            code = library.sqlite3_step(statement)
            if code != 100:
                break
            columns = range(library.sqlite3_column_count(statement))
            rows.append([repr(library.sqlite3_column_text(statement, column)) for column in columns])
        library.sqlite3_finalize(statement)
        found.append([0 if code == 101 else code & 0xFF, rows])
    found.append([library.sqlite3_close(handle), []])
    print(json.dumps(found), flush=True)
"""


def build(folder: Path, mode: str) -> dict[str, bytes]:
    """A database of real SQLite as a crash would leave it, by the ends of the files' names."""
    path = folder / "made.db"
    connection = apsw.Connection(str(path))
    connection.execute(f"PRAGMA page_size = 512; PRAGMA journal_mode = {mode}; PRAGMA cache_size = 5")
    connection.execute("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT); CREATE INDEX tb ON t(b)")
    numbers = "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
    connection.execute(f"{numbers} INSERT INTO t SELECT i, printf('row %d %.*c', i * 37 % 200, i % 90, 'x') FROM n")
    if mode == "WAL":
        connection.execute("UPDATE t SET b = b || 'y' WHERE a % 3 = 0")
        connection.execute("DELETE FROM t WHERE a > 180")
    connection.execute("BEGIN; UPDATE t SET b = 'not ' || b")
    found = {
        end: Path(f"{path}{end}").read_bytes()
        for end in ("", "-wal", "-shm", "-journal")
        if Path(f"{path}{end}").exists()
    }
    connection.close()
    return found


def damaged(content: bytes, source: random.Random) -> bytes:
    """Some bytes changed, mostly in the headers; cut, lengthened or repeated now and then."""
    changed = bytearray(content)
    for _ in range(source.choice((1, 1, 2, 4, 20))):
        frame = source.randrange(0, len(changed), 536)
        place = source.choice((source.randrange(32), frame + source.randrange(56), source.randrange(len(changed))))
        place = min(place, len(changed) - 1)
        changed[place] = source.choice((0, 1, 127, 255, source.randrange(256), changed[place] ^ 1))
    kind = source.random()
    if kind < 0.15:
        del changed[source.randrange(len(changed)) :]
    elif kind < 0.22:
        changed += changed[-source.randrange(1, 1100) :]
    elif kind < 0.25:
        changed += source.randbytes(source.randrange(1200))
    return bytes(changed)


@pytest.mark.parametrize(("mode", "end"), [("WAL", "-wal"), ("WAL", "-shm"), ("DELETE", "-journal"), ("DELETE", "")])
def test_both_engines_make_the_same_of_damaged_companions(mode: str, end: str, tmp_path: Path) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    files = build(tmp_path, mode)
    assert files[end]
    children = {}
    for engine in ("kernel", "reference"):
        children[engine] = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(LIBRARY)],
            env={**os.environ, "KEELBACK_ENGINE": engine},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    codes = set()
    for number in range(FILES):
        source = random.Random(seed + number)
        content = {**files, end: damaged(files[end], source)}
        answers = {}
        for engine, child in children.items():
            path = tmp_path / f"{engine}.db"
            for other in ("", "-wal", "-shm", "-journal"):
                Path(f"{path}{other}").unlink(missing_ok=True)
            for other, data in content.items():
                Path(f"{path}{other}").write_bytes(data)
            assert child.stdin is not None and child.stdout is not None
            child.stdin.write(json.dumps([str(path), STATEMENTS]) + "\n")
            child.stdin.flush()
            line = child.stdout.readline()
            assert line, f"seed {seed + number}: {engine} died with {child.wait()}"
            answers[engine] = json.loads(line)
        assert answers["kernel"] == answers["reference"], f"seed {seed + number}"
        codes |= {code for code, _ in answers["kernel"]}
    assert 0 in codes and codes <= ALLOWED
    for child in children.values():
        assert child.stdin is not None
        child.stdin.close()
        assert child.wait() == 0
