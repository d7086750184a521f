"""Sorter: records in, records out in the order of a KeyInfo, ties in the order of insertion.

1. Only the key columns order the records; what stands behind them is carried along.
2. Directions are mixed by sorting once a run of columns of one direction, from the last to the first: each pass is
   stable, so the passes before it decide its ties.
3. With a limit no more than twice so many records are kept.

Must not know: instructions, storage. Twin: core/kernel/vm/sorter.
"""

from __future__ import annotations

from keelback_core.reference.vm.cursor import Cursor
from keelback_core.reference.vm.failure import failure
from keelback_core.reference.vm.normal_key import column_maker
from keelback_core.reference.vm.record import Record
from keelback_core.value.key import KeyComparator
from keelback_core.value.key_info import SORT_DESCENDING, SORT_NULLS_BIGGEST
from keelback_core.value.result_codes import INTERRUPT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from keelback_core.program.host import Host
    from keelback_core.value import Value
    from keelback_core.value.key import Collation
    from keelback_core.value.key_info import KeyInfo

    SortKey = Callable[[list[Value]], Any]

_FEWEST_KEPT = 64
# How many keys are made before an interrupt is looked for.
_KEYS_AT_ONCE = 1000


def _pass_key(makers: list[Any], start: int) -> SortKey:
    if len(makers) == 1:
        make = makers[0]
        return lambda values: make(values[start])
    stop = start + len(makers)
    return lambda values: [make(value) for make, value in zip(makers, values[start:stop], strict=True)]


def sort_passes(key_info: KeyInfo, collations: Sequence[Collation]) -> list[tuple[SortKey, bool]]:
    """The passes that sort lists of values: key function and whether in reverse, to be run in this order."""
    passes: list[tuple[SortKey, bool]] = []
    makers: list[Any] = []
    direction = False
    for position, flags in enumerate(key_info.sort_flags):
        is_descending = bool(flags & SORT_DESCENDING)
        if makers and is_descending != direction:
            passes.append((_pass_key(makers, position - len(makers)), direction))
            makers = []
        direction = is_descending
        makers.append(column_maker(collations[position], bool(flags & SORT_NULLS_BIGGEST)))
    if makers:
        passes.append((_pass_key(makers, len(key_info.sort_flags) - len(makers)), direction))
    passes.reverse()
    return passes


class SorterCursor(Cursor):
    """A sorter is its own cursor: filled by `add`, sorted by `first`, read by `next`."""

    __slots__ = ("_comparator", "_host", "_key_count", "_limit", "_passes", "_place", "_rows")

    def __init__(
        self, key_info: KeyInfo, collations: Sequence[Collation], limit: int, host: Host | None = None
    ) -> None:
        super().__init__(False)
        self._host = host
        self._passes = sort_passes(key_info, collations)
        self._comparator = KeyComparator(key_info, collations)
        self._key_count = len(key_info.sort_flags)
        self._limit = limit
        self._rows: list[list[Value]] = []
        self._place = 0

    def add(self, record: Record) -> None:
        """Put a record in."""
        self._rows.append(record.values())
        if self._limit and len(self._rows) >= 2 * self._limit + _FEWEST_KEPT:
            self._sort()

    def _sort(self) -> None:
        rows = self._rows
        for make_key, is_reverse in self._passes:
            keys: list[Any] = []
            for start in range(0, len(rows), _KEYS_AT_ONCE):
                if self._host is not None and self._host.is_interrupted:
                    raise failure(INTERRUPT)
                keys.extend(map(make_key, rows[start : start + _KEYS_AT_ONCE]))
            order = sorted(range(len(rows)), key=keys.__getitem__, reverse=is_reverse)
            rows[:] = [rows[place] for place in order]
        if self._limit:
            del self._rows[self._limit :]

    def first(self) -> bool:
        self._sort()
        self._place = 0
        return bool(self._rows)

    def next(self) -> bool:
        self._place += 1
        return self._place < len(self._rows)

    def column(self, index: int, default: Value) -> Value:
        values = self._rows[self._place]
        return values[index] if index < len(values) else default

    def record(self) -> Record:
        return Record(self._rows[self._place])

    def compare_key(self, key: Sequence[Value]) -> int:
        return self._comparator.compare(self._rows[self._place], key)

    def is_same_key(self, record: Record, column_count: int) -> bool:
        """Whether the record under the cursor ties with another on the first columns; a NULL ties with none."""
        key = record.values()[:column_count]
        return None not in key and self._comparator.compare(self._rows[self._place], key) == 0

    def count(self) -> int:
        return len(self._rows)

    def clear(self) -> None:
        self._rows = []
        self._place = 0

    def close(self) -> None:
        self._rows = []
