"""Both twins of `storage` do the same: random operations give the same answers and the same file, byte by byte."""

from __future__ import annotations

import os
import random
import shutil
from typing import Any

import apsw
import pytest
from keelback_core.reference.storage.database import Database
from keelback_core.value.errors import SqlError
from keelback_core.value.key import KeyComparator, compare_binary
from keelback_core.value.key_info import KeyInfo
from keelback_core.value.record import decode_record, encode_record
from twin_storage import KernelDatabase

IS_LONG = os.environ.get("KEELBACK_LONG") == "1"
READ_WRITE_CREATE = 6
# Where the library may write something of its own: the journal's nonce is not in the database.
COMPARATOR = KeyComparator(KeyInfo(("BINARY",) * 2, (0, 1), 2), (compare_binary,) * 2)


@pytest.fixture
def source():
    seed = random.randrange(1 << 30)
    print("seed", seed)
    return random.Random(seed)


def outcome(function: Any, *arguments: Any) -> Any:
    """What a call gives, or the code and message of its error."""
    try:
        return function(*arguments)
    except SqlError as error:
        return ("error", error.code, error.message)


def random_payload(source: random.Random, page_size: int) -> bytes:
    kind = source.random()
    size = (
        source.randint(0, 60)
        if kind < 0.7
        else source.randint(0, page_size)
        if kind < 0.95
        else source.randint(0, 5 * page_size)
    )
    return encode_record([None, source.randint(-300, 70000), "x" * size])


def random_key(source: random.Random, page_size: int) -> list[Any]:
    kind = source.random()
    size = source.randint(0, 20) if kind < 0.9 else source.randint(0, 2 * page_size)
    first = source.choice((None, source.randint(0, 500), source.random(), f"{source.randint(0, 300)}" + "k" * size))
    return [first, source.randint(0, 50)]


