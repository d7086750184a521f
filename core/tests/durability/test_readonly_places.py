"""Files and folders that may not be written: the same codes, messages and rows as of real SQLite, and nothing changed.

A child process without the rights of root (readonly_child.py) opens a database of real SQLite whose file, journals or
folder it may only read, or may not even read.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest
from sql_process import ROOT

HERE = Path(__file__).parent
SETUP = (
    "CREATE TABLE t(a INTEGER PRIMARY KEY, b); CREATE INDEX tb ON t(b);"
    "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) INSERT INTO t SELECT i, 'row ' || i FROM n;"
)
STATEMENTS = [
    "SELECT count(*), max(b) FROM t",
    "PRAGMA wal_checkpoint",
    "INSERT INTO t(b) VALUES('new')",
    "SELECT count(*) FROM t",
    "BEGIN",
    "UPDATE t SET b = b || 'x' WHERE a < 9",
    "SELECT count(*) FROM t WHERE b LIKE '%x'",
    "COMMIT",
    "ROLLBACK",
    "BEGIN IMMEDIATE",
    "ROLLBACK",
    "CREATE TEMP TABLE kept AS SELECT * FROM t",
    "SELECT count(*) FROM kept",
    "CREATE TABLE u(a)",
    "DROP INDEX tb",
    "VACUUM",
    "PRAGMA user_version = 3",
    "PRAGMA user_version",
    "PRAGMA journal_mode",
    "PRAGMA journal_mode = WAL",
    "PRAGMA journal_mode = MEMORY",
    "DELETE FROM t WHERE a > 40",
    "SELECT count(*) FROM t",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA integrity_check",
]


def make(folder: Path, mode: str, state: str) -> None:
    """The files of a database in a journal mode: closed well ("clean"), or as a crash leaves them ("crashed")."""
    folder.mkdir()
    path = folder / "a.db"
    connection = apsw.Connection(str(path))
    connection.execute(f"PRAGMA journal_mode = {mode}; PRAGMA cache_size = 2")
    connection.execute(SETUP)
    if state == "crashed":
        connection.execute("BEGIN; UPDATE t SET b = hex(zeroblob(900))")
        other = folder / "other"
        other.mkdir()
        for file in folder.glob("a.db*"):
            shutil.copy(file, other)
        connection.close()
        for file in folder.glob("a.db*"):
            file.unlink()
        for file in other.iterdir():
            file.rename(folder / file.name)
        other.rmdir()
    else:
        connection.close()


# (rights of the database, of the files beside it, of the folder)
RIGHTS = {
    "a file to read": (0o444, 0o666, 0o777),
    "a folder to read": (0o666, 0o666, 0o555),
    "a file in a folder to read": (0o444, 0o666, 0o555),
    "all to read": (0o444, 0o444, 0o555),
    "files beside it to read": (0o666, 0o444, 0o777),
    "files beside it to read in a folder to read": (0o666, 0o444, 0o555),
    "a file of no rights": (0o000, 0o666, 0o777),
    "files beside it of no rights": (0o666, 0o000, 0o777),
    "a folder of no rights": (0o666, 0o666, 0o000),
}


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that everybody can reach; pytest's own are for its user alone."""
    with tempfile.TemporaryDirectory(prefix="readonly") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        for kept in folder.rglob("*"):
            kept.chmod(0o777)


def ask(kind: str, path: str) -> list[list[Any]]:
    environment = dict(os.environ, KEELBACK_ENGINE="kernel")
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "core"), str(HERE), str(HERE.parent / "engine")])
    child = subprocess.run(
        [sys.executable, HERE / "readonly_child.py", kind, path],
        input=json.dumps(STATEMENTS) + "\n",
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
    )
    assert child.returncode == 0, child.stderr[-3000:]
    found: list[list[Any]] = json.loads(child.stdout)
    return found


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if not file.name.endswith("-shm")}


@pytest.mark.parametrize("kind", ["kernel", "reference"])
@pytest.mark.parametrize(
    ("mode", "state"),
    [("delete", "clean"), ("delete", "crashed"), ("persist", "clean"), ("wal", "clean"), ("wal", "crashed")],
)
@pytest.mark.parametrize("rights", list(RIGHTS))
def test_what_may_not_be_written_gives_the_codes_of_sqlite(
    place: Path, rights: str, mode: str, state: str, kind: str
) -> None:
    outcomes = {}
    for side in ("sqlite", kind):
        folder = place / side
        make(folder, mode, state)
        for file in folder.iterdir():
            file.chmod(RIGHTS[rights][0 if file.name == "a.db" else 1])
        folder.chmod(RIGHTS[rights][2])
        outcomes[side] = ask(side, str(folder / "a.db"))
    asked = ["(open)", *STATEMENTS]
    for sql, theirs, ours in zip(asked, outcomes["sqlite"], outcomes[kind], strict=False):
        assert (sql, ours) == (sql, theirs)
    assert len(outcomes["sqlite"]) == len(outcomes[kind])
    if RIGHTS[rights][0] == 0o444:
        assert (place / kind / "a.db").read_bytes() == (place / "sqlite" / "a.db").read_bytes()
