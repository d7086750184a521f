"""SIGKILL at any moment of an SQL transaction leaves the state before or after it, never between.

A child process runs transactions over two tables, an index, a big text and a log that grows and shrinks, with a cache
so small that dirty pages reach the file before the commit. It is killed; then Keelback's engine, the library and real
SQLite (in an order that changes) open what it left. Everything that a transaction writes follows from its number, so
that the whole state is checked, not only a sum.

KEELBACK_LONG=1: a hundred kills of each writer. Twin one level down: core/tests/storage/test_crash.py.
"""

from __future__ import annotations

import ctypes
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest
from keelback_core.engine import Connection

ROOT = Path(__file__).resolve().parents[3]
LIBRARY = Path(os.environ.get("KEELBACK_BUILD", ROOT / "build")) / "libkeelback.so.0"
ROUNDS = 100 if os.environ.get("KEELBACK_LONG") else 8
ACCOUNTS = 40
MONEY = ACCOUNTS * 1000

SCHEMA = f"""
PRAGMA page_size = 1024;
CREATE TABLE state(id INTEGER PRIMARY KEY, number INTEGER NOT NULL, raw BLOB);
CREATE TABLE paid(id INTEGER PRIMARY KEY, money INTEGER NOT NULL);
CREATE TABLE owed(id INTEGER PRIMARY KEY, money INTEGER NOT NULL);
CREATE TABLE log(number INTEGER PRIMARY KEY, mark TEXT NOT NULL UNIQUE);
CREATE INDEX paid_money ON paid(money, id);
INSERT INTO paid VALUES {", ".join(f"({number}, 1000)" for number in range(1, ACCOUNTS + 1))};
INSERT INTO owed SELECT id, 0 FROM paid;
INSERT INTO state VALUES(1, 0, zeroblob(20000));
"""

# The statements of transaction `number`; run(sql) runs one.
TRANSACTIONS = """
def transaction(run, number):
    run("BEGIN IMMEDIATE")
    run(f"UPDATE paid SET money = money - 1 WHERE id % 7 = {number % 7}")
    run(f"UPDATE owed SET money = money + 1 WHERE id % 7 = {number % 7}")
    run(f"UPDATE state SET raw = replace(hex(zeroblob({2000 + number * 977 % 16000})), '00', '{number:06d}')")
    run(f"INSERT INTO log VALUES({number}, 'mark {number} ' || hex(zeroblob({number * 131 % 900})))")
    run(f"DELETE FROM log WHERE number <= {number} - 20")
    run(f"UPDATE state SET number = {number}")
    print("begin", number, flush=True)
    run("COMMIT")
    print("done", number, flush=True)

def forever(run, number):
    run("PRAGMA cache_size = 8")
    run("PRAGMA busy_timeout = 5000")
    print("ready", flush=True)
    while True:
        number += 1
        transaction(run, number)
"""

PYTHON_WRITER = (
    TRANSACTIONS
    + """
import sys
from keelback_core.engine import Connection
connection = Connection(sys.argv[1])
run = connection.execute
run("PRAGMA journal_mode = " + sys.argv[3])
forever(run, int(sys.argv[2]))
"""
)

LIBRARY_WRITER = (
    TRANSACTIONS
    + """
import ctypes, sys
library = ctypes.CDLL(sys.argv[4])
library.sqlite3_errmsg.restype = ctypes.c_char_p
handle = ctypes.c_void_p()
assert library.sqlite3_open(sys.argv[1].encode(), ctypes.byref(handle)) == 0
def run(sql):
    code = library.sqlite3_exec(handle, sql.encode(), None, None, None)
    assert code == 0, (sql, code, library.sqlite3_errmsg(handle))
run("PRAGMA journal_mode = " + sys.argv[3])
forever(run, int(sys.argv[2]))
"""
)

WRITERS = {"engine": PYTHON_WRITER, "library": LIBRARY_WRITER}
CHECKS = [
    "PRAGMA integrity_check",
    "SELECT number, length(raw), substr(raw, 1, 6), substr(raw, -6) FROM state",
    "SELECT (SELECT sum(money) FROM paid) + (SELECT sum(money) FROM owed)",
    "SELECT count(*) FROM paid JOIN owed USING(id) WHERE paid.money + owed.money = 1000",
    "SELECT group_concat(money) FROM (SELECT money FROM owed ORDER BY id)",
    "SELECT count(*) FROM (SELECT money, id FROM paid INDEXED BY paid_money WHERE money > 0 ORDER BY money, id)",
    "SELECT count(*), min(number), max(number), min(length(mark)) > 6 FROM log",
]


