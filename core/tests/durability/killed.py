"""Processes that work on one file at the same time, each killed and started again; and what must then be in the file.

The programs, worker.py and thread_worker.py, say what they are about to commit and what they have committed.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

from sql_process import ROOT, SqlProcess
from worker import TOTAL

HERE = Path(__file__).parent


class KilledProcess:
    """A process that is killed and started again until it has lived its lives; it begins at once, in a thread.

    numbers: of its workers. transactions: of each, if it is not killed before.
    done, tried: by the number of a worker what it is known to have committed, and the most that it can have.
    complaint: what ended it but a kill, or nothing.
    """

    def __init__(
        self, program: str, kind: str, path: Path, seed: int, numbers: Iterable[int], lives: int, transactions: int
    ) -> None:
        self.program, self.kind, self.path = program, kind, path
        self.source = random.Random(seed)
        self.lives, self.transactions = lives, transactions
        self.done = dict.fromkeys(numbers, 0)
        self.tried = dict(self.done)
        self.complaint = ""
        self.thread = threading.Thread(target=self.live)
        self.thread.start()

    def live(self) -> None:
        for life in range(self.lives):
            self.live_once(is_last=life == self.lives - 1)
            if self.complaint:
                return

    def live_once(self, is_last: bool) -> None:
        environment = dict(os.environ, KEELBACK_ENGINE="kernel")
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "core"), str(HERE), str(HERE.parent / "engine")])
        states = [fact for number in self.done for fact in (number, self.done[number], self.tried[number])]
        arguments = [self.source.randrange(1 << 30), self.transactions, *states]
        child = subprocess.Popen(
            [sys.executable, HERE / self.program, self.kind, self.path, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert child.stdout is not None
        # Killed at a word of its own, so that a seed says when; what it does until it dies is left to chance.
        words = self.source.randrange(1, self.transactions * len(self.done))
        word = ""
        for line in child.stdout:
            number, word, count = line.split()
            if word == "try":
                self.tried[int(number)] = int(count)
            elif word == "done":
                self.done[int(number)] = int(count)
            words -= 1
            if words == 0 and not is_last:
                child.kill()
        _, errors = child.communicate()
        if child.returncode not in (0, -9) or (child.returncode == 0 and word != "end"):
            self.complaint = f"{self.kind} {[*self.done]}: {child.returncode} {errors[-2000:]}"


def check_nothing_is_lost(path: Path, processes: list[KilledProcess]) -> None:
    """Wait for the processes, and look at their file by real SQLite and by the kernel."""
    for process in processes:
        process.thread.join()
    complaints = [process.complaint for process in processes if process.complaint]
    assert not complaints, complaints
    for kind in ("sqlite", "kernel"):
        with SqlProcess(kind, path) as judge:
            assert judge.run("PRAGMA integrity_check") == [["ok"]]
            assert judge.run("SELECT sum(balance) FROM account") == [[TOTAL]]
            counters = dict(judge.run("SELECT worker, n FROM counter"))
            assert dict(judge.run("SELECT worker, max(n) FROM log GROUP BY 1")) == counters
            for process in processes:
                for number, done in process.done.items():
                    assert done <= counters.get(number, 0) <= process.tried[number]
