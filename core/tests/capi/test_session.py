"""Sessions and changesets: C programs, run on the system's SQLite and on ours, changesets byte by byte."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from capi_support import BUILD, compiled_program, outputs_of

PROGRAMS = Path(__file__).parent / "programs"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled_program(PROGRAMS / "session.c", tmp_path_factory.mktemp("session"))


@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_sessions_make_and_apply_the_changesets_of_sqlite(program: Path, engine: str) -> None:
    expected, found = outputs_of(program, engine, input=(PROGRAMS / "session.txt").read_text())
    assert found == expected


def test_cut_changesets_are_corrupt_and_nothing_of_them_stays(program: Path) -> None:
    """Where they are cut decides whether SQLite notices; some versions do not come back."""
    begin = (
        "sql a CREATE TABLE t(a INTEGER PRIMARY KEY, b)\nsql b CREATE TABLE t(a INTEGER PRIMARY KEY, b)\n"
        "session a main\nattach *\nsql a INSERT INTO t VALUES(1, 'text'), (2, 2.5)\n"
    )
    end = "changeset 0\ncut 0 {}\napply b 0 0 aaaaa\nsql b SELECT count(*) FROM t\n"
    codes = []
    for size in range(0, 46, 3):
        child = subprocess.run(
            [program],
            env={**os.environ, "LD_LIBRARY_PATH": str(BUILD / "compat"), "KEELBACK_ENGINE": "kernel"},
            input=begin + end.format(size),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        lines = child.stdout.splitlines()
        codes.append((lines[-3].strip(), lines[-1].strip()))
    assert ("= 11", "0") in codes
    assert all(code == "= 11" and count == "0" or code == "= 0" for code, count in codes)


@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_functions_with_little_to_tell_answer_as_in_sqlite(tmp_path: Path, engine: str) -> None:
    program = compiled_program(PROGRAMS / "diagnostics.c", tmp_path)
    expected, found = outputs_of(program, engine)
    assert found == expected
