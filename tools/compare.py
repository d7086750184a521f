"""Random statements on Keelback and on real SQLite: the first difference, with its seed.

    python tools/compare.py [--seed N] [--statements N] [--tables N] [--keep-going]

A run makes a schema, then runs statements on both sides and compares rows (in order where ORDER BY says so, with their
types) and the names of their columns, errors with code and message, and changes(). At the end real SQLite checks the
integrity of the file that Keelback wrote and compares the tables' contents. Everything depends on the seed alone. Exit
code 1 if there was a difference; the statements so far are written to build/compare-<seed>.sql.
"""

from __future__ import annotations

import argparse
import os
import random
import struct
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "core")]

import apsw  # noqa: E402

from tools.comparing.constrained import constrained_setup  # noqa: E402
from tools.comparing.engines import Keelback, KeelbackLibrary, Outcome, RealSqlite  # noqa: E402
from tools.comparing.known_faults import explained  # noqa: E402
from tools.comparing.mixed import setup as mixed_setup  # noqa: E402
from tools.comparing.open_states import is_left_open, loses_indexes  # noqa: E402
from tools.comparing.rooms import ROOMS  # noqa: E402
from tools.comparing.schema import RandomTable  # noqa: E402
from tools.comparing.statements import StatementGenerator  # noqa: E402
from tools.comparing.triggers import TRACE, random_trigger  # noqa: E402
from tools.comparing.wider import setup  # noqa: E402

STATEMENTS_PER_DATABASE = 150
CORRUPT = 11
PINNED = 2835
WRONG_TYPE = 3091
INTERRUPTED = 9


# Where equal values are merged, SQL leaves open which of 0 and 0.0 stands for both.
MERGING = ("DISTINCT", " UNION ", " EXCEPT ", " INTERSECT ", "GROUP BY", "min(", "max(")


def comparable(value: object, is_merged: bool = False) -> tuple[str, object]:
    """A value that compares equal only to the same value of the same type; is_merged: 1 and 1.0 are the same."""
    if isinstance(value, float):
        if is_merged and value.is_integer() and abs(value) < 2**53:
            return "int", int(value)
        return "real", struct.pack("<d", value)
    return type(value).__name__, value


def is_ordered(sql: str) -> bool:
    """Whether the statement itself, and not a subquery or a call in it, says ORDER BY."""
    depth = 0
    for place, character in enumerate(sql):
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        elif depth == 0 and sql.startswith(" ORDER BY ", place):
            return True
    return False


def differs(sql: str, real: Outcome, ours: Outcome) -> bool:
    """Whether the outcomes tell the engines apart."""
    if real[0] != ours[0]:
        return True
    if real[0] == "error":
        # Which of several broken views and triggers ALTER TABLE tells of is left open.
        messages = [str(side[1][1]) for side in (real, ours)]  # type: ignore[index]
        is_about_others = sql.startswith("ALTER") and all(text.startswith("error in ") for text in messages)
        return real[1] != ours[1] and not is_about_others
    real_rows, real_changes, *real_names = real[1]  # type: ignore[misc]
    our_rows, our_changes, *our_names = ours[1]  # type: ignore[misc]
    if real_changes != our_changes or real_names != our_names:
        return True
    is_merged = any(word in sql for word in MERGING)
    if is_ordered(sql):
        # Values that compare equal, such as 0, 0.0 and -0.0, may stand in any order.
        left = [tuple(comparable(as_sorted(value), True) for value in row) for row in real_rows]
        right = [tuple(comparable(as_sorted(value), True) for value in row) for row in our_rows]
        if left != right:
            return True
    left = sorted((tuple(comparable(value, is_merged) for value in row) for row in real_rows), key=repr)
    right = sorted((tuple(comparable(value, is_merged) for value in row) for row in our_rows), key=repr)
    return left != right


def without_changes(outcome: Outcome) -> Outcome:
    """Rows and names alone."""
    rows, _, names = outcome[1]  # type: ignore[misc]
    return outcome[0], (rows, 0, names)


def leaves_doubt(sql: str, code: int) -> bool:
    """Whether an error that both tell leaves a transaction open in which SQLite does what nobody promised."""
    if sql.startswith("ALTER"):
        # The next statement may see the table as it would have become.
        return True
    # SQLite keeps no journal of a statement for what STRICT refuses: the rows before it may stay, where nothing else
    # in the statement may fail.
    return code == WRONG_TYPE


def as_sorted(value: object) -> object:
    """What ORDER BY sees of a value under any collation."""
    return value.rstrip(" ").lower() if isinstance(value, str) else value