class Pair:
    """A database of each twin, driven together; every answer is compared."""

    def __init__(self, source: random.Random, paths: tuple[Any, Any], page_size: int, cache_size: int) -> None:
        self.source = source
        self.page_size = page_size
        self.databases = [Database.open(paths[0], READ_WRITE_CREATE), KernelDatabase.open(paths[1], READ_WRITE_CREATE)]
        for database in self.databases:
            database.synchronous = 0
            database.set_page_size(page_size)
            database.cache_size = cache_size
        self.tables: list[int] = []
        self.indexes: list[int] = []
        self.cursors: list[tuple[str, int, Any, Any]] = []
        self.appended = 0

    def both(self, function: Any) -> Any:
        """Call with each database; the answer that both give."""
        return self.same(*[outcome(function, database) for database in self.databases])

    @staticmethod
    def same(reference: Any, kernel: Any) -> Any:
        assert reference == kernel
        return reference

    def call(self, cursors: tuple[Any, Any], name: str, *arguments: Any) -> Any:
        return self.same(*[outcome(getattr(cursor, name), *arguments) for cursor in cursors])

    def begin(self) -> None:
        self.both(lambda database: database.begin_write())

    def create(self, is_table: bool) -> None:
        root = self.both(lambda database: database.create_root(is_table))
        (self.tables if is_table else self.indexes).append(root)

    def open_cursor(self, writable: bool = True) -> None:
        is_table = bool(self.tables) and (not self.indexes or self.source.random() < 0.5)
        root = self.source.choice(self.tables if is_table else self.indexes)
        if is_table:
            pair = [database.open_table_cursor(root, writable) for database in self.databases]
        else:
            pair = [database.open_index_cursor(root, writable, COMPARATOR) for database in self.databases]
        self.cursors.append(("table" if is_table else "index", root, pair[0], pair[1]))

    def close_cursors(self) -> None:
        for _, _, *pair in self.cursors:
            for cursor in pair:
                cursor.close()
        self.cursors.clear()

    def check_place(self, kind: str, pair: tuple[Any, Any]) -> None:
        self.same(*[cursor.is_valid for cursor in pair])
        if self.call(pair, "is_on_row") is True:
            if kind == "table":
                self.same(*[outcome(lambda cursor=cursor: cursor.rowid) for cursor in pair])
                record = self.call(pair, "payload")
                values = decode_record(record)
                assert [pair[1].column(place) for place in range(len(values) + 1)] == [*values, None]
            else:
                self.call(pair, "values")
            self.call(pair, "payload_size")

    def step(self) -> None:
        """One random operation on a random cursor."""
        source = self.source
        if len(self.cursors) < 3 or source.random() < 0.02:
            self.open_cursor(source.random() < 0.8)
            return
        place = source.randrange(len(self.cursors))
        kind, _, *pair = self.cursors[place]
        action = source.random()
        if action < 0.35:
            if kind == "table":
                rowid = source.randint(-50, 3000) if source.random() < 0.98 else source.randint(-(2**63), 2**63 - 1)
                self.call(pair, "insert", rowid, random_payload(source, self.page_size))
            elif source.random() < 0.4:
                # Behind all others; more than a page at a time now and then.
                for _ in range(source.choice((1, 1, 5, 60))):
                    self.appended += 1
                    self.call(pair, "append", [f"z{self.appended:08}" + "a" * source.choice((0, 3, 30, 700)), 1])
            else:
                self.call(pair, "insert", random_key(source, self.page_size))
        elif action < 0.5:
            if self.call(pair, "is_on_row") is True:
                self.call(pair, "delete")
        elif action < 0.7:
            if kind == "table":
                self.call(pair, "seek", source.randint(-60, 3100))
            else:
                key = random_key(source, self.page_size)[: source.randint(1, 2)]
                self.call(pair, "seek", key, source.choice((-1, 0, 1)))
        elif action < 0.93:
            name = source.choice(("next", "next", "next", "previous", "first", "last"))
            for _ in range(source.randint(1, 8)):
                self.call(pair, name)
        elif action < 0.95:
            self.call(pair, "count")
        elif action < 0.97:
            for cursor in pair:
                cursor.close()
            del self.cursors[place]
            return
        self.check_place(kind, tuple(pair))

    def transaction(self, steps: int) -> None:
        """Some steps with savepoints, then a commit or a rollback."""
        source = self.source
        self.begin()
        depth = 0
        while len(self.tables) + len(self.indexes) < 4:
            self.create(len(self.tables) < 2)
        for _ in range(steps):
            action = source.random()
            if action < 0.02:
                for database in self.databases:
                    database.open_savepoint(depth)
                depth += 1
            elif action < 0.035 and depth:
                depth = source.randrange(depth) if source.random() < 0.5 else depth - 1
                if source.random() < 0.5:
                    for database in self.databases:
                        database.rollback_to_savepoint(depth)
                    depth += 1
                else:
                    for database in self.databases:
                        database.release_savepoint(depth)
            elif action < 0.04:
                root = source.choice(self.tables + self.indexes)
                self.both(lambda database, root=root: database.clear_root(root))
            else:
                self.step()
        self.both(lambda database: database.set_meta(6, steps))
        self.both(lambda database: (database.page_count, database.freelist_count, database.get_meta(6)))
        roots = [1, *self.tables, *self.indexes]
        assert self.both(lambda database: database.integrity_check(roots, 100)) == []
        if source.random() < 0.7:
            self.both(lambda database: database.commit())
        else:
            before = len(self.tables) + len(self.indexes)
            self.both(lambda database: database.rollback())
            self.close_cursors()
            self.both(lambda database: database.begin_read())
            if self.both(lambda database: database.page_count) == 0 or before:
                self.forget_lost_roots()
            self.both(lambda database: database.end_read())

    def forget_lost_roots(self) -> None:
        """After a rollback: roots that were made in it are no roots any more."""
        if self.both(lambda database: database.get_meta(8)) != 4:
            self.tables.clear()
            self.indexes.clear()


