"""Cursors on the stored trees of a database: the VM's view of storage's TableCursor and IndexCursor.

1. A row is decoded once per place, and no further than the last column that the Program reads (`wanted_columns`);
   where that meets corruption, the column alone, so that what is whole can be read.
2. A table cursor may be deferred: it will stand on the row of an index cursor, and moves there only when a column is
   read that the index does not hold.
3. If another cursor has deleted the row, it reads as NULLs; `next` and `previous` go on from its place.

Must not know: pages, instructions. Twin: core/kernel/vm/tree_cursor.
"""

from __future__ import annotations

from keelback_core.reference.vm.cursor import Cursor
from keelback_core.reference.vm.failure import corrupt
from keelback_core.reference.vm.record import Record
from keelback_core.value.errors import SqlError
from keelback_core.value.record import UTF8, decode_columns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.reference.storage.index_cursor import IndexCursor
    from keelback_core.reference.storage.table_cursor import TableCursor
    from keelback_core.value import Value
    from keelback_core.value.key import KeyComparator


class TableTreeCursor(Cursor):
    """A cursor on a table: rowids and records. `encoding` is the database's text encoding."""

    __slots__ = ("_alternate", "_column_map", "_target", "_values", "encoding", "tree", "wanted_columns")

    def __init__(
        self, tree: TableCursor, database: int, root: int, is_writable: bool, encoding: int, wanted_columns: int
    ) -> None:
        super().__init__(True, database, root, is_writable)
        self.tree = tree
        self.encoding = encoding
        self.wanted_columns = wanted_columns
        self._values: list[Value] | None = None
        self._target = 0
        self._alternate: Cursor | None = None
        self._column_map: tuple[int, ...] | None = None

    def column(self, index: int, default: Value) -> Value:
        values = self._values
        if values is None:
            alternate = self._alternate
            if alternate is not None:
                column_map = self._column_map
                if column_map is not None and index < len(column_map) and column_map[index]:
                    return alternate.column(column_map[index] - 1, None)
                self.finish_seek()
            if self.is_null_row or not self.tree.is_on_row():
                self.is_null_row = True
                return None
            try:
                values = self._values = decode_columns(self.tree.payload(), self.wanted_columns, self.encoding)
            except SqlError:
                value, is_there = self.tree.column(index, self.encoding)
                return value if is_there else default
        return values[index] if index < len(values) else default

    def rowid(self) -> int | None:
        if self._alternate is not None:
            return self._target
        if self.is_null_row or not self.tree.is_on_row():
            self.is_null_row = True
            return None
        return self.tree.rowid

    def record(self) -> Record:
        self.finish_seek()
        if not self.tree.is_on_row():
            raise corrupt()
        return Record(None, self.tree.payload(), self.encoding)

    def _moved(self) -> None:
        self._values = None
        self._alternate = None
        self.is_null_row = False

    def first(self) -> bool:
        self._moved()
        return self.tree.first()

    def last(self) -> bool:
        self._moved()
        return self.tree.last()

    def next(self) -> bool:
        self._values = None
        if self._alternate is not None:
            self.finish_seek()
        self.is_null_row = False
        return self.tree.next()

    def previous(self) -> bool:
        self._values = None
        if self._alternate is not None:
            self.finish_seek()
        self.is_null_row = False
        return self.tree.previous()

    def find(self, key: Sequence[Value]) -> bool:
        rowid = key[0]
        assert isinstance(rowid, int)
        return self.find_rowid(rowid)

    def find_rowid(self, rowid: int) -> bool:
        """Move to the row of that rowid."""
        self._moved()
        return self.tree.seek(rowid) == 0

    def seek_forward(self, key: Sequence[Value], or_equal: bool) -> bool:
        rowid = key[0]
        assert isinstance(rowid, int)
        self._moved()
        order = self.tree.seek(rowid)
        if order < 0 or (order == 0 and not or_equal):
            return self.tree.is_valid and self.tree.next()
        return True

    def seek_backward(self, key: Sequence[Value], or_equal: bool) -> bool:
        rowid = key[0]
        assert isinstance(rowid, int)
        self._moved()
        order = self.tree.seek(rowid)
        if order > 0 or (order == 0 and not or_equal):
            return self.tree.previous()
        return self.tree.is_valid

    def insert_row(self, rowid: int, record: Record, keep_position: bool) -> None:
        self._moved()
        self.tree.insert(rowid, record.data(self.encoding))
        if keep_position:
            self.tree.seek(rowid)

    def delete(self) -> None:
        self.finish_seek()
        self._moved()
        if self.tree.is_on_row():
            self.tree.delete()

    def count(self) -> int:
        return self.tree.count()

    def set_null_row(self) -> None:
        self._moved()
        self.is_null_row = True

    def defer_seek(self, alternate: Cursor, column_map: tuple[int, ...] | None) -> None:
        """Stand on the row of the index cursor `alternate`; go there when it matters.

        column_map: for each table column the place in the index, plus one, or 0.
        """
        self._moved()
        rowid = alternate.rowid()
        if rowid is None:
            self.is_null_row = True
            return
        self._target = rowid
        self._alternate = alternate
        self._column_map = column_map

    def waits_for(self, alternate: Cursor) -> bool:
        """Whether the cursor is deferred to the row of that index cursor."""
        return self._alternate is alternate

    def finish_seek(self) -> None:
        if self._alternate is not None:
            self._moved()
            if self.tree.seek(self._target) != 0:
                raise corrupt()

    def forget_row(self) -> None:
        self._values = None

    def close(self) -> None:
        self.tree.close()


