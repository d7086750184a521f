"""Sessions and changesets: C programs, run on the system's SQLite and on ours, changesets byte by byte.

What the system's version may be too old for is compared with what SQLite 3.53.2 printed (*_recorded.txt), built from
the amalgamation that bench/bench.py gets with -DSQLITE_ENABLE_SESSION, _PREUPDATE_HOOK and _STAT4;
with KEELBACK_SQLITE_ORACLE, the folder of such a library, everything is compared with that.
"""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

import pytest
from capi_support import BUILD, compiled_program, outputs_of

PROGRAMS = Path(__file__).parent / "programs"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled_program(PROGRAMS / "session.c", tmp_path_factory.mktemp("session"))


@pytest.mark.parametrize("commands", ["session", "session_more"])
@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_sessions_make_and_apply_the_changesets_of_sqlite(program: Path, engine: str, commands: str) -> None:
    found = outputs_of(program, engine, input=(PROGRAMS / f"{commands}.txt").read_text())[1]
    assert found == [*(PROGRAMS / f"{commands}_recorded.txt").read_text().splitlines(), "exit 0"]


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


SCHEMA = (
    "CREATE TABLE t(a INTEGER PRIMARY KEY, b, c TEXT); CREATE TABLE w(x, y, z, PRIMARY KEY(y, x)) WITHOUT ROWID;"
    " CREATE TABLE v(p TEXT PRIMARY KEY, q UNIQUE, r)"
)
CONTENT = "SELECT a, quote(b), quote(c) FROM t; SELECT x, y, quote(z) FROM w; SELECT p, q, quote(r) FROM v"


def random_value(r: random.Random) -> str:
    number, large, half = str(r.randint(-5, 5)), str(r.randint(-(2**60), 2**60)), f"{r.randint(-9, 99)}.5"
    text, blob, zeros = f"'t{r.randint(0, 9)}'", f"x'{r.randint(0, 255):02x}'", f"zeroblob({r.randint(0, 150)})"
    return r.choice(["NULL", number, large, half, text, blob, "''", zeros])


def random_statement(r: random.Random) -> str:
    a, value = r.randint(1, 12), random_value(r)
    return r.choice(
        [
            f"INSERT OR IGNORE INTO t VALUES({a}, {value}, {random_value(r)})",
            f"UPDATE OR IGNORE t SET b = {value} WHERE a = {a}",
            f"UPDATE OR IGNORE t SET a = a + {r.randint(-3, 3)}, c = {value} WHERE a > {a}",
            f"DELETE FROM t WHERE a = {a}",
            f"REPLACE INTO w VALUES('k{a}', {r.randint(1, 3)}, {value})",
            f"UPDATE OR REPLACE w SET y = {r.randint(1, 3)}, z = {value} WHERE x = 'k{a}'",
            f"DELETE FROM w WHERE x = 'k{a}'",
            f"REPLACE INTO v VALUES('p{a}', 'q{r.randint(0, 9)}', {value})",
            f"UPDATE OR IGNORE v SET q = 'q{r.randint(0, 9)}' WHERE p = 'p{a}'",
        ]
    )


def random_commands(seed: int) -> str:
    r = random.Random(seed)
    lines = [f"sql a {SCHEMA}", f"sql b {SCHEMA}"]
    for _ in range(10):
        statement = random_statement(r)
        lines += [f"sql a {statement}"] + ([f"sql b {statement}"] if r.random() < 0.8 else [])
    for number in range(4):
        changeset, patchset = number % 2, 2 + number % 2
        lines += ["session a main", "attach *"]
        lines += ["sql a " + random_statement(r) for _ in range(r.randint(1, 12))]
        lines += [f"changeset {changeset}", f"patchset {patchset}", f"iterate {changeset} 2", f"invert {changeset} 4"]
        if number:
            lines += ["concat 0 1 5", "concat 1 0 5", "concat 2 3 6", "iterate 5 0"]
        answers = "".join(r.choice(choice) for choice in ("or", "o", "or", "o", "o"))
        # Old versions do not move rows that change places.
        flags = [0, 0, 2, 4] if "KEELBACK_SQLITE_ORACLE" in os.environ else [16, 16, 18]
        applied = r.choice([changeset, patchset, 5 if number else changeset])
        lines += [f"apply b {applied} {r.choice(flags)} {answers}", f"sql b {CONTENT}"]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", range(1, 9))
def test_random_changes_give_the_changesets_and_the_rows_of_sqlite(program: Path, seed: int) -> None:
    expected, found = outputs_of(program, "kernel", input=random_commands(seed))
    assert found == expected
