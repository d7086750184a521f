"""The sqllogictest files of slt/ under pytest: one test for each driver and file, as test_suite.py does for suite/."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from runner.driver_client import DriverClient
from runner.driver_registry import DriverEntry, drivers_are_required, selected_drivers
from runner.sqllogictest import FOLDER, own_files, read_records, run_file


@pytest.fixture(scope="session")
def clients() -> Iterator[dict[str, DriverClient]]:
    """The running driver children, by name."""
    running: dict[str, DriverClient] = {}
    yield running
    for client in running.values():
        client.stop()


@pytest.mark.parametrize("path", own_files(), ids=lambda path: path.relative_to(FOLDER).as_posix())
@pytest.mark.parametrize("entry", selected_drivers(), ids=lambda entry: entry.name)
def test_driver_gives_the_answers_of_the_file(entry: DriverEntry, path: Path, clients: dict[str, DriverClient]) -> None:
    missing = entry.missing()
    if missing:
        text = f"driver {entry.name} is NOT RUN: missing {', '.join(missing)}; {entry.hint}"
        if drivers_are_required():
            pytest.fail(text, pytrace=False)
        pytest.skip(text)
    problems = run_file(clients.setdefault(entry.name, DriverClient(entry)), path)
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


def test_there_are_files_and_every_query_of_theirs_has_an_answer() -> None:
    assert own_files()
    for path in own_files():
        for record in read_records(path):
            text = path.read_text(encoding="utf-8").split("\n")
            if record.kind == "query":
                body = text[record.line : text.index("", record.line) if "" in text[record.line :] else len(text)]
                assert "----" in body, f"{path}:{record.line}"
