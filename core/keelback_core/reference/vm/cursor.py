"""Cursor: what the instructions of a Program see of a tree, an ephemeral table, a sorter or a pseudo table.

1. A cursor stands on an entry, or on a row of NULLs (`is_null_row`) until it is moved, or nowhere.
2. Every move returns whether there is an entry. A table's key is the list [rowid], an index's the leading values.
3. A method that a kind of cursor does not have is an AssertionError: the compiler made a mistake.

Kinds: tree_cursor, ephemeral, sorter, pseudo_cursor. Twin: core/kernel/vm/cursor.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.reference.vm.record import Record
    from keelback_core.value import Value


class Cursor:
    """The base of all cursors.

    is_table: the key is a rowid. is_writable: opened by OpenWrite on a stored tree. database: index of the database
    of a stored tree, else -1. sequence: the counter of Sequence.
    """

    __slots__ = ("database", "is_null_row", "is_table", "is_writable", "root", "sequence")

    def __init__(self, is_table: bool, database: int = -1, root: int = 0, is_writable: bool = False) -> None:
        self.is_table = is_table
        self.database = database
        self.root = root
        self.is_writable = is_writable
        self.is_null_row = False
        self.sequence = 0

    def column(self, index: int, default: Value) -> Value:
        """A column of the entry; `default` if the record is too short, NULL on a null row."""
        raise AssertionError("cursor without columns")

    def rowid(self) -> int | None:
        """The rowid of the entry (for an index its last column); None on a null row."""
        raise AssertionError("cursor without rowids")

    def record(self) -> Record:
        """The whole entry."""
        raise AssertionError("cursor without records")

    def first(self) -> bool:
        """Move to the first entry."""
        raise AssertionError("cursor without order")

    def last(self) -> bool:
        """Move to the last entry."""
        raise AssertionError("cursor without order")

    def next(self) -> bool:
        """Move to the entry after this one."""
        raise AssertionError("cursor without order")

    def previous(self) -> bool:
        """Move to the entry before this one."""
        raise AssertionError("cursor without order")

    def find(self, key: Sequence[Value]) -> bool:
        """Move to an entry equal to the key; where there is none the place is undefined."""
        raise AssertionError("cursor without search")

    def seek_forward(self, key: Sequence[Value], or_equal: bool) -> bool:
        """Move to the first entry greater than (or equal to) the key."""
        raise AssertionError("cursor without search")

    def seek_backward(self, key: Sequence[Value], or_equal: bool) -> bool:
        """Move to the last entry smaller than (or equal to) the key."""
        raise AssertionError("cursor without search")

    def compare_key(self, key: Sequence[Value]) -> int:
        """-1, 0 or 1: the order of the entry under an index cursor and a key; a prefix ties."""
        raise AssertionError("cursor without keys")

    def insert_row(self, rowid: int, record: Record, keep_position: bool) -> None:
        """Write a row into a table; an equal rowid is overwritten."""
        raise AssertionError("cursor without rows to write")

    def insert_entry(self, record: Record, key_count: int) -> None:
        """Write an entry into an index; an equal one is overwritten."""
        raise AssertionError("cursor without entries to write")

    def append_entry(self, record: Record) -> None:
        """The same for an entry that sorts behind all others."""
        self.insert_entry(record, 0)

    def delete(self) -> None:
        """Delete the entry under the cursor; `next` goes on after it."""
        raise AssertionError("cursor without entries to delete")

    def count(self) -> int:
        """The number of entries."""
        raise AssertionError("cursor that cannot count")

    def clear(self) -> None:
        """Delete all entries of an ephemeral table or sorter."""
        raise AssertionError("cursor that cannot be emptied")

    def set_null_row(self) -> None:
        """Stand on a row of NULLs until the next move."""
        self.is_null_row = True

    def finish_seek(self) -> None:
        """Make the move that a deferred seek has put off, if there is one."""

    def forget_row(self) -> None:
        """Decode the row anew when next asked: another cursor may have changed it."""

    def close(self) -> None:
        """Let the tree go; the cursor is not used again."""
