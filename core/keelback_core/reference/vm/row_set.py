"""RowSet: a set of rowids that is filled, tested, and read in ascending order.

Must not know: registers, cursors.
"""

from __future__ import annotations


class RowSet:
    """Integers, each once. Reading takes them out, smallest first."""

    __slots__ = ("_members", "_queue")

    def __init__(self) -> None:
        self._members: set[int] = set()
        self._queue: list[int] | None = None

    def add(self, rowid: int) -> None:
        """Put a rowid in; one that is there already makes no difference."""
        if rowid not in self._members:
            self._members.add(rowid)
            self._queue = None

    def contains(self, rowid: int) -> bool:
        """Whether the rowid is in the set."""
        return rowid in self._members

    def take_smallest(self) -> int | None:
        """Take the smallest rowid out; None if the set is empty."""
        queue = self._queue
        if queue is None:
            queue = self._queue = sorted(self._members, reverse=True)
        if not queue:
            return None
        rowid = queue.pop()
        self._members.discard(rowid)
        return rowid
