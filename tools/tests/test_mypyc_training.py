"""The statements that a profile of the compiled tower is made of (tools/mypyc_training.py)."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest
from runner.suite_file import Step

from tools.mypyc_training import MOST_ROWS, run, run_case

LIBRARY = Path(__file__).resolve().parents[2] / "build" / "libkeelback.so"


@pytest.fixture(scope="module")
def library() -> ctypes.CDLL:
    return ctypes.CDLL(str(LIBRARY))


def test_steps_of_other_connections_and_reopenings_are_left_out(library: ctypes.CDLL) -> None:
    steps = [
        Step(1, "statement", sql="CREATE TABLE t(a)"),
        Step(2, "reopen"),
        Step(3, "statement", "b", sql="CREATE TABLE u(a)"),
        Step(4, "statement", sql="SELECT FROM"),
    ]
    assert run_case(library, steps) == 2


def test_statements_are_run_and_one_without_an_end_is_left(library: ctypes.CDLL) -> None:
    database = ctypes.c_void_p()
    assert library.sqlite3_open(b":memory:", ctypes.byref(database)) == 0
    run(library, database, "CREATE TABLE t(a)")
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    run(library, database, f"INSERT INTO t {numbers} SELECT i FROM n LIMIT {2 * MOST_ROWS}")
    assert library.sqlite3_changes(database) == 2 * MOST_ROWS
    # Nothing would end this one.
    run(library, database, f"{numbers} SELECT i FROM n")
    # No statement is open any more, else this is SQLITE_BUSY.
    assert library.sqlite3_close(database) == 0
