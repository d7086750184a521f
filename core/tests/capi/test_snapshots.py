"""Snapshots of WAL databases: a C program on ours, beside what SQLite 3.53.2 with -DSQLITE_ENABLE_SNAPSHOT printed
(snapshot_recorded.txt). The kernel has them; the reference and the mirror answer SQLITE_ERROR."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from capi_support import BUILD, compiled_program

PROGRAMS = Path(__file__).parent / "programs"


def output_of(program: Path, folder: Path, engine: str, commands: str) -> list[str]:
    folder.mkdir()
    environment = {**os.environ, "LD_LIBRARY_PATH": str(BUILD / "compat"), "KEELBACK_ENGINE": engine}
    done = subprocess.run(
        [program], input=commands, env=environment, cwd=folder, capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout.splitlines()


def test_snapshots_are_kept_and_lost_as_in_sqlite(tmp_path: Path) -> None:
    program = compiled_program(PROGRAMS / "snapshot.c", tmp_path, "-fPIC")
    found = output_of(program, tmp_path / "run", "kernel", (PROGRAMS / "snapshot.txt").read_text())
    assert found == (PROGRAMS / "snapshot_recorded.txt").read_text().splitlines()


def test_an_engine_without_snapshots_says_so(tmp_path: Path) -> None:
    program = compiled_program(PROGRAMS / "snapshot.c", tmp_path, "-fPIC")
    commands = "open a\nsql a PRAGMA journal_mode = WAL\nsql a CREATE TABLE t(x)\nsql a BEGIN\nget a main 0\n"
    for engine in ("reference", "mirror"):
        assert output_of(program, tmp_path / engine, engine, commands)[-1] == "  = 1 nothing"
