"""A killed process leaves the state before or after its transaction, whoever opens the file next."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path
from typing import Any

import apsw
import pytest
from keelback_core.reference.storage.database import Database
from keelback_core.value.errors import SqlError
from keelback_core.value.record import encode_record
from keelback_core.value.result_codes import READONLY_ROLLBACK
from storage_support import IS_LONG, create_table, open_database, oracle_check, oracle_rows, start_child, table_rows

ROUNDS = 100 if IS_LONG else 10
ROWS = 400

# Both children set every row to a new number in one transaction, again and again, and tell what was committed.
OUR_WRITER = """
import sys
from storage_support import open_database
from keelback_core.value.record import encode_record
path, mode = sys.argv[1], sys.argv[2]
root, number, synchronous, cache_size = map(int, sys.argv[3:])
database = open_database(path, synchronous=synchronous)
database.journal_mode = mode
database.cache_size = cache_size
while True:
    number += 1
    database.begin_write()
    cursor = database.open_table_cursor(root, True)
    for rowid in range(400):
        cursor.insert(rowid, encode_record([None, f"{number:06d}" + "r" * ((rowid + number) * 37 % 900)]))
    cursor.close()
    print("begin", number, flush=True)
    database.commit()
    print("done", number, flush=True)
"""
THEIR_WRITER = """
import sys, apsw
path, number, mode = sys.argv[1], int(sys.argv[2]), sys.argv[3]
connection = apsw.Connection(path)
connection.execute(f"PRAGMA cache_size = 5; PRAGMA synchronous = 1; PRAGMA journal_mode = {mode}")
while True:
    number += 1
    connection.execute("BEGIN IMMEDIATE")
    for rowid in range(400):
        text = f"{number:06d}" + "r" * ((rowid + number) * 37 % 900)
        connection.execute("INSERT OR REPLACE INTO t VALUES (?, ?)", (rowid, text))
    print("begin", number, flush=True)
    connection.execute("COMMIT")
    print("done", number, flush=True)
