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

import pytest

from tools.comparing.damaged_files import COMPANION_STATEMENTS, crashed_files, damage_companion

ROOT = Path(__file__).resolve().parents[3]
LIBRARY = Path(os.environ.get("KEELBACK_BUILD", ROOT / "build")) / "libkeelback.so.0"
FILES = 400 if os.environ.get("KEELBACK_LONG") else 25
ALLOWED = {0, 1, 8, 10, 11, 14, 17, 18, 19, 26}

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


@pytest.mark.parametrize(("mode", "end"), [("WAL", "-wal"), ("WAL", "-shm"), ("DELETE", "-journal"), ("DELETE", "")])
def test_both_engines_make_the_same_of_damaged_companions(mode: str, end: str, tmp_path: Path) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    files = crashed_files(tmp_path, mode)
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
        content = {**files, end: damage_companion(files[end], source)}
        answers = {}
        for engine, child in children.items():
            path = tmp_path / f"{engine}.db"
            for other in ("", "-wal", "-shm", "-journal"):
                Path(f"{path}{other}").unlink(missing_ok=True)
            for other, data in content.items():
                Path(f"{path}{other}").write_bytes(data)
            assert child.stdin is not None and child.stdout is not None
            child.stdin.write(json.dumps([str(path), COMPANION_STATEMENTS]) + "\n")
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
