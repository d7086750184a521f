"""The JavaScript binding's own tests, its examples and its types, run from pytest."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent
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
    result = run("node", "--test", "test/")
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_example_has_its_expected_output():
    found = {path.stem for path in (FOLDER / "examples").iterdir()}
    assert found == {*EXPECTED, "demo"}


@pytest.mark.parametrize("name", EXPECTED)
def test_an_example_prints_what_it_should(name):
    result = run("node", f"examples/{name}.js")
    assert (result.returncode, result.stdout) == (0, EXPECTED[name]), result.stderr


def test_the_source_has_prettiers_layout():
    result = run("npx", "--no-install", "prettier", "--check", "lib", "driver", "examples", "test/*.js")
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_types_say_what_a_program_does():
    result = run("npx", "--no-install", "tsc", "--project", "test/tsconfig.json")
    assert result.returncode == 0, result.stdout + result.stderr