"""


def new_file(path: Any, number: int) -> int:
    """A file whose rows all say `number`. Gives the root of t."""
    database = open_database(path, page_size=1024)
    database.begin_write()
    root = create_table(database)
    cursor = database.open_table_cursor(root, True)
    for rowid in range(ROWS):
        cursor.insert(rowid, encode_record([None, f"{number:06d}"]))
    cursor.close()
    database.commit()
    database.close()
    return root


def kill_after(child: Any, seconds: float) -> tuple[int, int]:
    """Kill the child: the last transaction that it began to commit, as far as it said, and the last that was done."""
    line = child.stdout.readline()
    assert line
    time.sleep(seconds)
    child.send_signal(signal.SIGKILL)
    # The kill may cut the last line short: what it was about to say had not been said.
    lines = [line, *(text for text in child.stdout.readlines() if text.endswith("\n"))]
    child.wait()
    child.stdin.close()
    child.stdout.close()
    done = [int(text.split()[1]) for text in lines if text.startswith("done")]
    return int(lines[-1].split()[1]), done[-1] if done else 0


def numbers_read_by_us(path: Any, root: int) -> set[int]:
    """The numbers that the rows carry, after checking the tree."""
    database = open_database(path)
    database.begin_read()
    rows = table_rows(database, root)
    assert len(rows) == ROWS
    assert database.integrity_check([root, 1], 10) == []
    database.close()
    return {int(values[1][:6]) for values in rows.values()}


def numbers_read_by_sqlite(path: Any) -> set[int]:
    """As above, by real SQLite."""
    assert oracle_check(path) == "ok"
    rows = oracle_rows(path, "SELECT CAST(substr(b, 1, 6) AS INTEGER) FROM t")
    assert len(rows) == ROWS
    return {number for (number,) in rows}


@pytest.mark.parametrize("writer", ["ours", "theirs"])
@pytest.mark.parametrize("reader", ["ours", "theirs"])
def test_a_killed_writer_leaves_the_state_before_or_after(tmp_path: Any, writer: str, reader: str) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    source = random.Random(seed)
    path = tmp_path / "a.db"
    hot = 0
    root = new_file(path, 1)
    number = 1
    rounds = ROUNDS if writer == "ours" or reader == "ours" else ROUNDS // 10
    for turn in range(rounds):
        mode = source.choice(("delete", "truncate", "persist", "wal", "wal"))
        if writer == "ours":
            cache_size = source.choice((20, 20, 2000))
            child = start_child(OUR_WRITER, path, mode, root, number, source.choice((0, 1, 2)), cache_size)
        else:
            child = start_child(THEIR_WRITER, path, number, mode)
        begun, done = kill_after(child, source.random() * 0.1)
        journal = Path(f"{path}-journal")
        hot += journal.exists() and journal.read_bytes()[:1] not in (b"", b"\0")
        found = numbers_read_by_us(path, root) if reader == "ours" else numbers_read_by_sqlite(path)
        assert len(found) == 1, f"turn {turn}: a mixture of {found}"
        (state,) = found
        assert max(done, number) <= state <= begun + 1, (state, begun, done)
        number = state
    print("hot journals:", hot, "of", rounds)
    assert oracle_check(path) == "ok"


def snapshot_with_hot_journal(tmp_path: Any) -> tuple[Path, int]:
    """A copy of a file and its journal in the middle of a transaction that has spilled."""
    path = tmp_path / "live.db"
    root = new_file(path, 1)
    database = open_database(path, synchronous=2)
    database.cache_size = 20
    database.begin_write()
    cursor = database.open_table_cursor(root, True)
    for rowid in range(ROWS):
        cursor.insert(rowid, encode_record([None, "000002" + "s" * 700]))
    cursor.close()
    copy = tmp_path / "copy.db"
    copy.write_bytes(path.read_bytes())
    Path(f"{copy}-journal").write_bytes(Path(f"{path}-journal").read_bytes())
    database.rollback()
    database.close()
    assert numbers_read_by_sqlite(path) == {1}
    return copy, root


def test_a_spilled_transaction_is_rolled_back_by_real_sqlite(tmp_path: Any) -> None:
    copy, _ = snapshot_with_hot_journal(tmp_path)
    assert numbers_read_by_sqlite(copy) == {1}
    assert not Path(f"{copy}-journal").exists()


def test_a_spilled_transaction_is_rolled_back_by_us(tmp_path: Any) -> None:
    copy, root = snapshot_with_hot_journal(tmp_path)
    assert copy.stat().st_size > 1024 * 100
    assert numbers_read_by_us(copy, root) == {1}
    assert not Path(f"{copy}-journal").exists()
    assert numbers_read_by_sqlite(copy) == {1}


def test_a_hot_journal_beside_a_read_only_file_is_an_error(tmp_path: Any) -> None:
    copy, _ = snapshot_with_hot_journal(tmp_path)
    database = Database.open(str(copy), 1)
    with pytest.raises(SqlError) as caught:
        database.begin_read()
    assert (caught.value.code, caught.value.message) == (READONLY_ROLLBACK, "attempt to write a readonly database")
    assert database.transaction_state == 0
    database.close()


def test_a_damaged_journal_is_played_back_as_far_as_real_sqlite_plays_it(tmp_path: Any) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    source = random.Random(seed)
    copy, _ = snapshot_with_hot_journal(tmp_path)
    content = copy.read_bytes()
    journal = Path(f"{copy}-journal").read_bytes()
    for turn in range(300 if IS_LONG else 40):
        damaged = bytearray(journal)
        for _ in range(source.choice((1, 1, 3))):
            place = source.randrange(28) if source.random() < 0.5 else source.randrange(len(damaged))
            # A wrong page count may make a file of terabytes, by both alike; only its last byte is let vary.
            if place not in (16, 17, 18):
                damaged[place] = source.randrange(256)
        if source.random() < 0.3:
            del damaged[source.randrange(len(damaged)) :]
        results: list[bytes] = []
        for name in ("x.db", "y.db"):
            path = tmp_path / name
            path.write_bytes(content)
            Path(f"{path}-journal").write_bytes(damaged)
            if name == "x.db":
                connection = apsw.Connection(str(path))
                try:
                    connection.execute("PRAGMA schema_version").fetchall()
                except apsw.Error:
                    pass
                connection.close()
            else:
                database = open_database(path)
                try:
                    database.begin_read()
                except SqlError:
                    pass
                database.close()
            results.append(path.read_bytes())
        assert results[0] == results[1], f"turn {turn}"


@pytest.mark.parametrize("is_super_there", [True, False])
def test_a_journal_that_names_a_super_journal_counts_only_while_that_is_there(
    tmp_path: Any, is_super_there: bool
) -> None:
    copy, root = snapshot_with_hot_journal(tmp_path)
    super_journal = tmp_path / "super-mj0123459ab"
    journal = Path(f"{copy}-journal")
    name = str(super_journal).encode()
    if is_super_there:
        super_journal.write_bytes(str(journal).encode() + b"\0")
    sector_end = journal.stat().st_size
    with journal.open("ab") as file:
        lock_page = 0x40000000 // 1024 + 1
        file.write(lock_page.to_bytes(4, "big") + name + len(name).to_bytes(4, "big"))
        file.write((sum(name) & 0xFFFFFFFF).to_bytes(4, "big") + bytes.fromhex("d9d505f920a163d7"))
    before = copy.read_bytes()
    assert sector_end > 1024
    database = open_database(copy)
    if is_super_there:
        database.begin_read()
        assert {values[1][:6] for values in table_rows(database, root).values()} == {"000001"}
    else:
        try:
            database.begin_read()
        except SqlError as error:
            assert "malformed" in error.message
        assert copy.read_bytes() == before
    database.close()
    assert not journal.exists() and not super_journal.exists()


def test_a_first_transaction_that_was_spilled_is_undone_by_the_next_reader(tmp_path: Path) -> None:
    """The journal of a database that was empty holds no page, but its head has to be there before pages are written."""
    path = tmp_path / "first.db"
    database = open_database(path, synchronous=2)
    database.cache_size = 5
    database.begin_write()
    root = create_table(database)
    cursor = database.open_table_cursor(root, True)
    for rowid in range(ROWS):
        cursor.insert(rowid, encode_record([None, "r" * 900]))
    cursor.close()
    assert path.stat().st_size > 0
    for name in ("first.db", "first.db-journal"):
        (tmp_path / f"crashed-{name}").write_bytes((tmp_path / name).read_bytes())
    database.rollback()
    database.close()
    assert path.stat().st_size == 0
    connection = apsw.Connection(str(tmp_path / "crashed-first.db"))
    assert connection.execute("SELECT count(*) FROM sqlite_schema").get == 0
    connection.close()
