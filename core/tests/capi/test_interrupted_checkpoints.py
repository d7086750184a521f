"""sqlite3_interrupt of a checkpoint that runs, beside real SQLite: codes, what the next checkpoint gives, the content.

Two ways to be in a checkpoint for certain: a busy handler is called in it while somebody writes, and a connection whose
query is running stays interrupted until that query has ended.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from capi_support import ROOT

CHILD = """
import ctypes, json, sys
sys.path.insert(0, sys.argv[1])
from tools.comparing.prepared import Database, our_functions, real_functions
call = real_functions() if sys.argv[2] == "sqlite" else our_functions()
path, way, mode = sys.argv[3], sys.argv[4], int(sys.argv[5])
MODES = ("passive", "full", "restart", "truncate")
found = []
one, other = Database(call, path), Database(call, path)

def checkpoint():
    if way == "pragma":
        found.append(repr(one.rows(f"PRAGMA wal_checkpoint({MODES[mode]})")))
        return
    pages, moved = ctypes.c_int(-9), ctypes.c_int(-9)
    code = call["wal_checkpoint_v2"](one.handle, b"main", mode, ctypes.addressof(pages), ctypes.addressof(moved))
    found.append([code, one.message() if code else "", pages.value, moved.value])

for sql in ("PRAGMA journal_mode = wal", "PRAGMA wal_autocheckpoint = 0", "CREATE TABLE t(a, b)",
            "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 400) "
            "INSERT INTO t SELECT i, zeroblob(500) FROM n"):
    found.append(one.run(sql))
other.run("PRAGMA wal_autocheckpoint = 0")
calls = []
if way in ("reading", "running"):
    statement = ctypes.c_void_p()
    sql = b"SELECT a FROM t" if way == "reading" else b"VALUES(1), (2)"
    call["prepare_v2"](one.handle, sql, len(sql), ctypes.addressof(statement), None)
    found.append(call["step"](statement))
    call["interrupt"](one.handle)
    checkpoint()
    found.append(call["step"](statement))
    call["finalize"](statement)
    # In SQLite the interrupt reaches one checkpoint more, unless a statement begins.
    found.append(one.run("SELECT 1"))
else:
    found.append(other.run("BEGIN IMMEDIATE; INSERT INTO t VALUES('other', 1)"))

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
    def is_busy(_, count):
        calls.append(count)
        found.append(other.run("COMMIT"))
        call["interrupt"](one.handle)
        return 1

    call["busy_handler"](one.handle, ctypes.cast(is_busy, ctypes.c_void_p), None)
    checkpoint()
    found.append(calls)
checkpoint()
for sql in ("INSERT INTO t VALUES('after', 2)", "SELECT count(*), sum(length(b)) FROM t", "PRAGMA integrity_check"):
    found.append(repr(one.rows(sql)))
checkpoint()
other.close()
one.close()
print(json.dumps(found))
"""
CASES = [(way, mode) for way in ("reading", "running") for mode in range(4)] + [
    (way, mode) for way in ("call", "pragma") for mode in (1, 2, 3)
]


@pytest.mark.parametrize("engine", ["kernel", "reference"])
@pytest.mark.parametrize(("way", "mode"), CASES)
def test_a_checkpoint_is_interrupted_as_in_sqlite(way: str, mode: int, engine: str, tmp_path: Path) -> None:
    told = []
    for side in ("sqlite", engine):
        child = subprocess.run(
            [sys.executable, "-c", CHILD, str(ROOT), side, str(tmp_path / f"{side}.db"), way, str(mode)],
            env={**os.environ, "KEELBACK_ENGINE": "kernel" if side == "sqlite" else side},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert child.returncode == 0, child.stderr
        told.append(json.loads(child.stdout))
    assert told[1] == told[0]
    expected = "database table is locked" if way == "reading" else "interrupted"
    assert expected in json.dumps(told[0])
