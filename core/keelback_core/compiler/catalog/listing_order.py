"""The order in which SQLite lists the tables of a schema where no order is asked for (table_list, integrity_check).

SQLite keeps tables in a hash table whose elements are also on one list, and walks that list: a new element goes before
the newest one of its bucket, or to the front of the list; the number of buckets grows with the elements. Programs
print such lists, so ours come out alike.

Must not know: what the names stand for.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

MOST_BUCKETS: Final = 64
FEWEST_FOR_BUCKETS: Final = 5


def _hash(name: str) -> int:
    value = 0
    for byte in name.encode("utf-8", "surrogateescape"):
        value = (value + (byte & 0xDF)) * 0x9E3779B1 & 0xFFFFFFFF
    return value


class _NameList:
    """The list, its number of buckets, and the newest name of each bucket."""

    __slots__ = ("names", "bucket_count", "newest")

    def __init__(self) -> None:
        self.names: list[str] = []
        self.bucket_count = 0
        self.newest: dict[int, str] = {}

    def put(self, name: str) -> None:
        """Insert one name."""
        bucket = _hash(name) % self.bucket_count if self.bucket_count else -1
        head = self.newest.get(bucket) if bucket >= 0 else None
        self.names.insert(0 if head is None else self.names.index(head), name)
        if bucket >= 0:
            self.newest[bucket] = name

    def grow(self, count: int) -> None:
        """Spread the names over more buckets."""
        if count == self.bucket_count:
            return
        old = self.names
        self.names = []
        self.newest = {}
        self.bucket_count = count
        for name in old:
            self.put(name)


def listing_order(names: Sequence[str]) -> list[str]:
    """The names, given in the order in which they came to be known, as SQLite lists them."""
    listed = _NameList()
    for number, name in enumerate(names, 1):
        if number >= FEWEST_FOR_BUCKETS and number > 2 * listed.bucket_count:
            listed.grow(min(number * 3, MOST_BUCKETS))
        listed.put(name)
    return listed.names
