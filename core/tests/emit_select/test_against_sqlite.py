"""SELECTs on Keelback's reference engine and on real SQLite: same rows, same errors."""

from __future__ import annotations

import os
import pathlib
import random
import sys

import apsw
import pytest
from keelback_core.engine.connection import Connection
from keelback_core.value.errors import SqlError

from core.tests.emit_select.generator import Generator

STATEMENTS = 40_000 if os.environ.get("KEELBACK_LONG") else 1500

SCHEMA = (
    "CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT, c REAL)",
    "CREATE TABLE u(a, b, d)",
    "CREATE TABLE w(x, y)",
    "CREATE TABLE k(p TEXT COLLATE NOCASE, q NUMERIC, r, UNIQUE(p, q))",
    "CREATE VIEW v AS SELECT a, b FROM t",
)
INDEXES = (
    "CREATE INDEX t_a ON t(a)",
    "CREATE INDEX t_bc ON t(b, c DESC)",
    "CREATE INDEX u_d ON u(d COLLATE NOCASE)",
    "CREATE INDEX u_ab ON u(a, b)",
    "CREATE INDEX k_r ON k(r DESC, q)",
    "CREATE INDEX t_partial ON t(c) WHERE a > 1",
    "CREATE INDEX w_sum ON w(x + y)",
)
ROWS = (
    "INSERT INTO t VALUES (1,1,'one',1.5),(2,2,'two',2),(3,NULL,'three',NULL),(4,2,NULL,-1),(5,10,'Two',2.5),"
    "(6,2,'two',3),(7,0,'',0),(10,-1,'2',10)",
    "INSERT INTO u VALUES (1,'one','X'),(2,'two','v'),(NULL,'z','y'),(2.0,'2','U'),('2',2,NULL),(5,x'32','zz'),"
    "('two',1,'two')",
    "INSERT INTO w VALUES (1,10),(2,20),(3,NULL),(NULL,40),(2,21)",
    "INSERT INTO k VALUES ('a',1,2),('B',2.5,'two'),('c','2',NULL),(NULL,NULL,1),('two',2,x'32'),(NULL,NULL,3)",
)


@pytest.fixture(autouse=True, scope="module")
def deep_recursion():
    """The engine's recursion limit, for expressions nested deeply."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(12000)
    yield
    sys.setrecursionlimit(before)


def both(indexes=INDEXES):
    """The same database in real SQLite and in Keelback."""
    oracle = apsw.Connection(":memory:")
    ours = Connection(":memory:")
    for statement in (*SCHEMA, *indexes, *ROWS):
        oracle.execute(statement)
        ours.execute(statement)
    return oracle, ours


def ask_oracle(oracle, sql):
    try:
        return [list(row) for row in oracle.execute(sql)]
    except apsw.Error as error:
        return str(error)


def ask_ours(ours, sql):
    try:
        return [list(row) for row in ours.execute(sql)]
    except SqlError as error:
        return error.message


def hand_written():
    path = pathlib.Path(__file__).parent / "selects.sql"
    return [line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("--")]


def test_hand_written_selects_give_the_rows_of_sqlite_in_its_order():
    oracle, ours = both()
    different = []
    cases = hand_written()
    for sql in cases:
        expected = ask_oracle(oracle, sql)
        got = ask_ours(ours, sql)
        if repr(expected) != repr(got):
            different.append(f"{sql}\n  sqlite {expected}\n  ours   {got}")
    assert len(cases) > 300
    assert not different, "\n".join(different)


def folded(rows):
    """Whole REALs as integers: where equal values are merged or tie, either may show."""
    return [[int(v) if isinstance(v, float) and v == int(v) else v for v in row] for row in rows]


def shows_choice(sql):
    """Whether one of several equal values may be shown."""
    return any(word in sql for word in ("UNION", "INTERSECT", "EXCEPT", "DISTINCT", "GROUP BY", "ORDER BY"))


def compare_generated(seed, indexes, statements):
    """Run so many generated SELECTs; the number run and the differences."""
    print(f"seed {seed}")
    oracle, ours = both(indexes)
    generator = Generator(seed)
    different = []
    count = 0
    while count < statements and len(different) < 5:
        sql = generator.statement()
        count += 1
        expected = ask_oracle(oracle, sql)
        got = ask_ours(ours, sql)
        if isinstance(expected, list) and isinstance(got, list):
            if shows_choice(sql):
                expected, got = folded(expected), folded(got)
            if "ORDER BY" not in sql or "COLLATE" in sql:
                expected.sort(key=repr)
                got.sort(key=repr)
        if repr(expected) != repr(got):
            different.append(f"{sql}\n  sqlite {expected}\n  ours   {got}")
    return count, different


@pytest.mark.parametrize("indexes", [(), INDEXES], ids=["without indexes", "with indexes"])
def test_generated_selects_give_the_rows_of_sqlite(indexes):
    seed = random.randrange(1 << 30)
    count, different = compare_generated(seed, indexes, STATEMENTS)
    print(f"{count} statements")
    assert not different, f"seed {seed}\n" + "\n".join(different)
    assert count == STATEMENTS
