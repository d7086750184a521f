"""Ten thousand random statements give the same on Keelback and on real SQLite; and the comparison can tell."""

from __future__ import annotations

import os
import random
import tempfile

import pytest

from tools.compare import STATEMENTS_PER_DATABASE, Comparison, differs

SLICES = 4
STATEMENTS = 10_000
FIRST_SEED = 1


def run_slice(first_seed: int, statements: int) -> str | None:
    done = 0
    seed = first_seed
    while done < statements:
        with tempfile.TemporaryDirectory(prefix="keelback-compare-") as folder:
            comparison = Comparison(seed, folder, 3)
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
    ],
)
def test_the_comparison_sees_types_counts_changes_codes_and_messages(real, ours):
    assert differs("SELECT 1", real, ours)


def test_the_comparison_minds_the_order_only_with_order_by():
    one = ("rows", ([(1,), (2,)], 0))
    other = ("rows", ([(2,), (1,)], 0))
    assert not differs("SELECT a FROM t", one, other)
    assert differs("SELECT a FROM t ORDER BY a", one, other)
