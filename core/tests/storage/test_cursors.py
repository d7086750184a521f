"""Several cursors on one tree keep their places while one of them changes it; savepoints and rollbacks undo exactly."""

from __future__ import annotations

import bisect
import random
from typing import Any

import pytest
from keelback_core.reference.storage.database import Database
from keelback_core.value.errors import SqlError
from keelback_core.value.record import decode_record, encode_record
from keelback_core.value.result_codes import ABORT_ROLLBACK, LOCKED, READONLY
from storage_support import IS_LONG, comparator, create_table, open_database, oracle_check, table_rows

STEPS = 40000 if IS_LONG else 5000


class Place:
    """Where a cursor should be: on a key, beside a deleted one, or nowhere."""

    def __init__(self) -> None:
        self.key: int | None = None

    def step(self, keys: list[int], direction: int) -> int | None:
        """The next key in a direction, from a key that may be gone."""
        if self.key is None:
            return None
        if direction > 0:
            position = bisect.bisect_right(keys, self.key)
            return keys[position] if position < len(keys) else None
        position = bisect.bisect_left(keys, self.key)
        return keys[position - 1] if position else None


@pytest.mark.parametrize("is_table", [True, False])
@pytest.mark.parametrize("cache_size", [-2000, 20])
def test_cursors_keep_their_places_while_others_change_the_tree(tmp_path: Any, is_table: bool, cache_size: int) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    source = random.Random(seed)
    database = open_database(tmp_path / "a.db", page_size=512)
    database.cache_size = cache_size
    database.begin_write()
    root = database.create_root(is_table)
    compare = comparator(0, 0)
    cursors: list[Any] = [
        database.open_table_cursor(root, True) if is_table else database.open_index_cursor(root, True, compare)
        for _ in range(4)
    ]
    places = [Place() for _ in cursors]
    keys: list[int] = []
    phase = 0.7
    for number in range(STEPS):
        if number % 1000 == 999:
            phase = source.choice((0.3, 0.5, 0.7))
        which = source.randrange(len(cursors))
        cursor, place = cursors[which], places[which]
        action = source.random()
        key = source.randrange(3000)
        if action < phase * 0.5:
            payload = [f"{key:06d}" + "p" * (key * 31 % 90), key]
            cursor.insert(key, encode_record(payload)) if is_table else cursor.insert(payload)
            if key not in keys:
                bisect.insort(keys, key)
            place.key = key
        elif action < 0.5:
            if cursor.is_on_row():
                assert place.key in keys
                cursor.delete()
                keys.remove(place.key)
        elif action < 0.6:
            result = cursor.seek(key) if is_table else cursor.seek([f"{key:06d}" + "p" * (key * 31 % 90), key])
            if not keys:
                assert result < 0 and not cursor.is_valid
                place.key = None
            else:
                found = cursor.rowid if is_table else cursor.values()[1]
                assert (found > key) - (found < key) == result
                assert (result == 0) == (key in keys)
                place.key = found
        else:
            direction = source.choice((1, -1))
            expected = place.step(keys, direction)
            moved = cursor.next() if direction > 0 else cursor.previous()
            assert moved == (expected is not None)
            if expected is not None:
                assert (cursor.rowid if is_table else cursor.values()[1]) == expected
                assert decode_record(cursor.payload())[1] == expected
            place.key = expected
        if not keys:
            # As in SQLite, a cursor that looks for its place in an empty tree has none any more.
            place.key = None
        assert cursor.is_on_row() == (place.key is not None and place.key in keys)
    assert cursors[0].count() == len(keys)
    assert database.integrity_check([0, root], 10) == []
    database.commit()
    database.close()


