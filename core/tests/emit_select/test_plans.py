"""EXPLAIN QUERY PLAN: the same tree, in the same words, as real SQLite's."""

from __future__ import annotations

import pathlib

import apsw
import pytest
from keelback_core.engine.connection import Connection

SCHEMA = (
    "CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT, c REAL)",
    "CREATE TABLE u(a, b, d)",
    "CREATE TABLE w(x, y)",
    "CREATE VIEW v AS SELECT a, b FROM t",
    "CREATE INDEX t_a ON t(a)",
    "CREATE INDEX t_bc ON t(b, c DESC)",
)
STATEMENTS = (pathlib.Path(__file__).parent / "plans.sql").read_text("utf-8").splitlines()


@pytest.fixture(scope="module")
def databases():
    oracle = apsw.Connection(":memory:")
    ours = Connection(":memory:")
    for sql in SCHEMA:
        oracle.execute(sql)
        ours.execute(sql)
    return oracle, ours


def tree(rows):
    """The lines, indented by their depth, without SQLite's Bloom filters, which we have not."""
    depth = {0: 0}
    lines = []
    for identifier, parent, _unused, text in rows:
        depth[identifier] = depth[parent] + 1
        if "BLOOM FILTER" not in text:
            lines.append("  " * depth[parent] + text)
    return lines


@pytest.mark.parametrize("sql", STATEMENTS)
def test_the_plan_reads_as_that_of_sqlite(databases, sql):
    oracle, ours = databases
    question = "EXPLAIN QUERY PLAN " + sql
    assert tree(ours.execute(question)) == tree(oracle.execute(question))
