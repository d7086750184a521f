"""sqlite3_preupdate_hook: one C program, run on the system's SQLite and on ours, line by line."""

from __future__ import annotations

from pathlib import Path

import pytest
from capi_support import compiled_program, outputs_of

PROGRAMS = Path(__file__).parent / "programs"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled_program(PROGRAMS / "preupdate.c", tmp_path_factory.mktemp("preupdate"))


@pytest.mark.parametrize("engine", ["reference", "kernel", "mirror"])
def test_rows_are_shown_before_they_change_as_by_sqlite(program: Path, engine: str) -> None:
    expected, found = outputs_of(program, engine, input=(PROGRAMS / "preupdate.sql").read_text())
    assert found == expected


@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_whole_reals_and_late_defaults_are_shown_as_by_new_versions(program: Path, engine: str) -> None:
    """Until 3.45 SQLite showed a whole number in a REAL column as an integer, and a late column without its default."""
    statements = (
        "CREATE TABLE t(a REAL)\nINSERT INTO t VALUES(7)\nALTER TABLE t ADD COLUMN b DEFAULT 'late'\nUPDATE t SET a = 8"
    )
    _, found = outputs_of(program, engine, input=statements)
    rows = [line.replace(" error 25 (25)", "") for line in found if line.startswith("    ") and "error 21" not in line]
    assert rows == ["    new r7", "    old r7 t'late'", "    new r8 t'late'"]
