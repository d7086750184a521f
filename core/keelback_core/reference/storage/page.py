"""One page in memory, and its b-tree header when it has one.

    0 1 kind: 2 index interior, 5 table interior, 10 index leaf, 13 table leaf   (at byte 100 on page 1)
    1 2 first free block    3 2 cell count    5 2 start of the cell area (0 means 65536)    7 1 fragmented bytes
    8 4 right-most child, interior pages only
    then the cell pointers, a gap, and the cell area up to the usable size; a free block is: 2 next, 2 size.

1. `data` is the truth. `cell_count`, `is_leaf`, `is_table` repeat it and are valid while `is_decoded`.
2. `free_bytes` (gap, free blocks and fragments) is -1 until first asked for.
3. A page too full for its cells keeps in `pending_cells` those that have no room; balancing has to follow before
   anything else reads the page.
4. No byte is changed unless the pager made the page writable.

It knows nothing of cells beyond their place; their content is the business of `cell`. Twin: kernel/storage/page.
"""

from __future__ import annotations

import struct

from keelback_core.reference.storage.pending_cells import PendingCells
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import CORRUPT

INDEX_INTERIOR = 2
TABLE_INTERIOR = 5
INDEX_LEAF = 10
TABLE_LEAF = 13

# A cell takes no less on its page, so that a free block fits where it was.
LEAST_CELL_SIZE = 4
_MOST_FRAGMENTS = 57


def corrupt() -> SqlError:
    """The error of an impossible file."""
    return SqlError(CORRUPT, "database disk image is malformed")


class TreeLimits:
    """What follows from the page size and the reserved bytes: how much of a payload stays on its page."""

    __slots__ = (
        "page_size",
        "usable_size",
        "max_local",
        "min_local",
        "max_leaf_local",
        "overflow_size",
        "zeroes_freed",
    )

    def __init__(self, page_size: int, reserved_bytes: int) -> None:
        usable = page_size - reserved_bytes
        self.page_size = page_size
        self.usable_size = usable
        self.max_local = (usable - 12) * 64 // 255 - 23
        self.min_local = (usable - 12) * 32 // 255 - 23
        self.max_leaf_local = usable - 35
        self.overflow_size = usable - 4
        # PRAGMA secure_delete: what is freed in a page is overwritten.
        self.zeroes_freed = False


