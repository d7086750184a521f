"""Ephemeral tables and indexes: sorted lists in memory that behave as trees of a database do.

1. A store holds two parallel lists, `keys` ascending and `rows`; for a table a key is the rowid, for an index the
   normalised key of all its columns. Equal keys are the same entry.
2. A cursor knows its key and its place. When the store has changed since (`changes` tells), the place is found again
   by the key; if the key is gone, the cursor is between two entries, reads NULLs, and moves on from there.
3. Cursors made by OpenDup share the store.

Must not know: instructions, storage. Twin: core/kernel/vm/ephemeral.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from keelback_core.reference.vm.cursor import Cursor
from keelback_core.reference.vm.failure import corrupt
from keelback_core.reference.vm.normal_key import AFTER_ALL, KeyNormaliser
from keelback_core.reference.vm.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from keelback_core.value import Value
    from keelback_core.value.key import Collation
    from keelback_core.value.key_info import KeyInfo


class EphemeralStore:
    """The entries of one ephemeral tree."""

    __slots__ = ("changes", "keys", "rows")

    def __init__(self) -> None:
        self.keys: list[Any] = []
        self.rows: list[list[Value]] = []
        self.changes = 0

    def put(self, key: Any, row: list[Value]) -> int:
        """Insert or overwrite; returns the place."""
        keys = self.keys
        self.changes += 1
        if not keys or keys[-1] < key:
            keys.append(key)
            self.rows.append(row)
            return len(keys) - 1
        place = bisect_left(keys, key)
        if keys[place] == key:
            keys[place] = key
            self.rows[place] = row
        else:
            keys.insert(place, key)
            self.rows.insert(place, row)
        return place

    def remove(self, place: int) -> None:
        """Delete the entry at a place."""
        self.changes += 1
        del self.keys[place]
        del self.rows[place]

    def clear(self) -> None:
        """Delete all."""
        self.changes += 1
        self.keys = []
        self.rows = []


class EphemeralCursor(Cursor):
    """What the cursors of ephemeral tables and indexes share: places and moves."""

    __slots__ = ("_key", "_place", "_seen", "store")

    def __init__(self, is_table: bool, store: EphemeralStore) -> None:
        super().__init__(is_table)
        self.store = store
        self._place = -1
        self._key: Any = None
        self._seen = -1

    def _stand(self, place: int) -> bool:
        """Go to a place; False, and nowhere, if it is outside."""
        self.is_null_row = False
        keys = self.store.keys
        if 0 <= place < len(keys):
            self._place = place
            self._key = keys[place]
            self._seen = self.store.changes
            return True
        self._place = -1
        self._key = None
        return False

    def _is_on_row(self) -> bool:
        """Find the place again after changes; False if the entry is gone (the place is then that of the next one)."""
        if self._place < 0:
            return False
        keys = self.store.keys
        if self._seen != self.store.changes:
            self._place = bisect_left(keys, self._key)
            self._seen = self.store.changes
        return self._place < len(keys) and bool(keys[self._place] == self._key)

    def _row(self) -> list[Value] | None:
        if self.is_null_row or not self._is_on_row():
            return None
        return self.store.rows[self._place]

    def column(self, index: int, default: Value) -> Value:
        row = self._row()
        if row is None:
            return None
        return row[index] if index < len(row) else default

    def record(self) -> Record:
        row = self._row()
        if row is None:
            raise corrupt()
        return Record(row)

    def first(self) -> bool:
        return self._stand(0)

    def last(self) -> bool:
        return self._stand(len(self.store.keys) - 1)

    def next(self) -> bool:
        if self._place < 0:
            return False
        return self._stand(self._place + 1 if self._is_on_row() else self._place)

    def previous(self) -> bool:
        if self._place < 0:
            return False
        self._is_on_row()
        return self._stand(self._place - 1)

    def delete(self) -> None:
        if self._is_on_row():
            self.store.remove(self._place)

    def count(self) -> int:
        return len(self.store.keys)

    def clear(self) -> None:
        self.store.clear()
        self._stand(-1)
        self.sequence = 0


class EphemeralTableCursor(EphemeralCursor):
    """A cursor on an ephemeral table."""

    __slots__ = ()

    def __init__(self, store: EphemeralStore) -> None:
        super().__init__(True, store)

    def rowid(self) -> int | None:
        if self.is_null_row or not self._is_on_row():
            return None
        rowid: int = self._key
        return rowid

    def find(self, key: Sequence[Value]) -> bool:
        keys = self.store.keys
        place = bisect_left(keys, key[0])
        return place < len(keys) and keys[place] == key[0] and self._stand(place)

    def seek_forward(self, key: Sequence[Value], or_equal: bool) -> bool:
        keys = self.store.keys
        return self._stand(bisect_left(keys, key[0]) if or_equal else bisect_right(keys, key[0]))

    def seek_backward(self, key: Sequence[Value], or_equal: bool) -> bool:
        keys = self.store.keys
        return self._stand((bisect_right(keys, key[0]) if or_equal else bisect_left(keys, key[0])) - 1)

    def insert_row(self, rowid: int, record: Record, keep_position: bool) -> None:
        self._stand(self.store.put(rowid, record.values()))

    def duplicate(self) -> EphemeralTableCursor:
        """Another cursor on the same entries."""
        return EphemeralTableCursor(self.store)


class EphemeralIndexCursor(EphemeralCursor):
    """A cursor on an ephemeral index."""

    __slots__ = ("_normaliser",)

    def __init__(self, store: EphemeralStore, normaliser: KeyNormaliser) -> None:
        super().__init__(False, store)
        self._normaliser = normaliser

    @staticmethod
    def open(key_info: KeyInfo, collations: Sequence[Collation]) -> EphemeralIndexCursor:
        """A cursor on a new index."""
        return EphemeralIndexCursor(EphemeralStore(), KeyNormaliser(key_info, collations))

    def rowid(self) -> int | None:
        row = self._row()
        if row is None:
            return None
        rowid = row[-1]
        if not isinstance(rowid, int):
            raise corrupt()
        return rowid

    def find(self, key: Sequence[Value]) -> bool:
        wanted = self._normaliser.key(key)
        keys = self.store.keys
        place = bisect_left(keys, wanted)
        return place < len(keys) and keys[place][: len(wanted)] == wanted and self._stand(place)

    def seek_forward(self, key: Sequence[Value], or_equal: bool) -> bool:
        wanted = self._normaliser.key(key)
        if not or_equal:
            wanted += (AFTER_ALL,)
        return self._stand(bisect_left(self.store.keys, wanted))

    def seek_backward(self, key: Sequence[Value], or_equal: bool) -> bool:
        wanted = self._normaliser.key(key)
        if or_equal:
            wanted += (AFTER_ALL,)
        return self._stand(bisect_left(self.store.keys, wanted) - 1)

    def compare_key(self, key: Sequence[Value]) -> int:
        if not self._is_on_row():
            raise corrupt()
        wanted = self._normaliser.key(key)
        mine = self._key[: len(wanted)]
        return 0 if mine == wanted else -1 if mine < wanted else 1

    def insert_entry(self, record: Record, key_count: int) -> None:
        row = record.values()
        self._stand(self.store.put(self._normaliser.key(row), row))

    def duplicate(self) -> EphemeralIndexCursor:
        """Another cursor on the same entries."""
        return EphemeralIndexCursor(self.store, self._normaliser)
