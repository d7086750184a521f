"""A statement that stands on a row while others change the database: what each of them gives, as real SQLite does."""

from __future__ import annotations

from typing import Any

import apsw
import pytest
from keelback_core.engine import Connection
from keelback_core.value.errors import SqlError

SETUP = [
    "CREATE TABLE t(a, b)",
    "INSERT INTO t VALUES(1, 1), (2, 2), (3, 3), (4, 4)",
    "CREATE INDEX i ON t(a)",
    "CREATE TABLE u(x)",
]
READER = "SELECT * FROM t"
STEPS = [
    "INSERT INTO t VALUES(9, 9)|step|step|step|step|step",
    "DELETE FROM t WHERE a = 2|step|step|step",
    "UPDATE t SET a = a + 10|step|step|step|step",
    "DROP TABLE t|step",
    "DROP TABLE u|step",
    "DROP INDEX i|step",
    "CREATE TABLE z(a)|step|INSERT INTO z VALUES(1)|step",
    "CREATE INDEX k ON t(b)|step",
    "BEGIN|INSERT INTO t VALUES(5, 5)|step|ROLLBACK|step",
    "BEGIN|INSERT INTO t VALUES(5, 5)|step|COMMIT|step",
    "SAVEPOINT s|INSERT INTO u VALUES(1)|step|ROLLBACK TO s|step|RELEASE s|step",
    "BEGIN|CREATE TABLE q(a)|ROLLBACK|step",
    "DELETE FROM t|step",
    "PRAGMA user_version = 3|step",
    "REINDEX|step",
    "BEGIN|DELETE FROM t|ROLLBACK|step",
]


def run_own(steps: list[str]) -> list[Any]:
    connection = Connection(":memory:")
    for sql in SETUP:
        connection.execute(sql)
    reader, _ = connection.prepare(READER)
    assert reader is not None
    seen: list[Any] = []
    for step in ["step", *steps]:
        try:
            if step == "step":
                seen.append(tuple(reader.row) if reader.step() else None)
            else:
                seen.append([tuple(row) for row in connection.execute(step)])
        except SqlError as error:
            seen.append((error.code, error.message))
    return seen


def run_other(steps: list[str]) -> list[Any]:
    connection = apsw.Connection(":memory:")
    for sql in SETUP:
        connection.execute(sql)
    reader = connection.execute(READER)
    seen: list[Any] = []
    for step in ["step", *steps]:
        try:
            seen.append(next(reader, None) if step == "step" else list(connection.execute(step)))
        except apsw.Error as error:
            seen.append((error.extendedresult, str(error)))
    return seen


@pytest.mark.parametrize("steps", STEPS)
def test_a_reader_meets_changes_as_in_sqlite(steps: str) -> None:
    assert run_own(steps.split("|")) == run_other(steps.split("|"))
