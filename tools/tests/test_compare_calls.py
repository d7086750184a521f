"""Random calls of every function give the same on Keelback's reference engine and on real SQLite."""

from __future__ import annotations

import apsw
import pytest

from tools.compare_calls import FUNCTIONS, told
from tools.comparing.calls import CallGenerator
from tools.comparing.engines import Keelback, RealSqlite

# What is different on purpose (docs/differences.md): group_concat over a moving frame; and what VALUES computes of rows
# that hold something else than constants.
EXPLAINED = ("group_concat", "string_agg")


@pytest.mark.parametrize("seed", range(1, 5))
def test_calls_of_functions_give_what_real_sqlite_gives(seed):
    real, ours = RealSqlite(":memory:"), Keelback(":memory:")
    generator = CallGenerator(seed, list(apsw.Connection(":memory:").execute(FUNCTIONS)))
    for _ in range(1500):
        sql = generator.statement()
        if not any(name in sql for name in EXPLAINED):
            assert told(ours.run(sql)) == told(real.run(sql)), f"seed {seed}: {sql}"