class IndexTreeCursor(Cursor):
    """A cursor on an index or a table WITHOUT ROWID: entries that are keys, a rowid being the last column."""

    __slots__ = ("_comparator", "_values", "tree")

    def __init__(
        self, tree: IndexCursor, database: int, root: int, is_writable: bool, comparator: KeyComparator
    ) -> None:
        super().__init__(False, database, root, is_writable)
        self.tree = tree
        self._comparator = comparator
        self._values: list[Value] | None = None

    def _entry(self) -> list[Value] | None:
        values = self._values
        if values is None:
            if self.is_null_row or not self.tree.is_on_row():
                self.is_null_row = True
                return None
            values = self._values = self.tree.values()
        return values

    def column(self, index: int, default: Value) -> Value:
        values = self._values
        if values is None:
            try:
                values = self._entry()
            except SqlError:
                value, is_there = self.tree.column(index, self.tree.encoding)
                return value if is_there else default
            if values is None:
                return None
        return values[index] if index < len(values) else default

    def rowid(self) -> int | None:
        try:
            values = self._entry()
            if values is None:
                return None
            rowid = values[-1] if values else None
        except SqlError:
            rowid = self._last_column()
        if not isinstance(rowid, int):
            raise corrupt()
        return rowid

    def _last_column(self) -> Value:
        last: Value = None
        value, is_there = self.tree.column(0, self.tree.encoding)
        number = 0
        while is_there:
            last = value
            number += 1
            value, is_there = self.tree.column(number, self.tree.encoding)
        return last

    def record(self) -> Record:
        try:
            values = self._entry()
        except SqlError:
            # A damaged entry is copied as it is, where nothing in it has to be converted.
            if self.tree.encoding != UTF8:
                raise
            return Record(None, self.tree.payload())
        if values is None:
            raise corrupt()
        return Record(values)

    def _moved(self) -> None:
        self._values = None
        self.is_null_row = False

    def first(self) -> bool:
        self._moved()
        return self.tree.first()

    def last(self) -> bool:
        self._moved()
        return self.tree.last()

    def next(self) -> bool:
        self._moved()
        return self.tree.next()

    def previous(self) -> bool:
        self._moved()
        return self.tree.previous()

    def find(self, key: Sequence[Value]) -> bool:
        self._moved()
        return self.tree.seek(key, 0) == 0

    def seek_forward(self, key: Sequence[Value], or_equal: bool) -> bool:
        self._moved()
        if self.tree.seek(key, 1 if or_equal else -1) < 0:
            return self.tree.is_valid and self.tree.next()
        return True

    def seek_backward(self, key: Sequence[Value], or_equal: bool) -> bool:
        self._moved()
        if self.tree.seek(key, -1 if or_equal else 1) > 0:
            return self.tree.previous()
        return self.tree.is_valid

    def compare_key(self, key: Sequence[Value]) -> int:
        try:
            values = self._entry()
        except SqlError:
            # What its pages do not give is no entry; what they give is compared as far as it goes.
            self.tree.payload()
            return self._compare_damaged(key)
        if values is None:
            raise corrupt()
        return self._comparator.compare(values, key)

    def _compare_damaged(self, key: Sequence[Value]) -> int:
        """By columns from left to right, as far as one decides."""
        found: list[Value] = []
        for number in range(len(key)):
            value, is_there = self.tree.column(number, self.tree.encoding)
            if not is_there:
                break
            found.append(value)
            order = self._comparator.compare(found, key)
            if order:
                return order
        return 0

    def insert_entry(self, record: Record, key_count: int) -> None:
        self._moved()
        self.tree.insert(record.values(), key_count)

    def append_entry(self, record: Record) -> None:
        self._moved()
        self.tree.append(record.values())

    def delete(self) -> None:
        self._moved()
        if self.tree.is_on_row():
            self.tree.delete()

    def count(self) -> int:
        return self.tree.count()

    def set_null_row(self) -> None:
        self._values = None
        self.is_null_row = True

    def forget_row(self) -> None:
        self._values = None

    def close(self) -> None:
        self.tree.close()