def memory_folder() -> str | None:
    """Where files cost no disk, if there is such a folder: most of the time would go to fsync."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


class Comparison:
    """One database on both sides."""

    def __init__(self, seed: int, folder: str, table_count: int, is_direct: bool = True) -> None:
        self.seed = seed
        self.rng = random.Random(seed)
        self.tables = [RandomTable(self.rng, number) for number in range(table_count)]
        self.generator = StatementGenerator(self.rng, self.tables)
        self.path = str(Path(folder) / f"ours-{seed}.db")
        folders = [Path(folder) / f"{side}-{seed}" for side in ("real", "ours")]
        for side in folders:
            side.mkdir()
        self.real = RealSqlite(":memory:", str(folders[0]))
        ours = Keelback if is_direct else KeelbackLibrary
        self.ours: Keelback | KeelbackLibrary = ours(self.path, str(folders[1]))
        self.log: list[str] = []
        self.has_trace = False
        self.is_broken = False
        self.is_in_progress = False
        self.is_count_open = False
        self.only: list[str] = []
        # Through the library the reference looks for interrupts now and then only.
        self.is_interrupted_at_once = is_direct or os.environ.get("KEELBACK_ENGINE", "kernel") == "kernel"

    def step(self, sql: str) -> str | None:
        """Run one statement on both; the description of a difference, or None."""
        self.log.append(sql)
        if sql.startswith(".progress"):
            self.is_in_progress = sql != ".progress 0"
        if loses_indexes(sql, self.real):
            self.is_broken = True
            return None
        real = self.real.run(sql)
        try:
            ours = self.ours.run(sql)
        except Exception as error:  # whatever escapes is a defect to be shown
            ours = ("exception", repr(error))
        if real[0] == "error" and real[1][0] in (CORRUPT, PINNED):  # type: ignore[index]
            # SQLite finds its own database malformed where a deferred key refers to the row that an UPDATE moves, and
            # refuses what recursive triggers change on the way of REPLACE.
            self.is_broken = True
            return None
        if real[0] == ours[0] == "error" and leaves_doubt(sql, real[1][0]):  # type: ignore[index]
            self._both("ROLLBACK")
        if differs(sql, real, ours):
            instead = explained(sql, self.real, ours)
            if instead is not None and not differs(sql, instead, ours):
                return None
            if is_left_open(sql, self.real, (real, ours), self.log):
                self.is_broken = True
                return None
            if self.is_count_open and real[0] == ours[0] == "rows":
                if not differs(sql, without_changes(real), without_changes(ours)):
                    return None
            return f"real SQLite: {shorten(real)}\nKeelback:    {shorten(ours)}"
        self._note_count(sql, real, ours)
        if self.real.in_transaction() != self.ours.in_transaction():
            if self.is_in_progress and real[0] == "error" and real[1][0] == INTERRUPTED:  # type: ignore[index]
                # SQLite looks for interrupts while it reads the schema again, which it does now and then before a
                # statement, and undoes nothing then.
                self._both(".progress 0")
                self._both("ROLLBACK")
                self.is_in_progress = False
                return None
            return f"in a transaction: real SQLite {self.real.in_transaction()}, Keelback {self.ours.in_transaction()}"
        return None

    def _note_count(self, sql: str, real: Outcome, ours: Outcome) -> None:
        """Whether changes() may differ: where SQLite was stopped while it read the schema again, a statement that
        failed in both has not begun there, and so has not set it to 0."""
        if self.is_in_progress and real[0] == ours[0] == "error" and real[1][0] == INTERRUPTED:  # type: ignore[index]
            self.is_count_open = True
        elif real[0] == "rows" and sql.startswith(("INSERT", "UPDATE", "DELETE", "REPLACE")):
            self.is_count_open = False

    def _both(self, sql: str) -> None:
        """Run what brings the sides together again."""
        self.log.append(sql)
        self.real.run(sql)
        self.ours.run(sql)

    def run(self, count: int) -> str | None:
        if self.rng.random() < 0.25:
            # Real SQLite's side is in memory: only ours keeps a write-ahead log.
            self.ours.run("PRAGMA journal_mode = WAL")
        for table in self.tables:
            difference = self.step(table.sql)
            if not difference and self.real.run(f"SELECT 1 FROM {table.name}")[0] == "error":
                difference = self.step(table.plain())
            if difference:
                return difference
            for sql in table.index_sql:
                difference = self.step(sql)
                if difference:
                    return difference
        for _ in self.tables:
            for _ in range(6):
                difference = self.step(self.generator.insert())
                if difference:
                    return difference
        for sql in self._triggers() + self._wider():
            difference = self.step(sql)
            if difference:
                return difference
        for number in range(count):
            if self.is_broken:
                return None
            difference = self.step(self.generator.statement())
            if not difference and self.has_trace and not self.is_broken and number % 5 == 4:
                difference = self.step("SELECT * FROM trace ORDER BY n") or self.step("DELETE FROM trace")
            if difference:
                return difference
        return self.finish()

    def _triggers(self) -> list[str]:
        """Triggers and enforced foreign keys, for some of the databases."""
        found: list[str] = []
        if self.rng.random() < 0.5:
            found.append("PRAGMA foreign_keys = ON")
        if self.rng.random() < 0.2:
            found.append("PRAGMA recursive_triggers = ON")
        if self.rng.random() < 0.5:
            found.append(TRACE)
            found += [random_trigger(self.rng, self.tables, i) for i in range(self.rng.randint(1, 6))]
            self.has_trace = True
        return found

    def _wider(self) -> list[str]:
        """The tables and views of the wider statements those of the constrained and of the mixed ones, each for half of
        the databases."""
        self.generator.is_wider = self.rng.random() < 0.5
        found = setup(self.generator) if self.generator.is_wider else []
        self.generator.is_constrained = self.rng.random() < 0.5
        found += constrained_setup(self.generator) if self.generator.is_constrained else []
        self.generator.is_mixed = self.rng.random() < 0.5
        found += mixed_setup(self.generator) if self.generator.is_mixed else []
        for name in self.rng.sample(sorted(ROOMS), self.rng.choice([0, 1, 1, 2, 3])) if not self.only else self.only:
            if name == "interrupts" and not self.is_interrupted_at_once:
                continue
            room_setup, room_statement = ROOMS[name]
            found += room_setup(self.generator)
            self.generator.rooms.append(room_statement)
        return found

    def finish(self) -> str | None:
        """Compare what is in the file."""
        for side in (self.real, self.ours):
            side.run(".progress 0")
            for category in side.first_limits:
                side.run(f".limit {category} -2")
            side.run("ROLLBACK")
            side.run("PRAGMA ignore_check_constraints = 0")
        self.ours.close()
        checker = apsw.Connection(self.path)
        problems = [row[0] for row in checker.execute("PRAGMA integrity_check") if row[0] != "ok"]
        # Rows may be there that a CHECK refuses: it may have been ignored.
        expected = self.real.run("PRAGMA main.integrity_check")
        if problems != [row[0] for row in expected[1][0] if row[0] != "ok"]:  # type: ignore[index]
            return f"integrity_check: {problems[:3]}"
        for table in self.tables:
            sql = f"SELECT {table.order()}, * FROM {table.name}"
            theirs = self.real.run(sql)
            if theirs[0] == "error":
                # The table was refused, as its CREATE showed.
                continue
            written = ("rows", (list(checker.execute(sql)), *theirs[1][1:]))
            if differs(sql, theirs, written):
                return f"contents of {table.name}\nreal SQLite: {shorten(theirs)}\nKeelback:    {shorten(written)}"
        checker.close()
        self.real.close()
        return None


def shorten(outcome: Outcome) -> str:
    text = repr(outcome)
    return text if len(text) < 1500 else text[:1500] + "..."


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--statements", type=int, default=1000)
    parser.add_argument("--tables", type=int, default=3)
    parser.add_argument("--keep-going", action="store_true", help="go on with the next seed after a difference")
    parser.add_argument(
        "--room", action="append", default=[], choices=sorted(ROOMS), help="only these of comparing/rooms.py"
    )
    parser.add_argument(
        "--engine",
        default="direct",
        choices=("direct", "reference", "kernel", "mirror"),
        help="the reference engine without the library (direct, the default), or the library with this engine",
    )
    arguments = parser.parse_args()
    is_direct = arguments.engine == "direct"
    if not is_direct:
        os.environ["KEELBACK_ENGINE"] = arguments.engine
    seed = arguments.seed
    done = 0
    differences = 0
    while done < arguments.statements:
        with tempfile.TemporaryDirectory(prefix="keelback-compare-", dir=memory_folder()) as folder:
            comparison = Comparison(seed, folder, arguments.tables, is_direct)
            comparison.only = arguments.room
            difference = comparison.run(STATEMENTS_PER_DATABASE)
        done += len(comparison.log)
        if difference:
            differences += 1
            log = ROOT / "build" / f"compare-{seed}.sql"
            log.parent.mkdir(exist_ok=True)
            log.write_text(";\n".join(comparison.log) + ";\n", encoding="utf-8")
            print(f"seed {seed}, statement {len(comparison.log)}: {comparison.log[-1]}\n{difference}\n(see {log})\n")
            if not arguments.keep_going:
                return 1
        seed += 1
    print(f"{done} statements, seeds {arguments.seed} to {seed - 1}: {differences} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
