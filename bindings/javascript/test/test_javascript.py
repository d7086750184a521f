"""The JavaScript binding's own tests, its examples and its types, run from pytest."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent
MODEL = FOLDER / "test" / "model"
# A built better-sqlite3, beside which the recorded answers are checked.
PEER = Path(os.environ.get("KEELBACK_BETTER_SQLITE3", FOLDER / "node_modules" / "better-sqlite3"))
EXPECTED = {
    "quickstart": "1 Ada\n2 Grace\n",
    "parameters": "a-b\nLR\n",
    "types": "[ null, 42, 1.5, 'text', <Buffer 00 ff> ]\n"
    "[ null, 42n, 1.5, 'text', <Buffer 00 ff> ]\n9223372036854775807n\n",
    "transaction": "CHECK constraint failed: amount >= 0\n[ 40, 60 ]\n",
    "errors": 'SQLITE_ERROR 9 near "FORM": syntax error\nSQLITE_CONSTRAINT_UNIQUE -1 UNIQUE constraint failed: t.a\n',
}


@pytest.fixture(autouse=True)
def _needs_node():
    if shutil.which("node") is None and not os.environ.get("CI"):
        pytest.skip("no Node on this machine")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=FOLDER, capture_output=True, text=True)


def test_node_test_passes():
    result = run("node", "--test", *sorted(str(path) for path in (FOLDER / "test").glob("*.test.js")))
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_example_has_its_expected_output():
    found = {path.stem for path in (FOLDER / "examples").iterdir()}
    assert found == {*EXPECTED, "demo"}


@pytest.mark.parametrize("name", EXPECTED)
def test_an_example_prints_what_it_should(name):
    result = run("node", f"examples/{name}.js")
    assert (result.returncode, result.stdout) == (0, EXPECTED[name]), result.stderr


def answers(file: Path) -> dict[str, str]:
    """The lines `name: answer` of a file by their names."""
    return {line.split(": ", 1)[0]: line for line in file.read_text(encoding="utf-8").splitlines()}


def test_odd_cases_are_answered_as_by_better_sqlite3_or_otherwise_on_purpose():
    """model/better_sqlite3_answers.txt is what better-sqlite3 12.11.1 printed; other_answers.txt what we print instead."""
    theirs = answers(MODEL / "better_sqlite3_answers.txt")
    others = answers(MODEL / "other_answers.txt")
    done = run("node", str(MODEL / "model_cases.js"), ".")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [others.get(name, line) for name, line in theirs.items()]
    assert not [name for name, line in others.items() if theirs[name] == line], "no longer another answer"


@pytest.mark.skipif(
    not (PEER / "build").is_dir(),
    reason="better-sqlite3 has to be compiled: KEELBACK_BETTER_SQLITE3 names the folder of one that is",
)
def test_the_recorded_answers_are_those_of_better_sqlite3():
    done = run("node", str(MODEL / "model_cases.js"), str(PEER))
    assert done.stdout.splitlines() == (MODEL / "better_sqlite3_answers.txt").read_text().splitlines(), done.stderr


def test_the_source_has_prettiers_layout():
    result = run("npx", "--no-install", "prettier", "--check", "lib", "driver", "examples", "test/*.js", "test/model/*.js")
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_types_say_what_a_program_does():
    result = run("npx", "--no-install", "tsc", "--project", "test/tsconfig.json")
    assert result.returncode == 0, result.stdout + result.stderr
