"""Pointer maps: in an auto-vacuum database, who points to each page, so that a page can be moved.

    page 2 and every (usable size / 5 + 1)-th after it: for each of the pages that follow it, 1 kind, 4 parent
    kinds: 1 root (parent 0), 2 free (0), 3 first overflow page (page of the cell), 4 later overflow page (the one
    before), 5 tree page

1. The lock-byte page is never a pointer map; the map that would be there is on the page after.

Spec: https://www.sqlite.org/fileformat2.html#pointer_map_or_ptrmap_pages
"""

from __future__ import annotations

from keelback_core.reference.storage.cell import first_overflow_page, payload_place
from keelback_core.reference.storage.page import Page, corrupt
from keelback_core.reference.storage.pager import Pager

KIND_ROOT = 1
KIND_FREE = 2
KIND_FIRST_OVERFLOW = 3
KIND_OTHER_OVERFLOW = 4
KIND_TREE = 5


def has_pointer_maps(pager: Pager) -> bool:
    """True for an auto-vacuum database, full or incremental."""
    return pager.page_count > 0 and any(pager.get(1).data[52:56])


def pointer_map_page(pager: Pager, number: int) -> int:
    """The pointer map page that describes a page; a pointer map page gives itself."""
    if number < 2:
        return 0
    step = pager.limits.usable_size // 5 + 1
    result = (number - 2) // step * step + 2
    return result + 1 if result == pager.lock_page else result


def is_pointer_map_page(pager: Pager, number: int) -> bool:
    """True when the page is a pointer map."""
    return number >= 2 and pointer_map_page(pager, number) == number


def read_pointer_map(pager: Pager, number: int) -> tuple[int, int]:
    """(kind, parent) of a page. SqlError CORRUPT."""
    map_number = pointer_map_page(pager, number)
    place = 5 * (number - map_number - 1)
    if map_number < 2 or place < 0 or place + 5 > pager.limits.usable_size:
        raise corrupt()
    entry = pager.get(map_number).data[place : place + 5]
    if entry[0] < KIND_ROOT or entry[0] > KIND_TREE:
        raise corrupt()
    return entry[0], int.from_bytes(entry[1:], "big")


def write_pointer_map(pager: Pager, number: int, kind: int, parent: int) -> None:
    """Set who points to a page; nothing happens in a database without pointer maps. SqlError CORRUPT."""
    if not pager.has_pointer_maps:
        return
    map_number = pointer_map_page(pager, number)
    place = 5 * (number - map_number - 1)
    if map_number < 2 or place < 0 or place + 5 > pager.limits.usable_size or number > pager.page_count:
        raise corrupt()
    page = pager.get(map_number)
    entry = bytes((kind,)) + parent.to_bytes(4, "big")
    if page.data[place : place + 5] != entry:
        pager.make_writable(page)
        page.data[place : place + 5] = entry


def map_page_pointers(pager: Pager, page: Page) -> None:
    """Set the entries of all pages that a b-tree page points to. A pending page is left for when it is balanced."""
    if not pager.has_pointer_maps or page.pending_cells is not None:
        return
    if page.is_leaf or not page.is_table:
        for index in range(page.cell_count):
            size, offset, local = payload_place(page, index, pager.limits)
            if local < size:
                write_pointer_map(pager, first_overflow_page(page, offset, local), KIND_FIRST_OVERFLOW, page.number)
    if not page.is_leaf:
        for index in range(page.cell_count + 1):
            write_pointer_map(pager, page.child(index), KIND_TREE, page.number)
