"""Cursors on table b-trees: entries are found by rowid, and their payload is a record that storage does not look into.

1. Rowids are unique in a tree; the divider in a parent is at least the greatest rowid of the child it points to.
2. What is not beside the entry that the cursor is on is sought from the root; where the kernel spares the walk it has
   made sure of what it would give.

See cursor.py for places. Twin: kernel/storage/table_cursor.
"""

from __future__ import annotations

from keelback_core.reference.storage.balance import append_leaf, balance_path
from keelback_core.reference.storage.cell import cell_rowid, cell_size, insert_cell, remove_cell
from keelback_core.reference.storage.cursor import (
    PLACE_NEAR,
    PLACE_NONE,
    PLACE_ON,
    PLACE_SAVED,
    CursorRegistry,
    TreeCursor,
)
from keelback_core.reference.storage.overflow import build_cell, free_chain
from keelback_core.reference.storage.page import Page, corrupt
from keelback_core.reference.storage.pager import Pager
from keelback_core.reference.storage.row_bytes import read_bytes, write_bytes
from keelback_core.value.errors import SqlError
from keelback_core.value.record import write_varint
from keelback_core.value.result_codes import INTERNAL, READONLY

# On a page with fewer cells all of them are searched.
LEAST_CELLS_TO_GUESS = 12


def find_child(page: Page, rowid: int) -> int:
    """The child of an interior page that the rowid leads to.

    Leaves hold about as many rows each, so mostly the first and the last divider tell where the one looked for stands;
    from there the search widens.
    """
    low = 0
    high = page.cell_count
    most = cell_rowid(page, high - 1) if high else 0
    if not high or rowid > most:
        return high
    if high >= LEAST_CELLS_TO_GUESS:
        least = cell_rowid(page, 0)
        if rowid <= least:
            return 0
        share = float(rowid - least) / float(most - least)
        high -= 1
        place = min(int(share * high), high)
        low = 1
        step = 1
        found = cell_rowid(page, place)
        if found < rowid:
            while found < rowid:
                low = place + 1
                place += step
                if place >= high:
                    break
                found = cell_rowid(page, place)
                step *= 2
            high = min(high, place)
        else:
            while found >= rowid:
                high = min(high, place)
                if place <= low:
                    break
                place -= min(step, place - low)
                found = cell_rowid(page, place)
                step *= 2
            if found < rowid:
                low = max(low, place + 1)
    while low < high:
        middle = (low + high) >> 1
        if cell_rowid(page, middle) < rowid:
            low = middle + 1
        else:
            high = middle
    return low


