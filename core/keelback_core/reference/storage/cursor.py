"""Cursors: a place in a b-tree, moving and changing it. This file holds what table and index cursors share.

    PLACE_NONE   nowhere: before the first use, in an empty tree, or past an end
    PLACE_ON     on entry `_index` of `_page`; `_path` and `_path_indexes` lead there from the root
    PLACE_NEAR   as PLACE_ON, but the entry it stood on is gone; `_near` is -1 when the entry here is the one before
    it, +1 when the one after
    PLACE_SAVED  pages not held; `_saved_key` says where it was, and the next use seeks it

1. Before a tree is changed, all other cursors on it go to PLACE_SAVED; before pages leave the cache, all cursors do.
2. A child page has at least one cell and is of its parent's kind, and a path has at most 20 pages: else SqlError
   CORRUPT. Steps in one direction visit no more pages than the database has, so that a looped tree ends in CORRUPT too.
   A scan finds its place anew no more often than the database has room for entries, for the same reason.
3. A cursor is closed by its owner; until then the registry knows it.

It does not know of transactions but that writing needs one. Twin: kernel/storage/cursor.
"""

from __future__ import annotations

from keelback_core.reference.storage.cell import visible_payload
from keelback_core.reference.storage.overflow import read_payload
from keelback_core.reference.storage.page import Page, corrupt
from keelback_core.reference.storage.pager import Pager
from keelback_core.reference.storage.pager_cache import shrink
from keelback_core.value.errors import SqlError
from keelback_core.value.record import decode_value, read_varint, serial_size
from keelback_core.value.result_codes import ABORT_ROLLBACK, INTERNAL, READONLY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

PLACE_NONE = 0
PLACE_ON = 1
PLACE_NEAR = 2
PLACE_SAVED = 3

DEEPEST_PATH = 20
LONGEST_VARINT = 9
LEAST_BYTES_OF_AN_ENTRY = 6
MOST_RETURNS_OF_AN_ENTRY = 24
STEPS_OF_A_RETURN = 4


class CursorRegistry:
    """The open cursors of a database, by the root of their tree."""

    __slots__ = ("cursors",)

    def __init__(self) -> None:
        self.cursors: dict[int, list[TreeCursor]] = {}

    def add(self, cursor: TreeCursor) -> None:
        """A cursor was opened."""
        self.cursors.setdefault(cursor.root, []).append(cursor)

    def remove(self, cursor: TreeCursor) -> None:
        """A cursor was closed."""
        cursors = self.cursors.get(cursor.root)
        if cursors is not None and cursor in cursors:
            cursors.remove(cursor)
            if not cursors:
                del self.cursors[cursor.root]

    def save_others(self, cursor: TreeCursor) -> None:
        """Save the places of the other cursors on the same tree."""
        cursors = self.cursors.get(cursor.root, ())
        if len(cursors) > 1:
            for other in cursors:
                if other is not cursor:
                    other.save_place()

    def save_root(self, root: int) -> None:
        """Save the places of all cursors on a tree."""
        for cursor in self.cursors.get(root, ()):
            cursor.save_place()

    def save_all(self, except_cursor: TreeCursor | None = None) -> None:
        """Save the places of all cursors."""
        for cursors in self.cursors.values():
            for cursor in cursors:
                if cursor is not except_cursor:
                    cursor.save_place()

    def note_row_changed(self, root: int, rowid: int | None) -> None:
        """Tell the cursors that watch this row of a tree (None: any row) that it is not what it was."""
        for cursor in self.cursors.get(root, ()):
            if cursor.watched_rowid is not None and (rowid is None or cursor.watched_rowid == rowid):
                cursor.is_row_changed = True

    def make_room(self, pager: Pager, cursor: TreeCursor | None, keep: list[Page]) -> None:
        """Let the pager drop pages; `cursor` goes on with the pages of `keep`, all others seek anew."""
        self.save_all(cursor)
        shrink(pager, keep)

    def abort_writers(self) -> None:
        """After a rollback: a writing cursor is of no use any more. Readers go on from their saved places."""
        for cursors in self.cursors.values():
            for cursor in cursors:
                if cursor.is_writable:
                    cursor.abort()


