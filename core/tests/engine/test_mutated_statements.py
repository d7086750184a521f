"""Statements of the conformance suite with tokens lost, doubled, swapped and mixed: no exception but SqlError, and
where both engines give rows, the same rows.

Of two errors in one text either may be told first, so errors are compared by being errors only.
KEELBACK_LONG=1 runs more; KEELBACK_SEED=n repeats a run.
"""

from __future__ import annotations

import os
import random
import re
import time
from pathlib import Path
from typing import Any

import apsw
from keelback_core.engine import Connection
from keelback_core.value.errors import SqlError

SUITE = Path(__file__).resolve().parents[3] / "compat-tests" / "suite"
STATEMENTS = 100_000 if os.environ.get("KEELBACK_LONG") else 6000
SECONDS = 2.0
TOKEN = re.compile(r"'[^']*'|\w+|\"[^\"]*\"|[^\s\w]|\s+")
STEP = re.compile(r"\s+(?:\w+)?> (.{1,400})$", re.MULTILINE)
INTERRUPT = 9
# Each engine's own: programs, chance, clocks, files, versions, a rowid after the largest one; and parameters, which
# apsw wants bound.
NOT_COMPARED = (
    "random current attach detach vacuum explain pragma now format printf begin commit end rollback savepoint release "
    "version sourceid offset 9223372036854775807 ? : @ $"
).split()
# SQLite puts 0 for `X AND 0` before it looks at the names in X.
FORGOTTEN = re.compile(r"\band\s+\(*0|\b0\)*\s+and\b", re.IGNORECASE)


class Subject:
    """One file of the suite: how its tables are made, and its statements."""

    def __init__(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        self.schema = STEP.findall(text.partition("\ntest:")[0])
        self.statements = sorted(set(STEP.findall(text)))

    def new_pair(self) -> tuple[Connection, apsw.Connection]:
        """Both engines with the tables of the file."""
        ours, theirs = Connection(":memory:"), apsw.Connection(":memory:")
        for sql in self.schema:
            for connection in (ours, theirs):
                try:
                    rows_of(connection, sql)
                except (SqlError, apsw.Error):
                    pass
        return ours, theirs


def mutated(source: random.Random, statements: list[str], words: list[str]) -> str:
    """A statement with up to two changes."""
    tokens = TOKEN.findall(source.choice(statements))
    for _ in range(source.choice((0, 1, 1, 2))):
        at = source.randrange(len(tokens)) if tokens else 0
        kind = source.randrange(5)
        if kind == 0 or not tokens:
            tokens[at : at + 1] = [source.choice(words)]
        elif kind == 1:
            del tokens[at]
        elif kind == 2:
            tokens.insert(at, f" {source.choice(words)} ")
        elif kind == 3:
            other = TOKEN.findall(source.choice(statements))
            start = source.randrange(len(other))
            tokens[at:at] = [" ", *other[start : start + source.randrange(1, 8)], " "]
        else:
            swapped = source.randrange(len(tokens))
            tokens[at], tokens[swapped] = tokens[swapped], tokens[at]
    return "".join(tokens)


def rows_of(connection: Any, sql: str) -> list[str]:
    """Rows with their types, without order."""
    return sorted(repr([(type(value).__name__, value) for value in row]) for row in connection.execute(sql))


def test_mutated_statements_give_sqlites_rows_or_an_error() -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    source = random.Random(seed)
    subjects = [Subject(path) for path in sorted(SUITE.rglob("*.kbt"))]
    subjects = [subject for subject in subjects if subject.statements]
    both = 0
    for number in range(STATEMENTS):
        if number % 30 == 0:
            subject = source.choice(subjects)
            words = [token for sql in subject.statements for token in TOKEN.findall(sql) if token.strip()]
            ours, theirs = subject.new_pair()
        sql = mutated(source, subject.statements, words)
        if any(word in sql.lower() for word in NOT_COMPARED) or FORGOTTEN.search(sql):
            continue
        end = time.monotonic() + SECONDS
        ours.progress_handler = (2000, lambda end=end: time.monotonic() > end)
        theirs.set_progress_handler(lambda end=end: time.monotonic() > end + SECONDS, 2000)
        found: Any
        try:
            found = rows_of(ours, sql)
        except SqlError as error:
            found = error
        except Exception as problem:
            raise AssertionError(f"seed {seed}, statement {number}: {sql!r}") from problem
        try:
            expected: Any = rows_of(theirs, sql)
        except apsw.Error as error:
            expected = error
        except UnicodeDecodeError:  # apsw gives no text that is not UTF-8
            continue
        if isinstance(found, SqlError):
            if found.code == INTERRUPT:
                ours, theirs = subject.new_pair()
                continue
            assert isinstance(expected, apsw.Error), f"seed {seed}, statement {number}: {sql!r}: {found.message}"
        else:
            assert found == expected, f"seed {seed}, statement {number}: {sql!r}"
            both += 1
    print(f"{both} of {STATEMENTS} gave rows")
    assert both > STATEMENTS // 25
