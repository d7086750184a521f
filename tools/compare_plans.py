"""Random statements on Keelback and on real SQLite: whether EXPLAIN QUERY PLAN is the same, to the letter.

    python tools/compare_plans.py [--seed N] [--queries N] [--kind NAME] [--show N] [--wide] [--shop]

Every seed makes a schema, with or without statistics (rows of sqlite_stat1 that nobody counted, or samples of ANALYZE),
and statements of one kind after the other. With --shop the schema is an application's (comparing/shop_schema.py), with
rows in it, and the statements are those that object-relational mappers write, and joins of many tables. A plan that is
SQLite's once the planner's own rules are left out (comparing/own_rules.py) is explained, and counted under the rule;
all others are differences: they are counted by kind, and the first of each kind are shown. Nothing is run: only plans
are compared. Exit code 1 if there was a difference.
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

from tools.comparing.access_queries import ACCESS_KINDS  # noqa: E402
from tools.comparing.orm_queries import ORM_KINDS  # noqa: E402
from tools.comparing.own_rules import OWN_RULES, without  # noqa: E402
from tools.comparing.plan_shapes import SHAPES, views  # noqa: E402
from tools.comparing.plans import KINDS, PlanTable, random_schema  # noqa: E402
from tools.comparing.shop_schema import shop_schema  # noqa: E402

ALL_KINDS = KINDS | SHAPES
SHOP_KINDS = ORM_KINDS | ACCESS_KINDS
SHOP_ROWS = 400

STATEMENTS_PER_SCHEMA = 40
SEVERAL = "several rules"


def plan_of(rows: list[tuple[int, int, int, str]]) -> list[str]:
    """The lines of EXPLAIN QUERY PLAN, indented by depth."""
    depths = {0: -1}
    found = []
    for identifier, parent, _, text in rows:
        depths[identifier] = depths[parent] + 1
        found.append("  " * depths[identifier] + text)
    return found


class PlanDifference:
    """The plan of ours without our own rules, and SQLite's; or, if they are the same, the rule that explains it."""

    def __init__(self, ours: list[str], real: list[str], rule: str | None) -> None:
        self.ours = ours
        self.real = real
        self.rule = rule


class PlanComparison:
    """One schema on both sides."""

    def __init__(self, seed: int, is_wide: bool = False, is_shop: bool = False) -> None:
        self.rng = random.Random(seed)
        self.real = apsw.Connection(":memory:")
        self.ours = Connection(":memory:")
        self.tables: list[PlanTable] = []
        if is_shop:
            statements = shop_schema(self.rng, SHOP_ROWS)
        else:
            self.tables, statements = random_schema(self.rng, is_wide)
            if is_wide:
                statements += views(self.rng, self.tables)
        self.schema = []
        for sql in statements:
            try:
                for _ in self.real.execute(sql):
                    pass
            except apsw.Error:
                continue
            self.schema.append(sql)
            list(self.ours.execute(sql))

    def compare(self, sql: str) -> PlanDifference | None:
        """How the plans differ; None if they do not, or real SQLite refuses the statement."""
        text = "EXPLAIN QUERY PLAN " + sql
        try:
            real = plan_of(list(self.real.execute(text)))
        except apsw.Error:
            return None
        ours = self._ours(text)
        if ours == real:
            return None
        with without(tuple(OWN_RULES)):
            bare = self._ours(text)
        if bare != real:
            return PlanDifference(bare, real, None)
        for rule in OWN_RULES:
            with without((rule,)):
                if self._ours(text) == real:
                    return PlanDifference(ours, real, rule)
        return PlanDifference(ours, real, SEVERAL)

    def _ours(self, text: str) -> list[str]:
        try:
            return plan_of([tuple(row) for row in self.ours.execute(text)])
        except SqlError as error:
            return [f"error: {error.message}"]


def main() -> int:
    parser = argparse.ArgumentParser(description="EXPLAIN QUERY PLAN of random statements on both engines")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--queries", type=int, default=400)
    parser.add_argument("--kind", choices=sorted(ALL_KINDS | SHOP_KINDS), default=None)
    parser.add_argument("--wide", action="store_true", help="also the rarer shapes, over schemas of all kinds")
    parser.add_argument("--shop", action="store_true", help="an application's tables and statements")
    parser.add_argument("--show", type=int, default=3, help="differences shown of each kind")
    parser.add_argument("--explained", action="store_true", help="show plans that our own rules explain, too")
    arguments = parser.parse_args()
    seed = random.randrange(1 << 30) if arguments.seed is None else arguments.seed
    print("seed", seed)
    is_wide = arguments.wide or arguments.kind in SHAPES
    is_shop = arguments.shop or arguments.kind in SHOP_KINDS
    kinds = sorted(SHOP_KINDS if is_shop else ALL_KINDS if is_wide else KINDS)
    if arguments.kind is not None:
        kinds = [arguments.kind]
    asked = dict.fromkeys(kinds, 0)
    differing = dict.fromkeys(kinds, 0)
    explained = dict.fromkeys([*OWN_RULES, SEVERAL], 0)
    done = 0
    while done < arguments.queries:
        comparison = PlanComparison(seed, is_wide, is_shop)
        for number in range(STATEMENTS_PER_SCHEMA * (3 if is_shop else 1)):
            kind = kinds[number % len(kinds)]
            if is_shop:
                sql = SHOP_KINDS[kind](comparison.rng)
            else:
                sql = ALL_KINDS[kind](comparison.rng, comparison.tables)
            asked[kind] += 1
            done += 1
            found = comparison.compare(sql)
            if found is None:
                continue
            if found.rule is not None:
                explained[found.rule] += 1
            else:
                differing[kind] += 1
            if (found.rule is None or arguments.explained) and differing[kind] <= arguments.show:
                print(f"\n-- {kind}, seed {seed}\n" + ";\n".join(comparison.schema) + f";\n{sql};")
                print("  ours:", *found.ours, sep="\n    ")
                print("  SQLite:", *found.real, sep="\n    ")
        seed += 1
    for kind in kinds:
        print(f"{kind}: {differing[kind]} of {asked[kind]} differ")
    for rule, count in explained.items():
        print(f"explained by {rule}: {count}")
    print(f"{sum(differing.values())} of {done} differ")
    return 1 if any(differing.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
