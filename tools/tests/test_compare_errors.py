"""What prepare says of statements that are wrong: code, message, offset of the error and tail as real SQLite's, of the
statements that earlier runs of tools/compare_errors.py taught us; and that the tool sees a difference."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from tools.comparing.broken import Breaker
from tools.comparing.prepared import Database, our_functions, real_functions

ROOT = Path(__file__).resolve().parents[2]
STATEMENTS = ROOT / "tools" / "comparing" / "broken_statements.sql"


def groups() -> list[tuple[list[str], list[str]]]:
    """(what is run, what is prepared) of each group of the file."""
    found: list[tuple[list[str], list[str]]] = []
    for line in STATEMENTS.read_text(encoding="utf-8").splitlines():
        if line.startswith("+ "):
            if not found or found[-1][1]:
                found.append(([], []))
            found[-1][0].append(line[2:])
        elif line and not line.startswith("--"):
            found[-1][1].append(line)
    return found


@pytest.mark.parametrize("number", range(len(groups())))
def test_wrong_statements_are_refused_as_by_sqlite(number: int) -> None:
    setup, statements = groups()[number]
    real, ours = Database(real_functions()), Database(our_functions())
    for sql in setup:
        assert (real.run(sql), ours.run(sql)) == (0, 0), sql
    different = [(sql, real.prepared(sql), ours.prepared(sql)) for sql in statements]
    assert [one for one in different if one[1] != one[2]] == []
    real.close()
    ours.close()


def test_what_prepare_answers_tells_errors_apart() -> None:
    ours = Database(our_functions())
    name, place, text = "SELECT nope", "SELECT  nope", "SELECT nope; SELECT 2"
    assert ours.prepared(name) == (1, 1, "no such column: nope", 7, 11, False)
    assert ours.prepared(place) == (1, 1, "no such column: nope", 8, 12, False)
    assert ours.prepared(text) == (1, 1, "no such column: nope", 7, 12, False)
    ours.close()


def test_statements_are_broken_by_the_seed_alone() -> None:
    def run(seed: int) -> list[str]:
        breaker = Breaker(random.Random(seed), ["SELECT a, b FROM t WHERE a = 1"])
        return [breaker.broken("SELECT a, b FROM t WHERE a = 1") for _ in range(50)]

    assert run(1) == run(1) != run(2)


def test_a_run_of_the_tool_tells_how_many_statements_it_compared() -> None:
    command = [sys.executable, str(ROOT / "tools" / "compare_errors.py"), "--statements", "300", "--suite", "select/"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert "statements, seed 1: " in run.stdout, run.stderr
