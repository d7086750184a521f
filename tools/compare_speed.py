"""Random queries run on Keelback and on real SQLite: where ours takes longer, and whether the rows are the same.

    python tools/compare_speed.py --real LIBRARY [--ours LIBRARY] [--seed N] [--queries N] [--rows N] [--kind NAME]
        [--ratio 1.5] [--least 3] [--limit 1.0] [--plans]

Every seed makes a database, half of them with the shop of comparing/shop_schema.py, the others with random tables
(comparing/plans.py), and asks queries of one kind after the other on both libraries (the SQLite C API). Times are CPU
times from prepare to finalize of a statement that is known, the best of three runs, each engine's in turn; what takes
at least `--least` milliseconds here and more than `--ratio` times SQLite's time is measured again, and shown with both
plans if it stays so. A query that takes longer than `--limit` seconds is interrupted and counts as that long. Exit code
1 if rows differed.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "core")]

import apsw  # noqa: E402

from tools.comparing.access_queries import ACCESS_KINDS  # noqa: E402
from tools.comparing.loaded_tables import loaded_tables  # noqa: E402
from tools.comparing.orm_queries import ORM_KINDS  # noqa: E402
from tools.comparing.plan_shapes import SHAPES, views  # noqa: E402
from tools.comparing.plans import KINDS, PlanTable  # noqa: E402
from tools.comparing.shop_schema import shop_schema  # noqa: E402
from tools.comparing.timed_library import TimedLibrary, same_rows  # noqa: E402

SHOP_KINDS = ORM_KINDS | ACCESS_KINDS
TABLE_KINDS = {name: make for name, make in (KINDS | SHAPES).items() if name != "write"}
STEPS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 5.0)


class Tally:
    """What was measured."""

    def __init__(self) -> None:
        self.asked = 0
        self.ratios: list[float] = []
        self.slower: list[tuple[float, str]] = []
        self.different = 0
        self.refused = 0
        self.stopped = 0

    def print(self, least: float, ratio: float) -> None:
        """The distribution of ours / SQLite's, of the queries that take long enough on one side."""
        steps = [*STEPS, math.inf]
        below = 0.0
        print(f"\n{self.asked} queries; {len(self.ratios)} took {least:g} ms or more on one side")
        print(f"({self.refused} refused, {self.stopped} interrupted on both sides)")
        for step in steps:
            count = sum(below < one <= step for one in self.ratios)
            print(f"  ours / SQLite's {below:4g} to {step:4g}: {count:6}")
            below = step
        if self.ratios:
            mean = math.exp(sum(math.log(one) for one in self.ratios) / len(self.ratios))
            print(f"geometric mean {mean:.2f}")
        print(f"{len(self.slower)} slower than {ratio:g} times, confirmed; {self.different} with other rows")


