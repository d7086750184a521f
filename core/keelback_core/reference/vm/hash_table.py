"""HashTableCursor: the rows of one side of a join, found by the values of their key columns.

1. Rows are found by normalised keys, so that what compares equal is one key; a NULL in a key equals nothing.
2. Rows of one key come in the order of the other columns of the KeyInfo, equal ones as they were added; a key's rows
   are sorted when it is first found.

Must not know: instructions. Twin: core/kernel/vm/hash_table.
"""

from __future__ import annotations

from keelback_core.reference.vm.cursor import Cursor
from keelback_core.reference.vm.normal_key import KeyNormaliser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from keelback_core.value import Value
    from keelback_core.value.key import Collation
    from keelback_core.value.key_info import KeyInfo


class HashTableCursor(Cursor):
    """key_info: of the columns that order the rows. key_count: how many of them are the key."""

    __slots__ = ("_key_count", "_normaliser", "_place", "_row_keys", "_rows", "_sort_count", "_sorted")

    def __init__(self, key_info: KeyInfo, collations: Sequence[Collation], key_count: int) -> None:
        super().__init__(False)
        self._normaliser = KeyNormaliser(key_info, collations)
        self._key_count = key_count
        self._sort_count = len(key_info.sort_flags)
        self._row_keys: dict[Any, list[Sequence[Value]]] = {}
        self._sorted: set[Any] = set()
        self._rows: list[Sequence[Value]] = []
        self._place = 0

    def insert(self, row: Sequence[Value]) -> None:
        """Add a row, unless a column of its key is NULL."""
        key = row[: self._key_count]
        if None not in key:
            self._row_keys.setdefault(self._normaliser.key(key), []).append(row)

    def find(self, key: Sequence[Value]) -> bool:
        self.is_null_row = False
        self._rows = []
        self._place = 0
        if None in key:
            return False
        name = self._normaliser.key(key)
        rows = self._row_keys.get(name)
        if rows is None:
            return False
        if name not in self._sorted:
            self._sorted.add(name)
            rows.sort(key=lambda row: self._normaliser.key(row[: self._sort_count]))
        self._rows = rows
        return True

    def next(self) -> bool:
        self.is_null_row = False
        self._place += 1
        return self._place < len(self._rows)

    def column(self, index: int, default: Value) -> Value:
        if self.is_null_row or self._place >= len(self._rows):
            return None
        return self._rows[self._place][index]

    def rowid(self) -> int | None:
        rowid = None if self.is_null_row or self._place >= len(self._rows) else self._rows[self._place][-1]
        assert rowid is None or isinstance(rowid, int)
        return rowid
