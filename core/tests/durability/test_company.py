"""Several processes, of real SQLite and of Keelback, write one file at once, in every journal mode; some are killed.

Each says what it commits (worker.py); what it committed is there, what it did not is not, and nobody ever sees half of
anything. The seed is printed.

KEELBACK_LONG=1: more of everything.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from killed import KilledProcess, check_nothing_is_lost
from sql_process import SqlProcess
from worker import SETUP

IS_LONG = bool(os.environ.get("KEELBACK_LONG"))
COMPANIES = {
    "kernel and sqlite": ("kernel", "sqlite", "kernel"),
    "kernels": ("kernel", "kernel", "kernel"),
    "all": ("kernel", "sqlite", "reference"),
}
TRANSACTIONS = 150 if IS_LONG else 25
LIVES = 6 if IS_LONG else 2


@pytest.mark.parametrize("mode", ["delete", "truncate", "persist", "wal"])
@pytest.mark.parametrize("company", list(COMPANIES))
def test_nothing_is_lost_or_half_seen_in_any_company(tmp_path: Path, company: str, mode: str) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    source = random.Random(seed)
    path = tmp_path / "a.db"
    with SqlProcess("sqlite", path) as first:
        first.run(f"PRAGMA page_size = {source.choice((512, 1024, 4096))}; PRAGMA journal_mode = {mode}; {SETUP}")
    processes = [
        KilledProcess("worker.py", kind, path, source.randrange(1 << 30), [number], LIVES, TRANSACTIONS)
        for number, kind in enumerate(COMPANIES[company])
    ]
    check_nothing_is_lost(path, processes)
