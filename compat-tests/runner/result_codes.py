"""Names of extended result codes, from core/spec/errors.toml: the one place where names and numbers meet."""

from __future__ import annotations

import functools
import tomllib

from runner.places import REPOSITORY


@functools.cache
def _names() -> dict[int, str]:
    entries = tomllib.loads((REPOSITORY / "core/spec/errors.toml").read_text())["code"]
    return {entry["number"]: "SQLITE_" + entry["name"] for entry in entries}


def code_name(number: int) -> str:
    """`SQLITE_CONSTRAINT_UNIQUE` for 2067; a number without a name gives `SQLITE_CODE_<number>`."""
    return _names().get(number, f"SQLITE_CODE_{number}")
