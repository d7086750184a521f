"""Cells: what lies at a cell pointer, and how it is built.

    table leaf      varint payload size, varint rowid, payload, [4 first overflow page]
    table interior  4 left child, varint rowid (the greatest in the left child's tree)
    index leaf      varint payload size, payload, [4 first overflow page]
    index interior  4 left child, varint payload size, payload, [4 first overflow page]

1. A cell takes at least 4 bytes on its page, so that a free block fits where it was.
2. How much of a long payload is local follows from `TreeLimits` alone.
3. Every place read is checked: a cell that runs off its page is SqlError CORRUPT. One that only runs into the reserved
   bytes may be read where it has no overflow pages, as SQLite does, and neither moved nor freed.

It does not follow overflow chains and does not look into payloads. Spec:
https://www.sqlite.org/fileformat2.html#b_tree_pages
"""

from __future__ import annotations

from keelback_core.reference.storage.page import LEAST_CELL_SIZE, Page, TreeLimits, corrupt
from keelback_core.reference.storage.pending_cells import PendingCells
from keelback_core.value.errors import SqlError

LONGEST_VARINT = 9


def varint_at(data: bytearray, offset: int) -> tuple[int, int]:
    """The unsigned varint at `offset` and the offset after it."""
    value = 0
    try:
        for _ in range(8):
            byte = data[offset]
            offset += 1
            if byte < 0x80:
                return value << 7 | byte, offset
            value = value << 7 | byte & 0x7F
        return value << 8 | data[offset], offset + 1
    except IndexError:
        raise corrupt() from None


def skip_varint(data: bytearray, offset: int) -> int:
    """The offset after a varint; the ninth byte has no continuation bit. IndexError off the end."""
    last = offset + 8
    while offset < last and data[offset] >= 0x80:
        offset += 1
    return offset + 1


def to_signed(value: int) -> int:
    """64 bits as a signed integer."""
    return value - (1 << 64) if value >> 63 else value


def cell_rowid(page: Page, index: int) -> int:
    """The rowid of a cell of a table tree."""
    data = page.data
    offset = page.pointer(index)
    try:
        if page.is_leaf:
            offset = skip_varint(data, offset)
        else:
            offset += 4
        value = data[offset]
        if value < 0x80:
            return value
        second = data[offset + 1]
        if second < 0x80:
            return (value & 0x7F) << 7 | second
        third = data[offset + 2]
        if third < 0x80:
            return ((value & 0x7F) << 7 | second & 0x7F) << 7 | third
    except IndexError:
        raise corrupt() from None
    return to_signed(varint_at(data, offset)[0])


def local_payload_size(size: int, is_table: bool, limits: TreeLimits) -> int:
    """How many bytes of a payload of `size` bytes lie in the cell."""
    most = limits.max_leaf_local if is_table else limits.max_local
    if size <= most:
        return size
    local = limits.min_local + (size - limits.min_local) % limits.overflow_size
    return local if local <= most else limits.min_local


def payload_place(page: Page, index: int, limits: TreeLimits) -> tuple[int, int, int]:
    """(payload size, offset of the local part, size of the local part) of a cell that has a payload."""
    data = page.data
    offset = page.pointer(index)
    if not page.is_leaf:
        offset += 4
    try:
        size = data[offset]
        if size < 0x80:
            offset += 1
        else:
            size, offset = varint_at(data, offset)
        if page.is_table:
            offset = skip_varint(data, offset)
    except IndexError:
        raise corrupt() from None
    if size <= (limits.max_leaf_local if page.is_table else limits.max_local):
        if offset + size > limits.page_size:
            raise corrupt()
        return size, offset, size
    local = local_payload_size(size, page.is_table, limits)
    if offset + local + 4 > limits.usable_size:
        raise corrupt()
    return size, offset, local


