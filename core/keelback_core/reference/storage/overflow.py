"""Overflow chains: the part of a payload that does not fit on its b-tree page.

    each page: 4 next page or 0, then payload up to the usable size

1. How long a chain is follows from the payload size; a chain that ends early or leaves the file is SqlError CORRUPT,
   and
   nothing is followed for longer than that.

Spec: https://www.sqlite.org/fileformat2.html#cell_payload_overflow_pages
"""

from __future__ import annotations

from keelback_core.reference.storage.cell import first_overflow_page, local_payload_size, padded, payload_place
from keelback_core.reference.storage.freelist import allocate_page, free_page
from keelback_core.reference.storage.page import Page, corrupt
from keelback_core.reference.storage.pager import Pager
from keelback_core.reference.storage.pointer_map import KIND_FIRST_OVERFLOW, KIND_OTHER_OVERFLOW, write_pointer_map

# So many pages of a chain are read, written or freed between two looks for an interrupt.
LINKS_BETWEEN = 256


def _check_interrupt(pager: Pager, links: int) -> None:
    """SqlError INTERRUPT now and then while a chain is walked."""
    if links % LINKS_BETWEEN == LINKS_BETWEEN - 1:
        pager.stop_if_interrupted()


def chain_length(size: int, overflow_size: int) -> int:
    """How many pages `size` bytes of overflow take."""
    return -(-size // overflow_size)


def read_payload(pager: Pager, page: Page, index: int) -> bytes:
    """The whole payload of a cell."""
    limits = pager.limits
    size, offset, local = payload_place(page, index, limits)
    if local == size:
        return bytes(page.data[offset : offset + size])
    parts = [bytes(page.data[offset : offset + local])]
    remaining = size - local
    if chain_length(remaining, limits.overflow_size) > pager.page_count:
        raise corrupt()
    number = first_overflow_page(page, offset, local)
    links = 0
    while remaining > 0:
        if number < 2:
            raise corrupt()
        _check_interrupt(pager, links)
        links += 1
        data = pager.get(number).data
        amount = min(remaining, limits.overflow_size)
        parts.append(bytes(data[4 : 4 + amount]))
        number = int.from_bytes(data[:4], "big")
        remaining -= amount
    return b"".join(parts)


def build_cell(pager: Pager, owner: Page, prefix: bytes, payload: bytes) -> bytes:
    """A leaf cell: prefix (size and rowid varints), payload; writes the overflow chain when there has to be one.

    owner: the page that the cell is meant for.
    """
    limits = pager.limits
    local = local_payload_size(len(payload), owner.is_table, limits)
    if local == len(payload):
        return padded(prefix + payload)
    step = limits.overflow_size
    count = chain_length(len(payload) - local, step)
    pages: list[Page] = []
    for place in range(count):
        _check_interrupt(pager, place)
        page = allocate_page(pager)
        # The free list names pages that are in use.
        if page is owner or (pages and page is pages[-1]):
            raise corrupt()
        pages.append(page)
    position = local
    for place, page in enumerate(pages):
        following = pages[place + 1].number if place + 1 < count else 0
        part = payload[position : position + step]
        page.data[0:4] = following.to_bytes(4, "big")
        page.data[4 : 4 + len(part)] = part
        if limits.zeroes_freed:
            page.data[4 + len(part) : 4 + step] = bytes(step - len(part))
        if place:
            write_pointer_map(pager, page.number, KIND_OTHER_OVERFLOW, pages[place - 1].number)
        else:
            write_pointer_map(pager, page.number, KIND_FIRST_OVERFLOW, owner.number)
        position += step
    return prefix + payload[:local] + pages[0].number.to_bytes(4, "big")


def free_chain(pager: Pager, page: Page, index: int) -> None:
    """Free the overflow pages of a cell, if it has any."""
    if page.is_table and not page.is_leaf:
        return
    limits = pager.limits
    size, offset, local = payload_place(page, index, limits)
    if local == size:
        return
    count = chain_length(size - local, limits.overflow_size)
    if count > pager.page_count:
        raise corrupt()
    number = first_overflow_page(page, offset, local)
    for step in range(count):
        if number < 2:
            raise corrupt()
        _check_interrupt(pager, step)
        # Nothing of the last one is of use.
        following = int.from_bytes(pager.get(number).data[:4], "big") if step + 1 < count else 0
        free_page(pager, number)
        number = following
