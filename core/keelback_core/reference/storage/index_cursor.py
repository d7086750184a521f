"""Cursors on index b-trees: entries are records, kept in the order of a `KeyComparator`; interior pages hold entries
too.

1. A whole entry is unique in a tree (an index entry ends in the rowid or the primary key).
2. The comparator is asked about decoded values only; records are decoded in the text encoding of the database.

See cursor.py for places. Twin: kernel/storage/index_cursor.
"""

from __future__ import annotations

from keelback_core.reference.storage.balance import balance_path
from keelback_core.reference.storage.cell import cell_bytes, cell_size, exact_index_cell, insert_cell, remove_cell
from keelback_core.reference.storage.cursor import (
    PLACE_NEAR,
    PLACE_NONE,
    PLACE_ON,
    PLACE_SAVED,
    CursorRegistry,
    TreeCursor,
)
from keelback_core.reference.storage.overflow import build_cell, free_chain, read_payload
from keelback_core.reference.storage.page import Page, corrupt
from keelback_core.reference.storage.pager import Pager
from keelback_core.reference.storage.pointer_map import map_page_pointers
from keelback_core.value.errors import SqlError
from keelback_core.value.key import KeyComparator
from keelback_core.value.record import compare_record, decode_record, encode_record, write_varint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Value = None | int | float | str | bytes


