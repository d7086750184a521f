"""How often a busy handler is asked, beside SQLite: once a statement, whatever has to be read before it can run."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import apsw
import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))
from tools.comparing.prepared import Database, our_functions, real_functions  # noqa: E402

HANDLER = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)


def asked(functions: dict[str, object], path: Path, before: tuple[str, ...], sql: str) -> list[object]:
    """The handler's counts, and what the statement gave; it lets a lock be tried three times again."""
    counts: list[int] = []

    def handle(_argument: object, count: int) -> int:
        counts.append(count)
        assert len(counts) < 30
        return int(count < 3)

    handler = HANDLER(handle)
    database = Database(functions, str(path))
    for earlier in before:
        database.run(earlier)
    # Of the same library: locks are a process's.
    other = Database(functions, str(path))
    other.run("BEGIN EXCLUSIVE")
    database.call["busy_handler"](database.handle, ctypes.cast(handler, ctypes.c_void_p), None)
    given = database.rows(sql)
    other.run("ROLLBACK")
    other.close()
    database.close()
    return [counts, given[1:] if given[0] == "prepare" else given[3:]]


@pytest.mark.parametrize("before", [(), ("SELECT * FROM t",), ("BEGIN", "SELECT 1")])
@pytest.mark.parametrize(
    "sql",
    [
        "BEGIN IMMEDIATE",
        "BEGIN EXCLUSIVE",
        "SELECT * FROM t",
        "INSERT INTO t VALUES (1)",
        "PRAGMA user_version",
        "PRAGMA user_version = 3",
        "CREATE TABLE u(a)",
    ],
)
def test_a_statement_waits_for_a_lock_once(tmp_path: Path, sql: str, before: tuple[str, ...]) -> None:
    answers = []
    for name, functions in (("real", real_functions()), ("ours", our_functions())):
        path = tmp_path / f"{name}.db"
        connection = apsw.Connection(str(path))
        connection.execute("CREATE TABLE t(a)")
        connection.close()
        answers.append(asked(functions, path, before, sql))
    assert answers[1] == answers[0]
