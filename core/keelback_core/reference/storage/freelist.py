"""The free list: pages that belong to nothing, and how pages come into use.

    page 1, byte 32: first trunk   byte 36: number of free pages, trunks counted
    trunk: 4 next trunk or 0, 4 number of leaves, 4 each leaf page

1. The content of a leaf page means nothing.
2. A trunk is filled up to 8 entries less than would fit: old versions of SQLite took more for corruption.

It does not know who uses a page. Spec: https://www.sqlite.org/fileformat2.html#the_freelist
"""

from __future__ import annotations

from keelback_core.reference.storage.page import Page, corrupt
from keelback_core.reference.storage.page_cache import SECURE_DELETE_ON
from keelback_core.reference.storage.pager import Pager
from keelback_core.reference.storage.pointer_map import KIND_FREE, is_pointer_map_page, write_pointer_map


def _u32(page: Page, offset: int) -> int:
    return int.from_bytes(page.data[offset : offset + 4], "big")


def _put_u32(page: Page, offset: int, value: int) -> None:
    page.data[offset : offset + 4] = value.to_bytes(4, "big")


def free_page_count(pager: Pager) -> int:
    """How many pages the header says are free."""
    return _u32(pager.get(1), 36) if pager.page_count else 0


def append_page(pager: Pager) -> Page:
    """A new page at the end that is no pointer map; the header's size is for the caller to write."""
    page = pager.append_page()
    while pager.has_pointer_maps and is_pointer_map_page(pager, page.number):
        page = pager.append_page()
    return page


def allocate_page(pager: Pager) -> Page:
    """A writable page for new use, its content undefined: from the free list, else at the end. SqlError FULL,
    CORRUPT.
    """
    first = pager.get(1)
    free_count = _u32(first, 36)
    if free_count >= pager.page_count and free_count:
        raise corrupt()
    pager.make_writable(first)
    if free_count == 0:
        page = append_page(pager)
        _put_u32(first, 28, pager.page_count)
        return page
    trunk_number = _u32(first, 32)
    if trunk_number < 2:
        raise corrupt()
    trunk = pager.get(trunk_number)
    leaf_count = _u32(trunk, 4)
    if leaf_count > pager.limits.usable_size // 4 - 2:
        raise corrupt()
    pager.make_writable(trunk)
    _put_u32(first, 36, free_count - 1)
    if leaf_count == 0:
        first.data[32:36] = trunk.data[0:4]
        trunk.forget()
        return trunk
    number = _u32(trunk, 8)
    if number < 2:
        raise corrupt()
    page = pager.get(number)
    pager.make_writable(page)
    last = 8 + 4 * (leaf_count - 1)
    trunk.data[8:12] = trunk.data[last : last + 4]
    _put_u32(trunk, 4, leaf_count - 1)
    page.forget()
    return page


def free_page(pager: Pager, number: int) -> None:
    """Put a page on the free list. SqlError CORRUPT."""
    if number < 2 or number > pager.page_count:
        raise corrupt()
    first = pager.get(1)
    pager.make_writable(first)
    free_count = _u32(first, 36)
    _put_u32(first, 36, free_count + 1)
    write_pointer_map(pager, number, KIND_FREE, 0)
    trunk_number = _u32(first, 32)
    if free_count:
        if trunk_number < 2 or trunk_number == number:
            raise corrupt()
        trunk = pager.get(trunk_number)
        leaf_count = _u32(trunk, 4)
        if leaf_count > pager.limits.usable_size // 4 - 2:
            raise corrupt()
        if leaf_count < pager.limits.usable_size // 4 - 8:
            pager.make_writable(trunk)
            _put_u32(trunk, 4, leaf_count + 1)
            _put_u32(trunk, 8 + 4 * leaf_count, number)
            if pager.secure_delete == SECURE_DELETE_ON:
                page = pager.get(number)
                pager.make_writable(page)
                page.forget()
                page.data[:] = bytes(pager.limits.page_size)
                return
            cached = pager.pages.get(number)
            if cached is not None:
                cached.forget()
            return
    page = pager.get(number)
    pager.make_writable(page)
    page.forget()
    if pager.limits.zeroes_freed:
        page.data[:] = bytes(pager.limits.page_size)
    _put_u32(page, 0, trunk_number if free_count else 0)
    _put_u32(page, 4, 0)
    _put_u32(first, 32, number)
