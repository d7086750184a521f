"""sqlite3_limit: every limit that is lowered gives real SQLite's error."""

from __future__ import annotations

import apsw
import pytest
from keelback_core.compiler.catalog.settings import (
    LIMIT_ATTACHED,
    LIMIT_COLUMN,
    LIMIT_COMPOUND_SELECT,
    LIMIT_EXPR_DEPTH,
    LIMIT_FUNCTION_ARG,
    LIMIT_LENGTH,
    LIMIT_LIKE_PATTERN_LENGTH,
    LIMIT_PARSER_DEPTH,
    LIMIT_TRIGGER_DEPTH,
    LIMIT_VARIABLE_NUMBER,
    LIMIT_VDBE_OP,
    LIMIT_WORKER_THREADS,
)
from keelback_core.compiler.sql.ast import AstResultColumn, AstSelect
from keelback_core.compiler.sql.heights import expression_height
from keelback_core.engine.connection import Connection
from keelback_core.value.errors import SqlError
from limit_cases import SETUP, cases

SEVEN = "1, 2, 3, 4, 5, 6, 7"
CASES = [
    (LIMIT_COLUMN, 6, f"SELECT {SEVEN}"),
    (LIMIT_COLUMN, 6, f"VALUES ({SEVEN})"),
    (LIMIT_COLUMN, 6, "CREATE TABLE u(a, b, c, d, e, f, g)"),
    (LIMIT_COLUMN, 6, "CREATE TABLE u(a, b, PRIMARY KEY (a, b, a, b, a, b, a))"),
    (LIMIT_COLUMN, 6, "CREATE INDEX i ON t(a, b, c, a, b, c, a)"),
    (LIMIT_COLUMN, 6, "SELECT a FROM t ORDER BY 1, 1, 1, 1, 1, 1, 1"),
    (LIMIT_COLUMN, 6, "SELECT a FROM t GROUP BY 1, 1, 1, 1, 1, 1, 1"),
    (LIMIT_COLUMN, 6, f"SELECT count(*) OVER (ORDER BY {SEVEN}) FROM t"),
    (LIMIT_COLUMN, 6, "UPDATE t SET (a, b, c) = (1, 2, 3), (a, b, c) = (1, 2, 3), a = 1"),
    (LIMIT_COLUMN, 3, "ALTER TABLE t ADD COLUMN d"),
    (LIMIT_EXPR_DEPTH, 5, "SELECT 1+1+1+1+1"),
    (LIMIT_EXPR_DEPTH, 5, "SELECT 1+1+1+1+1+1"),
    (LIMIT_EXPR_DEPTH, 5, "SELECT abs(abs(abs(abs(abs(1)))))"),
    (LIMIT_EXPR_DEPTH, 0, "SELECT 1"),
    (LIMIT_COMPOUND_SELECT, 3, "SELECT 1 UNION SELECT 2 UNION SELECT 3"),
    (LIMIT_COMPOUND_SELECT, 3, "SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4"),
    (LIMIT_COMPOUND_SELECT, 3, "VALUES (1), (2), (3), (4)"),
    (LIMIT_COMPOUND_SELECT, 3, "CREATE VIEW v AS SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4"),
    (LIMIT_VDBE_OP, 10, "SELECT 1"),
    (LIMIT_VDBE_OP, 42, "SELECT 1"),
    (LIMIT_FUNCTION_ARG, 3, "SELECT max(1, 2, 3)"),
    (LIMIT_FUNCTION_ARG, 3, "SELECT max(1, 2, 3, 4)"),
    (LIMIT_FUNCTION_ARG, 3, "SELECT nosuch(1, 2, 3, 4)"),
    (LIMIT_FUNCTION_ARG, 3, "SELECT count(1, 2, 3, 4) OVER ()"),
    (LIMIT_ATTACHED, 0, "ATTACH ':memory:' AS x"),
    (LIMIT_LIKE_PATTERN_LENGTH, 5, "SELECT 'a' LIKE 'abcde'"),
    (LIMIT_LIKE_PATTERN_LENGTH, 5, "SELECT 'a' LIKE 'abcdef'"),
    (LIMIT_LIKE_PATTERN_LENGTH, 5, "SELECT 'a' GLOB 'abcdef'"),
    (LIMIT_VARIABLE_NUMBER, 3, "SELECT ?4"),
    (LIMIT_VARIABLE_NUMBER, 3, "SELECT ?, ?, ?, ?"),
    (LIMIT_TRIGGER_DEPTH, 3, "INSERT INTO deep VALUES (1)"),
    (LIMIT_LENGTH, 50, "SELECT zeroblob(51)"),
    (LIMIT_LENGTH, 50, "SELECT length(zeroblob(50))"),
    (LIMIT_LENGTH, 50, "SELECT hex(zeroblob(25))"),
    (LIMIT_LENGTH, 50, "SELECT '" + "a" * 51 + "'"),
    (LIMIT_LENGTH, 50, "SELECT x'" + "00" * 51 + "'"),
    (LIMIT_LENGTH, 50, "SELECT printf('%060d', 1)"),
    (LIMIT_LENGTH, 50, "SELECT replace('aaaaaaaaaa', 'a', 'bbbbbb')"),
    (LIMIT_LENGTH, 50, "INSERT INTO t VALUES (zeroblob(30), zeroblob(30), 1)"),
    (LIMIT_PARSER_DEPTH, 120, "SELECT " + "(" * 200 + "1" + ")" * 200),
    (LIMIT_WORKER_THREADS, 100, "SELECT 1"),
]


