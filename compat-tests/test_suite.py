"""The conformance suite under pytest: one test for each driver and file.

1. A driver whose build is missing is skipped loudly, or fails the run when drivers are required (CI=true,
   KEELBACK_REQUIRE_DRIVERS=1). It never passes.
2. One child process per driver and worker serves all files.
3. Whatever lies in suite/ and is not run, an excuse without a case, and a feature without a case fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from runner.driver_client import DriverClient
from runner.driver_registry import DriverEntry, drivers_are_required, read_drivers, selected_drivers
from runner.places import EXCUSED
from runner.suite_run import (
    excuses_of,
    excuses_without_case,
    feature_ids,
    load,
    run_file,
    strays,
    suite_name,
    suite_paths,
)

PATHS = suite_paths()


@pytest.fixture(scope="session")
def clients() -> Iterator[dict[str, DriverClient]]:
    """The running driver children, by name."""
    running: dict[str, DriverClient] = {}
    yield running
    for client in running.values():
        client.stop()


@pytest.mark.parametrize("path", PATHS, ids=suite_name)
@pytest.mark.parametrize("entry", selected_drivers(), ids=lambda entry: entry.name)
def test_driver_gives_the_answers_of_the_file(entry: DriverEntry, path: Path, clients: dict[str, DriverClient]) -> None:
    missing = entry.missing()
    if missing:
        text = f"driver {entry.name} is NOT RUN: missing {', '.join(missing)}; {entry.hint}"
        if drivers_are_required():
            pytest.fail(text, pytrace=False)
        pytest.skip(text)
    client = clients.setdefault(entry.name, DriverClient(entry))
    result = run_file(client, load(path), str(path), excuses_of(entry.name))
    if not result.is_good:
        pytest.fail(result.text(), pytrace=False)


def test_every_file_below_suite_is_a_suite_file() -> None:
    assert strays() == []
    assert PATHS


@pytest.mark.parametrize("driver", list(read_drivers()))
def test_every_excuse_names_a_case(driver: str) -> None:
    assert excuses_without_case(driver, [load(path) for path in PATHS]) == []


def test_every_excuse_file_belongs_to_a_driver() -> None:
    assert {path.stem for path in EXCUSED.glob("*.toml")} <= set(read_drivers())


def test_real_sqlite_has_no_excuses() -> None:
    assert excuses_of("sqlite") == {}


def test_features_and_cases_belong_together() -> None:
    declared = feature_ids()
    used = {need for path in PATHS for case in load(path).cases for need in case.needs}
    assert len(declared) == len(set(declared)), "a feature id is declared twice"
    assert sorted(used - set(declared)) == [], "needed by a case, not in core/spec/features.toml"
    assert sorted(set(declared) - used) == [], "in core/spec/features.toml, used by no case"