class TreeCursor:
    """What a table cursor and an index cursor have in common."""

    __slots__ = (
        "pager",
        "registry",
        "root",
        "is_writable",
        "is_table",
        "encoding",
        "_place",
        "_near",
        "_page",
        "_index",
        "_path",
        "_path_indexes",
        "_is_aborted",
        "_steps_left",
        "_direction",
        "_returns",
        "_has_moved",
        "watched_rowid",
        "is_row_changed",
    )

    def __init__(self, pager: Pager, registry: CursorRegistry, root: int, is_writable: bool, is_table: bool) -> None:
        self.pager = pager
        self.registry = registry
        self.root = root
        self.is_writable = is_writable
        self.is_table = is_table
        self.encoding = 1
        self._place = PLACE_NONE
        self._near = 0
        self._page: Page | None = None
        self._index = 0
        self._path: list[Page] = []
        self._path_indexes: list[int] = []
        self._is_aborted = False
        self._steps_left = 0
        self._direction = 0
        # How often this scan has found its place anew, and whether it has gone on since.
        self._returns = 0
        self._has_moved = False
        # The row whose change or removal is noted, for incremental blob I/O.
        self.watched_rowid: int | None = None
        self.is_row_changed = False
        registry.add(self)

    # What the two kinds do differently

    def save_place(self) -> None:
        """Remember the key and let the pages go."""
        raise SqlError(INTERNAL, "internal error")

    def _seek_saved(self) -> int:
        """Seek the saved key: as `seek`."""
        raise SqlError(INTERNAL, "internal error")

    # Life

    def close(self) -> None:
        """Forget the cursor; a second call does nothing."""
        self.registry.remove(self)
        self._release()
        self._place = PLACE_NONE

    def abort(self) -> None:
        """Make every further use fail with ABORT_ROLLBACK."""
        self._release()
        self._place = PLACE_NONE
        self._is_aborted = True

    def _release(self) -> None:
        self._page = None
        self._path = []
        self._path_indexes = []

    @property
    def is_valid(self) -> bool:
        """True when the cursor has a place in its tree, be it on an entry or where one was deleted."""
        return self._place != PLACE_NONE

    def is_on_row(self) -> bool:
        """True when the cursor stands on the entry it was moved to; finds it again after changes made by other
        cursors.
        """
        if self._place == PLACE_SAVED:
            self._restore()
        return self._place == PLACE_ON

    def _restore(self) -> None:
        self._check_usable()
        self._count_return()
        result = self._seek_saved()
        self._has_moved = False
        if self._place == PLACE_ON and result != 0:
            self._place = PLACE_NEAR
            self._near = result

    def _check_usable(self) -> None:
        if self._is_aborted:
            raise SqlError(ABORT_ROLLBACK, "abort due to ROLLBACK")

    def _current(self) -> Page:
        """The page of the entry the cursor stands on."""
        if self._place != PLACE_ON and not self.is_on_row():
            raise SqlError(INTERNAL, "the cursor is not on a row")
        assert self._page is not None
        return self._page

    # Moving

    def _go_to_root(self) -> bool:
        """Stand on the root with an empty path; False when the tree is empty."""
        self._check_usable()
        pager = self.pager
        if pager.wants_shrink:
            self._place = PLACE_NONE
            self._release()
            self.registry.make_room(pager, self, [])
        self._path.clear()
        self._path_indexes.clear()
        self._index = 0
        if pager.page_count == 0 and self.root == 1:
            self._place = PLACE_NONE
            self._page = None
            return False
        page = pager.get_tree_page(self.root)
        if page.is_table != self.is_table:
            raise corrupt()
        self._page = page
        if page.cell_count == 0:
            if page.is_leaf:
                self._place = PLACE_NONE
                return False
            if page.number != 1:
                raise corrupt()
        self._place = PLACE_ON
        return True

    def _go_to_child(self, index: int) -> Page:
        """From an interior page to its child."""
        page = self._page
        assert page is not None
        path = self._path
        if len(path) >= DEEPEST_PATH - 1:
            self._fail()
        child = self.pager.get_tree_page(page.child(index))
        if child.cell_count < 1 or child.is_table != page.is_table:
            self._fail()
        path.append(page)
        self._path_indexes.append(index)
        self._page = child
        return child

    def _go_to_parent(self) -> Page:
        page = self._path.pop()
        self._page = page
        self._index = self._path_indexes.pop()
        return page

    def _fail(self) -> None:
        self._place = PLACE_NONE
        self._release()
        raise corrupt()

    def _go_to_leftmost(self) -> None:
        page = self._page
        assert page is not None
        while not page.is_leaf:
            page = self._go_to_child(0)
        self._index = 0

    def _go_to_rightmost(self) -> None:
        page = self._page
        assert page is not None
        while not page.is_leaf:
            page = self._go_to_child(page.cell_count)
        self._index = page.cell_count - 1

    def first(self) -> bool:
        """Go to the first entry; False when there is none."""
        self._begin_scan()
        if not self._go_to_root():
            return False
        try:
            self._go_to_leftmost()
        except SqlError:
            self._place = PLACE_NONE
            raise
        return True

    def last(self) -> bool:
        """Go to the last entry; False when there is none."""
        self._begin_scan()
        if not self._go_to_root():
            return False
        try:
            self._go_to_rightmost()
        except SqlError:
            self._place = PLACE_NONE
            raise
        return True

    def next(self) -> bool:
        """Go to the next entry; False when there is none, and the cursor then has no place."""
        if self._place != PLACE_ON:
            if self._place == PLACE_SAVED:
                self._restore()
            if self._place == PLACE_NONE:
                self._check_usable()
                return False
            if self._place == PLACE_NEAR:
                self._place = PLACE_ON
                if self._near > 0:
                    self._has_moved = True
                    return True
        self._has_moved = True
        page = self._page
        assert page is not None
        index = self._index + 1
        if page.is_leaf:
            if index < page.cell_count:
                self._index = index
                return True
            return self._next_page()
        self._count_step(1)
        self._go_to_child(index)
        self._go_to_leftmost()
        return True

    def _next_page(self) -> bool:
        self._count_step(1)
        self._shrink_if_wanted()
        while self._path:
            page = self._go_to_parent()
            index = self._index
            if index < page.cell_count:
                if self.is_table:
                    self._go_to_child(index + 1)
                    self._go_to_leftmost()
                return True
        self._place = PLACE_NONE
        self._release()
        return False

    def previous(self) -> bool:
        """Go to the entry before; False when there is none, and the cursor then has no place."""
        if self._place != PLACE_ON:
            if self._place == PLACE_SAVED:
                self._restore()
            if self._place == PLACE_NONE:
                self._check_usable()
                return False
            if self._place == PLACE_NEAR:
                self._place = PLACE_ON
                if self._near < 0:
                    self._has_moved = True
                    return True
        self._has_moved = True
        page = self._page
        assert page is not None
        if not page.is_leaf:
            self._count_step(-1)
            self._go_to_child(self._index)
            self._go_to_rightmost()
            return True
        if self._index > 0:
            self._index -= 1
            return True
        return self._previous_page()

    def _previous_page(self) -> bool:
        self._count_step(-1)
        self._shrink_if_wanted()
        while self._path:
            self._go_to_parent()
            if self._index > 0:
                self._index -= 1
                if self.is_table:
                    self._go_to_child(self._index)
                    self._go_to_rightmost()
                return True
        self._place = PLACE_NONE
        self._release()
        return False

    def _count_step(self, direction: int) -> None:
        """Each step to another leaf uses up one page of the database; a scan that needs more runs in a circle."""
        if direction != self._direction:
            self._direction = direction
            self._steps_left = self.pager.page_count + 1
        self._steps_left -= 1
        if self._steps_left < -self.pager.page_count:
            self._fail()

    def _begin_scan(self) -> None:
        """What follows is not what came before."""
        self._direction = 0
        self._returns = 0

    def _count_return(self) -> None:
        """In a damaged tree the saved key may lead to a place that the scan has left behind, again and again. Who has
        not moved since is no scan (incremental blob I/O).
        """
        if not self._has_moved:
            return
        self._returns += 1
        # Changes may have moved the edges of the pages around it.
        self._steps_left += STEPS_OF_A_RETURN
        room = (self.pager.page_count + 1) * self.pager.limits.usable_size
        if self._returns > MOST_RETURNS_OF_AN_ENTRY * (room // LEAST_BYTES_OF_AN_ENTRY):
            self._fail()

    def _is_on_last_leaf(self) -> bool:
        """True when the path leads along the right edge of the tree, and the pages on it still say so."""
        page = self._page
        if page is None or not page.is_leaf or not page.cell_count or self.pager.wants_shrink:
            return False
        below = [*self._path, page][1:]
        for parent, index, child in zip(self._path, self._path_indexes, below, strict=True):
            if (
                index != parent.cell_count
                or not parent.is_decoded
                or parent.is_leaf
                or parent.is_table != self.is_table
            ):
                return False
            if parent.pending_cells is not None or parent.right_child != child.number or not child.is_decoded:
                return False
            if child.cell_count < 1 or child.is_table != self.is_table:
                return False
        return True

    def _shrink_if_wanted(self) -> None:
        """Let the pager drop pages; this cursor keeps its own."""
        if self.pager.wants_shrink:
            assert self._page is not None
            self.registry.make_room(self.pager, self, [*self._path, self._page])

    # Content

    def payload(self) -> bytes:
        """The whole record of the entry."""
        return read_payload(self.pager, self._current(), self._index)

    def column(self, number: int, encoding: int) -> tuple[Value, bool]:
        """A column of the record, and whether it has one of that number; reads no more than it needs, so that what is
        whole of a damaged record can be read.
        """
        found = self.column_place(number)
        if found is None:
            return None, False
        serial_type, start = found
        size = serial_size(serial_type)
        page = self._current()
        _, offset, local = visible_payload(page, self._index, self.pager.limits)
        if start + size > local:
            return decode_value(self.payload(), serial_type, start, encoding), True
        return decode_value(bytes(page.data[offset : offset + local]), serial_type, start, encoding), True

    def column_place(self, number: int) -> tuple[int, int] | None:
        """The serial type of a column and where in the record it begins; None beyond the last one."""
        page = self._current()
        record_size, offset, local = visible_payload(page, self._index, self.pager.limits)
        record = bytes(page.data[offset : offset + local])
        if not record:
            raise corrupt()
        header_end, position = read_varint(record.ljust(LONGEST_VARINT, b"\0"), 0)
        if not header_end:
            return None
        if header_end > record_size or header_end < position:
            raise corrupt()
        if header_end > local:
            record = self.payload()
        start = header_end
        for _ in range(number + 1):
            if position >= header_end:
                return None
            serial_type, position = read_varint(record.ljust(position + LONGEST_VARINT, b"\0"), position)
            end = start + serial_size(serial_type)
            if position > header_end or end > record_size or (position == header_end and end != record_size):
                raise corrupt()
            start = end
        return serial_type, start - serial_size(serial_type)

    def payload_size(self) -> int:
        """The size of the record in bytes."""
        return visible_payload(self._current(), self._index, self.pager.limits)[0]

    def count(self) -> int:
        """The number of entries of the tree; the cursor has no place afterwards."""
        if not self._go_to_root():
            return 0
        self._release()
        self._place = PLACE_NONE
        visits_left = self.pager.page_count
        total = 0
        waiting = [(self.root, 0)]
        while waiting:
            number, depth = waiting.pop()
            visits_left -= 1
            if depth >= DEEPEST_PATH or visits_left < 0:
                raise corrupt()
            page = self.pager.get_tree_page(number)
            if page.is_table != self.is_table or depth and page.cell_count < 1:
                raise corrupt()
            if page.is_leaf:
                total += page.cell_count
                if self.pager.wants_shrink:
                    self.registry.make_room(self.pager, self, [])
                continue
            if not self.is_table:
                total += page.cell_count
            waiting.extend((page.child(index), depth + 1) for index in range(page.cell_count, -1, -1))
        return total

    # Changing

    def _begin_change(self) -> None:
        self._check_usable()
        if not self.is_writable:
            raise SqlError(READONLY, "attempt to write a readonly database")
        self.registry.save_others(self)
