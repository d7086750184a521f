"""Giving free pages back: an auto-vacuum database gets shorter, at a commit or by PRAGMA incremental_vacuum.

1. Pages leave at the end of the file. A free one just leaves the free list; one that is in use is copied to the
   smallest free page, which is before it, and whoever points to it follows.
2. The free list is read as a whole, and what is left of it is written anew.
3. A pointer map at the end goes with the pages that it describes. Roots never move: they come first in the file.

Callers have saved all cursors. Twin: core/kernel/storage/shrink. Spec:
https://www.sqlite.org/fileformat2.html#the_freelist and #pointer_map_or_ptrmap_pages
"""

from __future__ import annotations

from keelback_core.reference.storage.freelist import free_page_count
from keelback_core.reference.storage.page import corrupt
from keelback_core.reference.storage.pager import Pager
from keelback_core.reference.storage.pager_cache import cut_to
from keelback_core.reference.storage.relocate import is_place_for_root, move_page


def shrink(pager: Pager, most: int) -> int:
    """Give up to `most` pages back; how many went. SqlError CORRUPT."""
    count = free_page_count(pager)
    if count == 0 or most <= 0:
        return 0
    last = pager.page_count
    if count >= last or not is_place_for_root(pager, last):
        raise corrupt()
    free = _read_free_list(pager, count)
    waiting = sorted(free, reverse=True)
    wanted = min(most, count)
    for _ in range(wanted):
        if last in free:
            free.discard(last)
        else:
            while waiting and waiting[-1] not in free:
                waiting.pop()
            if not waiting or waiting[-1] > last:
                raise corrupt()
            number = waiting.pop()
            free.discard(number)
            target = pager.get(number)
            pager.make_writable(target)
            target.forget()
            move_page(pager, last, target)
        last -= 1
        while last > 1 and not is_place_for_root(pager, last):
            last -= 1
    _write_free_list(pager, sorted(free))
    first = pager.get(1)
    pager.make_writable(first)
    first.data[28:32] = last.to_bytes(4, "big")
    cut_to(pager, last)
    return wanted


def _read_free_list(pager: Pager, count: int) -> set[int]:
    """All free pages, of which the header says that there are `count`."""
    free: set[int] = set()
    trunk = int.from_bytes(pager.get(1).data[32:36], "big")
    most_leaves = pager.limits.usable_size // 4 - 2
    while trunk:
        if trunk < 2 or trunk > pager.page_count or trunk in free:
            raise corrupt()
        free.add(trunk)
        data = pager.get(trunk).data
        leaves = int.from_bytes(data[4:8], "big")
        if leaves > most_leaves:
            raise corrupt()
        for place in range(8, 8 + 4 * leaves, 4):
            number = int.from_bytes(data[place : place + 4], "big")
            if number < 2 or number > pager.page_count or number in free:
                raise corrupt()
            free.add(number)
        trunk = int.from_bytes(data[0:4], "big")
    if len(free) != count:
        raise corrupt()
    return free


def _write_free_list(pager: Pager, free: list[int]) -> None:
    """Make these pages the free list; their entries in the pointer maps say already that they are free."""
    size = pager.limits.usable_size // 4 - 8
    first = pager.get(1)
    pager.make_writable(first)
    first.data[32:36] = (free[0] if free else 0).to_bytes(4, "big")
    first.data[36:40] = len(free).to_bytes(4, "big")
    for start in range(0, len(free), size + 1):
        part = free[start : start + size + 1]
        trunk = pager.get(part[0])
        pager.make_writable(trunk)
        trunk.forget()
        following = free[start + size + 1] if start + size + 1 < len(free) else 0
        trunk.data[0:4] = following.to_bytes(4, "big")
        trunk.data[4:8] = (len(part) - 1).to_bytes(4, "big")
        for place, number in enumerate(part[1:], 2):
            trunk.data[4 * place : 4 * place + 4] = number.to_bytes(4, "big")
