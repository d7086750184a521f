"""Names of result columns and messages of errors, as real SQLite gives them."""

from __future__ import annotations

import pathlib

import apsw
import pytest
from keelback_core.compiler.bind.select import bind_select, make_bind_context
from keelback_core.compiler.catalog.catalog import Catalog
from keelback_core.compiler.catalog.load import load_table, load_view
from keelback_core.compiler.catalog.model import Schema
from keelback_core.compiler.sql.parser import parse_statement
from keelback_core.value.errors import SqlError

SCHEMA = (
    "CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT, c REAL)",
    "CREATE TABLE u(a, b, d)",
    "CREATE VIEW v AS SELECT a, b FROM t",
    "CREATE TABLE w(x, y)",
)
STATEMENTS = (pathlib.Path(__file__).parent / "statements.sql").read_text("utf-8").splitlines()


@pytest.fixture(scope="module")
def catalog():
    tables = {}
    for number, sql in enumerate(SCHEMA):
        ast, _tail = parse_statement(sql)
        table = load_view(ast, 0, sql) if "VIEW" in sql else load_table(ast, 0, number + 2, sql)
        tables[table.name] = table
    return Catalog([Schema("main", 0, 1, tables, {}, {}), None])


@pytest.fixture(scope="module")
def oracle():
    connection = apsw.Connection(":memory:")
    for sql in SCHEMA:
        connection.execute(sql)
    return connection


def names_of_oracle(oracle, sql):
    names = []

    def trace(cursor, _sql, _bindings):
        names.extend(column[0] for column in cursor.description)
        return False

    cursor = oracle.cursor()
    cursor.exec_trace = trace
    try:
        cursor.execute(sql)
    except apsw.ExecTraceAbort:
        pass
    except apsw.Error as error:
        return str(error)
    return names


def bound(catalog, sql):
    ast, _tail = parse_statement(sql)
    return bind_select(make_bind_context(catalog, sql, ast), ast)


@pytest.mark.parametrize("sql", STATEMENTS)
def test_names_and_errors_are_those_of_sqlite(catalog, oracle, sql):
    try:
        ours = [column.name for column in bound(catalog, sql).columns]
    except SqlError as error:
        ours = error.message
    assert ours == names_of_oracle(oracle, sql)


def test_an_unknown_column_is_reported_at_its_place(catalog):
    with pytest.raises(SqlError) as caught:
        bound(catalog, "SELECT a, zz FROM t")
    assert caught.value.offset == 10


def test_declared_type_and_origin_reach_through_views_and_subqueries(catalog):
    select = bound(catalog, "SELECT q.a AS x FROM (SELECT * FROM v) AS q")
    column = select.columns[0]
    assert (column.name, column.declared_type, column.table, column.origin) == ("x", "INT", "t", "a")


def test_parameters_are_numbered_in_the_order_of_the_text(catalog):
    sql = "SELECT ? FROM t WHERE a = :x LIMIT ?5 OFFSET ?"
    ast, _tail = parse_statement(sql)
    context = make_bind_context(catalog, sql, ast)
    bind_select(context, ast)
    assert context.parameters == [None, ":x", None, None, "?5", None]


def test_a_correlated_subquery_notes_what_it_reads_from_outside(catalog):
    select = bound(catalog, "SELECT (SELECT max(x) FROM w WHERE x = t.a) FROM t")
    inner = select.columns[0].expression.select
    assert [(reference.source.name, reference.column) for reference in inner.outer_references] == [("t", 1)]
    assert not select.outer_references


def test_expressions_deeper_than_a_thousand_are_refused(catalog):
    with pytest.raises(SqlError, match="Expression tree is too large"):
        bound(catalog, "SELECT " + "+".join("1" for _ in range(1002)))
    bound(catalog, "SELECT " + "+".join("1" for _ in range(998)))