class IndexCursor(TreeCursor):
    """A cursor on an index, or on a table without rowid."""

    __slots__ = ("comparator", "_saved_values")

    def __init__(
        self, pager: Pager, registry: CursorRegistry, root: int, is_writable: bool, comparator: KeyComparator
    ) -> None:
        super().__init__(pager, registry, root, is_writable, False)
        self.comparator = comparator
        self._saved_values: Sequence[Value] = ()

    def save_place(self) -> None:
        if self._place == PLACE_ON:
            assert self._page is not None
            try:
                self._saved_values = self._values_at(self._page, self._index)
            except SqlError:
                self._place = PLACE_NONE
                self._release()
                return
        if self._place == PLACE_ON or self._place == PLACE_NEAR:
            self._place = PLACE_SAVED
        self._release()

    def _seek_saved(self) -> int:
        return self._walk(self._saved_values, 0)

    def _values_at(self, page: Page, index: int) -> list[Value]:
        return decode_record(read_payload(self.pager, page, index), self.encoding)

    def values(self) -> list[Value]:
        """The entry, decoded."""
        return self._values_at(self._current(), self._index)

    def seek(self, key: Sequence[Value], default_result: int = 0) -> int:
        """Go to an entry beside `key`: -1 the entry under the cursor is smaller (or there is none), 0 equal, 1 greater.

        key: may be a prefix of the entries. default_result: what to take for an entry that ties with the whole key.
        """
        self._begin_scan()
        return self._walk(key, default_result)

    def _walk(self, key: Sequence[Value], default_result: int) -> int:
        """Go there from the root; on the last entry of all what is behind it is known."""
        if self._is_behind(key, default_result):
            return -1
        if not self._go_to_root():
            return -1
        try:
            return self._seek_from_root(key, default_result)
        except SqlError:
            self._place = PLACE_NONE
            raise

    def _is_behind(self, key: Sequence[Value], default_result: int) -> bool:
        """Whether the cursor is on the last entry of the tree, and that is before the key."""
        page = self._page
        if self._place != PLACE_ON or page is None or self._index + 1 != page.cell_count:
            return False
        if not self._is_on_last_leaf():
            return False
        self._check_usable()
        try:
            return (self._compare(read_payload(self.pager, page, self._index), key) or default_result) < 0
        except SqlError:
            return False

    def _seek_from_root(self, key: Sequence[Value], default_result: int) -> int:
        page = self._page
        assert page is not None
        while True:
            low = 0
            high = page.cell_count - 1
            result = -1
            middle = 0
            while low <= high:
                middle = (low + high) >> 1
                result = self._compare(read_payload(self.pager, page, middle), key) or default_result
                if result < 0:
                    low = middle + 1
                elif result > 0:
                    high = middle - 1
                else:
                    self._index = middle
                    return 0
            if page.is_leaf:
                self._index = middle
                return -1 if result < 0 else 1
            page = self._go_to_child(low)

    def _compare(self, payload: bytes, key: Sequence[Value]) -> int:
        return compare_record(payload, key, self.comparator, self.encoding)

    def insert(self, values: Sequence[Value], key_count: int = 0) -> None:
        """Put an entry in, in the place of an equal one. The cursor stands on it.

        key_count: how many leading columns make entries equal (a table without rowid: those of its primary key); 0
        means all.
        """
        self._begin_change()
        pager = self.pager
        key = values[:key_count] if key_count else values
        page = self._page
        # Or it is the row of a table without rowid that the cursor is on.
        is_here = False
        if key_count and self._place == PLACE_ON and page is not None:
            is_here = self._compare(read_payload(pager, page, self._index), key) == 0
        result = 0 if is_here else self._walk(key, 0)
        page = self._page
        if page is None:
            raise corrupt()
        self._place = PLACE_NONE
        payload = encode_record(values, self.encoding)
        cell = build_cell(pager, page, write_varint(len(payload)), payload)
        limits = pager.limits
        pager.make_writable(page)
        index = self._index
        if result == 0:
            free_chain(pager, page, index)
            if not page.is_leaf:
                cell = page.child(index).to_bytes(4, "big") + exact_index_cell(cell, limits)
            old_size = cell_size(page, index, limits)
            if old_size == len(cell):
                start = page.pointer(index)
                if not page.is_place_of_cell(start, limits):
                    raise corrupt()
                page.data[start : start + old_size] = cell
                self._place = PLACE_ON
                return
            remove_cell(page, index, limits)
        elif result < 0 and page.cell_count:
            index += 1
            self._index = index
        is_last = result != 0 and index == page.cell_count and self._is_on_right_edge()
        insert_cell(page, index, cell, limits)
        if page.pending_cells is None and (
            result != 0 or page.compute_free_bytes(limits) * 3 <= limits.usable_size * 2
        ):
            self._place = PLACE_ON
            return
        self._saved_values = tuple(values)
        path = [*self._path, page]
        indexes = self._path_indexes
        self._release()
        balance_path(pager, path, indexes, is_last)
        self._place = PLACE_SAVED

    def _is_on_right_edge(self) -> bool:
        return all(place == page.cell_count for page, place in zip(self._path, self._path_indexes, strict=True))

    def append(self, values: Sequence[Value]) -> None:
        """Put an entry in behind all others, which are smaller; nothing is compared."""
        self.append_payload(encode_record(values, self.encoding))

    def append_payload(self, payload: bytes) -> None:
        """The same with a record as it is stored."""
        self._begin_change()
        pager = self.pager
        self.last()
        page = self._page
        if page is None:
            raise corrupt()
        self._place = PLACE_NONE
        cell = build_cell(pager, page, write_varint(len(payload)), payload)
        pager.make_writable(page)
        self._index = page.cell_count
        insert_cell(page, self._index, cell, pager.limits)
        if page.pending_cells is None:
            self._place = PLACE_ON
            return
        path = [*self._path, page]
        indexes = self._path_indexes
        self._release()
        balance_path(pager, path, indexes, True)

    def delete(self) -> None:
        """Delete the entry; next() then gives the one after it and previous() the one before."""
        self._begin_change()
        page = self._current()
        pager = self.pager
        limits = pager.limits
        index = self._index
        self._saved_values = self._values_at(page, index)
        pager.make_writable(page)
        if not page.is_leaf:
            self._delete_interior(page, index)
            return
        self._place = PLACE_NONE
        free_chain(pager, page, index)
        remove_cell(page, index, limits)
        is_balance_due = bool(self._path) and page.compute_free_bytes(limits) * 3 > limits.usable_size * 2
        if is_balance_due or page.cell_count == 0:
            path = [*self._path, page]
            indexes = self._path_indexes
            self._release()
            balance_path(pager, path, indexes, False)
            self._place = PLACE_SAVED
            return
        self._place = PLACE_NEAR
        if index < page.cell_count:
            self._near = 1
        else:
            self._index = index - 1
            self._near = -1

    def _delete_interior(self, page: Page, index: int) -> None:
        """The entry before it, which is the last of a leaf, takes its place; then the leaf and this page may need
        balancing.
        """
        pager = self.pager
        limits = pager.limits
        depth = len(self._path)
        left_child = page.child(index)
        self._go_to_child(index)
        self._go_to_rightmost()
        leaf = self._page
        assert leaf is not None
        pager.make_writable(leaf)
        path = [*self._path, leaf]
        indexes = self._path_indexes
        last = leaf.cell_count - 1
        self._release()
        self._place = PLACE_NONE
        free_chain(pager, page, index)
        replacement = left_child.to_bytes(4, "big") + exact_index_cell(cell_bytes(leaf, last, limits), limits)
        remove_cell(page, index, limits)
        insert_cell(page, index, replacement, limits)
        map_page_pointers(pager, page)
        remove_cell(leaf, last, limits)
        balance_path(pager, path, indexes, False)
        if len(path) > depth:
            del path[depth + 1 :]
            del indexes[depth:]
            balance_path(pager, path, indexes, False)
        self._place = PLACE_SAVED
