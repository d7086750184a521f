"""Damaged database files, opened and queried through the whole engine: a result or a SqlError, in bounded time.

Files of real SQLite (rowid tables, indexes, WITHOUT ROWID, overflow chains, views, triggers, a free list, both
auto-vacuum settings, UTF-16) are damaged byte by byte, most often where it hurts: page headers, cell pointers, the
rows of the schema, the file header; and cut. Every statement has to end with rows or a SqlError of one of the codes
that SQLite uses for it.

The storage layer alone is tested by core/tests/storage/test_corrupt.py. KEELBACK_LONG=1 damages many more files;
KEELBACK_SEED=n repeats a run.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import apsw
import pytest
from keelback_core.engine import Connection
from keelback_core.value.errors import SqlError

ROOT = Path(__file__).resolve().parents[3]
LIBRARY = Path(os.environ.get("KEELBACK_BUILD", ROOT / "build")) / "libkeelback.so.0"
IS_LONG = bool(os.environ.get("KEELBACK_LONG"))
FILES = 4000 if IS_LONG else 200
LIBRARY_FILES = {"kernel": 2000 if IS_LONG else 100, "mirror": 1000 if IS_LONG else 40}
SECONDS_PER_FILE = 20.0
ERROR, READONLY, CORRUPT, FULL, CANTOPEN, SCHEMA, TOOBIG, CONSTRAINT, MISMATCH, NOTADB = (
    1,
    8,
    11,
    13,
    14,
    17,
    18,
    19,
    20,
    26,
)
ALLOWED = {ERROR, READONLY, CORRUPT, FULL, CANTOPEN, SCHEMA, TOOBIG, CONSTRAINT, MISMATCH, NOTADB}

MAKE = """
CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c REAL DEFAULT 1.5, d BLOB);
CREATE INDEX tb ON t(b COLLATE NOCASE, c DESC);
CREATE UNIQUE INDEX tp ON t(a) WHERE b > 'm';
CREATE INDEX te ON t(length(b));
CREATE TABLE w(x TEXT, y INT, z, PRIMARY KEY(x, y)) WITHOUT ROWID;
CREATE TABLE n(id INTEGER PRIMARY KEY AUTOINCREMENT, v UNIQUE CHECK(v <> 7));
CREATE TABLE k(v, g AS (v + 1));
CREATE VIEW s AS SELECT a, b, v FROM t LEFT JOIN n ON n.id = a;
CREATE TRIGGER r AFTER DELETE ON k BEGIN INSERT INTO n(v) VALUES(old.v + 1000); END;
WITH RECURSIVE q(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM q WHERE i < 90)
INSERT INTO t SELECT i, substr('abcdefghijklmnopqrstuvwxyz', i % 26, i % 9), i / 3.0, zeroblob(i % 40) FROM q;
INSERT INTO t VALUES(1000, 'big', 0, zeroblob(4000)), (1001, hex(zeroblob(900)), NULL, NULL);
INSERT OR IGNORE INTO w SELECT b, a, d FROM t WHERE a < 60;
INSERT INTO n(v) SELECT a * 10 FROM t WHERE a < 40;
DELETE FROM t WHERE a % 5 = 0 AND a < 500;
"""

STATEMENTS = [
    "PRAGMA schema_version",
    "SELECT * FROM sqlite_schema",
    "PRAGMA table_list",
    "PRAGMA table_xinfo(t)",
    "SELECT count(*), sum(a), max(length(b)), total(c), max(length(d)) FROM t",
    "SELECT b, c FROM t ORDER BY b COLLATE NOCASE, c DESC",
    "SELECT a FROM t WHERE b > 'm' AND a BETWEEN 3 AND 70",
    "SELECT count(*) FROM t WHERE length(b) = 4",
    "SELECT x, y FROM w WHERE x >= 'b' ORDER BY x DESC",
    "SELECT count(*), max(v) FROM n",
    "SELECT * FROM s LIMIT 20",
    "SELECT max(g) FROM k",
    "SELECT t.b, count(*) FROM t JOIN n ON n.v = t.a * 10 GROUP BY 1 LIMIT 30",
    "INSERT INTO t(b, d) VALUES('new', zeroblob(700))",
    "INSERT INTO n(v) VALUES(123456)",
    "INSERT OR REPLACE INTO w VALUES('abc', 3, 'z')",
    "UPDATE t SET b = b || 'q' WHERE a % 4 = 1",
    "UPDATE w SET z = 1 WHERE y < 30",
    "DELETE FROM t WHERE a > 20 AND a < 30",
    "DELETE FROM n WHERE id = 3",
    "CREATE TABLE fresh(p, q UNIQUE)",
    "INSERT INTO fresh SELECT a, a FROM t",
    "CREATE INDEX fresh_p ON fresh(p DESC)",
    "DROP INDEX tb",
    "BEGIN",
    "DELETE FROM n",
    "ROLLBACK",
    "PRAGMA integrity_check",
    "PRAGMA quick_check(5)",
    "DROP TABLE w",
    "DELETE FROM t",
    "DROP TABLE t",
    "PRAGMA freelist_count",
]


@pytest.fixture(scope="module")
def good_files(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The undamaged files."""
    files = []
    for number, (auto_vacuum, encoding) in enumerate([(0, "UTF-8"), (1, "UTF-8"), (0, "UTF-16le")]):
        path = tmp_path_factory.mktemp("good") / f"{number}.db"
        connection = apsw.Connection(str(path))
        connection.execute(f"PRAGMA page_size=512; PRAGMA auto_vacuum={auto_vacuum}; PRAGMA encoding='{encoding}'")
        connection.execute(MAKE)
        connection.close()
        files.append(path.read_bytes())
    return files


