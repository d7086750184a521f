"""One driver over many files: results, excuses, and the words for them.

1. A case passes, fails, is excused (fails as its excuse foresees) or passes unexpectedly; the last is a failure.
2. An excuse that names no case is a failure; so is a file in suite/ that is not run.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from runner.driver_client import DriverClient
from runner.execution import Failure, run_case
from runner.places import EXCUSED, FEATURES_FILE, SUITE
from runner.suite_file import SuiteFile, SuiteFileError, read_suite_file


@dataclass
class FileResult:
    """What a driver did with one file."""

    passed: list[str] = field(default_factory=list)
    excused: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    unexpected_passes: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """True when nothing is left to complain about."""
        return not self.failures and not self.unexpected_passes

    def text(self) -> str:
        """The complaints, ready to print."""
        parts = [failure.text for failure in self.failures]
        parts += [f"passes although it is excused (take it off the list): {key}" for key in self.unexpected_passes]
        return "\n\n".join(parts)


def suite_paths(arguments: list[str] | None = None, root: Path = SUITE) -> list[Path]:
    """The `.kbt` files below the given files and folders (default: the whole suite), sorted."""
    if not arguments:
        return sorted(root.rglob("*.kbt"))
    paths: list[Path] = []
    for argument in arguments:
        given = Path(argument)
        path = given if given.exists() else root / argument
        if not path.exists():
            raise SuiteFileError(f"{argument}:1: no such file or folder")
        paths += sorted(path.rglob("*.kbt")) if path.is_dir() else [path]
    return [path.resolve() for path in paths]


def suite_name(path: Path) -> str:
    """The name of a file within the suite: `select/order.kbt`."""
    resolved = path.resolve()
    return str(resolved.relative_to(SUITE)) if resolved.is_relative_to(SUITE) else str(path)


def load(path: Path, complete: bool = True) -> SuiteFile:
    """Read a file of the suite."""
    return read_suite_file(path, suite_name(path), complete)


def strays(root: Path = SUITE) -> list[Path]:
    """Files below suite/ that nobody runs: another ending, or hidden."""
    return sorted(path for path in root.rglob("*") if path.is_file() and path.suffix != ".kbt")


def excuses_of(driver: str, folder: Path = EXCUSED) -> dict[str, str]:
    """The excuses of a driver: case key -> reason. Raises SuiteFileError for an excuse without a reason."""
    path = folder / f"{driver}.toml"
    if not path.exists():
        return {}
    entries = tomllib.loads(path.read_text())
    for key, reason in entries.items():
        if not isinstance(reason, str) or len(reason.strip()) < 8:
            raise SuiteFileError(f"{path}:1: the excuse {key!r} has no reason")
    return entries


def excuses_without_case(driver: str, files: list[SuiteFile]) -> list[str]:
    """Excuses that name a case which does not exist."""
    known = {case.key for suite_file in files for case in suite_file.cases}
    return sorted(key for key in excuses_of(driver) if key not in known)


def run_file(client: DriverClient, suite_file: SuiteFile, location: str, excuses: dict[str, str]) -> FileResult:
    """Run all cases of a file on a driver."""
    result = FileResult()
    for case in suite_file.cases:
        failure = run_case(client, case, location)
        is_excused = case.key in excuses
        if failure is None and is_excused:
            result.unexpected_passes.append(case.key)
        elif failure is None:
            result.passed.append(case.key)
        elif is_excused:
            result.excused.append(case.key)
        else:
            result.failures.append(failure)
    return result


def feature_ids() -> list[str]:
    """The feature ids of core/spec/features.toml, in order."""
    return [feature["id"] for feature in tomllib.loads(FEATURES_FILE.read_text())["feature"]]
