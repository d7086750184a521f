"""The drivers of drivers.toml: how each is started and how to tell that its build is there."""

from __future__ import annotations

import importlib.util
import os
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from runner.places import COMPAT_TESTS, DRIVERS_FILE, REPOSITORY


@dataclass
class DriverEntry:
    """One driver. `requires` are paths (relative to the repository, `*` is a wildcard)
    or `module:<name>`; `hint` says how to build it."""

    name: str
    command: list[str]
    requires: list[str]
    hint: str
    environment: dict[str, str]

    def missing(self) -> list[str]:
        """What is not there of what the driver requires."""
        return [item for item in self.requires if not _is_there(item)]


def _is_there(item: str) -> bool:
    if item.startswith("module:"):
        return importlib.util.find_spec(item.removeprefix("module:")) is not None
    return (REPOSITORY / item).exists() or any(REPOSITORY.glob(item) if "*" in item else ())


def read_drivers(path: Path = DRIVERS_FILE) -> dict[str, DriverEntry]:
    """All drivers by name, in the order of the file."""
    entries = {}
    for table in tomllib.loads(path.read_text())["driver"]:
        environment = {key: _expanded(text) for key, text in table.get("environment", {}).items()}
        entries[table["name"]] = DriverEntry(
            table["name"],
            [_expanded(word) for word in table["command"]],
            [_expanded(item) for item in table.get("requires", [])],
            table["hint"],
            environment,
        )
    return entries


def _expanded(text: str) -> str:
    """`{python}`, `{repository}`, `{compat_tests}`, `{build}` and `{library}` filled in."""
    build = os.environ.get("KEELBACK_BUILD", str(REPOSITORY / "build"))
    return (
        text.replace("{python}", sys.executable)
        .replace("{repository}", str(REPOSITORY))
        .replace("{compat_tests}", str(COMPAT_TESTS))
        .replace("{build}", build)
        .replace("{library}", os.environ.get("KEELBACK_LIBRARY", build + "/libkeelback.so"))
    )


def selected_drivers(names: str | None = None) -> list[DriverEntry]:
    """The drivers that a comma separated list names (default: KEELBACK_DRIVERS, else all). KeyError on unknown ones."""
    entries = read_drivers()
    wanted = names if names is not None else os.environ.get("KEELBACK_DRIVERS", "")
    if not wanted.strip():
        return list(entries.values())
    chosen = []
    for name in wanted.split(","):
        if name.strip() not in entries:
            raise KeyError(f"no driver {name.strip()!r} in drivers.toml; there are: {', '.join(entries)}")
        chosen.append(entries[name.strip()])
    return chosen


def drivers_are_required() -> bool:
    """True when a driver that cannot be started fails the run (CI, KEELBACK_REQUIRE_DRIVERS)."""
    return os.environ.get("CI", "").lower() in ("1", "true") or os.environ.get("KEELBACK_REQUIRE_DRIVERS", "") == "1"
