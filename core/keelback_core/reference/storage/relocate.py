"""Root pages of an auto-vacuum database: they come first in the file, so a new one may have to push another page away.

1. Meta value 4 is the greatest root page; all roots are at or before it, and no page before it may be moved away by a
   vacuum.
2. A moved page keeps its content; who points to it, and the entries of those it points to, follow.

Callers have saved all cursors. Spec: https://www.sqlite.org/fileformat2.html#pointer_map_or_ptrmap_pages
"""

from __future__ import annotations

from keelback_core.reference.storage.cell import first_overflow_page, payload_place
from keelback_core.reference.storage.freelist import allocate_page, append_page, free_page
from keelback_core.reference.storage.page import Page, corrupt
from keelback_core.reference.storage.pager import Pager
from keelback_core.reference.storage.pointer_map import (
    KIND_FIRST_OVERFLOW,
    KIND_FREE,
    KIND_OTHER_OVERFLOW,
    KIND_ROOT,
    KIND_TREE,
    is_pointer_map_page,
    map_page_pointers,
    read_pointer_map,
    write_pointer_map,
)


def is_place_for_root(pager: Pager, number: int) -> bool:
    """True when the page may hold a root: it is neither the lock-byte page nor a pointer map."""
    return number != pager.lock_page and not is_pointer_map_page(pager, number)


def allocate_root(pager: Pager) -> Page:
    """The page after the greatest root, writable, its content undefined; the page that was there moves. SqlError
    CORRUPT.
    """
    first = pager.get(1)
    wanted = int.from_bytes(first.data[52:56], "big") + 1
    while not is_place_for_root(pager, wanted):
        wanted += 1
    if wanted > pager.page_count:
        pager.make_writable(first)
        page = append_page(pager)
        first.data[28:32] = pager.page_count.to_bytes(4, "big")
        if page.number != wanted:
            raise corrupt()
    elif read_pointer_map(pager, wanted)[0] == KIND_FREE:
        page = _take_free_page(pager, wanted)
    else:
        move_page(pager, wanted, allocate_page(pager))
        page = pager.get(wanted)
        pager.make_writable(page)
        page.forget()
    write_pointer_map(pager, wanted, KIND_ROOT, 0)
    pager.make_writable(first)
    first.data[52:56] = wanted.to_bytes(4, "big")
    return page


def _take_free_page(pager: Pager, wanted: int) -> Page:
    """Take pages from the free list until it is the wanted one, and give the others back."""
    others: list[int] = []
    while True:
        if not any(pager.get(1).data[36:40]):
            raise corrupt()
        page = allocate_page(pager)
        if page.number == wanted:
            break
        others.append(page.number)
    for number in others:
        free_page(pager, number)
    return page


def move_root(pager: Pager, number: int, place: int) -> None:
    """Copy the root of a tree to another page, which is free of use; the caller leads the schema there."""
    source = pager.get(number)
    target = pager.get(place)
    pager.make_writable(target)
    target.data[:] = source.data
    target.forget()
    write_pointer_map(pager, place, KIND_ROOT, 0)
    target.decode(pager.limits)
    map_page_pointers(pager, target)


def move_page(pager: Pager, number: int, target: Page) -> None:
    """Copy a page that is in use to `target` and lead everything there. SqlError CORRUPT, also for a root."""
    kind, parent_number = read_pointer_map(pager, number)
    source = pager.get(number)
    parent = pager.get(parent_number)
    pager.make_writable(parent)
    target.data[:] = source.data
    target.forget()
    write_pointer_map(pager, target.number, kind, parent_number)
    if kind == KIND_TREE:
        target.decode(pager.limits)
        map_page_pointers(pager, target)
        _replace_child(pager, parent, number, target.number)
        return
    if kind == KIND_FIRST_OVERFLOW:
        _replace_first_overflow(pager, parent, number, target.number)
    elif kind == KIND_OTHER_OVERFLOW and parent.data[:4] == number.to_bytes(4, "big"):
        parent.data[:4] = target.number.to_bytes(4, "big")
    else:
        raise corrupt()
    following = int.from_bytes(target.data[:4], "big")
    if following:
        write_pointer_map(pager, following, KIND_OTHER_OVERFLOW, target.number)


def _replace_child(pager: Pager, parent: Page, old: int, new: int) -> None:
    page = pager.get_tree_page(parent.number)
    if not page.is_leaf:
        for index in range(page.cell_count + 1):
            if page.child(index) == old:
                page.set_child(index, new, pager.limits)
                return
    raise corrupt()


def _replace_first_overflow(pager: Pager, parent: Page, old: int, new: int) -> None:
    page = pager.get_tree_page(parent.number)
    if page.is_leaf or not page.is_table:
        for index in range(page.cell_count):
            size, offset, local = payload_place(page, index, pager.limits)
            if local < size and first_overflow_page(page, offset, local) == old:
                if not page.is_place_of_cell(offset + local, pager.limits):
                    raise corrupt()
                page.data[offset + local : offset + local + 4] = new.to_bytes(4, "big")
                return
    raise corrupt()
