"""Several processes, of real SQLite and of Keelback, write one file at once, in every journal mode; some are killed.

Each says what it commits (worker.py); what it committed is there, what it did not is not, and nobody ever sees half of
anything. The seed is printed.

KEELBACK_LONG=1: more of everything.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sql_process import ROOT, SqlProcess
from worker import SETUP, TOTAL

HERE = Path(__file__).parent
IS_LONG = bool(os.environ.get("KEELBACK_LONG"))
COMPANIES = {
    "kernel and sqlite": ("kernel", "sqlite", "kernel"),
    "kernels": ("kernel", "kernel", "kernel"),
    "all": ("kernel", "sqlite", "reference"),
}
TRANSACTIONS = 150 if IS_LONG else 25
LIVES = 6 if IS_LONG else 2


class Life:
    """One worker, killed and started again until it has lived its lives."""

    def __init__(self, kind: str, path: Path, seed: int, number: int) -> None:
        self.kind, self.path, self.number = kind, path, number
        self.source = random.Random(seed)
        self.done = self.tried = 0
        self.complaint = ""
        self.thread = threading.Thread(target=self.live)
        self.thread.start()

    def live(self) -> None:
        for life in range(LIVES):
            self.live_once(is_last=life == LIVES - 1)
            if self.complaint:
                return

    def live_once(self, is_last: bool) -> None:
        environment = dict(os.environ, KEELBACK_ENGINE="kernel")
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "core"), str(HERE), str(HERE.parent / "engine")])
        arguments = [self.source.randrange(1 << 30), self.number, TRANSACTIONS, self.done, self.tried]
        child = subprocess.Popen(
            [sys.executable, HERE / "worker.py", self.kind, self.path, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert child.stdout is not None
        # Killed at a word of its own, so that a seed says when; what it does until it dies is left to chance.
        words = TRANSACTIONS if is_last else self.source.randrange(TRANSACTIONS)
        said = ""
        for line in child.stdout:
            said, *rest = line.split()
            if said == "try":
                self.tried = int(rest[0])
            elif said == "done":
                self.done = int(rest[0])
            words -= 1
            if words == 0 and not is_last:
                child.kill()
        _, errors = child.communicate()
        if child.returncode not in (0, -9) or (child.returncode == 0 and said != "end"):
            self.complaint = f"{self.kind} {self.number}: {child.returncode} {errors[-2000:]}"


@pytest.mark.parametrize("mode", ["delete", "truncate", "persist", "wal"])
@pytest.mark.parametrize("company", list(COMPANIES))
def test_nothing_is_lost_or_half_seen_in_any_company(tmp_path: Path, company: str, mode: str) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    source = random.Random(seed)
    path = tmp_path / "a.db"
    with SqlProcess("sqlite", path) as first:
        first.run(f"PRAGMA page_size = {source.choice((512, 1024, 4096))}; PRAGMA journal_mode = {mode}; {SETUP}")
    lives = [Life(kind, path, source.randrange(1 << 30), number) for number, kind in enumerate(COMPANIES[company])]
    for life in lives:
        life.thread.join()
    assert not any(life.complaint for life in lives), [life.complaint for life in lives if life.complaint]
    for kind in ("sqlite", "kernel"):
        with SqlProcess(kind, path) as judge:
            assert judge.run("PRAGMA integrity_check") == [["ok"]]
            assert judge.run("SELECT sum(balance) FROM account") == [[TOTAL]]
            counters = dict(judge.run("SELECT worker, n FROM counter"))
            assert dict(judge.run("SELECT worker, max(n) FROM log GROUP BY 1")) == counters
            for life in lives:
                assert life.done <= counters.get(life.number, 0) <= life.tried
