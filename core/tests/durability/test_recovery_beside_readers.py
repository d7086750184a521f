"""The wal-index is made anew while others read: they go on seeing their snapshots at every moment.

The header of the wal-index is damaged as by a writer that died in the middle of it. Who comes next makes the index anew
and is stopped before one of its reads of the WAL (disk.c); then a reader that was there before looks at everything.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from recording import child_environment
from sql_process import SqlProcess

QUESTION = "SELECT count(*), sum(a), sum(length(b)) FROM t"


def stopped_at(number: int, kind: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> SqlProcess:
    """A process that stops before its n-th read of the WAL."""
    with monkeypatch.context() as patch:
        for name, value in child_environment(path.parent, None).items():
            patch.setenv(name, value)
        patch.setenv("KEELBACK_DISK_STOP", f"-wal:{number}")
        return SqlProcess(kind, path)


def damage_header(path: Path) -> None:
    with open(f"{path}-shm", "r+b") as memory:
        memory.seek(8)
        memory.write(b"\xff")


@pytest.mark.parametrize("reader_kind", ["sqlite", "kernel"])
@pytest.mark.parametrize("kind", ["kernel", "reference"])
@pytest.mark.parametrize("number", [2, 3, 40, 150])
def test_a_reader_keeps_its_snapshot_while_the_index_is_made_anew(
    tmp_path: Path, kind: str, reader_kind: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.db"
    reader: Any = SqlProcess(reader_kind, path)
    reader.run("PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0; PRAGMA page_size = 1024")
    reader.run("CREATE TABLE t(a INTEGER PRIMARY KEY, b); PRAGMA cache_size = 1")
    reader.run(
        "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO t SELECT i, 'x' FROM n"
    )
    reader.run("UPDATE t SET b = hex(zeroblob(300))")
    before = reader.run(QUESTION)
    reader.run(f"BEGIN; {QUESTION}")
    damage_header(path)
    recovering = stopped_at(number, kind, path, monkeypatch)
    try:
        recovering.send(QUESTION)
        _, status = os.waitpid(recovering.child.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        assert reader.run(QUESTION) == before
    finally:
        recovering.child.send_signal(signal.SIGCONT)
    assert recovering.answer() == before
    assert reader.run(QUESTION) == before
    reader.run("COMMIT")
    assert reader.run("PRAGMA integrity_check") == [["ok"]]
    recovering.close()
    reader.close()
