"""Runs scripts of SQL in a child process on the watched disk of disk.c, and reads files back with each engine.

A script is a list of steps; a step is a text of SQL on one connection, which leaves it outside of a transaction. Before
step n (from 1) the child sets mark 2n - 1, after it mark 2n. The same steps on real SQLite in memory give the states.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import subprocess
import sys
import zlib
from functools import cache
from pathlib import Path
from typing import Any

from sql_process import KINDS, ROOT, SqlFailed

HERE = Path(__file__).resolve().parent
FAIL_NOT, FAIL_IO, FAIL_FULL, FAIL_SHORT, FAIL_INTERRUPTED, FAIL_SYNC = range(6)


@cache
def disk_library() -> Path:
    """disk.c, compiled once."""
    folder = ROOT / "build" / "durability"
    folder.mkdir(parents=True, exist_ok=True)
    source = HERE / "disk.c"
    library = folder / f"disk-{zlib.crc32(source.read_bytes()):08x}.so"
    if library.exists():
        return library
    made = folder / f"disk-{os.getpid()}.so"
    flags = ["-O1", "-g", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run(["gcc", *flags, source, "-o", made, "-ldl"], check=True)
    made.replace(library)
    return library


def child_environment(folder: Path, log: Path | None) -> dict[str, str]:
    environment = dict(os.environ, KEELBACK_ENGINE="kernel", KEELBACK_DISK_ROOT=str(folder))
    environment["LD_PRELOAD"] = str(disk_library())
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "core"), str(HERE), str(HERE.parent / "engine")])
    if log is not None:
        environment["KEELBACK_DISK_LOG"] = str(log)
    return environment


def record(folder: Path, kind: str, steps: list[str], log: Path, names: list[str]) -> None:
    """Run the steps with an engine; the log is left in `log`. names: the databases, the first is main."""
    task = json.dumps({"folder": str(folder), "kind": kind, "steps": steps, "names": names})
    subprocess.run(
        [sys.executable, __file__], input=task, text=True, check=True, env=child_environment(folder, log), timeout=600
    )


def open_all(kind: str, folder: Path, names: list[str]) -> Any:
    """A connection with all databases; not closed where it cannot be made."""
    connection = KINDS[kind](str(folder / names[0]))
    for number, name in enumerate(names[1:], 1):
        connection.run(f"ATTACH '{folder / name}' AS a{number}")
    return connection


def schemas(names: list[str]) -> list[str]:
    return ["main", *(f"a{number}" for number in range(1, len(names)))]


def fingerprint(connection: Any, names: list[str]) -> str:
    """All that SQL can see of the databases."""
    seen: list[Any] = []
    for schema in schemas(names):
        tables = connection.run(
            f"SELECT type, name, sql FROM {schema}.sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY 1, 2"
        )
        seen.append(tables)
        for kind, name, _ in tables:
            if kind == "table":
                seen.append(connection.run(f'SELECT * FROM {schema}."{name}" ORDER BY 1, 2'))
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def complaints(connection: Any, names: list[str]) -> list[Any]:
    """What integrity_check and foreign_key_check find."""
    found: list[Any] = []
    for schema in schemas(names):
        found += [row for row in connection.run(f"PRAGMA {schema}.integrity_check") if row != ["ok"]]
        found += connection.run(f"PRAGMA {schema}.foreign_key_check")
    return found


def states_of(steps: list[str], names: list[str], folder: Path) -> list[str]:
    """The fingerprint before the first step and after each, by real SQLite on files of its own."""
    folder.mkdir()
    connection = open_all("sqlite", folder, names)
    connection.run("PRAGMA synchronous = OFF")
    found = [fingerprint(connection, names)]
    for step in steps:
        connection.run(step)
        found.append(fingerprint(connection, names))
    connection.close()
    return found


def put(folder: Path, image: dict[str, bytes]) -> None:
    """Make the folder hold these files and no others."""
    for path in folder.iterdir():
        if path.name not in image:
            path.unlink()
    for name, content in image.items():
        (folder / name).write_bytes(content)


def taken(folder: Path) -> dict[str, bytes]:
    """The files of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith("-shm")}


class FailingDisk:
    """What the child that disk.c is loaded into may ask of it."""

    def __init__(self) -> None:
        library = ctypes.CDLL(None)
        self.fail_call = library.disk_fail
        self.fail_call.argtypes = (ctypes.c_int, ctypes.c_long, ctypes.c_long)
        self.calls_call = library.disk_calls
        self.calls_call.restype = ctypes.c_long
        self.mark_call = library.disk_mark
        self.mark_call.argtypes = (ctypes.c_long,)

    def fail(self, kind: int, at: int = 0, count: int = 0) -> None:
        self.fail_call(kind, at, count)

    def calls(self) -> int:
        return int(self.calls_call())

    def mark(self, number: int) -> None:
        self.mark_call(number)


def main() -> None:
    """The child of `record`."""
    task = json.load(sys.stdin)
    disk = FailingDisk()
    connection = open_all(task["kind"], Path(task["folder"]), task["names"])
    for number, step in enumerate(task["steps"], 1):
        disk.mark(2 * number - 1)
        try:
            connection.run(step)
        except SqlFailed as failure:
            sys.exit(f"step {number}: {failure}: {step[:200]}")
        disk.mark(2 * number)
    connection.close()


if __name__ == "__main__":
    main()
