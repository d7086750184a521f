"""Every statement of the parser's corpus, run: what SQLite answers.

The corpus uses every production of the grammar, so a clause that is parsed and then forgotten shows here as a wrong
answer. Expectations come from real SQLite, in a database of the same tables.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import apsw
import pytest
from engine_pair import typed
from keelback_core.engine import Connection
from keelback_core.value.errors import SqlError

sys.path.insert(0, str(Path(__file__).parents[1] / "parser"))

from parser_corpus import LONG_STATEMENTS, SHORT_STATEMENTS

SCHEMA = [
    "CREATE TABLE t(a INTEGER, b, c, d)",
    "CREATE INDEX i ON t(a)",
    "INSERT INTO t VALUES(1, 2, 3, 4), (2, NULL, 'x', 1.5), (3, 'y', x'00', 2)",
    "CREATE TABLE u(a, b)",
    "INSERT INTO u VALUES(1, 'one'), (2, 'two')",
    "CREATE TABLE v(a, b, c)",
    "CREATE TABLE w(x PRIMARY KEY, y)",
    "CREATE TABLE y(a, b)",
]


def outcome(connection: Any, sql: str) -> Any:
    """Rows, or the code and the text of the error."""
    try:
        return typed([tuple(row) for row in connection.execute(sql)])
    except SqlError as error:
        return (error.code & 0xFF, error.message)
    except apsw.Error as error:
        return (error.result, str(error))


def prepared(make: Any) -> Any:
    connection = make(":memory:")
    for sql in SCHEMA:
        connection.execute(sql)
    return connection


def is_compared(sql: str) -> bool:
    """Not EXPLAIN, whose programs are each engine's own; nor files, parameters, random and current values."""
    words = sql.lower().split()
    return not (words and words[0] == "explain") and not any(
        word in sql.lower() for word in ("random", "current_", "attach", "vacuum", "load_extension", "?")
    )


STATEMENTS = [sql for sql in LONG_STATEMENTS + SHORT_STATEMENTS if is_compared(sql)]


@pytest.mark.parametrize("sql", STATEMENTS, ids=lambda sql: sql[:60])
def test_a_statement_is_answered_as_by_sqlite(sql: str) -> None:
    ours, theirs = prepared(Connection), prepared(apsw.Connection)
    found, expected = outcome(ours, sql), outcome(theirs, sql)
    assert found == expected
    state = "SELECT * FROM sqlite_schema", "SELECT * FROM t", "SELECT * FROM u", "SELECT * FROM w"
    for query in state:
        assert outcome(ours, query) == outcome(theirs, query)
