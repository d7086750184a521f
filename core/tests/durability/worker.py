"""The child of killed.py: transactions at random on a file that others, of other engines, write too.

Arguments: kind, path, seed, number of transactions, own number, what it is known to have committed, the most that it
can have. Behind its number it says `try n` before a transaction that raises its counter to n is committed, and `done n`
after; then `end 0`. What must hold in every transaction:

1. The balances add up to TOTAL: nothing half done is seen.
2. Its own counter is what it committed last, and its log holds as many lines: nothing committed is lost, nothing twice.
3. No counter of others is ever seen to go back.
"""

from __future__ import annotations

import random
import sys
from typing import Any

from sql_process import KINDS, SqlFailed

ACCOUNTS = 40
TOTAL = ACCOUNTS * 100
BUSY, LOCKED, SCHEMA, PROTOCOL = 5, 6, 17, 15
SETUP = (
    "CREATE TABLE account(id INTEGER PRIMARY KEY, balance INTEGER, filler TEXT);"
    "CREATE TABLE counter(worker INTEGER PRIMARY KEY, n INTEGER);"
    "CREATE TABLE log(worker INTEGER, n INTEGER, filler TEXT, PRIMARY KEY(worker, n));"
    f"WITH c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {ACCOUNTS})"
    " INSERT INTO account SELECT i, 100, hex(zeroblob(200)) FROM c;"
)


class Broken(Exception):
    """What must hold does not."""


class Worker:
    """See the module."""

    def __init__(self, kind: str, path: str, seed: int, number: int, done: int, tried: int) -> None:
        self.source = random.Random(seed)
        self.number = number
        self.seen: dict[int, int] = {}
        self.least, self.most = done, tried
        self.connection: Any = KINDS[kind](path)
        self.run("PRAGMA busy_timeout = 60000")
        self.run(f"PRAGMA cache_size = {self.source.choice((3, 20, 2000))}")
        self.run(f"PRAGMA wal_autocheckpoint = {self.source.choice((0, 3, 40))}")
        self.run(f"PRAGMA busy_timeout = {self.source.choice((0, 20, 300))}")

    def run(self, sql: str) -> list[list[Any]]:
        found: list[list[Any]] = self.connection.run(sql)
        return found

    def say(self, word: str, number: int) -> None:
        print(self.number, word, number, flush=True)

    def look(self) -> int:
        """See whether all holds; the own counter."""
        (total,) = self.run("SELECT sum(balance) FROM account")[0]
        if total != TOTAL:
            raise Broken(f"total {total}")
        counters = dict(self.run("SELECT worker, n FROM counter"))
        lines = dict(self.run("SELECT worker, count(*) FROM log GROUP BY 1"))
        if {worker: n for worker, n in counters.items() if n} != lines:
            raise Broken(f"counters {counters}, lines {lines}")
        for worker, n in self.seen.items():
            if counters.get(worker, 0) < n:
                raise Broken(f"counter of {worker} was {n} and is {counters.get(worker)}")
        self.seen = counters
        own = int(counters.get(self.number, 0))
        if not self.least <= own <= self.most:
            raise Broken(f"own counter {own}, not {self.least} ... {self.most}")
        self.least = self.most = own
        return own

    def transfer(self) -> None:
        source = self.source
        self.run(f"BEGIN {source.choice(('', '', 'IMMEDIATE', 'EXCLUSIVE'))}")
        own = self.look()
        first, second = source.sample(range(1, ACCOUNTS + 1), 2)
        amount = source.randrange(1, 50)
        filler = f"hex(zeroblob({source.randrange(0, 900)}))"
        self.run(f"UPDATE account SET balance = balance - {amount}, filler = {filler} WHERE id = {first}")
        if source.random() < 0.3:
            self.run(
                f"SAVEPOINT s; DELETE FROM log WHERE n % {source.randrange(1, 4)} = 0; UPDATE account SET balance = 7"
            )
            self.run("ROLLBACK TO s")
        self.run(f"UPDATE account SET balance = balance + {amount} WHERE id = {second}")
        self.run(f"INSERT INTO counter VALUES({self.number}, 1) ON CONFLICT DO UPDATE SET n = n + 1")
        self.run(f"INSERT INTO log VALUES({self.number}, {own + 1}, {filler})")
        if source.random() < 0.15:
            self.run("ROLLBACK")
            return
        self.say("try", own + 1)
        self.most = own + 1
        self.run("COMMIT")
        self.least = own + 1
        self.say("done", own + 1)

    def undo(self) -> None:
        try:
            self.run("ROLLBACK")
        except SqlFailed as failure:
            if failure.code != 1:
                raise

    def step(self) -> None:
        """One thing, which others may keep it from doing."""
        choice = self.source.random()
        if choice < 0.6:
            self.transfer()
        elif choice < 0.8:
            self.run("BEGIN")
            self.look()
            self.look()
            self.run("COMMIT")
        elif choice < 0.9:
            mode = self.source.choice(("passive", "passive", "full", "restart", "truncate"))
            self.run(f"PRAGMA wal_checkpoint({mode})")
        elif choice < 0.93:
            self.run("VACUUM")
        elif choice < 0.96:
            self.run(f"DROP INDEX IF EXISTS i{self.number}; CREATE INDEX i{self.number} ON log(filler, n)")
        elif self.run("PRAGMA integrity_check") != [["ok"]]:
            raise Broken("integrity_check")

    def attempt(self) -> None:
        try:
            self.step()
        except SqlFailed as failure:
            if failure.code & 0xFF not in (BUSY, LOCKED, SCHEMA, PROTOCOL):
                raise
            self.undo()


def main() -> None:
    kind, path, *numbers = sys.argv[1:]
    seed, count, number, done, tried = map(int, numbers)
    worker = Worker(kind, path, seed, number, done, tried)
    for _ in range(count):
        worker.attempt()
    worker.connection.close()
    worker.say("end", 0)


if __name__ == "__main__":
    main()
