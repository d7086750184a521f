"""Several threads of one process write one file, each by a connection of its own, beside another process; the
process is killed again and again.

POSIX locks belong to processes and fall when any descriptor of a file is closed, so threads of one process are kept
apart by other means than processes are; and a killed process leaves what all of its threads were doing. What holds is
that of test_company.py. The seed is printed. KEELBACK_LONG=1: more of everything.
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
TRANSACTIONS = 80 if IS_LONG else 15
LIVES = 8 if IS_LONG else 3
THREADS = 3


class Process:
    """A process of several workers, killed and started again until it has lived its lives."""

    def __init__(self, kind: str, path: Path, seed: int, numbers: range) -> None:
        self.kind, self.path = kind, path
        self.source = random.Random(seed)
        self.done = dict.fromkeys(numbers, 0)
        self.tried = dict.fromkeys(numbers, 0)
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
        states = [str(n) for number in self.done for n in (number, self.done[number], self.tried[number])]
        child = subprocess.Popen(
            [
                *(sys.executable, HERE / "thread_worker.py", self.kind, self.path),
                *(str(self.source.randrange(1 << 30)), str(TRANSACTIONS), *states),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert child.stdout is not None
        words = self.source.randrange(1, TRANSACTIONS * THREADS)
        said = ""
        for line in child.stdout:
            number, said, n = line.split()
            if said == "try":
                self.tried[int(number)] = int(n)
            elif said == "done":
                self.done[int(number)] = int(n)
            words -= 1
            if words == 0 and not is_last:
                child.kill()
        _, errors = child.communicate()
        if child.returncode not in (0, -9) or (child.returncode == 0 and said != "end"):
            self.complaint = f"{self.kind}: {child.returncode} {errors[-2000:]}"


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
        Process(kind, path, source.randrange(1 << 30), range(place * THREADS, (place + 1) * THREADS))
        for place, kind in enumerate(kinds)
    ]
    for process in processes:
        process.thread.join()
    assert not any(process.complaint for process in processes), [process.complaint for process in processes]
    for kind in ("sqlite", "kernel"):
        with SqlProcess(kind, path) as judge:
            assert judge.run("PRAGMA integrity_check") == [["ok"]]
            assert judge.run("SELECT sum(balance) FROM account") == [[TOTAL]]
            counters = dict(judge.run("SELECT worker, n FROM counter"))
            assert dict(judge.run("SELECT worker, max(n) FROM log GROUP BY 1")) == counters
            for process in processes:
                for number, done in process.done.items():
                    assert done <= counters.get(number, 0) <= process.tried[number]