class TableCursor(TreeCursor):
    """A cursor on a rowid table."""

    __slots__ = ("_saved_rowid",)

    def __init__(self, pager: Pager, registry: CursorRegistry, root: int, is_writable: bool) -> None:
        super().__init__(pager, registry, root, is_writable, True)
        self._saved_rowid = 0

    def save_place(self) -> None:
        # From PLACE_NEAR the rowid that is gone is the one to seek, and it still is in `_saved_rowid`.
        if self._place == PLACE_ON:
            assert self._page is not None
            self._saved_rowid = cell_rowid(self._page, self._index)
            self._place = PLACE_SAVED
        elif self._place == PLACE_NEAR:
            self._place = PLACE_SAVED
        self._release()

    def _seek_saved(self) -> int:
        return self._walk(self._saved_rowid)

    @property
    def rowid(self) -> int:
        """The rowid of the entry."""
        return cell_rowid(self._current(), self._index)

    def seek(self, rowid: int) -> int:
        """Go to `rowid` or beside it: -1 the cursor is on the next smaller (or nowhere, in an empty tree), 0 exact,
        1 next larger.

        It is not sought from the root where the cursor is on that row, where that is the next one of the leaf, or where
        the cursor is on the last of all and that is smaller.
        """
        page = self._page
        if self._place == PLACE_ON and page is not None and page.is_leaf:
            result = self._seek_beside(page, rowid)
            if result is not None:
                return result
        elif self._place == PLACE_SAVED and self._saved_rowid == rowid:
            self._count_return()
            self._has_moved = False
        else:
            self._begin_scan()
        return self._walk(rowid)

    def _seek_beside(self, page: Page, rowid: int) -> int | None:
        """Answer from the entry that the cursor is on."""
        self._check_usable()
        try:
            found = cell_rowid(page, self._index)
            if found == rowid:
                return 0
            self._begin_scan()
            if found < rowid:
                if self._index + 1 < page.cell_count:
                    if cell_rowid(page, self._index + 1) == rowid:
                        self._index += 1
                        return 0
                elif self._is_on_last_leaf():
                    return -1
        except SqlError:
            self._place = PLACE_NONE
            self._release()
            raise
        return None

    def _walk(self, rowid: int) -> int:
        """Go there from the root."""
        if not self._go_to_root():
            return -1
        try:
            return self._seek_from_root(rowid)
        except SqlError:
            self._place = PLACE_NONE
            raise

    def _search_leaf(self, page: Page, rowid: int) -> int:
        low = 0
        high = page.cell_count - 1
        # Rowids mostly follow one another without gaps: then the first one tells where this one is.
        place = rowid - cell_rowid(page, 0) if high >= 0 else -1
        if 0 <= place <= high and cell_rowid(page, place) == rowid:
            self._index = place
            return 0
        # Or they come in order, and this one is behind all.
        if high >= 0 and rowid > cell_rowid(page, high):
            self._index = high
            return -1
        while low <= high:
            middle = (low + high) >> 1
            found = cell_rowid(page, middle)
            if found < rowid:
                low = middle + 1
            elif found > rowid:
                high = middle - 1
            else:
                self._index = middle
                return 0
        if low < page.cell_count:
            self._index = low
            return 1
        self._index = low - 1
        return -1

    def _seek_from_root(self, rowid: int) -> int:
        page = self._page
        assert page is not None
        while not page.is_leaf:
            page = self._go_to_child(find_child(page, rowid))
        return self._search_leaf(page, rowid)

    def insert(self, rowid: int, payload: bytes) -> None:
        """Put a row in, in the place of one with the same rowid. The cursor stands on it."""
        self._begin_change()
        self.registry.note_row_changed(self.root, rowid)
        pager = self.pager
        if self._place == PLACE_NEAR:
            self._place = PLACE_NONE
        result = self.seek(rowid)
        page = self._page
        if page is None or not page.is_leaf:
            raise corrupt()
        self._place = PLACE_NONE
        prefix = write_varint(len(payload)) + write_varint(rowid)
        cell = build_cell(pager, page, prefix, payload)
        pager.make_writable(page)
        limits = pager.limits
        index = self._index
        if result == 0:
            free_chain(pager, page, index)
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
        is_last = result != 0 and index == page.cell_count
        if is_last and self._append_on_new_leaf(page, rowid, cell):
            return
        insert_cell(page, index, cell, limits)
        if page.pending_cells is None and (
            result != 0 or page.compute_free_bytes(limits) * 3 <= limits.usable_size * 2
        ):
            self._place = PLACE_ON
            return
        self._saved_rowid = rowid
        path = [*self._path, page]
        indexes = self._path_indexes
        self._release()
        balance_path(pager, path, indexes, is_last)
        self._place = PLACE_SAVED

    def _append_on_new_leaf(self, page: Page, rowid: int, cell: bytes) -> bool:
        """What balancing does with a row behind all others that finds the leaf full, without looking at the leaf's
        cells. False where there is room, or other things have to be done.
        """
        if not self._path:
            return False
        pager = self.pager
        limits = pager.limits
        parent = self._path[-1]
        is_full = page.compute_free_bytes(limits) < len(cell) + 2
        if not is_full or parent.number == 1 or self._path_indexes[-1] != parent.cell_count:
            return False
        pager.make_writable(parent)
        try:
            leaf = append_leaf(pager, parent, page, cell)
        except SqlError:
            if parent.pending_cells is not None:
                parent.forget()
            raise
        if parent.pending_cells is not None or parent.compute_free_bytes(limits) * 3 > limits.usable_size * 2:
            self._saved_rowid = rowid
            path = self._path
            indexes = self._path_indexes[:-1]
            self._release()
            balance_path(pager, path, indexes, False)
            self._place = PLACE_SAVED
            return True
        self._path_indexes[-1] = parent.cell_count
        self._page = leaf
        self._index = 0
        self._place = PLACE_ON
        return True

    def delete(self) -> None:
        """Delete the row; next() then gives the one after it and previous() the one before."""
        self._begin_change()
        page = self._current()
        if not page.is_leaf:
            raise SqlError(INTERNAL, "internal error")
        pager = self.pager
        limits = pager.limits
        index = self._index
        self._saved_rowid = cell_rowid(page, index)
        self.registry.note_row_changed(self.root, self._saved_rowid)
        pager.make_writable(page)
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

    # Incremental blob I/O

    def watch_row(self) -> None:
        """From now on note in `is_row_changed` when another cursor changes or deletes the row."""
        self.watched_rowid = self.rowid
        self.is_row_changed = False

    def read_row_bytes(self, offset: int, size: int) -> bytes:
        """Bytes of the row's record."""
        return read_bytes(self.pager, self._current(), self._index, offset, size)

    def write_row_bytes(self, offset: int, data: bytes) -> None:
        """Put bytes in the place of those of the row's record. SqlError READONLY."""
        page = self._current()
        if not self.is_writable:
            raise SqlError(READONLY, "attempt to write a readonly database")
        self.registry.save_others(self)
        write_bytes(self.pager, page, self._index, offset, data)
