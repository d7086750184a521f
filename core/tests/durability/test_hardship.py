"""Quotas, full disks, forks, copies and work that are interrupted: the same comes of them as in real SQLite, and
nothing that was committed is lost. hardship_child.py does it, for each side in a process and a folder of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
CHILD = Path(__file__).parent / "hardship_child.py"
MODES = ("DELETE", "TRUNCATE", "PERSIST", "WAL")
DISK_BYTES = 400_000


def run(side: str, scenario: str, mode: str, folder: Path, *before: str) -> Any:
    folder.mkdir()
    command = [*before, sys.executable, str(CHILD), side, scenario, mode, str(folder)]
    environment = {**os.environ, "KEELBACK_ENGINE": os.environ.get("KEELBACK_ENGINE", "kernel")}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return json.loads(done.stdout)


def compared(scenario: str, mode: str, folder: Path, *before: str) -> list[Any]:
    ours, real = (run(side, scenario, mode, folder / side, *before) for side in ("ours", "sqlite"))
    assert ours == real
    assert "ok" in json.dumps(ours) and "***" not in json.dumps(ours)
    return ours


@pytest.mark.parametrize("mode", MODES)
def test_a_quota_on_files_loses_nothing(mode: str, tmp_path: Path) -> None:
    found = compared("quota", mode, tmp_path)
    # Three times it could not write, and said so.
    assert found.count([10]) == 3, found


@pytest.mark.parametrize("mode", MODES)
def test_a_full_disk_loses_nothing(mode: str, tmp_path: Path) -> None:
    # A file system of the child alone, which goes with it.
    mount = f'mount -t tmpfs -o size={DISK_BYTES} tmpfs "$0" && exec "$@"'
    found = []
    for side in ("ours", "sqlite"):
        folder = tmp_path / side
        found.append(run(side, "full_disk", mode, folder, "unshare", "-rm", "sh", "-c", mount, str(folder)))
    assert found[0] == found[1]
    assert [13] in found[0], found[0]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", ["fork_and_exit", "fork_and_use"])
def test_a_process_that_forks(scenario: str, mode: str, tmp_path: Path) -> None:
    compared(scenario, mode, tmp_path)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", ["backup_killed", "backup_interrupted"])
def test_a_copy_that_is_interrupted(scenario: str, mode: str, tmp_path: Path) -> None:
    compared(scenario, mode, tmp_path)


@pytest.mark.parametrize("mode", MODES)
def test_work_that_is_stopped_leaves_what_was_committed(mode: str, tmp_path: Path) -> None:
    compared("work_stopped", mode, tmp_path)