def make_roots(pair: Pair) -> None:
    pair.begin()
    for is_table in (True, False, True, False):
        pair.create(is_table)
    pair.both(lambda database: database.set_meta(8, 4))
    pair.both(lambda database: database.commit())


@pytest.mark.parametrize("page_size", [512, 1024, 4096, 65536])
@pytest.mark.parametrize("cache_size", [20, -2000])
def test_random_operations_give_the_same_answers_and_the_same_file(tmp_path, page_size, cache_size, source):
    paths = (str(tmp_path / "reference.db"), str(tmp_path / "kernel.db"))
    pair = Pair(source, paths, page_size, cache_size)
    make_roots(pair)
    for _ in range(20 if IS_LONG else 4):
        pair.transaction(source.randint(50, 700))
        with open(paths[0], "rb") as reference, open(paths[1], "rb") as kernel:
            assert reference.read() == kernel.read()
    pair.close_cursors()
    for database in pair.databases:
        database.close()


def test_random_operations_in_memory_give_the_same_answers(source):
    pair = Pair(source, (None, None), 1024, -2000)
    make_roots(pair)
    for _ in range(5):
        pair.transaction(400)


@pytest.mark.parametrize("mode", ["delete", "truncate", "persist", "memory", "off"])
def test_every_journal_mode_leaves_the_same_file(tmp_path, mode, source):
    paths = (str(tmp_path / "reference.db"), str(tmp_path / "kernel.db"))
    pair = Pair(source, paths, 1024, -2000)
    for database in pair.databases:
        database.journal_mode = mode
        database.synchronous = 2
    assert pair.both(lambda database: database.journal_mode) == mode
    make_roots(pair)
    for _ in range(3):
        pair.transaction(120)
        with open(paths[0], "rb") as reference, open(paths[1], "rb") as kernel:
            assert reference.read() == kernel.read()
        assert os.path.exists(paths[0] + "-journal") == os.path.exists(paths[1] + "-journal")


def oracle_file(path: Any, page_size: int, auto_vacuum: int = 0, encoding: str = "UTF-8") -> list[int]:
    """A file by real SQLite with tables, an index and overflow; gives its roots."""
    connection = apsw.Connection(str(path))
    connection.execute(f"PRAGMA page_size={page_size}; PRAGMA auto_vacuum={auto_vacuum}; PRAGMA encoding='{encoding}'")
    connection.execute("CREATE TABLE t(a INTEGER PRIMARY KEY, b, c); CREATE INDEX tb ON t(b, a); CREATE TABLE u(x)")
    rows = [(n, f"näme {n % 97}" * (1 + n % 5), "y" * (n % 50 * (20 if n % 31 == 0 else 1))) for n in range(600)]
    connection.executemany("INSERT INTO t VALUES(?, ?, ?)", rows)
    connection.execute("INSERT INTO u SELECT c FROM t; DELETE FROM t WHERE a % 7 = 0")
    roots = [root for (root,) in connection.execute("SELECT rootpage FROM sqlite_schema ORDER BY rootpage")]
    connection.close()
    return roots


def scan(database: Any, roots: list[int]) -> Any:
    """All that can be read of a file, errors among it."""
    seen: list[Any] = [outcome(database.begin_read)]
    if seen[0] is not None:
        return seen
    seen.append(
        outcome(lambda: [database.page_count, database.freelist_count, database.encoding, database.reserved_bytes])
    )
    seen.append(outcome(database.integrity_check, [1, *roots], 500))
    is_in_order = "out of order" not in str(seen[-1])
    for number, root in enumerate([1, *roots]):
        is_index = number == 2
        cursor = (
            database.open_index_cursor(root, False, COMPARATOR) if is_index else database.open_table_cursor(root, False)
        )
        seen.append(outcome(cursor.count))
        for start, move in (("first", "next"), ("last", "previous")):
            is_on = outcome(getattr(cursor, start))
            steps = 0
            while is_on is True and steps < 3000:
                if is_index:
                    seen.append(outcome(cursor.values))
                else:
                    seen.append((outcome(lambda cursor=cursor: cursor.rowid), outcome(cursor.payload)))
                is_on = outcome(getattr(cursor, move))
                steps += 1
            seen.append(is_on)
        # Among rowids out of order each twin may find another place: the kernel guesses before it searches.
        for key in (3, 300, 5000) if is_in_order else ():
            seen.append(outcome(cursor.seek, ["näme 5", key] if is_index else key))
        cursor.close()
    seen.append(outcome(database.end_read))
    return seen


