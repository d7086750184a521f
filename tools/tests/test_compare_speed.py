"""The queries that are timed are understood by both engines and have the same rows; times are not looked at here."""

from __future__ import annotations

import random

import apsw
import pytest
from keelback_core.engine.connection import Connection

from tools.comparing.access_queries import ACCESS_KINDS
from tools.comparing.loaded_tables import loaded_tables
from tools.comparing.orm_queries import ORM_KINDS
from tools.comparing.plans import KINDS
from tools.comparing.shop_schema import shop_schema
from tools.comparing.timed_library import same_rows

ROWS = 150
QUERIES_OF_A_KIND = 12


def open_both(statements: list[str]) -> tuple[apsw.Connection, Connection]:
    real, ours = apsw.Connection(":memory:"), Connection(":memory:")
    for sql in statements:
        list(real.execute(sql))
        list(ours.execute(sql))
    return real, ours


@pytest.mark.parametrize("kind", sorted(ORM_KINDS | ACCESS_KINDS))
def test_queries_of_the_shop_have_the_same_rows_on_both(kind: str):
    rng = random.Random(kind)
    real, ours = open_both(shop_schema(rng, ROWS))
    for _ in range(QUERIES_OF_A_KIND):
        sql = (ORM_KINDS | ACCESS_KINDS)[kind](rng)
        assert same_rows(sql, list(real.execute(sql)), [tuple(row) for row in ours.execute(sql)]), sql


def test_random_tables_have_rows_and_their_queries_the_same_on_both():
    rng = random.Random(4)
    tables, statements = loaded_tables(rng, ROWS)
    real, ours = open_both(statements)
    assert any(list(real.execute(f"SELECT 1 FROM {table.name} LIMIT 1")) for table in tables)
    for make in KINDS.values():
        sql = make(rng, tables)
        assert same_rows(sql, list(real.execute(sql)), [tuple(row) for row in ours.execute(sql)]), sql


def test_rows_in_another_order_are_the_same_and_other_rows_are_not():
    assert same_rows("SELECT a", [(1, "x"), (None, 2.0)], [(None, 2.0), (1, "x")])
    assert not same_rows("SELECT a", [(1,)], [("1",)])
    assert not same_rows("SELECT a LIMIT 1", [(1,)], [])
