"""Damaged files through kernel, reference, mirror and real SQLite, each on a copy of its own: codes and rows compared.

    python tools/compare_damage.py [--seed N] [--files N] [--kind database|old|calls|schema|wal|shm|journal]
                                   [--sides A,B,...] [--strict] [--show N] [--keep FOLDER]

Kernel and reference have to agree to the letter: in codes, messages, rows. From real SQLite they may differ where a
file has no right answer (--strict shows these too, sorted by statement and by both codes; without it they are counted).
The mirror may not give SQLITE_INTERNAL. Nobody may die or take longer than a minute over a file. What a file is made of
depends on its seed alone: `--seed S --files 1` repeats one. The kind "old" asks the statements of
core/tests/engine/test_corrupt_files.py in their order, "database" draws more of them in any order; of "schema" only
what sqlite_schema and the engine's own tables say is damaged; "calls" are deserialize, backup, blobs, ATTACH, VACUUM.

Exit code 1 if kernel and reference, or the mirror with itself, differ, or anybody died.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import select
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.comparing import damaged_schemas  # noqa: E402
from tools.comparing.damage_calls import CALL_STATEMENTS  # noqa: E402
from tools.comparing.damaged_files import (  # noqa: E402
    COMPANION_STATEMENTS,
    KINDS,
    MORE_STATEMENTS,
    STATEMENTS,
    crashed_files,
    damage,
    damage_companion,
    good_files,
)

SECONDS_PER_FILE = 60
ENDS = ("", "-wal", "-shm", "-journal", "-mirror", "-copy")
MODES = {"wal": "WAL", "shm": "WAL", "journal": "DELETE"}
ALL_KINDS = ("database", "old", "calls", "schema", "wal", "shm", "journal")
INTERNAL = 2
# Rows tell which pages were taken and where leaves were split, which the engines decide for themselves.
LAYOUT = frozenset(
    ("SELECT * FROM sqlite_schema", "PRAGMA page_count", "PRAGMA freelist_count", "SELECT * FROM dbstat LIMIT 10")
)
# From SQLite they differ in the order of tables, and in what else is told of pages that nobody uses.
LOOSE = LAYOUT | {"PRAGMA table_list", "PRAGMA integrity_check", "PRAGMA quick_check(5)", "PRAGMA quick_check(3)"}


class Side:
    """A process that answers for one engine; started again when it died."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.path = folder / f"{name}.db"
        self.child: subprocess.Popen[str] | None = None

    def ask(self, files: dict[str, bytes], statements: list[str]) -> list[list[object]] | str:
        """The outcomes, or what happened to the process."""
        for end in ENDS:
            Path(f"{self.path}{end}").unlink(missing_ok=True)
        for end, content in files.items():
            Path(f"{self.path}{end}").write_bytes(content)
        if self.child is None:
            self.child = subprocess.Popen(
                [sys.executable, str(ROOT / "tools/comparing/damage_child.py"), self.name],
                env={**os.environ, "KEELBACK_ENGINE": "kernel" if self.name == "sqlite" else self.name},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        child = self.child
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write(json.dumps([str(self.path), statements]) + "\n")
        child.stdin.flush()
        if not select.select([child.stdout], [], [], SECONDS_PER_FILE)[0]:
            child.kill()
            self.child = None
            return f"took more than {SECONDS_PER_FILE} seconds"
        line = child.stdout.readline()
        if not line:
            self.child = None
            return f"died with {child.wait()}"
        found: list[list[object]] = json.loads(line)
        return found

    def close(self) -> None:
        if self.child is not None:
            assert self.child.stdin is not None
            self.child.stdin.close()
            self.child.wait()


class Material:
    """Damaged files by seed."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        self.folder = folder
        self.files = (
            good_files(folder, 3 if kind == "old" else len(KINDS)) if kind in ("old", "database", "calls") else []
        )
        self.crashed = crashed_files(folder, MODES[kind]) if kind in MODES else {}

    def make(self, seed: int) -> tuple[dict[str, bytes], list[str]]:
        """The files by the ends of their names, and the statements."""
        source = random.Random(seed)
        if self.kind == "old":
            return {"": damage(source.choice(self.files), source)}, STATEMENTS
        if self.kind == "database":
            number = source.randrange(len(self.files))
            content = damage(self.files[number], source, KINDS[number][2])
            return {"": content}, source.sample(MORE_STATEMENTS, 30)
        if self.kind == "calls":
            number = source.randrange(len(self.files))
            return {"": damage(self.files[number], source, KINDS[number][2])}, source.sample(CALL_STATEMENTS, 18)
        if self.kind == "schema":
            return {"": damaged_schemas.damaged_schema(self.folder, source)}, damaged_schemas.statements(source)
        end = f"-{self.kind}"
        return {**self.crashed, end: damage_companion(self.crashed[end], source)}, COMPANION_STATEMENTS


def first_difference(
    statements: list[str], one: list[list[object]], other: list[list[object]], codes_only: frozenset[str]
) -> int | None:
    """The number of the first statement whose outcome differs."""
    for number, (left, right) in enumerate(zip(one, other, strict=True)):
        length = 2 if statements[number] in codes_only else 3
        if left[:length] != right[:length]:
            return number
    return None


def brief(outcome: list[object], other: list[object]) -> str:
    """The outcome; of its rows what is around the first place where the other's differ."""
    rows, others = str(outcome[2]), str(other[2])
    place = next((i for i, (one, two) in enumerate(zip(rows, others, strict=False)) if one != two), 0)
    start = max(0, place - 60)
    return f"{outcome[0]} {outcome[1]} {rows[start : place + 140]}"


class Report:
    """Differences by kind, with the seeds that show them."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.from_sqlite: dict[str, list[str]] = defaultdict(list)
        self.codes: Counter[object] = Counter()

    def compare(self, seed: int, statements: list[str], answers: dict[str, list[list[object]] | str]) -> None:
        asked = [*statements, "(close)"]
        for name, answer in answers.items():
            if isinstance(answer, str):
                self.faults.append(f"seed {seed}: {name} {answer}")
                return
        lists = {name: answer for name, answer in answers.items() if isinstance(answer, list)}
        for name in ("kernel", "reference", "mirror"):
            if name in lists:
                self.codes.update(outcome[0] for outcome in lists[name])
        if "kernel" in lists and "reference" in lists:
            place = first_difference(asked, lists["kernel"], lists["reference"], LAYOUT)
            if place is not None:
                sides = {name: lists[name][place] for name in lists}
                other = {"kernel": "reference"}
                told = [f"  {name}: {brief(sides[name], sides[other.get(name, 'kernel')])}" for name in lists]
                self.faults.append("\n".join([f"seed {seed}: {asked[place]}", *told]))
        for number, outcome in enumerate(lists.get("mirror", [])):
            if outcome[0] == INTERNAL:
                self.faults.append(f"seed {seed}: {asked[number]}\n  mirror: {outcome[1]}")
                break
        if "sqlite" in lists:
            for name, ours in lists.items():
                place = first_difference(asked, ours, lists["sqlite"], LOOSE)
                if name != "sqlite" and place is not None:
                    real, own = lists["sqlite"][place], ours[place]
                    kind = f"{asked[place]}: {real[0]} {real[1]} | {own[0]} {own[1]}"
                    detail = (
                        f"\n    sqlite {brief(real, own)}\n    {name} {brief(own, real)}" if real[0] == own[0] else ""
                    )
                    self.from_sqlite[kind].append(f"{seed}{detail}")
                    break


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    arguments.add_argument("--files", type=int, default=200)
    arguments.add_argument(
        "--kind", choices=("database", "old", "calls", "schema", "wal", "shm", "journal"), default="database"
    )
    arguments.add_argument("--sides", default="kernel,reference,sqlite")
    arguments.add_argument("--strict", action="store_true")
    arguments.add_argument("--show", type=int, default=30)
    arguments.add_argument("--keep", type=Path, help="write the damaged files of the seeds there")
    options = arguments.parse_args()
    print(f"seed {options.seed}, {options.files} files of kind {options.kind}", flush=True)
    report = Report()
    with tempfile.TemporaryDirectory(prefix="damage") as name:
        folder = Path(name)
        material = Material(options.kind, folder)
        sides = [Side(side, folder) for side in options.sides.split(",")]
        for seed in range(options.seed, options.seed + options.files):
            files, statements = material.make(seed)
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                for end, content in files.items():
                    (options.keep / f"{seed}.db{end}").write_bytes(content)
                (options.keep / f"{seed}.sql").write_text(";\n".join(statements) + ";\n")
            before = len(report.faults)
            report.compare(seed, statements, {side.name: side.ask(files, statements) for side in sides})
            for fault in report.faults[before:]:
                print(fault, flush=True)
        for side in sides:
            side.close()
    differing = sum(len(seeds) for seeds in report.from_sqlite.values())
    print(f"codes {dict(report.codes)}; faults {len(report.faults)}; files unlike SQLite {differing}")
    if options.strict:
        for kind, seeds in sorted(report.from_sqlite.items(), key=lambda item: -len(item[1]))[: options.show]:
            print(f"{len(seeds)} x {kind}\n  {'; '.join(seeds[:3])}")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