def damage(content: bytes, source: random.Random) -> bytes:
    """Change some bytes, swap or repeat pages, now and then cut or lengthen the file."""
    damaged = bytearray(content)
    pages = len(damaged) // 512
    for _ in range(source.choice((1, 1, 1, 2, 3, 8, 30))):
        page = source.choice((0, 1, 2, 3, source.randrange(pages), source.randrange(pages)))
        place = source.choice((source.randrange(12), 12 + source.randrange(60), source.randrange(512)))
        if page == 0:  # the file header seldom, or nothing but NOTADB comes of it
            place = source.choice((source.randrange(100), 100 + place, 100 + place, 100 + source.randrange(30)))
        at = min(page * 512 + place, len(damaged) - 1)
        damaged[at] = source.choice((0, 1, 127, 128, 255, source.randrange(20), source.randrange(256), damaged[at] ^ 1))
    kind = source.random()
    if kind < 0.06:
        del damaged[source.randrange(len(damaged)) :]
    elif kind < 0.1:
        one, other = source.randrange(pages) * 512, source.randrange(pages) * 512
        damaged[one : one + 512] = damaged[other : other + 512]
    elif kind < 0.13:
        damaged += source.randbytes(source.randrange(1500))
    elif kind < 0.16:
        start = source.randrange(len(damaged))
        damaged[start : start + 40] = source.randbytes(40)
    return bytes(damaged)


def run_statements(path: str, outcomes: dict[int, int]) -> None:
    """Run STATEMENTS on a file; AssertionError for a code or a time that is out of the question."""
    started = time.monotonic()
    connection = Connection(path)
    connection.progress_handler = (2000, lambda: time.monotonic() - started > SECONDS_PER_FILE)
    for sql in STATEMENTS:
        try:
            connection.execute(sql)
            code = 0
        except SqlError as error:
            code = error.code & 0xFF
            assert code in ALLOWED, (sql, error.code, error.message)
        outcomes[code] = outcomes.get(code, 0) + 1
    connection.close()
    assert time.monotonic() - started < SECONDS_PER_FILE


def test_a_damaged_file_gives_rows_or_an_error_of_sql(tmp_path: Path, good_files: list[bytes]) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    outcomes: dict[int, int] = {}
    for number in range(FILES):
        source = random.Random(seed + number)
        path = tmp_path / f"{number}.db"
        path.write_bytes(damage(source.choice(good_files), source))
        try:
            run_statements(str(path), outcomes)
        except Exception as problem:
            raise AssertionError(f"seed {seed + number}: {problem!r}") from problem
        for left in tmp_path.glob(f"{number}.db*"):
            left.unlink()
    print(outcomes)
    assert outcomes[CORRUPT] > FILES // 10 and outcomes[0] > FILES
    assert outcomes[NOTADB] > 0


LIBRARY_CHILD = """
import ctypes, json, sys
library = ctypes.CDLL(sys.argv[1])
library.sqlite3_errmsg.restype = ctypes.c_char_p
for line in sys.stdin:
    path, statements = json.loads(line)
    handle = ctypes.c_void_p()
    library.sqlite3_open(path.encode(), ctypes.byref(handle))
    codes, message = [], ""
    for sql in statements:
        codes.append(library.sqlite3_exec(handle, sql.encode(), None, None, None))
        if codes[-1] == 2:
            message = sql + ": " + library.sqlite3_errmsg(handle).decode(errors="replace")
    codes.append(library.sqlite3_close(handle))
    print(json.dumps([codes, message]), flush=True)
"""


@pytest.mark.parametrize("engine", LIBRARY_FILES)
def test_a_damaged_file_does_not_crash_the_library(engine: str, tmp_path: Path, good_files: list[bytes]) -> None:
    """In mirror, a file on which the engines disagree gives SQLITE_INTERNAL, which no file may."""
    seed = random.randrange(1 << 30)
    print("seed", seed)
    child = subprocess.Popen(
        [sys.executable, "-c", LIBRARY_CHILD, str(LIBRARY)],
        env={**os.environ, "KEELBACK_ENGINE": engine},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None and child.stdout is not None
    for number in range(LIBRARY_FILES[engine]):
        source = random.Random(seed + number)
        path = tmp_path / f"{number}.db"
        path.write_bytes(damage(source.choice(good_files), source))
        child.stdin.write(json.dumps([str(path), STATEMENTS]) + "\n")
        child.stdin.flush()
        line = child.stdout.readline()
        assert line, f"seed {seed + number}: the process died with {child.wait()}"
        codes, message = json.loads(line)
        assert not message, f"seed {seed + number}: {message}"
        assert {code & 0xFF for code in codes} <= ALLOWED | {0}, f"seed {seed + number}: {codes}"
        assert codes[-1] == 0
        for left in tmp_path.glob(f"{number}.db*"):
            left.unlink()
    child.stdin.close()
    assert child.wait() == 0
