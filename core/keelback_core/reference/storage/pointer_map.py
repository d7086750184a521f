"""Pointer maps: in an auto-vacuum database, who points to each page, so that a page can be moved.

    page 2 and every (usable size / 5 + 1)-th after it: for each of the pages that follow it, 1 kind, 4 parent
    kinds: 1 root (parent 0), 2 free (0), 3 first overflow page (page of the cell), 4 later overflow page (the one
    before), 5 tree page

1. The lock-byte page is never a pointer map; the map that would be there is on the page after.

Spec: https://www.sqlite.org/fileformat2.html#pointer_map_or_ptrmap_pages
"""

from __future__ import annotations

from keelback_core.reference.storage.page import corrupt
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
