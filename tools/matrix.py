"""Which built-in functions the kernel runs itself, and which it has Python run (KB_COMPILER_SCALAR and _AGGREGATE_...).

    python tools/matrix.py            the two counts, and the functions that Python runs
    python tools/matrix.py --check    exit 1 if the kernel has a function that core/spec/functions.toml does not

Read from core/spec/functions.toml and the tables in core/kernel/vm/functions. A function is native only if each of its
argument counts is. What the compiler writes as instructions of its own (`inline`) and window functions that are opcodes
need no function at all.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TABLES = ROOT / "core" / "kernel" / "vm" / "functions"
ENTRY = re.compile(r'\{"([a-z0-9_ >-]+)", (-?\d+), ')
# Entries that only windows use: the list has none of them, since they are no aggregates.
INTERNAL = frozenset(("min of a frame", "max of a frame", "first_value", "last_value", "nth_value"))


def native_functions() -> dict[str, dict[str, set[int]]]:
    """kind -> name -> the argument counts of the kernel's table (-1: any)."""
    found: dict[str, dict[str, set[int]]] = {"scalar": {}, "aggregate": {}}
    for path in sorted(TABLES.glob("*.cpp")):
        for table in re.split(r"(?=ScalarEntry|AggregateEntry)", path.read_text(encoding="utf-8")):
            kind = "aggregate" if table.startswith("AggregateEntry") else "scalar"
            for name, count in ENTRY.findall(table):
                if name not in INTERNAL:
                    found[kind].setdefault(name, set()).add(int(count))
    return found


def listed_functions() -> list[dict[str, Any]]:
    """The functions of core/spec/functions.toml."""
    table = tomllib.loads((ROOT / "core" / "spec" / "functions.toml").read_text(encoding="utf-8"))
    functions: list[dict[str, Any]] = table["function"]
    return functions


def is_native(function: dict[str, Any], native: dict[str, dict[str, set[int]]]) -> bool:
    """Whether the kernel runs every call of a function itself."""
    counts = native.get(function["kind"], {}).get(function["name"], set())
    if -1 in counts:
        return True
    return "arguments" in function and set(function["arguments"]) <= counts


def split() -> tuple[list[str], list[str]]:
    """Names of the functions that are native, and of those that Python runs."""
    native = native_functions()
    here: list[str] = []
    python: list[str] = []
    for function in listed_functions():
        name = function["name"] + ("" if function["kind"] == "scalar" else " (aggregate)")
        (here if function.get("inline") or is_native(function, native) else python).append(name)
    return here, python


def unknown_names() -> list[str]:
    """Functions of the kernel's tables that the list does not have."""
    listed = {(function["kind"], function["name"]) for function in listed_functions()}
    native = native_functions()
    return sorted(f"{kind} {name}" for kind in native for name in native[kind] if (kind, name) not in listed)


def summary() -> str:
    """One sentence for COMPAT.md."""
    here, python = split()
    return (
        f"Of {len(here) + len(python)} built-in functions the kernel runs {len(here)} itself; "
        f"{len(python)} are called in Python: {', '.join(python)}."
    )


def main() -> int:
    if "--check" in sys.argv[1:]:
        unknown = unknown_names()
        for name in unknown:
            print(f"core/kernel/vm/functions names what core/spec/functions.toml does not: {name}")
        return 1 if unknown else 0
    here, python = split()
    print(f"{len(here)} native, {len(python)} in Python")
    for name in python:
        print(f"  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
