"""PRAGMA soft_heap_limit and hard_heap_limit: what they answer, and that statements keep to them, as in real SQLite.

The limits are the process's own, so both sides run in a child each.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CHILD = """
import json, sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/core"]
from tools.comparing.prepared import Database, our_functions, real_functions
database = Database(real_functions() if sys.argv[2] == "real" else our_functions())
print(json.dumps([repr(database.rows(sql)) for sql in json.loads(sys.argv[3])]))
"""
ANSWERS = [
    "PRAGMA soft_heap_limit",
    "PRAGMA hard_heap_limit",
    "PRAGMA soft_heap_limit = 50000000",
    "PRAGMA soft_heap_limit = -1",
    "PRAGMA soft_heap_limit = nonsense",
    "PRAGMA soft_heap_limit(0)",
    "PRAGMA hard_heap_limit = 90000000",
    "PRAGMA soft_heap_limit",
    "PRAGMA hard_heap_limit = 0",
    "PRAGMA hard_heap_limit = 95000000",
    "PRAGMA hard_heap_limit = -5",
    "PRAGMA soft_heap_limit = 99000000",
    "PRAGMA hard_heap_limit = 80000000",
    "PRAGMA soft_heap_limit",
    "SELECT * FROM pragma_hard_heap_limit, pragma_soft_heap_limit",
    "PRAGMA main.hard_heap_limit",
]
OBEYED = [
    "PRAGMA hard_heap_limit = 3000000",
    "SELECT length(zeroblob(5000000))",
    "SELECT length(hex(zeroblob(2000000)))",
    "SELECT length(replace(hex(zeroblob(1000000)), '0', 'abc'))",
    "SELECT length(hex(zeroblob(700000)) || hex(zeroblob(900000)))",
    "CREATE TABLE t(a)",
    "INSERT INTO t VALUES (zeroblob(4000000))",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000) INSERT INTO t SELECT hex(i) || "
    "zeroblob(300) FROM n",
    "SELECT count(*) FROM t",
    "CREATE TEMP TABLE q(a)",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000) INSERT INTO t SELECT i FROM n",
    "SELECT sum(a) FROM (SELECT a FROM t ORDER BY -a LIMIT 50)",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 40000) "
    "SELECT length(group_concat(printf('%100d', i))) FROM n",
]


def answers(side: str, statements: list[str], engine: str) -> list[str]:
    ran = subprocess.run(
        [sys.executable, "-c", CHILD, str(ROOT), side, json.dumps(statements)],
        capture_output=True,
        text=True,
        env={**os.environ, "KEELBACK_ENGINE": engine},
        check=True,
    )
    found: list[str] = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize("engine", ["kernel", "reference"])
def test_the_pragmas_answer_as_those_of_sqlite(engine: str) -> None:
    assert answers("ours", ANSWERS, engine) == answers("real", ANSWERS, engine)


def test_a_hard_limit_ends_what_is_too_much_and_leaves_room_for_the_rest() -> None:
    assert answers("ours", OBEYED, "kernel") == answers("real", OBEYED, "kernel")


def test_below_a_soft_limit_large_sorts_go_through_files() -> None:
    fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 30000) SELECT i FROM n"
    asked = [
        "PRAGMA soft_heap_limit = 1000000",
        "CREATE TABLE t(a)",
        f"INSERT INTO t {fill}",
        "SELECT sum(a), max(b) FROM (SELECT a, printf('%60d', -a) AS b FROM t ORDER BY b, a LIMIT 20000)",
        "SELECT count(*), sum(c) FROM (SELECT a % 9999 AS k, count(*) AS c FROM t GROUP BY k)",
    ]
    assert answers("ours", asked, "kernel") == answers("real", asked, "kernel")
