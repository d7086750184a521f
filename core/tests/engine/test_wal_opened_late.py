"""`PRAGMA journal_mode = WAL` writes into the header; the WAL is opened by the next statement that reads.

Until then another connection can leave WAL mode again, as with real SQLite, which goes through the same tests.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sql_process import KINDS, SqlProcess, fails

BUSY = 5


@pytest.fixture(params=list(KINDS))
def connection(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    made = KINDS[request.param](str(tmp_path / "a.db"))
    made.run("CREATE TABLE t(a)")
    assert made.run("PRAGMA journal_mode = wal") == [["wal"]]
    yield made
    made.close()


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_another_leaves_the_mode_before_anything_is_read(connection: Any, tmp_path: Path) -> None:
    assert connection.run("PRAGMA journal_mode") == [["wal"]]
    assert connection.run("PRAGMA journal_mode = wal") == [["wal"]]
    assert names(tmp_path) == ["a.db"]
    for kind in ("sqlite", "kernel"):
        with SqlProcess(kind, tmp_path / "a.db") as other:
            assert other.run("PRAGMA journal_mode") == [["wal"]]
            assert other.run("PRAGMA journal_mode = delete") == [["delete"]]
            if kind == "sqlite":
                assert other.run("PRAGMA journal_mode = wal") == [["wal"]]
    connection.run("INSERT INTO t VALUES(1)")
    assert connection.run("PRAGMA journal_mode") == [["delete"]]
    assert names(tmp_path) == ["a.db"]


def test_nobody_leaves_the_mode_after_something_was_read(connection: Any, tmp_path: Path) -> None:
    assert connection.run("SELECT * FROM t") == []
    assert names(tmp_path) == ["a.db", "a.db-shm", "a.db-wal"]
    with SqlProcess("sqlite", tmp_path / "a.db") as other:
        assert fails(other, "PRAGMA journal_mode = delete") == BUSY
    connection.run("INSERT INTO t VALUES(1)")
    assert connection.run("PRAGMA journal_mode") == [["wal"]]


def test_the_mode_is_left_again_at_once(connection: Any, tmp_path: Path) -> None:
    assert connection.run("PRAGMA journal_mode = persist") == [["persist"]]
    connection.run("INSERT INTO t VALUES(1)")
    assert names(tmp_path) == ["a.db", "a.db-journal"]
    assert connection.run("PRAGMA journal_mode = wal; INSERT INTO t VALUES(2); SELECT a FROM t") == [["wal"], [1], [2]]
    assert "a.db-wal" in names(tmp_path)
