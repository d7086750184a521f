"""Damaged database files, opened and queried through the whole engine: a result or a SqlError, in bounded time.

Files of real SQLite are damaged as tools/comparing/damaged_files.py says. Every statement has to end with rows or a
SqlError of one of the codes that SQLite uses for it.

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

import pytest
from keelback_core.engine import Connection
from keelback_core.value.errors import SqlError

from tools.comparing.damaged_files import STATEMENTS, damage, good_files

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


@pytest.fixture(scope="module")
def whole_files(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The undamaged files."""
    return good_files(tmp_path_factory.mktemp("good"))


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


def test_a_damaged_file_gives_rows_or_an_error_of_sql(tmp_path: Path, whole_files: list[bytes]) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    outcomes: dict[int, int] = {}
    for number in range(FILES):
        source = random.Random(seed + number)
        path = tmp_path / f"{number}.db"
        path.write_bytes(damage(source.choice(whole_files), source))
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
def test_a_damaged_file_does_not_crash_the_library(engine: str, tmp_path: Path, whole_files: list[bytes]) -> None:
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
        path.write_bytes(damage(source.choice(whole_files), source))
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
