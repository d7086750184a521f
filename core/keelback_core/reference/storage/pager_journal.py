"""The pager with a rollback journal: what is kept of pages before they change, the commit through the file, and the way
back. The states are in pager.py.

Twin: kernel/storage/pager_journal.cpp.
"""

from __future__ import annotations

from keelback_core.reference.storage.header import HEADER_SIZE, RESERVED_OFFSET
from keelback_core.reference.storage.journal import SYNCHRONOUS_OFF, JournalWriter, play_back
from keelback_core.reference.storage.locks import LOCK_RESERVED, LOCK_SHARED
from keelback_core.reference.storage.page import Page
from keelback_core.reference.storage.pager_cache import make_exclusive, write_dirty_pages
from keelback_core.reference.storage.pager_header import validate_header
from keelback_core.reference.storage.pager_wal import begin_wal_read, has_wal, open_wal, replace_in_wal
from keelback_core.reference.storage.recovery import JournalEnd, finish_journal, has_hot_journal, recover
from keelback_core.reference.storage.savepoint import STATE_READ, STATE_WRITE
from keelback_core.reference.storage.vfs import OPEN_CREATE, OPEN_MAIN_JOURNAL, OPEN_READWRITE
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import BUSY, IOERR_WRITE, NOTICE_RECOVER_ROLLBACK, READONLY_DBMOVED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from keelback_core.reference.storage.pager import Pager
    from keelback_core.reference.storage.vfs import VfsFile


def _journal_end(pager: Pager) -> JournalEnd:
    return JournalEnd(pager.journal_mode, pager.synchronous, pager.journal_size_limit, pager.has_super_journal)


def begin_file_read(pager: Pager, file: VfsFile) -> None:
    """Of a database that is not known to be in WAL mode."""
    pager.is_wal_due = False
    file.lock(LOCK_SHARED)
    if pager.journal_file is None and has_hot_journal(pager.vfs, file, pager.journal_path):
        played_back = recover(pager.vfs, file, pager.journal_path, _journal_end(pager))
        if played_back:
            pager.tell(NOTICE_RECOVER_ROLLBACK, f"recovered {played_back} pages from {pager.journal_path}")
        pager.drop_cache()
        pager.file_version = b""
    header = file.read_at(HEADER_SIZE, 0)
    size = file.size()
    if not has_wal(pager, header, size):
        validate_header(pager, header, size)
        return
    open_wal(pager, file)
    assert pager.wal is not None
    begin_wal_read(pager, file, pager.wal)


def open_journal(pager: Pager) -> JournalWriter:
    if pager.journal is None:
        assert pager.file is not None
        if pager.file.has_moved():
            raise SqlError(READONLY_DBMOVED, "attempt to write a readonly database")
        if pager.journal_file is None:
            pager.journal_file = pager.vfs.open(pager.journal_path, OPEN_READWRITE | OPEN_CREATE | OPEN_MAIN_JOURNAL)
        if pager.journal_file.is_readonly:
            # The next transaction makes its own, if this one can be deleted.
            pager.journal_file.close()
            pager.journal_file = None
            if pager.journal_mode == "delete":
                try:
                    pager.vfs.delete(pager.journal_path, False)
                except SqlError:
                    pass
            raise SqlError(IOERR_WRITE, "disk I/O error")
        pager.journal = JournalWriter(
            pager.journal_file,
            pager.limits.page_size,
            pager.original_page_count,
            pager.synchronous,
            pager.vfs.randomness(4),
        )
    return pager.journal


def write_to_file(pager: Pager, file: VfsFile, super_journal: str) -> None:
    """The first half of a commit."""
    if super_journal and pager.journal is not None:
        pager.journal.add_super_journal(super_journal, pager.lock_page)
        pager.has_super_journal = True
    if pager.journal is not None:
        pager.journal.seal()
    write_dirty_pages(pager)
    wanted = pager.page_count * pager.limits.page_size
    size = file.size()
    if size > wanted:
        file.truncate(wanted)
    elif size < wanted and pager.page_count != pager.lock_page:
        file.write_at(bytes(pager.limits.page_size), wanted - pager.limits.page_size)
    if pager.synchronous != SYNCHRONOUS_OFF:
        file.sync()