def visible_payload(page: Page, index: int, limits: TreeLimits) -> tuple[int, int, int]:
    """As payload_place, where the cell may run off its page: of the local part what lies on the page."""
    try:
        return payload_place(page, index, limits)
    except SqlError:
        pass
    # Behind the page are zeros.
    data = page.data + bytes(4 + 2 * LONGEST_VARINT)
    size, offset = varint_at(data, page.pointer(index) + (0 if page.is_leaf else 4))
    if page.is_table:
        offset = skip_varint(data, offset)
    local = local_payload_size(size, page.is_table, limits)
    return size, offset, max(0, min(local, limits.page_size - offset))


def first_overflow_page(page: Page, offset: int, local: int) -> int:
    """The page number after the local part of a payload that overflows."""
    return int.from_bytes(page.data[offset + local : offset + local + 4], "big")


def cell_size(page: Page, index: int, limits: TreeLimits) -> int:
    """The bytes that a cell takes on its page."""
    start = page.pointer(index)
    if start + LEAST_CELL_SIZE > limits.usable_size:
        raise corrupt()
    if page.is_table and not page.is_leaf:
        _, end = varint_at(page.data, start + 4)
    else:
        size, offset, local = payload_place(page, index, limits)
        end = offset + local + (4 if local < size else 0)
    if end > limits.usable_size:
        raise corrupt()
    return max(LEAST_CELL_SIZE, end - start)


def cell_bytes(page: Page, index: int, limits: TreeLimits) -> bytes:
    """A cell as it lies on its page, or as it waits for balancing."""
    if page.pending_cells is not None:
        pending = page.pending_cells.find(index)
        if pending is not None:
            return pending
        index = page.pending_cells.number_on_page(index)
    start = page.pointer(index)
    return bytes(page.data[start : start + cell_size(page, index, limits)])


def page_cells(page: Page, limits: TreeLimits) -> list[bytes]:
    """All cells of a page but pending ones. SqlError CORRUPT also where they and the free bytes do not make up the
    page, or one does not begin in it: then cells lie over one another or on bytes that are free, and who deals them
    anew makes two of what was one.
    """
    places = [(page.pointer(index), cell_size(page, index, limits)) for index in range(page.cell_count)]
    cells = [bytes(page.data[start : start + size]) for start, size in places]
    taken = page.pointers_offset + 2 * len(cells) + page.compute_free_bytes(limits) + sum(map(len, cells))
    if taken != limits.usable_size or not page.has_cells_inside():
        raise corrupt()
    return cells


def exact_index_cell(cell: bytes, limits: TreeLimits) -> bytes:
    """An index leaf cell without the padding that a very short one has, as it must be when it moves to an interior
    page.
    """
    if len(cell) > 4:
        return cell
    return cell[: 1 + cell[0]]


def padded(cell: bytes) -> bytes:
    """A cell of at least four bytes."""
    return cell if len(cell) >= 4 else cell.ljust(4, b"\0")


def insert_cell(page: Page, index: int, cell: bytes, limits: TreeLimits) -> None:
    """Put a cell in as number `index`; the page must be writable. One that has no room makes the page pending."""
    if page.pending_cells is not None:
        page.pending_cells.insert(index, cell)
        return
    free = page.free_bytes
    if free < 0:
        free = page.compute_free_bytes(limits)
    if free < len(cell) + 2:
        page_cells(page, limits)
        page.pending_cells = PendingCells()
        page.pending_cells.insert(index, cell)
        return
    offset = page.allocate(len(cell), limits)
    if offset == 0:
        page.write_cells(page_cells(page, limits), limits)
        offset = page.allocate(len(cell), limits)
        if offset == 0:
            raise corrupt()
    page.put_cell_at(index, cell, offset)


def remove_cell(page: Page, index: int, limits: TreeLimits) -> None:
    """Take cell `index` out; the page must be writable."""
    if page.pending_cells is not None:
        number = index
        pending = page.pending_cells.find(number)
        index = page.pending_cells.number_on_page(number)
        page.pending_cells.erase(number)
        if pending is not None:
            return
    page.unlink_cell(index, cell_size(page, index, limits), limits)
