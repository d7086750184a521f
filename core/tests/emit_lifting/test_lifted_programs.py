"""Texts that differ in free literals share a Program: random statements and the suite, run with foreign Programs."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from keelback_core.engine.connection import Connection
from keelback_core.value.errors import SqlError
from lifted_engine import LiftedConnection
from runner.suite_file import read_suite_file

from tools.comparing.schema import RandomTable
from tools.comparing.statements import StatementGenerator

SUITE = Path(__file__).resolve().parents[3] / "compat-tests" / "suite"
AREAS = sorted(path.name for path in SUITE.iterdir() if path.is_dir())
# What differs by its nature from run to run.
UNSTABLE = ("random", "now", "current_", "strftime", "julianday", "uuid")
# Where a case leaves the one database in memory.
ENGINE_WORK = ("VACUUM", "ATTACH", "DETACH")


def outcome(connection: Connection, sql: str, parameters: object) -> tuple[object, ...]:
    """Rows with types and names, or the error."""
    try:
        statement, tail = connection.prepare(sql)
    except SqlError as error:
        return error.code, error.message, error.offset
    if statement is None:
        return ("nothing",)
    rows = []
    try:
        connection._bind_all(statement, parameters or ())  # type: ignore[arg-type]
        while statement.step():
            rows.append([(type(value).__name__, repr(value)) for value in statement.row])
    except SqlError as error:
        return rows, error.code, error.message
    finally:
        statement.finalize()
    return rows, statement.column_names, tail, statement.parameter_names, connection.changes


def compare(plain: Connection, lifted: LiftedConnection, sql: str, parameters: object = ()) -> None:
    expected = outcome(plain, sql, parameters)
    found = outcome(lifted, sql, parameters)
    assert not lifted.faults, lifted.faults[0]
    if not any(word in sql.lower() for word in UNSTABLE):
        assert found == expected, sql


@pytest.mark.parametrize("area", AREAS)
def test_the_suite_runs_with_programs_of_other_literals(area: str) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    rng = random.Random(seed)
    for path in sorted((SUITE / area).glob("*.kbt")):
        for case in read_suite_file(path, path.stem).cases:
            plain, lifted = Connection(":memory:"), LiftedConnection(rng)
            for step in [*case.setup, *case.steps]:
                if step.kind == "reopen" or step.connection or step.sql.upper().startswith(ENGINE_WORK):
                    break
                compare(plain, lifted, step.sql, step.parameters)


@pytest.mark.parametrize("round_number", range(6))
def test_random_statements_run_with_programs_of_other_literals(round_number: int) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    rng = random.Random(seed)
    tables = [RandomTable(rng, number) for number in range(3)]
    generator = StatementGenerator(rng, tables)
    plain, lifted = Connection(":memory:"), LiftedConnection(rng)
    for table in tables:
        for sql in [table.sql, *table.index_sql]:
            compare(plain, lifted, sql)
    for _ in range(150):
        compare(plain, lifted, generator.statement())
    assert lifted.free_count > lifted.literal_count * 0.2, (lifted.free_count, lifted.literal_count)
