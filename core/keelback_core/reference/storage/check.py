"""The integrity check: every page is used exactly once, and every page is in order inside.

1. Messages and their order are those of `PRAGMA integrity_check` in SQLite, up to the number asked for.
2. Nothing is changed and nothing is trusted: a page is decoded leniently, and afterwards forgotten if it would not
   pass strictly.
3. A page is entered once at most, so a looped file ends.

It does not look into records or compare an index with its table; that is an emitted program's work.
"""

from __future__ import annotations

import struct

from keelback_core.reference.storage.cell import cell_rowid, cell_size, first_overflow_page, payload_place
from keelback_core.reference.storage.overflow import chain_length
from keelback_core.reference.storage.page import Page
from keelback_core.reference.storage.pager import Pager
from keelback_core.reference.storage.pointer_map import (
    KIND_FIRST_OVERFLOW,
    KIND_FREE,
    KIND_OTHER_OVERFLOW,
    KIND_ROOT,
    KIND_TREE,
    has_pointer_maps,
    is_pointer_map_page,
    read_pointer_map,
)
from keelback_core.value.errors import SqlError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_GREATEST_ROWID = (1 << 63) - 1
_DEEPEST = 100


class IntegrityCheck:
    """One run of the check."""

    __slots__ = ("_pager", "_errors_left", "_messages", "_referenced", "_prefix", "_root", "_cell", "_has_maps")

    def __init__(self, pager: Pager, max_errors: int) -> None:
        self._pager = pager
        self._errors_left = max_errors
        self._messages: list[str] = []
        self._referenced = bytearray()
        self._prefix = ""
        self._root = 0
        self._cell = 0
        self._has_maps = False

    def run(self, roots: Sequence[int]) -> list[str]:
        """Check the free list and the trees of `roots`; with 0 as the first root only the trees of the others."""
        pager = self._pager
        page_count = pager.page_count
        if page_count == 0:
            return []
        self._has_maps = has_pointer_maps(pager)
        self._referenced = bytearray(page_count + 1)
        if pager.lock_page <= page_count:
            self._referenced[pager.lock_page] = 1
        is_partial = bool(roots) and roots[0] == 0
        if not is_partial:
            header = pager.get(1).data
            self._prefix = "Freelist: "
            self._check_freelist(int.from_bytes(header[32:36], "big"), int.from_bytes(header[36:40], "big"))
            self._prefix = ""
            self._check_largest_root(roots)
        for root in roots:
            if root and self._errors_left > 0:
                if self._has_maps and root > 1 and not is_partial:
                    self._check_pointer_map(root, KIND_ROOT, 0)
                self._root = root
                self._check_tree_page(root, _GREATEST_ROWID, 0)
                self._prefix = ""
        if not is_partial:
            self._check_all_used()
        return self._messages

    def _report(self, message: str) -> None:
        if self._errors_left > 0:
            self._errors_left -= 1
            self._messages.append(self._prefix + message)

    def _check_largest_root(self, roots: Sequence[int]) -> None:
        header = self._pager.get(1).data
        largest = int.from_bytes(header[52:56], "big")
        if self._has_maps:
            actual = max(roots, default=0)
            if actual != largest:
                self._report(f"max rootpage ({actual}) disagrees with header ({largest})")
        elif int.from_bytes(header[64:68], "big"):
            self._report("incremental_vacuum enabled with a max rootpage of zero")

    def _check_all_used(self) -> None:
        for number in range(1, self._pager.page_count + 1):
            if self._errors_left <= 0:
                return
            is_map = self._has_maps and is_pointer_map_page(self._pager, number)
            if not self._referenced[number] and not is_map:
                self._report(f"Page {number}: never used")
            elif self._referenced[number] and is_map:
                self._report(f"Page {number}: pointer map referenced")

    def _reference(self, number: int) -> bool:
        """Count a page as used; False when it cannot be, and that was reported."""
        if number < 1 or number > self._pager.page_count:
            self._report(f"invalid page number {number}")
            return False
        if self._referenced[number]:
            self._report(f"2nd reference to page {number}")
            return False
        self._referenced[number] = 1
        return True

    def _check_pointer_map(self, number: int, kind: int, parent: int) -> None:
        try:
            found_kind, found_parent = read_pointer_map(self._pager, number)
        except SqlError:
            self._report(f"Failed to read ptrmap key={number}")
            return
        if (found_kind, found_parent) != (kind, parent):
            self._report(f"Bad ptr map entry key={number} expected=({kind},{parent}) got=({found_kind},{found_parent})")

    def _check_freelist(self, number: int, expected: int) -> None:
        left = expected
        errors_before = len(self._messages)
        while number and self._errors_left > 0:
            if not self._reference(number):
                break
            left -= 1
            data = self._get_data(number)
            if data is None:
                break
            if self._has_maps:
                self._check_pointer_map(number, KIND_FREE, 0)
            leaf_count = int.from_bytes(data[4:8], "big")
            if leaf_count > self._pager.limits.usable_size // 4 - 2:
                self._report(f"freelist leaf count too big on page {number}")
                left -= 1
            else:
                for place in range(8, 8 + 4 * leaf_count, 4):
                    leaf = int.from_bytes(data[place : place + 4], "big")
                    if self._has_maps:
                        self._check_pointer_map(leaf, KIND_FREE, 0)
                    self._reference(leaf)
                left -= leaf_count
            number = int.from_bytes(data[:4], "big")
        if left and errors_before == len(self._messages):
            self._report(f"size is {expected - left & 0xFFFFFFFF} but should be {expected}")

    def _check_chain(self, number: int, expected: int) -> None:
        left = expected
        errors_before = len(self._messages)
        while number and self._errors_left > 0:
            if not self._reference(number):
                break
            left -= 1
            data = self._get_data(number)
            if data is None:
                break
            following = int.from_bytes(data[:4], "big")
            if self._has_maps and left != 0:
                self._check_pointer_map(following, KIND_OTHER_OVERFLOW, number)
            number = following
        if left and errors_before == len(self._messages):
            self._report(f"overflow list length is {expected - left & 0xFFFFFFFF} but should be {expected}")

    def _get_data(self, number: int) -> bytearray | None:
        try:
            return self._pager.get(number).data
        except SqlError:
            self._report(f"failed to get page {number}")
            return None

    def _check_tree_page(self, number: int, greatest: int, depth: int) -> tuple[int, int]:
        """Check a page and what is below. Gives (height of its tree, smallest rowid in it); greatest bounds its
        rowids.
        """
        self._pager.stop_if_interrupted()
        if number == 0 or depth > _DEEPEST or not self._reference(number):
            return 0, greatest
        saved_prefix = self._prefix
        saved_cell = self._cell
        self._prefix = f"Tree {self._root} page {number}: "
        height = -1
        page = self._decode(number)
        if page is not None:
            height, greatest = self._check_cells(page, greatest, depth)
            self._forget_if_bad(page)
        self._prefix = saved_prefix
        self._cell = saved_cell
        return height + 1, greatest

    def _decode(self, number: int) -> Page | None:
        limits = self._pager.limits
        try:
            page = self._pager.get(number)
        except SqlError as error:
            self._report(f"unable to get the page. error code={error.code}")
            return None
        page.is_decoded = False
        try:
            page.decode(limits)
        except SqlError as error:
            self._report(f"btreeInitPage() returns error code {error.code}")
            return None
        try:
            page.compute_free_bytes(limits)
        except SqlError:
            self._report("free space corruption")
            page.forget()
            return None
        return page

    def _forget_if_bad(self, page: Page) -> None:
        try:
            page.decode(self._pager.limits)
        except SqlError:
            page.forget()

    def _check_cells(self, page: Page, greatest: int, depth: int) -> tuple[int, int]:
        limits = self._pager.limits
        usable = limits.usable_size
        base = page.header_offset
        content_start = (page.data[base + 5] << 8 | page.data[base + 6]) or 65536
        height = -1
        may_be_equal = True
        is_covered = True
        prefix = f"Tree {self._root} page {page.number} cell "
        pointers = struct.unpack_from(f">{page.cell_count}H", page.data, page.pointers_offset)
        extents: list[tuple[int, int]] = []
        # With pointer maps SQLite goes on to speak of the right child while it looks at the cells.
        is_prefix_of_child = self._has_maps and not page.is_leaf
        if not page.is_leaf:
            child = page.right_child
            if self._has_maps:
                self._prefix = f"Tree {self._root} page {page.number} right child: "
                self._check_pointer_map(child, KIND_TREE, page.number)
            else:
                # SQLite names the cell that led to this page here, not one of this page.
                self._prefix = f"{prefix}{self._cell}: "
            height, greatest = self._check_tree_page(child, greatest, depth + 1)
            may_be_equal = False
        for index in range(len(pointers) - 1, -1, -1):
            if self._errors_left <= 0:
                break
            if not is_prefix_of_child:
                self._prefix = f"{prefix}{index}: "
            self._cell = index
            start = pointers[index]
            if start < content_start or start > usable - 4:
                self._report(f"Offset {start} out of range {content_start}..{usable - 4}")
                is_covered = False
                continue
            try:
                size = cell_size(page, index, limits)
                rowid = cell_rowid(page, index) if page.is_table else 0
            except SqlError:
                self._report("Extends off end of page")
                is_covered = False
                continue
            if self._has_bad_record(page, index):
                self._report("Bad cell header size")
                is_covered = False
                continue
            extents.append((start, start + size))
            if page.is_table:
                if rowid > greatest or rowid == greatest and not may_be_equal:
                    self._report(f"Rowid {rowid} out of order")
                greatest = rowid
                may_be_equal = False
            if page.is_leaf or not page.is_table:
                self._check_overflow(page, index)
            if not page.is_leaf:
                child = page.child(index)
                if self._has_maps:
                    self._check_pointer_map(child, KIND_TREE, page.number)
                child_height, greatest = self._check_tree_page(child, greatest, depth + 1)
                may_be_equal = False
                if child_height != height:
                    self._report("Child page depth differs")
                    height = child_height
        self._prefix = ""
        if is_covered and self._errors_left > 0:
            self._check_coverage(page, extents, content_start)
        return height, greatest

    def _has_bad_record(self, page: Page, index: int) -> bool:
        """A record cannot begin with a header of no bytes."""
        if page.is_table and not page.is_leaf:
            return False
        size, offset, _ = payload_place(page, index, self._pager.limits)
        return size > 0 and page.data[offset] == 0

    def _check_overflow(self, page: Page, index: int) -> None:
        limits = self._pager.limits
        size, offset, local = payload_place(page, index, limits)
        if local < size:
            first = first_overflow_page(page, offset, local)
            if self._has_maps:
                self._check_pointer_map(first, KIND_FIRST_OVERFLOW, page.number)
            self._check_chain(first, chain_length(size - local, limits.overflow_size))

    def _check_coverage(self, page: Page, extents: list[tuple[int, int]], content_start: int) -> None:
        """Cells and free blocks cover the cell area without overlap, and the gaps between them are the fragments."""
        data = page.data
        base = page.header_offset
        block = data[base + 1] << 8 | data[base + 2]
        while block:
            extents.append((block, block + (data[block + 2] << 8 | data[block + 3])))
            block = data[block] << 8 | data[block + 1]
        extents.sort()
        fragments = 0
        end = content_start
        for position, (start, next_end) in enumerate(extents):
            if start < end:
                self._report(f"Multiple uses for byte {start} of page {page.number}")
                if position + 1 < len(extents):
                    return
                break
            fragments += start - end
            end = next_end
        fragments += self._pager.limits.usable_size - end
        if fragments != data[base + 7]:
            self._report(f"Fragmentation of {fragments} bytes reported as {data[base + 7]} on page {page.number}")
