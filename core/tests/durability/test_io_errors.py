"""Whatever call to the disk fails, the transaction is whole or not there, and its connection goes on.

One transaction runs again and again, each time with another call that fails: with EIO, once or from then on; with a
full disk, which takes half of a write and then nothing; with a short write or a signal, which must go unnoticed; or a
sync.

Afterwards the same connection and real SQLite must see the same: all or nothing of it, and all where no error was told.

KEELBACK_LONG=1: every call; otherwise the first ones and a part of the others.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from recording import (
    FAIL_FULL,
    FAIL_INTERRUPTED,
    FAIL_IO,
    FAIL_SHORT,
    FAIL_SYNC,
    HERE,
    child_environment,
    open_all,
    put,
    states_of,
    taken,
)
from scripts import tables

IS_LONG = bool(os.environ.get("KEELBACK_LONG"))
ALWAYS = 10**9
IOERR, CORRUPT, FULL, CANTOPEN = 10, 11, 13, 14
FAILURES = {
    "one call": (FAIL_IO, 1),
    "all calls": (FAIL_IO, ALWAYS),
    "a full disk": (FAIL_FULL, ALWAYS),
    "a short write": (FAIL_SHORT, 1),
    "a signal": (FAIL_INTERRUPTED, 1),
    "one sync": (FAIL_SYNC, 1),
    "all syncs": (FAIL_SYNC, ALWAYS),
}
UNNOTICED = ("a short write", "a signal")
MODES = ["delete", "truncate", "persist", "wal"]


def statements(schemas: list[str]) -> list[str]:
    """A transaction that spills, goes back to a savepoint, makes an index, and writes a large blob."""
    found = ["BEGIN"]
    for schema in schemas:
        found += [
            f"UPDATE {schema}.t SET a = a || substr(hex(zeroblob(300)), 1, id * 7 % 500)",
            f"SAVEPOINT {schema}_x",
            f"DELETE FROM {schema}.t WHERE id % 3 = 1",
            f"INSERT INTO {schema}.t(id, p, b) VALUES(1000, 1, zeroblob(30000))",
            f"ROLLBACK TO {schema}_x",
            f"INSERT INTO {schema}.t(id, p, b) VALUES(1001, 2, zeroblob(9000))",
            f"CREATE INDEX {schema}.tp ON t(p, a)",
            f"DELETE FROM {schema}.t WHERE id % 5 = 2",
        ]
    return [*found, "COMMIT"]


def results_of(
    folder: Path, kind: str, mode: str, failure: str, wanted: list[str], file_count: int
) -> list[dict[str, Any]]:
    names = ["main.db", *(f"other{number}.db" for number in range(1, file_count))]
    schemas = ["main", *(f"a{number}" for number in range(1, file_count))]
    disk, files = folder / "disk", folder / "files"
    disk.mkdir()
    files.mkdir()
    setup = "".join(f"PRAGMA {schema}.page_size = 1024; {tables(schema, 120)}" for schema in schemas)
    pragmas = f"PRAGMA journal_mode = {mode}; PRAGMA cache_size = 5; PRAGMA synchronous = FULL"
    connection = open_all("sqlite", disk, names)
    connection.run(setup + (pragmas if mode == "wal" else ""))
    connection.close()
    put(files, taken(disk))
    before, after = states_of([setup, ";".join(wanted)], names, folder / "states")[1:]
    number, count = FAILURES[failure]
    task = {
        "folder": str(disk),
        "files": str(files),
        "kind": kind,
        "names": names,
        "pragmas": pragmas,
        "statements": wanted,
        "states": {"before": before, "after": after},
        "failure": number,
        "count": count,
        "dense": ALWAYS if IS_LONG else 8,
        "stride": 1 if IS_LONG else random.choice((37, 43, 53)),
    }
    child = subprocess.run(
        [sys.executable, HERE / "failing.py"],
        input=json.dumps(task),
        text=True,
        capture_output=True,
        env=child_environment(disk, None),
        timeout=900,
    )
    assert child.returncode == 0, child.stdout[-300:] + child.stderr[-3000:]
    return [json.loads(line) for line in child.stdout.splitlines()]


def check(results: list[dict[str, Any]], failure: str) -> None:
    assert len(results) > 1
    for result in results:
        assert not result["wrong"], result
        assert result["state"] in ("before", "after") and result["later"] == result["state"], result
        assert result["again"] == 0, result
        if result["code"] == 0:
            assert result["state"] == "after", result
        else:
            assert failure not in UNNOTICED, result
            allowed = (FULL,) if failure == "a full disk" else (IOERR, CANTOPEN)
            assert result["code"] & 0xFF in allowed, result
    assert results[-1]["code"] == 0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("failure", list(FAILURES))
def test_a_failing_disk_leaves_all_or_nothing_of_a_transaction(tmp_path: Path, mode: str, failure: str) -> None:
    check(results_of(tmp_path, "kernel", mode, failure, statements(["main"]), 1), failure)


@pytest.mark.parametrize("failure", list(FAILURES))
def test_a_failing_disk_leaves_all_or_nothing_of_a_transaction_of_several_files(tmp_path: Path, failure: str) -> None:
    mode = random.choice(("delete", "truncate", "persist"))
    check(results_of(tmp_path, "kernel", mode, failure, statements(["main", "a1"]), 2), failure)


@pytest.mark.parametrize("mode", ["delete", "wal"])
@pytest.mark.parametrize("failure", ["one call", "a full disk", "a signal", "one sync"])
def test_vacuum_on_a_failing_disk_loses_nothing(tmp_path: Path, mode: str, failure: str) -> None:
    check(results_of(tmp_path, "kernel", mode, failure, ["VACUUM"], 1), failure)


@pytest.mark.parametrize("mode", ["delete", "wal"])
@pytest.mark.parametrize("failure", ["one call", "a full disk", "one sync"])
def test_the_reference_on_a_failing_disk_leaves_all_or_nothing(tmp_path: Path, mode: str, failure: str) -> None:
    check(results_of(tmp_path, "reference", mode, failure, statements(["main"]), 1), failure)
