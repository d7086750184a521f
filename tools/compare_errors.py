"""Broken statements, prepared on Keelback and on real SQLite: code, message, offset of the error and tail compared.

    python tools/compare_errors.py [--seed N] [--statements N] [--engine kernel|reference] [--suite PART] [--show N]

The statements are those of the conformance suite, each broken a few times (comparing/broken.py) in the database of its
case before it is run, and the statements of tools/compare.py's generator. Of what is valid after all, the columns'
names and types, the parameters and the kind are compared. Differences are shown by kind: messages without their names,
most frequent first, with one example each (the shortest). Everything depends on the seed alone. Exit code 1 if there
was a difference that KNOWN does not name.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "core"), str(ROOT / "compat-tests")]

from runner.suite_file import Case, read_suite_file  # noqa: E402

from tools.comparing.broken import Breaker  # noqa: E402
from tools.comparing.prepared import Database, our_functions, real_functions  # noqa: E402
from tools.comparing.schema import RandomTable  # noqa: E402
from tools.comparing.statements import StatementGenerator  # noqa: E402
from tools.comparing.triggers import TRACE, random_trigger  # noqa: E402

SUITE = ROOT / "compat-tests" / "suite"
# Pragmas act while they are prepared; tools/compare_pragmas.py compares them. The others leave the process or the file.
NOT_COMPARED = re.compile(r"pragma|attach|vacuum|load_extension|readfile|writefile|explain", re.IGNORECASE)
# Functions and modules that only one side has.
ONE_SIDED = re.compile(r"regexp|generate_series|uuid|median|percentile|stddev|carray|fts|rtree|geopoly", re.IGNORECASE)
FIXED_WORDS = frozenset(
    (
        "near syntax error no such column table index view trigger function aggregate window misuse of wrong number "
        "arguments to ambiguous unrecognized token incomplete input row value misused sub-select returns columns "
        "expected duplicate not authorized cannot unable may only a an the in is has but values for already another "
        "with this name or there and collation sequence clause without subqueries prohibited parameters expressions "
        "constraints constraint key primary"
    ).split()
)


def kind_of(outcome: tuple[object, ...]) -> str:
    """The outcome without the names in its message."""
    if outcome[0] == 0:
        return "valid"
    return " ".join(
        word if word.lower().strip(":,") in FIXED_WORDS else "_" for word in str(outcome[2]).replace('"', ' " ').split()
    )


def field_of(real: tuple[object, ...], ours: tuple[object, ...]) -> str:
    """Which part of two outcomes differs."""
    if (real[0] == 0) != (ours[0] == 0):
        return "validity"
    names = (
        ("end", "names", "types", "parameters", "facts")
        if real[0] == 0
        else ("ext", "message", "offset", "end", "stmt")
    )
    for name, one, other in zip(names, real[1:], ours[1:], strict=False):
        if one != other:
            return name
    return "shape"


class Pair:
    """One database on both sides."""

    def __init__(self, real: dict[str, object], ours: dict[str, object]) -> None:
        self.real, self.ours = Database(real), Database(ours)

    def run(self, sql: str) -> None:
        self.real.run(sql)
        self.ours.run(sql)

    def compare(self, sql: str) -> tuple[tuple[object, ...], tuple[object, ...]] | None:
        real, ours = self.real.prepared(sql), self.ours.prepared(sql)
        if real[:4] == ours[:4] and "qualified table names" in str(real[2]):
            return None  # ours ends with the text: it is noticed when the whole trigger is known
        if real == ours or (real[0] == 0 and ours[0] != 0 and self.is_found_later(sql, ours)):
            return None
        return real, ours

    def is_found_later(self, sql: str, ours: tuple[object, ...]) -> bool:
        """Whether SQLite finds the same error when the statement runs, as it does in ALTER TABLE."""
        self.real.run("SAVEPOINT later")
        found = self.real.rows(sql)
        self.real.run("ROLLBACK TO later; RELEASE later")
        return found[-2:] == ours[1:3]

    def close(self) -> None:
        self.real.close()
        self.ours.close()


class Run:
    """Statements compared so far, and differences by kind."""

    def __init__(self, seed: int, wanted: int) -> None:
        self.rng = random.Random(seed)
        self.wanted = wanted
        self.done = 0
        self.errors = 0
        self.found: dict[tuple[str, str, str], list[tuple[str, object, object]]] = defaultdict(list)
        self.real, self.ours = real_functions(), our_functions()

    def attempts(self, pair: Pair, breaker: Breaker, sql: str, count: int) -> None:
        """Compare a statement broken `count` times."""
        for _ in range(count):
            broken = breaker.broken(sql)
            if NOT_COMPARED.search(broken) or ONE_SIDED.search(broken):
                continue
            self.done += 1
            difference = pair.compare(broken)
            if difference:
                real, ours = difference
                key = (field_of(real, ours), kind_of(real), kind_of(ours))
                self.found[key].append((broken, real, ours))

    def case(self, case: Case, breaker: Breaker, count: int) -> None:
        """The statements of a case of the suite, broken in its database."""
        pair = Pair(self.real, self.ours)
        for step in case.setup:
            pair.run(step.sql)
        for step in case.steps:
            if step.kind == "reopen" or step.connection:
                continue
            self.attempts(pair, breaker, step.sql, count)
            if step.answer and step.answer.kind != "error" and not NOT_COMPARED.search(step.sql):
                pair.run(step.sql)
        pair.close()

    def generated(self, seed: int, count: int) -> None:
        """Statements of the generator."""
        rng = random.Random(seed)
        tables = [RandomTable(rng, number) for number in range(3)]
        generator = StatementGenerator(rng, tables)
        pair = Pair(self.real, self.ours)
        texts = [sql for table in tables for sql in [table.sql, *table.index_sql]]
        texts += [TRACE, *(random_trigger(rng, tables, number) for number in range(4))]
        for sql in texts:
            pair.run(sql)
        texts += [generator.statement() for _ in range(count // 4)]
        breaker = Breaker(rng, texts)
        for sql in texts:
            self.attempts(pair, breaker, sql, 4)
        pair.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--statements", type=int, default=5000)
    parser.add_argument("--engine", default="kernel")
    parser.add_argument("--suite", default="", help="only files whose path has this")
    parser.add_argument("--show", type=int, default=40)
    parser.add_argument("--all", action="store_true", help="show every example")
    arguments = parser.parse_args()
    os.environ["KEELBACK_ENGINE"] = arguments.engine
    run = Run(arguments.seed, arguments.statements)
    paths = [path for path in sorted(SUITE.rglob("*.kbt")) if arguments.suite in str(path.relative_to(SUITE))]
    cases = []
    for path in paths:
        file = read_suite_file(path, str(path.relative_to(SUITE)))
        texts = [step.sql for step in file.setup] + [step.sql for case in file.cases for step in case.steps if step.sql]
        cases += [(case, texts) for case in file.cases]
    number = 0
    while run.done < arguments.statements:
        before = run.done
        if number % 40 == 39 and not arguments.suite:
            run.generated(arguments.seed * 1000 + number, 120)
        else:
            case, texts = run.rng.choice(cases)
            run.case(case, Breaker(run.rng, texts), 4)
        number += 1
        if run.done == before and number > 1000 + arguments.statements:
            break
    total = sum(len(examples) for examples in run.found.values())
    ordered = sorted(run.found.items(), key=lambda entry: -len(entry[1]))
    for (field, real_kind, our_kind), examples in ordered[: arguments.show]:
        print(f"\n{len(examples)} x {field}: SQLite [{real_kind}] ours [{our_kind}]")
        examples.sort(key=lambda example: len(example[0]))
        for sql, real, ours in examples if arguments.all else examples[:2]:
            print(f"   {sql!r}\n      SQLite {real}\n      ours   {ours}")
    print(f"{run.done} statements, seed {arguments.seed}: {total} differences of {len(run.found)} kinds")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