def replace_content(pager: Pager, pages: list[bytes], page_size: int, wait: Callable[[], bool] | None) -> None:
    """Put other pages, perhaps of another size, in the place of all, and commit; for VACUUM.

    The journal holds the whole database as it was, so a crash half-way leaves that.
    """
    file = pager.file
    if file is None:
        pager.drop_cache()
        pager.set_page_format(page_size, pages[0][RESERVED_OFFSET])
        pager.pages.update((number, Page(number, bytearray(data))) for number, data in enumerate(pages, 1))
        pager.page_count = len(pages)
        pager.end_write()
        return
    if pager.wal is not None:
        replace_in_wal(pager, pager.wal, pages, page_size)
        return
    for number in range(1, pager.page_count + 1):
        if number != pager.lock_page:
            pager.make_writable(pager.get(number))
    make_exclusive(pager, wait)
    if pager.journal is not None:
        pager.journal.seal()
    pager.is_file_changed = True
    for number, data in enumerate(pages):
        file.write_at(data, number * page_size)
    file.truncate(len(pages) * page_size)
    if pager.synchronous != SYNCHRONOUS_OFF:
        file.sync()
    pager.drop_cache()
    pager.set_page_format(page_size, pages[0][RESERVED_OFFSET])
    pager.page_count = len(pages)
    pager.commit_phase_two()


def roll_file_back(pager: Pager) -> None:
    file = pager.file
    assert file is not None
    if pager.is_file_changed:
        pager.drop_cache()
    else:
        for number in pager.dirty:
            pager.pages.pop(number, None)
        pager.dirty.clear()
    journal_file = pager.journal_file
    if journal_file is not None and pager.journal is not None:
        if pager.is_file_changed:
            try:
                pager.journal.flush()
            except SqlError:
                # What is not in the journal yet is of pages that the file has as they were: a full disk does not keep
                # us from going back.
                pass
            play_back(journal_file, file, False)
            if pager.synchronous != SYNCHRONOUS_OFF:
                file.sync()
        finish(pager)
    pager.page_count = pager.original_page_count


def finish(pager: Pager) -> None:
    if pager.journal_file is not None:
        finish_journal(pager.vfs, pager.journal_file, pager.journal_path, _journal_end(pager))


def close_journal_file(pager: Pager) -> None:
    """Whether it is still needed or not."""
    if pager.journal_file is not None:
        pager.journal_file.close()
        pager.journal_file = None


def set_journal_mode(pager: Pager, mode: str) -> str:
    """Change the journal mode outside a write transaction: delete, truncate, persist, memory, off. Gives the
    mode in force.
    """
    has_file = pager.is_on_disk or pager.is_temporary
    is_known = mode in ("memory", "off") or has_file and mode in ("delete", "truncate", "persist")
    if not is_known or pager.state == STATE_WRITE or mode == pager.journal_mode:
        return pager.journal_mode
    had_file = pager.journal_mode in ("truncate", "persist")
    pager.journal_mode = mode
    if had_file and pager.file is not None and mode in ("delete", "memory", "off"):
        delete_kept_journal(pager)
    return mode


def delete_kept_journal(pager: Pager) -> None:
    """Delete a journal kept by another mode, only while nobody else can be using it."""
    file = pager.file
    assert file is not None
    was_reading = pager.state == STATE_READ
    try:
        if not was_reading:
            pager.begin_read()
        file.lock(LOCK_RESERVED)
        pager.vfs.delete(pager.journal_path, False)
        file.unlock(LOCK_SHARED)
    except SqlError as error:
        if error.primary_code != BUSY:
            raise
    finally:
        if not was_reading:
            pager.end_read()