class SpeedComparison:
    """One database in a file, open on both sides."""

    def __init__(self, seed: int, folder: str, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.rng = random.Random(seed)
        self.seed = seed
        path = str(Path(folder) / f"speed{seed}.db")
        self.tables: list[PlanTable] = []
        is_shop = self.rng.random() < 0.5 if arguments.kind is None else arguments.kind in SHOP_KINDS
        if is_shop:
            self.schema = shop_schema(self.rng, arguments.rows)
        else:
            self.tables, self.schema = loaded_tables(self.rng, arguments.rows)
            self.schema += views(self.rng, self.tables)
        self.kinds = sorted(SHOP_KINDS if is_shop else TABLE_KINDS) if arguments.kind is None else [arguments.kind]
        made = apsw.Connection(path)
        with made:
            for sql in self.schema:
                list(made.execute(sql))
        made.close()
        self.path = path
        self.real = TimedLibrary(arguments.real, path, arguments.limit)
        self.ours = TimedLibrary(arguments.ours, path, arguments.limit)

    def close(self) -> None:
        self.real.close()
        self.ours.close()
        os.remove(self.path)

    def query(self, number: int) -> tuple[str, str]:
        """A kind, and a query of it."""
        kind = self.kinds[number % len(self.kinds)]
        if kind in SHOP_KINDS:
            return kind, SHOP_KINDS[kind](self.rng)
        return kind, TABLE_KINDS[kind](self.rng, self.tables)

    def ask(self, kind: str, sql: str, tally: Tally) -> None:
        """Compare the rows, then the times."""
        tally.asked += 1
        real, ours = self.real.rows(sql), self.ours.rows(sql)
        if isinstance(real, str):
            tally.refused += 1
            if not isinstance(ours, str):
                self.show(kind, sql, f"SQLite: {real}", tally)
            return
        if isinstance(ours, str):
            self.show(kind, sql, f"Keelback: {ours}", tally)
            return
        if real is None and ours is None:
            tally.stopped += 1
            return
        if real is not None and ours is not None and not same_rows(sql, real, ours):
            self.show(kind, sql, f"DIFFERENT ROWS: {len(real)} and {len(ours)}", tally)
        times = self.times(sql, 3)
        least = self.arguments.least / 1000
        if max(times) < least:
            return
        if times[1] > self.arguments.ratio * times[0] and times[1] >= least:
            again = self.times(sql, 5)
            times = (min(times[0], again[0]), min(times[1], again[1]))
        ratio = times[1] / max(times[0], 1e-6)
        tally.ratios.append(ratio)
        if ratio > self.arguments.ratio and times[1] >= least:
            tally.slower.append((ratio, sql))
            print(f"\n-- {ratio:.2f}: {kind}, seed {self.seed}: {times[0] * 1000:.1f} ms, {times[1] * 1000:.1f} ms")
            self.explain(sql)

    def times(self, sql: str, repeat: int) -> tuple[float, float]:
        """The best CPU seconds of SQLite and of ours."""
        best = [math.inf, math.inf]
        for _ in range(repeat):
            for side, library in enumerate((self.real, self.ours)):
                if best[side] < self.arguments.limit or best[side] == math.inf:
                    best[side] = min(best[side], library.seconds(sql))
        return best[0], best[1]

    def show(self, kind: str, sql: str, what: str, tally: Tally) -> None:
        tally.different += 1
        print(f"\n-- {what}: {kind}, seed {self.seed}")
        self.explain(sql)

    def explain(self, sql: str) -> None:
        """The query and both plans."""
        print(sql + ";")
        for name, library in (("SQLite", self.real), ("ours", self.ours)):
            print(f"  {name}:", *library.plan(sql), sep="\n    ", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="CPU times of random queries on both engines")
    parser.add_argument("--real", default=str(ROOT / "build" / "bench" / "sqlite" / "libsqlite3.so.0"))
    parser.add_argument("--ours", default=str(ROOT / "build" / "libkeelback.so"))
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--queries", type=int, default=400)
    parser.add_argument("--per-schema", type=int, default=60)
    parser.add_argument("--rows", type=int, default=30_000)
    parser.add_argument("--kind", choices=sorted(SHOP_KINDS | TABLE_KINDS), default=None)
    parser.add_argument("--ratio", type=float, default=1.5)
    parser.add_argument("--least", type=float, default=3.0, help="milliseconds")
    parser.add_argument("--limit", type=float, default=1.0, help="seconds")
    arguments = parser.parse_args()
    seed = random.randrange(1 << 30) if arguments.seed is None else arguments.seed
    print("seed", seed)
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        while tally.asked < arguments.queries:
            comparison = SpeedComparison(seed, folder, arguments)
            for number in range(min(arguments.per_schema, arguments.queries - tally.asked)):
                comparison.ask(*comparison.query(number), tally)
            comparison.close()
            seed += 1
    tally.print(arguments.least, arguments.ratio)
    return 1 if tally.different else 0


if __name__ == "__main__":
    sys.exit(main())
