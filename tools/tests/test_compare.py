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
