"""Several threads of one process write one file, each by a connection of its own, beside another process; the
process is killed again and again.

POSIX locks belong to processes and fall when any descriptor of a file is closed, so threads of one process are kept
apart by other means than processes are; and a killed process leaves what all of its threads were doing. What holds is
that of test_company.py. The seed is printed. KEELBACK_LONG=1: more of everything.
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
TRANSACTIONS = 80 if IS_LONG else 15
LIVES = 8 if IS_LONG else 3
THREADS = 3


@pytest.mark.parametrize("mode", ["delete", "truncate", "persist", "wal"])
@pytest.mark.parametrize("company", ["alone", "sqlite", "kernel"])
def test_killed_threads_lose_nothing_and_leave_nothing_half_done(tmp_path: Path, company: str, mode: str) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    source = random.Random(seed)
    path = tmp_path / "a.db"
    with SqlProcess("sqlite", path) as first:
        first.run(f"PRAGMA page_size = {source.choice((512, 4096))}; PRAGMA journal_mode = {mode}; {SETUP}")
    kinds = ["kernel", *([company] if company != "alone" else [])]
    processes = [
        KilledProcess("thread_worker.py", kind, path, source.randrange(1 << 30), numbers, LIVES, TRANSACTIONS)
        for kind, numbers in ((kind, range(place * THREADS, (place + 1) * THREADS)) for place, kind in enumerate(kinds))
    ]
    check_nothing_is_lost(path, processes)
