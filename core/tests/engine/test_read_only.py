"""A database that can only be read: transactions begin all the same, and writing is refused, as in SQLite."""

from __future__ import annotations

import pytest
from sql_process import LibraryConnection, OracleConnection, ReferenceConnection, fails

READONLY = 8


@pytest.mark.parametrize("engine", [OracleConnection, LibraryConnection, ReferenceConnection])
@pytest.mark.parametrize("mode", ["IMMEDIATE", "EXCLUSIVE", "DEFERRED"])
def test_every_kind_of_transaction_begins_and_no_row_is_written(engine, mode, tmp_path):
    writer = OracleConnection(str(tmp_path / "t.db"))
    writer.run("CREATE TABLE t AS SELECT 1 AS a")
    writer.close()
    reader = engine(f"file:{tmp_path}/t.db?mode=ro")
    reader.run(f"BEGIN {mode}")
    assert reader.run("SELECT a FROM t") == [[1]]
    assert fails(reader, "INSERT INTO t VALUES (2)") == READONLY
    reader.run("COMMIT")
    reader.close()
