"""Random queries on Keelback and on real SQLite: whether EXPLAIN QUERY PLAN is the same.

    python tools/compare_plans.py [--seed N] [--queries N] [--kind NAME] [--show N]

Every seed makes a schema, with or without statistics (rows of sqlite_stat1 that nobody counted), and queries of one
kind after the other. The differences are counted by kind and the first of them shown. Nothing is run: only plans are
compared. Exit code 0; the numbers are for judging the planner, no plan of SQLite's is sacred.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "core")]

import apsw  # noqa: E402
from keelback_core.engine.connection import Connection  # noqa: E402
from keelback_core.value.errors import SqlError  # noqa: E402

from tools.comparing.plans import KINDS, random_schema  # noqa: E402

QUERIES_PER_SCHEMA = 40


def plan_of(rows: list[tuple[int, int, int, str]], ignores_filters: bool) -> list[str]:
    """The lines of EXPLAIN QUERY PLAN, indented by depth."""
    depths = {0: -1}
    found = []
    for identifier, parent, _, text in rows:
        depths[identifier] = depths[parent] + 1
        if ignores_filters and "BLOOM FILTER" in text:
            continue
        found.append("  " * depths[identifier] + text)
    return found


class PlanComparison:
    """One schema on both sides."""

    def __init__(self, seed: int, ignores_filters: bool) -> None:
        self.ignores_filters = ignores_filters
        self.rng = random.Random(seed)
        self.real = apsw.Connection(":memory:")
        self.ours = Connection(":memory:")
        self.tables, statements = random_schema(self.rng)
        self.schema = statements
        for sql in statements:
            for _ in self.real.execute(sql):
                pass
            list(self.ours.execute(sql))

    def compare(self, sql: str) -> tuple[list[str], list[str]] | None:
        """The plans, ours first, if they differ; None for a query that real SQLite refuses."""
        text = "EXPLAIN QUERY PLAN " + sql
        try:
            real = plan_of(list(self.real.execute(text)), self.ignores_filters)
        except apsw.SQLError:
            return None
        try:
            ours = plan_of([tuple(row) for row in self.ours.execute(text)], self.ignores_filters)
        except SqlError as error:
            ours = [f"error: {error.message}"]
        return (ours, real) if ours != real else None


def main() -> int:
    parser = argparse.ArgumentParser(description="EXPLAIN QUERY PLAN of random queries on both engines")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--queries", type=int, default=400)
    parser.add_argument("--kind", choices=sorted(KINDS), default=None)
    parser.add_argument("--show", type=int, default=3, help="differences shown of each kind")
    parser.add_argument("--ignore-filters", action="store_true", help="leave Bloom filters out of the comparison")
    arguments = parser.parse_args()
    seed = random.randrange(1 << 30) if arguments.seed is None else arguments.seed
    print("seed", seed)
    kinds = sorted(KINDS) if arguments.kind is None else [arguments.kind]
    asked = dict.fromkeys(kinds, 0)
    differing = dict.fromkeys(kinds, 0)
    done = 0
    while done < arguments.queries:
        comparison = PlanComparison(seed, arguments.ignore_filters)
        for number in range(QUERIES_PER_SCHEMA):
            kind = kinds[number % len(kinds)]
            sql = KINDS[kind](comparison.rng, comparison.tables)
            asked[kind] += 1
            done += 1
            found = comparison.compare(sql)
            if found is None:
                continue
            differing[kind] += 1
            if differing[kind] <= arguments.show:
                print(f"\n-- {kind}, seed {seed}\n" + ";\n".join(comparison.schema) + f";\n{sql};")
                print("  ours:", *found[0], sep="\n    ")
                print("  SQLite:", *found[1], sep="\n    ")
        seed += 1
    for kind in kinds:
        print(f"{kind}: {differing[kind]} of {asked[kind]} differ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
