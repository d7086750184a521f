"""The Go binding's own tests and its examples, run from pytest."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent
MODEL = FOLDER / "test" / "model"
PEER = "github.com/mattn/go-sqlite3"
PEER_VERSION = "v1.14.53"
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


def answers(file):
    """The lines `name: answer` of a file by their names."""
    return {line.split(": ", 1)[0]: line for line in file.read_text().splitlines()}


def test_odd_cases_are_answered_as_by_mattns_go_sqlite3_or_otherwise_on_purpose(tmp_path):
    """model/mattn_answers.txt is what go-sqlite3 1.14.53 printed; other_answers.txt what we print instead."""
    subprocess.run(["go", "build", "-o", tmp_path / "model", "./test/model"], cwd=FOLDER, check=True)
    done = subprocess.run([tmp_path / "model"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    theirs = answers(MODEL / "mattn_answers.txt")
    others = answers(MODEL / "other_answers.txt")
    assert done.stdout.splitlines() == [others.get(name, line) for name, line in theirs.items()]
    assert not [name for name, line in others.items() if theirs[name] == line], "no longer another answer"


@pytest.mark.skipif(not os.environ.get("KEELBACK_LONG"), reason="part of make test-long")
def test_the_recorded_answers_are_those_of_mattns_go_sqlite3(tmp_path):
    """Its amalgamation is compiled by cgo, which takes minutes."""
    source = (MODEL / "main.go").read_text()
    (tmp_path / "main.go").write_text(source.replace("github.com/keelback/keelback/bindings/go/sqlite3", PEER))
    (tmp_path / "go.mod").write_text(f"module peer\n\ngo 1.22\n\nrequire {PEER} {PEER_VERSION}\n")
    fetched = subprocess.run(["go", "mod", "tidy"], cwd=tmp_path, capture_output=True, text=True)
    if fetched.returncode != 0:
        pytest.skip(f"{PEER} cannot be fetched: {fetched.stderr[-200:]}")
    subprocess.run(["go", "build", "-o", "model", "."], cwd=tmp_path, check=True)
    done = subprocess.run([tmp_path / "model"], capture_output=True, text=True)
    assert done.stdout == (MODEL / "mattn_answers.txt").read_text(), done.stderr
