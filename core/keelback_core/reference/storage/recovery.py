"""Hot journals: what a process that died left behind, and how the next reader puts it right.

A journal is hot when nobody holds RESERVED, the database is not empty, and its first byte is not zero. It is rolled
back under
EXCLUSIVE, which is taken straight from SHARED, so that nobody meanwhile takes us for an ordinary writer.

It works on files only; the pager drops its cache afterwards. Spec: https://www.sqlite.org/lockingv3.html#hot_journals
"""

from __future__ import annotations

from keelback_core.reference.storage.journal import (
    SYNCHRONOUS_EXTRA,
    SYNCHRONOUS_FULL,
    SYNCHRONOUS_OFF,
    delete_super_journal_if_last,
    is_super_journal_missing,
    play_back,
    read_super_journal_name,
)
from keelback_core.reference.storage.locks import LOCK_EXCLUSIVE, LOCK_RESERVED, LOCK_SHARED
from keelback_core.reference.storage.vfs import (
    OPEN_MAIN_JOURNAL,
    OPEN_READONLY,
    OPEN_READWRITE,
    Vfs,
    VfsFile,
    cannot_open,
)
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import CANTOPEN, READONLY_ROLLBACK


class JournalEnd:
    """How a journal that is not needed any more goes. size_limit: most bytes of it to keep; less than 0: all.
    names_super_journal: then nothing is kept, lest the next transaction seem to be named there.
    """

    __slots__ = ("mode", "synchronous", "size_limit", "names_super_journal")

    def __init__(self, mode: str, synchronous: int, size_limit: int, names_super_journal: bool) -> None:
        self.mode = mode
        self.synchronous = synchronous
        self.size_limit = size_limit
        self.names_super_journal = names_super_journal


def has_hot_journal(vfs: Vfs, database: VfsFile, journal_path: str) -> bool:
    """True when the database, on which SHARED is held, has a hot journal. A stale one beside an empty file is
    deleted.
    """
    if not vfs.exists(journal_path) or database.is_reserved_by_anyone():
        return False
    if database.size() == 0:
        _delete_stale_journal(vfs, database, journal_path)
        return False
    try:
        journal = vfs.open(journal_path, OPEN_READONLY | OPEN_MAIN_JOURNAL)
    except SqlError as error:
        if error.primary_code == CANTOPEN:
            return vfs.exists(journal_path)
        raise
    try:
        return journal.read_at(1, 0) not in (b"", b"\0")
    finally:
        journal.close()


def _delete_stale_journal(vfs: Vfs, database: VfsFile, journal_path: str) -> None:
    if database.is_readonly:
        return
    try:
        database.lock(LOCK_RESERVED)
    except SqlError:
        return
    vfs.delete(journal_path, False)
    database.unlock(LOCK_SHARED)


def recover(vfs: Vfs, database: VfsFile, journal_path: str, end: JournalEnd) -> int:
    """Roll a hot journal back, from SHARED and back to it; the number of its pages. SqlError READONLY_ROLLBACK, BUSY,
    IOERR_*.
    """
    if database.is_readonly:
        raise SqlError(READONLY_ROLLBACK, "attempt to write a readonly database")
    database.lock(LOCK_EXCLUSIVE)
    played_back = 0
    if vfs.exists(journal_path):
        journal = vfs.open(journal_path, OPEN_READWRITE | OPEN_MAIN_JOURNAL)
        try:
            if journal.is_readonly:
                raise cannot_open()
            if end.synchronous != SYNCHRONOUS_OFF:
                journal.sync()
            super_name = read_super_journal_name(journal)
            if not is_super_journal_missing(vfs, journal):
                played_back = play_back(journal, database, True)
                if end.synchronous != SYNCHRONOUS_OFF:
                    database.sync()
            end = JournalEnd(end.mode, end.synchronous, end.size_limit, super_name != "")
            finish_journal(vfs, journal, journal_path, end)
        finally:
            journal.close()
        if super_name:
            delete_super_journal_if_last(vfs, super_name)
    database.unlock(LOCK_SHARED)
    return played_back


def restore_head(journal: VfsFile, head: bytes) -> None:
    """Put the head back; the error that made it necessary is the one to tell."""
    try:
        journal.write_at(head, 0)
    except SqlError:
        return


def _blank_head(journal: VfsFile) -> None:
    head = journal.read_at(28, 0)
    try:
        journal.write_at(bytes(28), 0)
    except SqlError:
        # Half of the head may be gone, and the transaction is going to be undone by the journal.
        restore_head(journal, head)
        raise


def _finish_persistent(journal: VfsFile, end: JournalEnd) -> None:
    is_kept = not end.names_super_journal and end.size_limit != 0
    if is_kept:
        _blank_head(journal)
    else:
        journal.truncate(0)
    if end.synchronous != SYNCHRONOUS_OFF:
        journal.sync()
    if is_kept and journal.size() > end.size_limit >= 0:
        journal.truncate(end.size_limit)


def finish_journal(vfs: Vfs, journal: VfsFile, journal_path: str, end: JournalEnd) -> None:
    """Make a journal not hot, in the way of the journal mode. In a transaction this is the moment of commit."""
    if end.mode == "truncate":
        journal.truncate(0)
        if end.synchronous >= SYNCHRONOUS_FULL:
            journal.sync()
    elif end.mode == "persist":
        _finish_persistent(journal, end)
    else:
        journal.close()
        vfs.delete(journal_path, end.synchronous == SYNCHRONOUS_EXTRA)