def answer(run, sql):
    try:
        return [tuple(row) for row in run(sql)]
    except SqlError as error:
        return error.code, error.message
    except apsw.Error as error:
        return error.extendedresult, str(error)


@pytest.mark.parametrize(("number", "value", "sql"), CASES)
def test_a_lowered_limit_gives_what_sqlite_gives(number, value, sql):
    own, other = Connection(":memory:"), apsw.Connection(":memory:")
    for connection in (own, other):
        connection.execute("CREATE TABLE t(a, b, c)")
        connection.execute("INSERT INTO t VALUES (1, 2, 3)")
        connection.execute("CREATE TABLE deep(n)")
        connection.execute("PRAGMA recursive_triggers = 1")
        connection.execute("CREATE TRIGGER r AFTER INSERT ON deep BEGIN INSERT INTO deep VALUES (new.n + 1); END")
        list(connection.execute("SELECT count(*) FROM t"))
    assert own.limit(number, value) == other.limit(number, value)
    assert own.limit(number, -1) == other.limit(number, -1)
    assert answer(own.execute, sql) == answer(other.execute, sql)


class AnyParameters(dict[str, None]):
    """All parameters are NULL."""

    def __missing__(self, name: str) -> None:
        return None


def answer_of_sqlite(connection, sql):
    """As `answer`, with the offset of the error; parameters are NULL."""
    for bindings in (AnyParameters(), *([None] * count for count in range(1, 10))):
        try:
            return [tuple(map(repr, row)) for row in connection.execute(sql, bindings)]
        except apsw.BindingsError:
            continue
        except apsw.Error as error:
            return error.extendedresult, str(error), error.error_offset
    raise AssertionError(sql)


def answer_with_offset(connection, sql):
    try:
        return [tuple(map(repr, row)) for row in connection.execute(sql)]
    except SqlError as error:
        return error.code, error.message, error.offset


@pytest.mark.parametrize("n", [5, 6, 7])
@pytest.mark.parametrize("number", range(13))
def test_each_limit_below_at_and_beyond_it_in_many_shapes(number, n):
    different = []
    for limit, value, sql in cases(n):
        if limit != number:
            continue
        own, other = Connection(":memory:"), apsw.Connection(":memory:")
        for connection in (own, other):
            for statement in SETUP:
                list(connection.execute(statement))
            connection.limit(limit, value)
        found, expected = answer_with_offset(own, sql), answer_of_sqlite(other, sql)
        if found != expected:
            different.append((sql, found, expected))
    assert different == []


@pytest.mark.parametrize("n", [5, 6, 7])
def test_the_parser_and_the_tree_count_heights_alike(n):
    own = Connection(":memory:")
    for limit, _, sql in cases(n):
        if limit != LIMIT_EXPR_DEPTH or not sql.startswith("SELECT "):
            continue
        own.limit(LIMIT_EXPR_DEPTH, 1000)
        tree, _ = own.parse(sql)
        assert isinstance(tree, AstSelect)
        columns = [one for one in tree.cores[0].columns if isinstance(one, AstResultColumn)]
        for column in columns:
            height = expression_height(column.expression)
            alone = "SELECT " + sql[column.expression.start : column.expression.end]
            # What is not counted with the whole may be higher: items of row values, FILTER, OVER, FROM, WITH.
            if height == 1 or any(part in alone for part in ("(1, ", "(WHERE ", "OVER ", "(WITH ", "FROM (")):
                continue
            own.limit(LIMIT_EXPR_DEPTH, height)
            own.parse(alone)
            own.limit(LIMIT_EXPR_DEPTH, height - 1)
            with pytest.raises(SqlError):
                own.parse(alone)


def test_limits_beyond_the_greatest_and_unknown_ones():
    own, other = Connection(":memory:"), apsw.Connection(":memory:")
    for number in range(13):
        assert own.limit(number, 2_000_000_000) == other.limit(number, 2_000_000_000)
        assert own.limit(number, -1) == other.limit(number, -1)
    assert own.limit(-1, 5) == own.limit(99, 5) == -1