@pytest.mark.parametrize("kind", ["memory", "file", "file with a tiny cache", "memory journal", "truncate", "persist"])
def test_savepoints_and_rollbacks_undo_exactly(tmp_path: Any, kind: str) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    source = random.Random(seed)
    path = tmp_path / "a.db"
    database = Database.open(None, 6) if kind == "memory" else open_database(path)
    database.set_page_size(512)
    if kind in ("truncate", "persist"):
        database.journal_mode = kind
        assert database.journal_mode == kind
    if kind == "memory journal":
        database.journal_mode = "memory"
    if kind != "memory" and kind != "file":
        database.cache_size = 20
    database.begin_write()
    root = create_table(database)
    database.commit()
    model: dict[int, str] = {}
    for _ in range(30 if IS_LONG else 8):
        database.begin_write()
        before = dict(model)
        saved: list[dict[int, str]] = []
        cursor = database.open_table_cursor(root, True)
        for _ in range(400):
            action = source.random()
            if action < 0.05:
                database.open_savepoint(len(saved))
                saved.append(dict(model))
            elif action < 0.08 and saved:
                depth = source.randrange(len(saved))
                database.rollback_to_savepoint(depth)
                model = dict(saved[depth])
                del saved[depth + 1 :]
            elif action < 0.11 and saved:
                depth = source.randrange(len(saved))
                database.release_savepoint(depth)
                del saved[depth:]
            elif action < 0.4 and model:
                rowid = source.choice(list(model))
                assert cursor.seek(rowid) == 0
                cursor.delete()
                del model[rowid]
            else:
                rowid = source.randrange(5000)
                model[rowid] = "v" * source.randrange(1200 if source.random() < 0.1 else 100)
                cursor.insert(rowid, encode_record([None, model[rowid]]))
        cursor.close()
        assert {rowid: values[1] for rowid, values in table_rows(database, root).items()} == model
        if source.random() < 0.5:
            database.rollback()
            model = before
        else:
            database.commit()
        database.begin_read()
        assert {rowid: values[1] for rowid, values in table_rows(database, root).items()} == model
        assert database.integrity_check([0, root], 10) == []
        database.end_read()
    database.close()
    if kind != "memory":
        assert oracle_check(path) == "ok"


def test_a_rollback_lets_readers_go_on_and_stops_writers(tmp_path: Any) -> None:
    database = open_database(tmp_path / "a.db")
    database.begin_write()
    root = create_table(database)
    writer = database.open_table_cursor(root, True)
    for rowid in range(100):
        writer.insert(rowid, encode_record([None, "x"]))
    writer.close()
    database.commit(keep_read=True)
    reader = database.open_table_cursor(root, False)
    assert reader.seek(40) == 0
    database.begin_write()
    writer = database.open_table_cursor(root, True)
    for rowid in range(30, 60):
        writer.seek(rowid)
        writer.delete()
    database.rollback(keep_read=True)
    assert reader.is_on_row() and reader.rowid == 40 and reader.next() and reader.rowid == 41
    with pytest.raises(SqlError) as caught:
        writer.next()
    assert caught.value.code == ABORT_ROLLBACK and caught.value.message == "abort due to ROLLBACK"
    with pytest.raises(SqlError) as caught:
        reader.insert(1, b"\x01")
    assert caught.value.code == READONLY
    database.close()


def test_a_tree_with_an_open_cursor_is_not_dropped() -> None:
    database = Database.open(None, 6)
    database.begin_write()
    root = database.create_root(True)
    cursor = database.open_table_cursor(root, False)
    with pytest.raises(SqlError) as caught:
        database.drop_root(root)
    assert (caught.value.code, caught.value.message) == (LOCKED, "database table is locked")
    cursor.close()
    database.drop_root(root)
    assert database.freelist_count == 1


def test_a_prefix_is_sought_before_or_behind_its_entries() -> None:
    database = Database.open(None, 6)
    database.set_page_size(512)
    database.begin_write()
    cursor = database.open_index_cursor(database.create_root(False), True, comparator(0, 0))
    for first in range(0, 60, 2):
        for second in range(40):
            cursor.insert([first, second])
    for first in range(-1, 60):
        found = first % 2 == 0
        result = cursor.seek([first], 1)
        if result < 0 and not cursor.next():
            assert first > 58
        else:
            assert cursor.values() == [first + (0 if found else 1), 0]
        result = cursor.seek([first], -1)
        if result > 0 and not cursor.previous():
            assert first < 0
        elif first >= 0:
            assert cursor.values() == [first - (0 if found else 1), 39]
        if found:
            assert cursor.seek([first, 7]) == 0 and cursor.values() == [first, 7]


