"""The Go binding's own tests and its examples, run from pytest."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent
EXAMPLES = FOLDER.parent.parent / "build" / "go" / "examples"
EXPECTED = {
    "quickstart": "1 Ada\n2 Grace\n",
    "parameters": "a-b\nbab\nLR\n",
    "types": "<nil> int64 float64 string []uint8\n<nil> 9223372036854775807 1 text [0 255]\n",
    "transaction": "<nil>\nCHECK constraint failed: amount >= 0\n40 60\n",
    "errors": '1 1 9 near "FORM": syntax error\n2067 19 -1 UNIQUE constraint failed: t.a\n',
}


@pytest.fixture(autouse=True)
def _needs_go():
    if shutil.which("go") is None and not os.environ.get("CI"):
        pytest.skip("no Go on this machine")


def test_go_test_passes():
    result = subprocess.run(["go", "test", "-count=1", "./..."], cwd=FOLDER, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_example_has_its_expected_output():
    found = {path.name for path in (FOLDER / "examples").iterdir()}
    assert found == {*EXPECTED, "demo"}


@pytest.mark.parametrize("name", EXPECTED)
def test_an_example_prints_what_it_should(name):
    result = subprocess.run([EXAMPLES / name], capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (0, EXPECTED[name]), result.stderr
