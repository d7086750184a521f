"""The cache of the pager: how pages come in, which of them leave, and how changed ones reach their file.

Twin: kernel/storage/pager_cache.cpp.
"""

from __future__ import annotations

from keelback_core.reference.storage.locks import LOCK_EXCLUSIVE, LOCK_RESERVED
from keelback_core.reference.storage.pager_wal import write_dirty_frames
from keelback_core.reference.storage.savepoint import STATE_WRITE
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import BUSY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from keelback_core.reference.storage.page import Page
    from keelback_core.reference.storage.pager import Pager


def shrink(pager: Pager, keep: list[Page]) -> None:
    """Make room in the cache: drop clean pages, after writing dirty ones where that may be done. `keep` stays."""
    pager.wants_shrink = False
    if pager.file is None:
        return
    target = pager.cache_limit() // 2
    if pager.may_spill and len(pager.dirty) > target and len(pager.pages) > pager.spill_size:
        spill(pager)
    kept = {page.number for page in keep}
    kept.add(1)
    excess = len(pager.pages) - target
    victims = [number for number, page in pager.pages.items() if not page.is_dirty and number not in kept]
    for number in victims[: max(0, excess)]:
        del pager.pages[number]
    pager.shrink_at = max(pager.cache_limit(), len(pager.pages) + target)


def spill(pager: Pager) -> None:
    """Write the dirty pages in the middle of a transaction; quietly not, while readers are in the way."""
    try:
        flush_cache(pager)
    except SqlError as error:
        if error.primary_code != BUSY:
            raise


def flush_cache(pager: Pager) -> None:
    """Write the changed pages of a write transaction. SqlError BUSY when readers are in the way."""
    file = pager.file
    if pager.wal is not None:
        if pager.state == STATE_WRITE:
            write_dirty_frames(pager, pager.wal, False)
        return
    if file is None or not pager.dirty or file.lock_level < LOCK_RESERVED:
        return
    make_exclusive(pager, None)
    if pager.journal is not None:
        pager.journal.seal()
    write_dirty_pages(pager)


def write_dirty_pages(pager: Pager) -> None:
    file = pager.file
    assert file is not None
    page_size = pager.limits.page_size
    pager.is_file_changed = True
    for number in sorted(pager.dirty):
        page = pager.dirty[number]
        if number <= pager.page_count:
            file.write_at(page.data, (number - 1) * page_size)
        page.is_dirty = False
        page.write_serial = 0
    pager.dirty.clear()


def make_exclusive(pager: Pager, wait: Callable[[], bool] | None) -> None:
    """Take the EXCLUSIVE lock. wait: asked after each BUSY whether to try again."""
    file = pager.file
    if pager.state != STATE_WRITE or file is None or pager.wal is not None:
        return
    while True:
        try:
            file.lock(LOCK_EXCLUSIVE)
            return
        except SqlError as error:
            if error.primary_code != BUSY or wait is None or not wait():
                raise


def cut_to(pager: Pager, page_count: int) -> None:
    """Make the database shorter; the pages beyond are kept for rollback."""
    for number in range(page_count + 1, pager.page_count + 1):
        if number != pager.lock_page:
            pager.make_writable(pager.get(number))
    for number in [number for number in pager.pages if number > page_count]:
        del pager.pages[number]
        pager.dirty.pop(number, None)
    pager.page_count = page_count
