"""Triggers beyond what the suite's files say: long chains, and what EXPLAIN lists."""

from __future__ import annotations

import apsw
import pytest
from keelback_core.engine.connection import Connection
from keelback_core.value.errors import SqlError

CHAIN = 300


def chain_of_triggers() -> list[str]:
    """Tables t0 ... tn, each of which fills the next one."""
    statements = [f"CREATE TABLE t{number}(a)" for number in range(CHAIN + 1)]
    for number in range(CHAIN):
        body = f"INSERT INTO t{number + 1} VALUES (NEW.a + 1)"
        statements.append(f"CREATE TRIGGER r{number} AFTER INSERT ON t{number} BEGIN {body}; END")
    return [*statements, "INSERT INTO t0 VALUES (0)"]


def test_a_long_chain_of_triggers_compiles_and_runs() -> None:
    ours = Connection(":memory:")
    real = apsw.Connection(":memory:")
    for sql in chain_of_triggers():
        ours.execute(sql)
        real.execute(sql)
    wanted = [list(row) for row in real.execute(f"SELECT a FROM t{CHAIN}")]
    assert ours.execute(f"SELECT a FROM t{CHAIN}") == wanted == [[CHAIN]]


def test_the_limit_of_trigger_depth_can_be_lowered() -> None:
    ours = Connection(":memory:")
    for sql in chain_of_triggers()[:-1]:
        ours.execute(sql)
    ours.limit(10, 20)
    with pytest.raises(SqlError) as caught:
        ours.execute("INSERT INTO t0 VALUES (0)")
    assert caught.value.message == "triggers nested too deep"
    assert ours.execute("SELECT count(*) FROM t0") == [[0]]


def test_explain_lists_the_program_of_a_trigger_after_the_statement() -> None:
    ours = Connection(":memory:")
    ours.execute("CREATE TABLE t(a); CREATE TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM t; END")
    rows = ours.execute("EXPLAIN INSERT INTO t VALUES (1)")
    starts = [position for position, row in enumerate(rows) if row[0] == 0]
    assert len(starts) == 2
    assert "Program" in [row[1] for row in rows[: starts[1]]]
    assert "ResetCount" in [row[1] for row in rows[starts[1] :]]
