"""The order of PRAGMA table_list, compared with real SQLite for growing numbers of tables."""

from __future__ import annotations

import apsw
import pytest
from keelback_core.compiler.catalog.listing_order import listing_order


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 8, 12, 13, 20, 40, 90])
def test_tables_are_listed_in_the_order_of_sqlite(count: int) -> None:
    judge = apsw.Connection(":memory:")
    names = [f"t{number}" if number % 3 else f"Älter_{number}" for number in range(count)]
    for name in names:
        judge.execute(f'CREATE TABLE "{name}"(a)')
    expected = [name for (name,) in judge.execute("SELECT name FROM pragma_table_list WHERE schema = 'main'")]
    own = listing_order(["sqlite_master", *names])
    assert ["sqlite_schema" if name == "sqlite_master" else name for name in own] == expected
