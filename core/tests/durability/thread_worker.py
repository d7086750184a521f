"""The child of test_threads_killed.py: several workers (worker.py) in one process, each a thread with a connection of
its own on the same file.

Arguments: kind, path, seed, number of transactions; then of each worker its number, what it is known to have committed,
the most that it can have. What they say begins with the worker's number. A worker for which something does not hold
ends the process.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback

from worker import Worker

_word = threading.Lock()


class ThreadWorker(Worker):
    """A worker whose words are not mixed with those of others."""

    def say(self, word: str, number: int) -> None:
        with _word:
            super().say(word, number)


def live(kind: str, path: str, seed: int, count: int, number: int, done: int, tried: int) -> None:
    try:
        worker = ThreadWorker(kind, path, seed, number, done, tried)
        for _ in range(count):
            worker.attempt()
        worker.connection.close()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)


def main() -> None:
    kind, path, *numbers = sys.argv[1:]
    seed, count, *states = map(int, numbers)
    threads = [
        threading.Thread(target=live, args=(kind, path, seed + at, count, *states[at : at + 3]))
        for at in range(0, len(states), 3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("0 end 0", flush=True)


if __name__ == "__main__":
    main()
