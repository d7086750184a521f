"""Threading modes, SQLITE_PREPARE_NO_VTAB and sqlite3_expanded_sql: a C program on each engine, beside what SQLite
3.54.1 printed (prepared_recorded.txt), or prints now, where KEELBACK_SQLITE_ORACLE has one.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from capi_support import compiled_program, outputs_of

PROGRAMS = Path(__file__).parent / "programs"
RECORDED = PROGRAMS / "prepared_recorded.txt"
MODES = ("1", "2", "3")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled_program(PROGRAMS / "prepared.c", tmp_path_factory.mktemp("prepared"))


def recorded(mode: str) -> list[str]:
    """What SQLite printed in that mode: the parts of the record begin with `mode`."""
    parts = RECORDED.read_text().split("mode ")[1:]
    return ["mode " + part for part in parts][int(mode) - 1].splitlines()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("engine", ["kernel", "reference", "mirror"])
def test_statements_are_prepared_and_shown_as_in_sqlite_in_every_threading_mode(
    program: Path, engine: str, mode: str
) -> None:
    real, ours = outputs_of(program, engine, mode)
    assert ours == [*recorded(mode), "exit 0"]
    if os.environ.get("KEELBACK_SQLITE_ORACLE"):
        assert real == ours
