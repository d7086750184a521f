"""What the authorizer is asked about virtual tables, beside real SQLite."""

from __future__ import annotations

from typing import Any

import apsw
import pytest
from keelback_core.engine.connection import Connection

STATEMENTS = [
    "CREATE VIRTUAL TABLE d USING dbstat",
    "CREATE VIRTUAL TABLE temp.e USING dbstat(main)",
    "CREATE VIRTUAL TABLE IF NOT EXISTS t USING dbstat",
    "DROP TABLE made",
    "SELECT key, 1 FROM json_each('[1]') WHERE json = '[1]'",
    "SELECT t.a, e.value FROM t, json_each(t.j) e",
    "SELECT name FROM pragma_table_info('t')",
    "SELECT * FROM json_tree",
]


@pytest.mark.parametrize("sql", STATEMENTS)
def test_the_authorizer_is_asked_the_same(sql: str) -> None:
    ours, theirs = Connection(":memory:"), apsw.Connection(":memory:")
    for setup in ("CREATE TABLE t(a, j)", "CREATE VIRTUAL TABLE made USING dbstat"):
        ours.execute(setup)
        theirs.execute(setup)
    asked: list[Any] = []
    expected: list[Any] = []
    ours.authorizer = lambda *facts: asked.append(facts) or 0
    theirs.authorizer = lambda *facts: expected.append(facts) or 0
    ours.execute(sql)
    theirs.execute(sql).fetchall()
    assert asked == expected
    ours.close(finalizes=True)
    theirs.close()