def expected_state(number: int) -> list[list[Any]]:
    """The answers to CHECKS after transaction `number`."""
    owed = [sum(n % 7 == account % 7 for n in range(1, number + 1)) for account in range(1, ACCOUNTS + 1)]
    length = 20000 if number == 0 else (2000 + number * 977 % 16000) * 6
    ends = b"\0" * 6 if number == 0 else f"{number:06d}"
    kept = min(number, 20)
    log = [kept, max(1, number - 19), number, 1] if number else [0, None, None, None]
    return [
        ["ok"],
        [number, length, ends, ends],
        [MONEY],
        [ACCOUNTS],
        [",".join(map(str, owed))],
        [ACCOUNTS],
        log,
    ]


def read_by_engine(path: str) -> list[list[Any]]:
    connection = Connection(path)
    answers = [connection.execute(sql)[0] for sql in CHECKS]
    connection.close()
    return answers


def read_by_sqlite(path: str) -> list[list[Any]]:
    connection = apsw.Connection(path)
    answers = [list(next(iter(connection.execute(sql)))) for sql in CHECKS]
    connection.close()
    return answers


def read_by_library(path: str) -> list[list[Any]]:
    """Through sqlite3_exec of the library; numbers and texts are told apart by what the engine reader sees."""
    library = ctypes.CDLL(str(LIBRARY))
    handle = ctypes.c_void_p()
    assert library.sqlite3_open(path.encode(), ctypes.byref(handle)) == 0
    answers: list[list[Any]] = []
    callback_type = ctypes.CFUNCTYPE(
        ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ctypes.c_char_p), ctypes.POINTER(ctypes.c_char_p)
    )
    callback = callback_type(lambda _, count, values, names: answers.append(list(values[:count])) or 0)
    for sql in CHECKS:
        assert library.sqlite3_exec(handle, sql.encode(), callback, None, None) == 0, sql
    assert library.sqlite3_close(handle) == 0
    return answers


def as_exec_gives(answers: list[list[Any]]) -> list[list[Any]]:
    """Values as sqlite3_exec gives them: text up to the first NUL."""
    return [
        [
            None if value is None else (value if isinstance(value, bytes) else str(value).encode()).split(b"\0")[0]
            for value in row
        ]
        for row in answers
    ]


def start_writer(kind: str, path: str, number: int, mode: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "core")}
    command = [sys.executable, "-c", WRITERS[kind], path, str(number), mode, str(LIBRARY)]
    child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def kill_after(child: subprocess.Popen[str], seconds: float) -> tuple[int, int]:
    """Kill the child: the last transaction that began to commit, and the last that was done (0 if none)."""
    assert child.stdout is not None
    time.sleep(seconds)
    assert child.poll() is None, "the writer died by itself"
    child.send_signal(signal.SIGKILL)
    # The kill may cut the last line short: what it was about to say had not been said.
    lines = [line.split() for line in child.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    child.wait()
    child.stdout.close()
    begun = [int(words[1]) for words in lines if words[0] == "begin"]
    done = [int(words[1]) for words in lines if words[0] == "done"]
    return begun[-1] if begun else 0, done[-1] if done else 0


@pytest.mark.parametrize("kind", list(WRITERS))
def test_a_killed_transaction_is_whole_or_not_there(tmp_path: Path, kind: str) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    source = random.Random(seed)
    path = str(tmp_path / "bank.db")
    maker = Connection(path)
    maker.execute(SCHEMA)
    maker.close()
    number = 0
    left_journals = 0
    readers: list[Callable[[str], list[list[Any]]]] = [read_by_engine, read_by_sqlite, read_by_library]
    for turn in range(ROUNDS):
        mode = source.choice(("delete", "delete", "truncate", "persist"))
        child = start_writer(kind, path, number, mode)
        begun, done = kill_after(child, source.uniform(0.0, 0.25))
        journal = Path(path + "-journal")
        left_journals += journal.exists() and journal.stat().st_size > 0
        readers = readers[1:] + readers[:1]
        states = [(reader, reader(path)) for reader in readers]
        engine_state = next(state for reader, state in states if reader is read_by_engine)
        found = engine_state[1][0]
        assert max(done, number) <= found <= max(begun, number), (turn, mode, number, done, begun, found)
        for reader, state in states:
            wanted = expected_state(found)
            if reader is read_by_library:
                wanted = as_exec_gives(wanted)
            assert state == wanted, (turn, mode, reader.__name__)
        number = found
    print("rounds", ROUNDS, "transactions", number, "journals left", left_journals)
    assert left_journals > 0, "no kill fell into a transaction"