def test_an_entry_goes_in_where_a_look_up_left_the_cursor() -> None:
    """A look-up by a prefix or by the whole entry, at times with a move or a change in between, and the insert."""
    randomness = random.Random(7)
    database = Database.open(None, 6)
    database.set_page_size(512)
    database.begin_write()
    root = database.create_root(False)
    cursor = database.open_index_cursor(root, True, comparator(0, 0))
    other = database.open_index_cursor(root, True, comparator(0, 0))
    model: set[tuple[int, int]] = set()
    for step in range(STEPS):
        entry = (randomness.randrange(400) if step % 3 else step, randomness.randrange(50))
        result = cursor.seek(entry[:1] if step % 2 else entry)
        if step % 5 == 0:
            cursor.next()
        elif step % 7 == 0:
            other.insert(list(entry))
        elif step % 11 == 0 and result == 0 and cursor.is_on_row():
            model.discard(tuple(cursor.values()))
            cursor.delete()
        elif step % 13 == 0:
            entry = (randomness.randrange(400), 99)
        cursor.insert(list(entry))
        model.add(entry)
        assert cursor.values() == list(entry)
    found = []
    is_on = cursor.first()
    while is_on:
        found.append(tuple(cursor.values()))
        is_on = cursor.next()
    assert found == sorted(model)


@pytest.mark.parametrize("flags", [(0, 0), (1, 0), (0, 1)])
def test_texts_that_begin_alike_are_found_by_what_follows(flags: tuple[int, int]) -> None:
    """Texts of up to 20 bytes that differ behind the seventh, in their length, or by a NUL at their end."""
    randomness = random.Random(11)
    database = Database.open(None, 6)
    database.begin_write()
    cursor = database.open_index_cursor(database.create_root(False), True, comparator(*flags))

    def text() -> str:
        return "alike 7"[: randomness.choice((3, 7, 7, 7, 7))] + "".join(
            randomness.choice("\0aab") for _ in range(randomness.randrange(14))
        )

    def place(entry: tuple[str, str]) -> tuple[list[int], list[int]]:
        """Sorts as the index does: the bytes turned round, and an end behind all of them, where it descends."""
        first, second = [
            [255 - byte for byte in column.encode()] + [256] if flag else [*column.encode()]
            for column, flag in zip(entry, flags, strict=True)
        ]
        return first, second

    # Few texts for the first column, so that the second one often decides.
    firsts = [text() for _ in range(60)]
    model = {(randomness.choice(firsts), text()) for _ in range(STEPS)}
    for entry in randomness.sample(sorted(model), len(model)):
        cursor.insert(list(entry))
    in_order = sorted(model, key=place)
    for _ in range(STEPS):
        entry = (randomness.choice(firsts), randomness.choice(in_order)[1])
        result = cursor.seek(list(entry))
        assert (result == 0) == (entry in model)
        expected = place(tuple(cursor.values()))
        assert (expected > place(entry)) - (expected < place(entry)) == (result > 0) - (result < 0)
        if result > 0 and cursor.previous():
            assert place(tuple(cursor.values())) < place(entry)
        elif result < 0 and cursor.next():
            assert place(tuple(cursor.values())) > place(entry)
    found = []
    is_on = cursor.first()
    while is_on:
        found.append(tuple(cursor.values()))
        is_on = cursor.next()
    assert found == in_order


def test_entries_that_come_in_order_fill_their_pages_and_are_written_over_in_place() -> None:
    randomness = random.Random(9)
    database = Database.open(None, 6)
    database.set_page_size(512)
    database.begin_write()
    root = database.create_root(False)
    cursor = database.open_index_cursor(root, True, comparator(0, 0))
    entries = [[number, f"{number * 7 % 100:020d}"] for number in range(3000)]
    for entry in entries:
        # A look-up begins at the leaf at hand, or does not.
        if entry[0] % 3:
            assert cursor.seek(entry) < 0 or entry[0] == 0
        cursor.insert(entry)
    # 31 bytes with the pointer: 504 / 31 on a leaf, and as many to a page above.
    assert database.page_count <= 3000 // 15 + 3000 // 15 // 13 + 3
    pages = database.page_count
    for _ in range(2000):
        number = randomness.randrange(3000)
        entries[number] = [number, f"{randomness.randrange(1000):020d}"]
        cursor.insert(entries[number], 1)
        assert cursor.values() == entries[number]
    assert database.page_count == pages
    for number in randomness.sample(range(3000), 1000):
        entries[number] = [number, "x" * randomness.randrange(60)]
        cursor.insert(entries[number], 1)
    found = []
    is_on = cursor.first()
    while is_on:
        found.append(list(cursor.values()))
        is_on = cursor.next()
    assert found == entries
    assert database.integrity_check([0, root], 10) == []
