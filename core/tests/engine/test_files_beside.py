"""The files beside a database: whose they are, who may write them, and what of them is left.

Real SQLite goes through the same tests.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sql_process import KINDS, ROOT, SqlProcess

NUMBERS = "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})"
FILL = NUMBERS + " INSERT INTO t SELECT i, hex(zeroblob(200)) FROM n"
MAGIC = bytes.fromhex("d9d505f920a163d7")


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def made(kind: str, path: Path, pragmas: str, rows: int = 300) -> Any:
    connection = KINDS[kind](str(path))
    connection.run(f"{pragmas}; CREATE TABLE t(a INTEGER PRIMARY KEY, b); {FILL.format(rows)}")
    return connection


def test_closing_a_database_that_was_replaced_leaves_the_wal_of_the_new_one(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    old = made(kind, path, "PRAGMA journal_mode = wal")
    for name in ("a.db", "a.db-wal", "a.db-shm"):
        (tmp_path / name).rename(tmp_path / f"old-{name}")
    with SqlProcess("sqlite", path) as other:
        other.run("PRAGMA journal_mode = wal; CREATE TABLE u(x); INSERT INTO u VALUES(17)")
        old.close()
        with SqlProcess("sqlite", path) as third:
            assert third.run("SELECT x FROM u") == [[17]]
    with SqlProcess("sqlite", path) as judge:
        assert judge.run("SELECT x FROM u") == [[17]]


@pytest.mark.parametrize("mode", ["wal", "persist"])
def test_a_file_beside_has_the_permissions_of_the_database_whatever_the_umask(
    kind: str, mode: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.db"
    path.touch()
    path.chmod(0o664)
    if os.geteuid() == 0:
        os.chown(path, 12345, 23456)
    before = os.umask(0o077)
    try:
        connection = made(kind, path, f"PRAGMA journal_mode = {mode}")
    finally:
        os.umask(before)
    owner = (12345, 23456) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    beside = [file for file in tmp_path.iterdir() if file != path]
    assert len(beside) == (2 if mode == "wal" else 1)
    for file in beside:
        status = file.stat()
        assert (status.st_mode & 0o777, status.st_uid, status.st_gid) == (0o664, *owner), file
    connection.close()


CLOSED_STREAMS = """
import os, sys
sys.path[:0] = sys.argv[3:]
import sql_process
for descriptor in (0, 1, 2):
    os.close(descriptor)
connection = sql_process.KINDS[sys.argv[1]](sys.argv[2])
connection.run("PRAGMA journal_mode = wal; CREATE TABLE t(a); INSERT INTO t VALUES(1)")
names = [os.readlink(f"/proc/self/fd/{number}") for number in (0, 1, 2) if os.path.exists(f"/proc/self/fd/{number}")]
connection.close()
sys.exit(any(name.startswith(sys.argv[2]) for name in names))
"""


def test_no_file_takes_the_place_of_a_standard_stream(kind: str, tmp_path: Path) -> None:
    paths = [str(ROOT / "core" / "tests" / "engine"), str(ROOT / "core")]
    child = subprocess.run([sys.executable, "-c", CLOSED_STREAMS, kind, str(tmp_path / "a.db"), *paths], check=False)
    assert child.returncode == 0


@pytest.mark.parametrize("limit", [0, 3000, 50000, -1])
def test_a_journal_that_persists_is_cut_to_its_limit(kind: str, limit: int, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    connection = made(kind, path, "PRAGMA journal_mode = persist")
    journal = Path(f"{path}-journal")
    connection.run("UPDATE t SET b = 'x' || b")
    large = journal.stat().st_size
    assert large > 100000
    assert connection.run(f"PRAGMA journal_size_limit = {limit}") == [[limit]]
    connection.run("UPDATE t SET b = b || 'y'")
    assert journal.stat().st_size == (large if limit < 0 else min(limit, large))
    assert not any(journal.read_bytes()[:28])
    connection.run("BEGIN; UPDATE t SET b = b || 'z'; ROLLBACK; UPDATE t SET b = 1 WHERE a = 5")
    assert journal.stat().st_size <= (large if limit < 0 else limit)
    connection.close()


def files_in_the_middle(connection: Any, path: Path) -> tuple[bytes, bytes]:
    """A database and its journal in the middle of a transaction, which is then undone."""
    connection.run("BEGIN; UPDATE t SET b = 'changed' WHERE a < 2000")
    found = path.read_bytes(), Path(f"{path}-journal").read_bytes()
    connection.run("ROLLBACK")
    assert any(found[1][:1])
    return found


def naming(super_journal: Path) -> bytes:
    """The end of a journal that names a super-journal."""
    name = str(super_journal).encode()
    end = len(name).to_bytes(4, "big") + sum(name).to_bytes(4, "big") + MAGIC
    return bytes(100000) + (0x40000000 // 4096 + 1).to_bytes(4, "big") + name + end


def test_a_recovered_journal_that_persists_names_no_super_journal_to_the_next_transaction(
    kind: str, tmp_path: Path
) -> None:
    path, journal = tmp_path / "a.db", tmp_path / "a.db-journal"
    connection = made(kind, path, "PRAGMA journal_mode = persist; PRAGMA cache_size = 2", 3000)
    before = connection.run("SELECT * FROM t")
    content, hot = files_in_the_middle(connection, path)
    # What a crash in a commit of several files leaves.
    super_journal = tmp_path / "a.db-mj012345978"
    super_journal.write_bytes(str(journal).encode() + b"\0")
    path.write_bytes(content)
    journal.write_bytes(hot + naming(super_journal))
    assert connection.run("SELECT * FROM t") == before
    assert not super_journal.exists()
    # The next crash comes in the middle of a transaction with a shorter journal.
    content, hot = files_in_the_middle(connection, path)
    connection.close()
    path.write_bytes(content)
    journal.write_bytes(hot)
    with SqlProcess("sqlite", path) as judge:
        assert judge.run("PRAGMA integrity_check") == [["ok"]]
        assert judge.run("SELECT * FROM t") == before


@pytest.mark.parametrize("is_there", [False, True])
@pytest.mark.parametrize("name", ["x", "a.db-mj01234597", "a.db-mj012345678", "a.db-mj01234597g", "a.dbxmj012345978"])
def test_no_file_but_a_super_journal_is_believed_or_deleted_as_one(
    kind: str, name: str, is_there: bool, tmp_path: Path
) -> None:
    path, journal, named = tmp_path / "a.db", tmp_path / "a.db-journal", tmp_path / name
    connection = made(kind, path, "PRAGMA journal_mode = persist; PRAGMA cache_size = 2", 3000)
    content, hot = files_in_the_middle(connection, path)
    connection.close()
    if is_there:
        named.write_bytes(str(journal).encode() + b"\0")
    path.write_bytes(content)
    journal.write_bytes(hot + naming(named))
    connection = KINDS[kind](str(path))
    assert connection.run("SELECT count(*) FROM t WHERE b = 'changed'") == [[0]]
    assert named.exists() == is_there
    connection.close()
