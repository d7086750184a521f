"""The programs that the compiler makes of the conformance suite are sound, and running them leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from keelback_core.engine.connection import Connection
from keelback_core.value.errors import SqlError
from program_check import complaints

SUITE = Path(__file__).parents[3] / "compat-tests" / "suite"
FILES = sorted(SUITE.rglob("*.kbt"))


def statements_of(path: Path) -> list[str]:
    """The texts of the steps of a suite file, whichever connection they are for."""
    found = []
    for line in path.read_text().splitlines():
        marker, _, text = line.strip().partition("> ")
        if text and len(marker) <= 1:
            found.append(text)
    return found


def test_there_are_suite_files() -> None:
    assert len(FILES) > 50


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_programs_of_the_suite_are_sound(path: Path) -> None:
    connection = Connection(":memory:")
    checked = 0
    for sql in statements_of(path):
        try:
            statement, _ = connection.prepare(sql)
        except SqlError:
            continue
        if statement is None:
            continue
        assert complaints(statement.program) == [], sql
        checked += 1
        try:
            while statement.step():
                pass
        except SqlError:
            pass
        statement.finalize()
        assert connection.session.running == []
    assert checked or path.parent.name == "error"
