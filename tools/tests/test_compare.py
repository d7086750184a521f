"""Ten thousand random statements give the same on Keelback and on real SQLite; and the comparison can tell.

The long form runs one of twenty slices of a million statements on the library, 50,000 each, less than a minute on one
idle core (files stand in memory: on a disk nearly all of the time goes to fsync): KEELBACK_COMPARE_SLICE (0 to 19, or
`all`) chooses it, else the day of the year does, so that twenty days of `make test-long` are the million.
KEELBACK_COMPARE_SEED moves the million to other seeds (0 is the first).
"""

from __future__ import annotations

import os
import random
import tempfile
import time

import pytest

from tools.compare import STATEMENTS_PER_DATABASE, Comparison, differs, memory_folder
from tools.comparing.engines import Keelback, RealSqlite
from tools.comparing.known_faults import explained

SLICES = 4
STATEMENTS = 10_000
FIRST_SEED = 1
LONG_SLICES = 20
LONG_STATEMENTS = 50_000
LONG_SEEDS = 100_000_000


def long_slices() -> list[int]:
    """The slices of the million that this run is to take."""
    chosen = os.environ.get("KEELBACK_COMPARE_SLICE", "")
    if chosen == "all":
        return list(range(LONG_SLICES))
    return [int(chosen) if chosen else time.gmtime().tm_yday % LONG_SLICES]


def run_slice(first_seed: int, statements: int, is_direct: bool = True) -> str | None:
    done = 0
    seed = first_seed
    while done < statements:
        with tempfile.TemporaryDirectory(prefix="keelback-compare-", dir=memory_folder()) as folder:
            comparison = Comparison(seed, folder, 3, is_direct)
            difference = comparison.run(STATEMENTS_PER_DATABASE)
        if difference:
            return f"seed {seed}, statement {len(comparison.log)}: {comparison.log[-1]}\n{difference}"
        done += len(comparison.log)
        seed += 1
    return None


@pytest.mark.parametrize("part", range(SLICES))
def test_random_statements_give_what_real_sqlite_gives(part):
    difference = run_slice(FIRST_SEED + part * 1000, STATEMENTS // SLICES)
    assert difference is None, difference


@pytest.mark.skipif(not os.environ.get("KEELBACK_LONG"), reason="part of make test-long")
@pytest.mark.parametrize("part", range(SLICES))
def test_many_random_statements_give_what_real_sqlite_gives(part):
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    difference = run_slice(seed, 10 * STATEMENTS // SLICES)
    assert difference is None, difference


@pytest.mark.skipif(not os.environ.get("KEELBACK_LONG"), reason="part of make test-long")
@pytest.mark.parametrize("part", long_slices())
def test_a_slice_of_a_million_statements_gives_what_real_sqlite_gives(part):
    seed = LONG_SEEDS + int(os.environ.get("KEELBACK_COMPARE_SEED", "0")) * LONG_SEEDS + part * 10_000
    print(f"slice {part}, seed {seed}")
    difference = run_slice(seed, LONG_STATEMENTS, is_direct=False)
    assert difference is None, difference


@pytest.mark.parametrize(
    ("real", "ours"),
    [
        (("rows", ([(1,)], 0)), ("rows", ([(1.0,)], 0))),
        (("rows", ([(1,)], 0)), ("rows", ([("1",)], 0))),
        (("rows", ([(1,)], 0)), ("rows", ([(1,), (1,)], 0))),
        (("rows", ([], 0)), ("rows", ([], 1))),
        (("rows", ([(0.0,)], 0)), ("rows", ([(-0.0,)], 0))),
        (("error", (1, "a")), ("error", (1, "b"))),
        (("error", (19, "a")), ("error", (2067, "a"))),
        (("rows", ([], 0)), ("error", (1, "a"))),
        (("rows", ([(1,)], 0, ("a",))), ("rows", ([(1,)], 0, ("b",)))),
    ],
)
def test_the_comparison_sees_types_counts_changes_names_codes_and_messages(real, ours):
    assert differs("SELECT 1", real, ours)


def test_the_comparison_minds_the_order_only_with_order_by():
    one = ("rows", ([(1,), (2,)], 0))
    other = ("rows", ([(2,), (1,)], 0))
    assert not differs("SELECT a FROM t", one, other)
    assert differs("SELECT a FROM t ORDER BY a", one, other)


FRAME = "OVER (ORDER BY id ROWS 1 PRECEDING)"
LOST = "SELECT id, group_concat(v) {0}, string_agg(iif(v = ',', '', v), v) {0} FROM f"


def test_a_character_that_sqlite_loses_is_explained_by_sqlite_alone():
    real, ours = RealSqlite(":memory:"), Keelback(":memory:")
    for side in (real, ours):
        side.run("CREATE TABLE f(id INTEGER PRIMARY KEY, v)")
        side.run("INSERT INTO f VALUES (1, 'a'), (2, ''), (3, 'b'), (4, ','), (5, NULL), (6, x''), (7, 'd')")
    sql = LOST.format(FRAME)
    right = ours.run(sql)
    assert differs(sql, real.run(sql), right)
    instead = explained(sql, real, right)
    assert instead is not None and not differs(sql, instead, right)
    rows, changes, names = right[1]
    for place in range(len(rows)):
        wrong = list(rows)
        wrong[place] = (rows[place][0], f"{rows[place][1]},", rows[place][2])
        assert differs(sql, instead, ("rows", (wrong, changes, names)))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT group_concat(v) FROM f",
        "SELECT sum(v) OVER () FROM f",
        f"INSERT INTO f SELECT group_concat(v) {FRAME} FROM f",
        f"SELECT group_concat(v || char(1)) {FRAME} FROM f",
        f"SELECT group_concat(nosuch) {FRAME} FROM f",
    ],
)
def test_nothing_else_is_explained(sql):
    real = RealSqlite(":memory:")
    real.run("CREATE TABLE f(id INTEGER PRIMARY KEY, v)")
    assert explained(sql, real, ("rows", ([("a\x01",)] if "char" in sql else [("a",)], 0, ("x",)))) is None