class Page:
    """A page of the cache."""

    __slots__ = (
        "number",
        "data",
        "is_dirty",
        "write_serial",
        "is_decoded",
        "header_offset",
        "is_leaf",
        "is_table",
        "cell_count",
        "pointers_offset",
        "free_bytes",
        "pending_cells",
    )

    def __init__(self, number: int, data: bytearray) -> None:
        self.number = number
        self.data = data
        self.is_dirty = False
        self.write_serial = 0
        self.is_decoded = False
        self.header_offset = 100 if number == 1 else 0
        self.is_leaf = True
        self.is_table = True
        self.cell_count = 0
        self.pointers_offset = 0
        self.free_bytes = -1
        self.pending_cells: PendingCells | None = None

    def forget(self) -> None:
        """The data was replaced: nothing that was decoded holds any more."""
        self.is_decoded = False
        self.free_bytes = -1
        self.pending_cells = None

    def decode(self, limits: TreeLimits) -> None:
        """Read the header. What the cell pointers say is looked at by who follows them. SqlError CORRUPT."""
        data = self.data
        base = self.header_offset
        kind = data[base]
        if kind == TABLE_LEAF or kind == INDEX_LEAF:
            self.is_leaf = True
            first = base + 8
        elif kind == TABLE_INTERIOR or kind == INDEX_INTERIOR:
            self.is_leaf = False
            first = base + 12
        else:
            raise corrupt()
        self.is_table = kind == TABLE_LEAF or kind == TABLE_INTERIOR
        count = data[base + 3] << 8 | data[base + 4]
        if count > (limits.page_size - 8) // 6:
            raise corrupt()
        self.cell_count = count
        self.pointers_offset = first
        self.free_bytes = -1
        self.pending_cells = None
        self.is_decoded = True

    def format(self, kind: int, limits: TreeLimits) -> None:
        """Make it an empty b-tree page."""
        base = self.header_offset
        is_leaf = kind == TABLE_LEAF or kind == INDEX_LEAF
        first = base + (8 if is_leaf else 12)
        end = limits.usable_size if limits.zeroes_freed else first
        self.data[base:end] = bytes(end - base)
        self.data[base] = kind
        self.data[base + 5 : base + 7] = (limits.usable_size & 0xFFFF).to_bytes(2, "big")
        self.is_leaf = is_leaf
        self.is_table = kind == TABLE_LEAF or kind == TABLE_INTERIOR
        self.cell_count = 0
        self.pointers_offset = first
        self.free_bytes = limits.usable_size - first
        self.pending_cells = None
        self.is_decoded = True

    @property
    def full_cell_count(self) -> int:
        """The number of cells, pending ones counted."""
        return self.cell_count + (0 if self.pending_cells is None else len(self.pending_cells))

    def pointer(self, index: int) -> int:
        """Where cell `index` begins, cut to the page."""
        data = self.data
        at = self.pointers_offset + 2 * index
        return (data[at] << 8 | data[at + 1]) & len(data) - 1

    def has_cells_inside(self) -> bool:
        """Whether no cell pointer has to be cut to the page."""
        size = len(self.data)
        return all(self._u16(self.pointers_offset + 2 * index) < size for index in range(self.cell_count))

    def is_place_of_cell(self, offset: int, limits: TreeLimits) -> bool:
        """Whether there can be a cell at this place: behind the cell pointers, and no smaller than the least. What is
        read elsewhere does no harm; what is written there would.
        """
        return self.pointers_offset + 2 * self.cell_count <= offset <= limits.usable_size - LEAST_CELL_SIZE

    @property
    def right_child(self) -> int:
        """The right-most child of an interior page."""
        base = self.header_offset + 8
        return int.from_bytes(self.data[base : base + 4], "big")

    @right_child.setter
    def right_child(self, number: int) -> None:
        base = self.header_offset + 8
        self.data[base : base + 4] = number.to_bytes(4, "big")

    def child(self, index: int) -> int:
        """The page number of child `index`; the right-most one stands at `cell_count`."""
        if self.pending_cells is not None:
            pending = self.pending_cells.find(index)
            if pending is not None:
                return int.from_bytes(pending[:4], "big")
            index = self.pending_cells.number_on_page(index)
        if index >= self.cell_count:
            return self.right_child
        pointer = self.pointer(index)
        # Behind the page are zeros.
        return int.from_bytes(self.data[pointer : pointer + 4].ljust(4, b"\0"), "big")

    def set_child(self, index: int, number: int, limits: TreeLimits) -> None:
        """Point child `index` elsewhere. SqlError CORRUPT."""
        if self.pending_cells is not None:
            pending = self.pending_cells.find(index)
            if pending is not None:
                self.pending_cells.replace(index, number.to_bytes(4, "big") + pending[4:])
                return
            index = self.pending_cells.number_on_page(index)
        if index >= self.cell_count:
            self.right_child = number
        else:
            pointer = self.pointer(index)
            if not self.is_place_of_cell(pointer, limits):
                raise corrupt()
            self.data[pointer : pointer + 4] = number.to_bytes(4, "big")

    def _u16(self, offset: int) -> int:
        return self.data[offset] << 8 | self.data[offset + 1]

    def _put_u16(self, offset: int, value: int) -> None:
        self.data[offset] = value >> 8 & 0xFF
        self.data[offset + 1] = value & 0xFF

    @property
    def _content_start(self) -> int:
        return self._u16(self.header_offset + 5) or 65536

    def compute_free_bytes(self, limits: TreeLimits) -> int:
        """The free space of the page; walks the free blocks the first time. SqlError CORRUPT."""
        if self.free_bytes >= 0:
            return self.free_bytes
        usable = limits.usable_size
        base = self.header_offset
        top = self._content_start
        gap_start = self.pointers_offset + 2 * self.cell_count
        if top > usable:
            raise corrupt()
        free = self.data[base + 7] + top
        block = self._u16(base + 1)
        lowest = top
        while block:
            if block < lowest or block > usable - 4:
                raise corrupt()
            size = self._u16(block + 2)
            if size < 4 or block + size > usable:
                raise corrupt()
            free += size
            lowest = block + size + 4
            block = self._u16(block)
        if free > usable or free < gap_start:
            raise corrupt()
        self.free_bytes = free - gap_start
        return self.free_bytes

    def allocate(self, size: int, limits: TreeLimits) -> int:
        """Room for a cell of `size` bytes and its pointer, known to be free: its offset, or 0 when the page must be
        packed first.
        """
        base = self.header_offset
        gap_start = self.pointers_offset + 2 * self.cell_count
        top = self._content_start
        if gap_start > top or top > limits.usable_size:
            raise corrupt()
        block = self._u16(base + 1)
        if block and gap_start + 2 <= top:
            offset = self._take_free_block(size, limits)
            if offset:
                if offset <= gap_start:
                    raise corrupt()
                return offset
        if gap_start + 2 + size > top:
            return 0
        self._put_u16(base + 5, top - size)
        return top - size

    def _take_free_block(self, size: int, limits: TreeLimits) -> int:
        """The first free block that is large enough; what is left over stays a block, or becomes a fragment below 4
        bytes.
        """
        base = self.header_offset
        link = base + 1
        block = self._u16(link)
        last = limits.usable_size - size
        while block <= last:
            left_over = self._u16(block + 2) - size
            if left_over >= 4:
                if block + left_over > last:
                    raise corrupt()
                self._put_u16(block + 2, left_over)
                return block + left_over
            if left_over >= 0:
                if self.data[base + 7] > _MOST_FRAGMENTS:
                    return 0
                self._put_u16(link, self._u16(block))
                self.data[base + 7] += left_over
                return block
            link = block
            block = self._u16(block)
            if block == 0:
                return 0
            if block <= link:
                raise corrupt()
        if block > limits.usable_size - 4:
            raise corrupt()
        return 0

    def release(self, start: int, size: int, limits: TreeLimits) -> None:
        """Give the bytes of a cell back, joining them with free neighbours. SqlError CORRUPT."""
        base = self.header_offset
        usable = limits.usable_size
        head = base + 1
        link = head
        freed = start
        if start + size > usable:
            raise corrupt()
        following = self._u16(head)
        while following and following < start:
            if following <= link and link != head:
                raise corrupt()
            link = following
            following = self._u16(following)
        if following > usable - 4:
            raise corrupt()
        end = start + size
        joined_fragments = 0
        if following and end + 3 >= following:
            if end > following:
                raise corrupt()
            joined_fragments = following - end
            end = following + self._u16(following + 2)
            if end > usable:
                raise corrupt()
            following = self._u16(following)
        is_joined_before = False
        if link != head:
            end_before = link + self._u16(link + 2)
            if end_before + 3 >= start:
                if end_before > start:
                    raise corrupt()
                joined_fragments += start - end_before
                start = link
                is_joined_before = True
        if joined_fragments > self.data[base + 7]:
            raise corrupt()
        if limits.zeroes_freed:
            self.data[freed : freed + size] = bytes(size)
        self.data[base + 7] -= joined_fragments
        top = self._content_start
        if start <= top:
            if start < top or link != head:
                raise corrupt()
            self._put_u16(head, following)
            self._put_u16(base + 5, end)
        else:
            if not is_joined_before:
                self._put_u16(link, start)
            self._put_u16(start, following)
            self._put_u16(start + 2, end - start)

    def write_cells(self, cells: list[bytes], limits: TreeLimits) -> None:
        """Lay the page out anew with exactly these cells, known to fit; kind and right child stay."""
        data = self.data
        base = self.header_offset
        first = self.pointers_offset
        offset = limits.usable_size
        pointers: list[int] = []
        for cell in cells:
            offset -= len(cell)
            pointers.append(offset)
        count = len(cells)
        if offset < first + 2 * count:
            raise corrupt()
        data[offset : limits.usable_size] = b"".join(cells[::-1])
        struct.pack_into(f">{count}H", data, first, *pointers)
        struct.pack_into(">HHHB", data, base + 1, 0, count, offset & 0xFFFF, 0)
        self.cell_count = count
        self.free_bytes = offset - first - 2 * count
        if limits.zeroes_freed:
            data[first + 2 * count : offset] = bytes(self.free_bytes)
        self.pending_cells = None

    def put_cell_at(self, index: int, cell: bytes, offset: int) -> None:
        """Write a cell at an allocated offset and link it in as number `index`."""
        data = self.data
        count = self.cell_count
        data[offset : offset + len(cell)] = cell
        place = self.pointers_offset + 2 * index
        if index < count:
            end = self.pointers_offset + 2 * count
            data[place + 2 : end + 2] = data[place:end]
        data[place] = offset >> 8
        data[place + 1] = offset & 0xFF
        self._set_cell_count(count + 1)
        self.free_bytes -= len(cell) + 2

    def unlink_cell(self, index: int, size: int, limits: TreeLimits) -> None:
        """Remove cell `index` of `size` bytes."""
        free = self.compute_free_bytes(limits)
        data = self.data
        count = self.cell_count
        place = self.pointers_offset + 2 * index
        # Not cut to the page: where a pointer that leaves the page leads to may be another cell.
        self.release(self._u16(place), size, limits)
        if count == 1:
            self._set_cell_count(0)
            base = self.header_offset
            self._put_u16(base + 1, 0)
            self._put_u16(base + 5, limits.usable_size & 0xFFFF)
            data[base + 7] = 0
            self.free_bytes = limits.usable_size - self.pointers_offset
            if limits.zeroes_freed:
                data[self.pointers_offset : limits.usable_size] = bytes(self.free_bytes)
            return
        end = self.pointers_offset + 2 * count
        data[place : end - 2] = data[place + 2 : end]
        self._set_cell_count(count - 1)
        self.free_bytes = free + size + 2

    def _set_cell_count(self, count: int) -> None:
        self.cell_count = count
        base = self.header_offset
        self.data[base + 3] = count >> 8
        self.data[base + 4] = count & 0xFF
