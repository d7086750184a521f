"""How the pager undoes: a whole write transaction, or what was changed since a savepoint. The states are in pager.py.

Twin: kernel/storage/pager_rollback.cpp.
"""

from __future__ import annotations

from keelback_core.reference.storage.locks import LOCK_NONE
from keelback_core.reference.storage.page import Page
from keelback_core.reference.storage.pager_cache import write_dirty_pages
from keelback_core.reference.storage.pager_journal import close_journal_file, roll_file_back
from keelback_core.reference.storage.pager_wal import end_wal_read, undo_wal
from keelback_core.reference.storage.savepoint import STATE_NONE, Savepoint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.reference.storage.pager import Pager


def undo(pager: Pager) -> None:
    """Undo the write transaction."""
    if pager.wal is not None:
        undo_wal(pager, pager.wal)
    elif pager.old_images is not None:
        restore(pager, pager.old_images)
        if pager.is_file_changed and pager.file is not None:
            write_dirty_pages(pager)
            pager.file.truncate(pager.page_count * pager.limits.page_size)
        else:
            for page in pager.dirty.values():
                page.is_dirty = False
            pager.dirty.clear()
    else:
        roll_file_back(pager)


def abandon(pager: Pager) -> None:
    """Leave the journal to the next reader."""
    pager.drop_cache()
    pager.file_version = b""
    pager.journal = None
    close_journal_file(pager)
    pager.old_images = None
    pager.journaled.clear()
    pager.savepoints.clear()
    pager.is_file_changed = False
    pager.write_serial += 1
    pager.state = STATE_NONE
    pager.is_leaving_wal = False
    pager.is_wal_view_known = False
    if pager.file is not None and pager.wal is not None:
        pager.wal.end_write()
        end_wal_read(pager, pager.file, pager.wal)
    elif pager.file is not None:
        pager.file.unlock(LOCK_NONE)


def open_savepoint(pager: Pager, depth: int) -> None:
    """Open savepoints until `depth` is one of them."""
    while len(pager.savepoints) <= depth:
        pager.savepoints.append(Savepoint(pager.page_count))
        pager.write_serial += 1


def release_savepoint(pager: Pager, depth: int) -> None:
    """Forget savepoint `depth` and those inside it; the changes stay."""
    del pager.savepoints[depth:]


def rollback_to_savepoint(pager: Pager, depth: int) -> None:
    """Undo what was changed since savepoint `depth` was opened; it stays open, those inside it go."""
    if depth >= len(pager.savepoints):
        return
    del pager.savepoints[depth + 1 :]
    restore(pager, pager.savepoints[depth])


def restore(pager: Pager, savepoint: Savepoint) -> None:
    for number in [number for number in pager.pages if number > savepoint.page_count]:
        del pager.pages[number]
        pager.dirty.pop(number, None)
    pager.page_count = savepoint.page_count
    for number, image in savepoint.images.items():
        page = pager.pages.get(number)
        if page is None:
            page = Page(number, bytearray(image))
            pager.pages[number] = page
        else:
            page.data[:] = image
            page.forget()
        page.is_dirty = True
        pager.dirty[number] = page
        page.write_serial = 0
    pager.is_change_counter_done = False
