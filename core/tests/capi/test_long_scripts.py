"""Scripts longer than what is looked at for one statement: where each of their statements ends, beside real SQLite.

Every statement stands at several places, so that what is looked at ends before it, in each of its parts and behind it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from capi_support import ROOT

CHILD = """
import ctypes, json, sys
sys.path.insert(0, sys.argv[1])
from tools.comparing.prepared import Database, our_functions, real_functions
call = real_functions() if sys.argv[2] == "sqlite" else our_functions()
STATEMENTS = json.loads(sys.argv[3])
FILLER = "SELECT 'some; text', \\"a;b\\", x'00' FROM t WHERE a = 1 /* ; */; -- and; so on\\n"

def walk(text, is_measured):
    database = Database(call, ":memory:")
    database.run("CREATE TABLE t(a, b)")
    place, told = 0, []
    data = text.encode()
    address = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value
    for _ in range(6):
        statement, tail = ctypes.c_void_p(), ctypes.c_void_p()
        size = len(data) - place if is_measured else -1
        out = ctypes.addressof(statement), ctypes.addressof(tail)
        code = call["prepare_v2"](database.handle, address + place, size, *out)
        if code:
            told.append([place, code, database.message(), call["error_offset"](database.handle)])
            break
        told.append([place, tail.value - address, call["column_count"](statement) if statement.value else -1])
        call["step"](statement)
        call["finalize"](statement)
        place = tail.value - address
        if place >= len(data):
            break
    database.close()
    return told

found = []
for statement in STATEMENTS:
    for before in (0, 4096 - len(statement), 4096 - len(statement) // 2, 4090, 4095, 4096, 16380):
        head = "/*" + "c" * (before - 4) + "*/" if before >= 4 else ""
        for end in (";" + 80 * FILLER, ";", ""):
            for is_measured in (False, True):
                found.append(walk(head + statement + end, is_measured))
print(json.dumps(found))
"""
STATEMENTS = (
    "SELECT 1, 'it''s; here', \"; \", [;], `;`, x'3b' -- ;\n",
    "SELECT a /* ; */ FROM t",
    "; ;; SELECT 1, 2, 3",
    "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT CASE WHEN 1 THEN 2 END; DELETE FROM t; END",
    'CREATE TEMP TRIGGER IF NOT EXISTS g AFTER INSERT ON t BEGIN SELECT 1 AS "end"; SELECT 2 ; END',
    "EXPLAIN QUERY PLAN CREATE TEMPORARY TRIGGER g AFTER INSERT ON t BEGIN SELECT 1;;END",
    "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; SELECT END; END",
    "CREATE TABLE trigger(a, b)",
    'CREATE TABLE u(trigger, create_, "end")',
    "BEGIN; END; SELECT 1",
    "SELECT 'open",
    "SELECT 1 /* open",
    'SELECT "open',
    "SELECT # 1",
    "SELEC 1",
    "SELECT nosuch FROM t",
    "SELECT 1e",
    "VALUES(1),(2" + ",3" * 900 + ")",
    "SELECT '" + "long " * 4000 + "'",
    "SELECT @a, $b::c(d;e), :f, ?7",
    "   \n\t ",
    "-- nothing\n",
)


@pytest.mark.parametrize("statement", STATEMENTS, ids=range(len(STATEMENTS)))
def test_statements_of_long_scripts_end_as_in_sqlite(statement: str) -> None:
    told = []
    for side in ("sqlite", "kernel"):
        child = subprocess.run(
            [sys.executable, "-c", CHILD, str(ROOT), side, json.dumps([statement])],
            env={**os.environ, "KEELBACK_ENGINE": "kernel"},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert child.returncode == 0, child.stderr
        told.append(json.loads(child.stdout))
    differing = [(real, ours) for real, ours in zip(told[0], told[1], strict=True) if real != ours]
    assert differing == []
