"""Checkpoints among others: what a second one, a writer or a sync that failed must not make of the frames."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from disk_model import Disk, read_log
from recording import FAIL_SYNC, HERE, FailingDisk, child_environment, put
from sql_process import KINDS, SqlFailed, SqlProcess

NUMBERS = "WITH n(i) AS (SELECT {} UNION ALL SELECT i + 1 FROM n WHERE i < {})"
FILL = NUMBERS + " INSERT INTO t SELECT i, hex(zeroblob(200)) FROM n"
IOERR = 10


def test_a_checkpoint_that_a_new_start_of_the_wal_overtakes_gives_up_no_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the reference, whose functions a test can stand between; the kernel's do the same."""
    from keelback_core.reference.storage import checkpoint

    path = tmp_path / "a.db"
    first, second = (KINDS["reference"](str(path)) for _ in range(2))
    first.run("PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t(a INTEGER PRIMARY KEY, b)")
    second.run("PRAGMA wal_autocheckpoint = 0")
    first.run(FILL.format(1, 500))
    frames = first.run("PRAGMA wal_checkpoint")[0][1]
    original = checkpoint._bring_back

    def overtaken(*arguments: Any) -> Any:
        monkeypatch.undo()
        # All frames are back and nobody reads: the WAL starts again.
        second.run("UPDATE t SET b = 'new' WHERE a % 100 = 0")
        return original(*arguments)

    monkeypatch.setattr(checkpoint, "_bring_back", overtaken)
    assert first.run("PRAGMA wal_checkpoint")[0][0] == 0
    assert 0 < second.run("PRAGMA wal_checkpoint")[0][1] < frames
    assert second.run("PRAGMA wal_checkpoint(truncate)") == [[0, 0, 0]]
    assert first.run("SELECT count(*) FROM t WHERE b = 'new'") == [[5]]
    first.close()
    second.close()


def overtake_sync(kind: str, folder: Path) -> None:
    """The child: some frames go back without a sync, as a reader is there; the sync of the rest fails; the next
    checkpoint says that all is well.
    """
    disk = FailingDisk()
    path = str(folder / "a.db")
    writer = KINDS[kind](path)
    writer.run("PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t(a INTEGER PRIMARY KEY, b)")
    writer.run(FILL.format(1, 500))
    reader = KINDS[kind](path)
    reader.run("BEGIN; SELECT count(*) FROM t")
    writer.run(FILL.format(501, 1000))
    _, frames, done = writer.run("PRAGMA wal_checkpoint")[0]
    assert 0 < done < frames
    reader.run("COMMIT")
    reader.close()
    # The first sync is that of the WAL.
    disk.fail(FAIL_SYNC, 1, 1)
    try:
        writer.run("PRAGMA wal_checkpoint")
        raise AssertionError("the sync was not noticed")
    except SqlFailed as failure:
        assert failure.code & 0xFF == IOERR
    disk.fail(0)
    assert writer.run("PRAGMA wal_checkpoint(truncate)") == [[0, 0, 0]]
    # With this the old frames are gone for good.
    writer.run("UPDATE t SET b = 'new' WHERE a = 1000")


@pytest.mark.parametrize("kind", ["kernel", "reference"])
def test_frames_whose_sync_failed_go_back_once_more(kind: str, tmp_path: Path) -> None:
    disk, image = tmp_path / "disk", tmp_path / "image"
    disk.mkdir()
    image.mkdir()
    task = json.dumps({"kind": kind, "folder": str(disk)})
    subprocess.run(
        [sys.executable, HERE / "test_checkpoints.py"],
        input=task,
        text=True,
        check=True,
        env=child_environment(disk, tmp_path / "log"),
    )
    records = read_log(tmp_path / "log")
    seed = random.randrange(1 << 30)
    print("seed", seed)
    for number in range(10):
        model = Disk({}, seed + number, False)
        for record in records:
            model.take(record)
        put(image, model.image("none", 512))
        with SqlProcess("sqlite", image / "a.db") as judge:
            assert judge.run("PRAGMA integrity_check") == [["ok"]]
            assert judge.run("SELECT count(*), sum(a), sum(length(b)) FROM t") == [[1000, 500500, 399603]]


if __name__ == "__main__":
    work = json.load(sys.stdin)
    overtake_sync(work["kind"], Path(work["folder"]))