def first_difference(expected: list[Any], found: list[Any]) -> Any:
    """Where two lists of answers part, and how; None when they do not."""
    for place in range(max(len(expected), len(found))):
        if expected[place : place + 1] != found[place : place + 1]:
            return place, expected[place : place + 1], found[place : place + 1]
    return None


def write_something(database: Any, roots: list[int]) -> Any:
    """Changes to a file, which may be damaged; what they answer."""
    seen: list[Any] = [outcome(database.begin_write)]
    if seen[0] is not None:
        return seen
    table, index = roots[0], roots[1]
    table_cursor = database.open_table_cursor(table, True)
    index_cursor = database.open_index_cursor(index, True, COMPARATOR)
    for number in range(0, 700, 23):
        seen.append(outcome(table_cursor.insert, number, encode_record([None, "z" * (number * 3), number])))
        seen.append(outcome(index_cursor.insert, ["w" * (number % 90), number]))
        if outcome(table_cursor.seek, number + 11) == 0:
            seen.append(outcome(table_cursor.delete))
        if outcome(index_cursor.first) is True:
            seen.append(outcome(index_cursor.delete))
    table_cursor.close()
    index_cursor.close()
    seen.append(outcome(database.drop_root, roots[2]))
    seen.append(outcome(database.rollback))
    return seen


def test_damaged_files_give_the_same_answers(tmp_path, source):
    good: list[tuple[bytes, list[int], int]] = []
    for page_size, auto_vacuum, encoding in (
        (512, 0, "UTF-8"),
        (1024, 1, "UTF-8"),
        (1024, 0, "UTF-16le"),
        (4096, 0, "UTF-16be"),
    ):
        path = tmp_path / f"good{len(good)}.db"
        roots = oracle_file(path, page_size, auto_vacuum, encoding)
        good.append((path.read_bytes(), roots, page_size))
    for round_number in range(600 if IS_LONG else 60):
        original, roots, page_size = good[round_number % len(good)]
        data = bytearray(original)
        for _ in range(source.choice((1, 1, 2, 5, 20))):
            page = source.randrange(len(data) // page_size)
            # The head of a page and its cell pointers are where damage tells most.
            place = page * page_size + source.randrange(40 if source.random() < 0.6 else page_size)
            data[place] = source.choice((0, 1, 2, 5, 10, 13, 0x7F, 0x80, 0xFF, source.randrange(256)))
        if source.random() < 0.1:
            del data[source.randrange(len(data)) :]
        paths = [tmp_path / "reference.db", tmp_path / "kernel.db"]
        for path in paths:
            path.write_bytes(data)
        databases = [
            Database.open(str(paths[0]), READ_WRITE_CREATE),
            KernelDatabase.open(str(paths[1]), READ_WRITE_CREATE),
        ]
        for database in databases:
            database.synchronous = 0
        answers = [scan(database, roots) for database in databases]
        assert first_difference(*answers) is None
        changes = [write_something(database, roots) for database in databases]
        assert first_difference(*changes) is None or "out of order" in str(answers[0][2])
        for database in databases:
            database.close()


@pytest.mark.parametrize("auto_vacuum", [0, 1, 2])
def test_files_of_real_sqlite_are_changed_the_same_way(tmp_path, auto_vacuum, source):
    path = tmp_path / "reference.db"
    roots = oracle_file(path, 1024, auto_vacuum)
    paths = (str(path), str(tmp_path / "kernel.db"))
    shutil.copy(path, paths[1])
    pair = Pair(source, paths, 1024, -2000)
    pair.begin()
    pair.create(True)
    pair.create(False)
    for number in range(300):
        for database in pair.databases:
            cursor = database.open_table_cursor(pair.tables[0], True)
            cursor.insert(number * 7 % 301, encode_record(["v" * (number * 5)]))
            cursor.close()
    pair.both(lambda database: database.clear_root(roots[2]))
    assert pair.both(lambda database: database.integrity_check([1, *roots, *pair.tables, *pair.indexes], 100)) == []
    pair.both(lambda database: database.commit())
    with open(paths[0], "rb") as reference, open(paths[1], "rb") as kernel:
        assert reference.read() == kernel.read()


def crashed_copy(database: Any, path: Any, table: int, target: Any) -> None:
    """A write transaction that spilled into the file, copied in the middle with its journal, as a crash leaves it."""
    database.synchronous = 2
    database.cache_size = 20
    database.begin_write()
    cursor = database.open_table_cursor(table, True)
    for number in range(0, 600, 2):
        cursor.insert(number, encode_record([None, "crash", "c" * 400]))
    cursor.close()
    assert os.path.getsize(str(path) + "-journal") > 512
    shutil.copy(path, target)
    shutil.copy(str(path) + "-journal", str(target) + "-journal")
    database.rollback()
    database.close()


@pytest.mark.parametrize("writer", [Database, KernelDatabase])
@pytest.mark.parametrize("reader", [Database, KernelDatabase, "sqlite"])
def test_a_hot_journal_of_one_is_rolled_back_by_the_other(tmp_path, writer, reader):
    path, target = tmp_path / "written.db", tmp_path / "crashed.db"
    roots = oracle_file(path, 1024)
    before = path.read_bytes()
    crashed_copy(writer.open(str(path), READ_WRITE_CREATE), path, roots[0], target)
    assert target.read_bytes() != before
    assert path.read_bytes() == before
    if reader == "sqlite":
        connection = apsw.Connection(str(target))
        assert list(connection.execute("PRAGMA integrity_check")) == [("ok",)]
        connection.close()
    else:
        database = reader.open(str(target), READ_WRITE_CREATE)
        database.begin_read()
        assert database.integrity_check([1, *roots], 10) == []
        database.end_read()
        database.close()
    assert target.read_bytes() == before
    assert not os.path.exists(str(target) + "-journal")


def test_a_wal_left_behind_is_read_the_same_way(tmp_path):
    path = tmp_path / "wal.db"
    connection = apsw.Connection(str(path))
    for sql in ("PRAGMA journal_mode=wal", "PRAGMA wal_autocheckpoint=0", "CREATE TABLE t(a INTEGER PRIMARY KEY, b)"):
        list(connection.execute(sql))
    connection.executemany("INSERT INTO t VALUES(?, hex(randomblob(40)))", [(number,) for number in range(1, 501)])
    expected = list(connection.execute("SELECT a, b FROM t"))
    copies = [tmp_path / "reference.db", tmp_path / "kernel.db"]
    for copy in copies:
        shutil.copy(path, copy)
        shutil.copy(str(path) + "-wal", str(copy) + "-wal")
    connection.close()
    for kind, copy in ((Database, copies[0]), (KernelDatabase, copies[1])):
        database = kind.open(str(copy), READ_WRITE_CREATE)
        database.begin_read()
        assert database.journal_mode == "wal"
        cursor = database.open_table_cursor(2, False)
        rows = []
        is_on = cursor.first()
        while is_on:
            rows.append((cursor.rowid, decode_record(cursor.payload())[1]))
            is_on = cursor.next()
        cursor.close()
        assert rows == expected
        database.end_read()
        database.close()
