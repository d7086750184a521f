"""The pager: pages by number, transactions on them, and their way to the file and back.

    state           lock held     cache may hold                     file
    STATE_NONE      NONE          pages of the last transaction      not to be looked at
    STATE_READ      SHARED        clean pages                        committed content
    STATE_WRITE     RESERVED      dirty pages                        committed content while not `is_file_changed`
                    EXCLUSIVE     dirty pages                        a mixture that the journal can undo

1. A page is changed only after `make_writable`: its old content is then in the journal and in each open savepoint.
2. `page_count` is the size of the database as this transaction sees it; `original_page_count` what it was at its begin.
3. The cache is valid as long as bytes 24..40 of page 1 are what they were when it was filled.
4. Pages leave the cache only in `shrink`, called between two operations of cursors, when all others have let go of
   their pages.
5. After a failure in the middle of a commit or spill `rollback` plays the journal back; if that fails too, everything
   is dropped and the journal stays behind, hot, for the next reader.

page_cache.py has the pages, pager_cache.py moves them out, pager_journal.py has what a rollback journal needs,
pager_rollback.py the ways back.

In WAL mode (pager_wal.py) a writer has no journal and needs no RESERVED: dirty pages go to the WAL as frames, and who
rolls back forgets them. SHARED is kept as long as the WAL is open.

In memory there is no file: the cache is the database, and old contents are kept as in a savepoint. The pager knows
nothing of b-trees but that `Page` has a decoded form to forget. Spec: https://www.sqlite.org/atomiccommit.html; twin:
kernel/storage/pager.
"""

from __future__ import annotations

from keelback_core.reference.storage.header import HEADER_SIZE, page_size_in_header
from keelback_core.reference.storage.immutable_vfs import OPEN_IMMUTABLE
from keelback_core.reference.storage.journal import SYNCHRONOUS_FULL, JournalWriter
from keelback_core.reference.storage.locks import LOCK_EXCLUSIVE, LOCK_NONE, LOCK_RESERVED, LOCK_SHARED
from keelback_core.reference.storage.page import Page
from keelback_core.reference.storage.page_cache import PageCache
from keelback_core.reference.storage.pager_cache import make_exclusive
from keelback_core.reference.storage.pager_header import raise_change_counter
from keelback_core.reference.storage.pager_journal import (
    begin_file_read,
    close_journal_file,
    finish,
    open_journal,
    write_to_file,
)
from keelback_core.reference.storage.pager_rollback import abandon, undo
from keelback_core.reference.storage.pager_wal import (
    begin_wal_read,
    begin_wal_write,
    close_wal,
    end_wal_read,
    write_dirty_frames,
)
from keelback_core.reference.storage.savepoint import STATE_NONE, STATE_READ, STATE_WRITE, Savepoint
from keelback_core.reference.storage.vfs import OPEN_MAIN_DB, Vfs, VfsFile
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import FULL, INTERRUPT, MESSAGES, READONLY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    class InterruptSource(Protocol):
        """Whoever runs statements on the database."""

        @property
        def is_interrupted(self) -> bool: ...


MOST_PAGES = 0xFFFFFFFE


class Pager(PageCache):
    """One connection's view of one database file; `file` is None for a database in memory."""

    __slots__ = (
        "vfs",
        "path",
        "commit_count",
        "is_block_kept",
        "wanted_reserve",
        "is_format_fixed",
        "was_read",
        "wanted_auto_vacuum",
        "is_readonly",
        "original_page_count",
        "max_page_count",
        "state",
        "synchronous",
        "journal_mode",
        "is_temporary",
        "keeps_locks",
        "interrupt_source",
        "data_version",
        "write_serial",
        "savepoints",
        "old_images",
        "journaled",
        "journal",
        "journal_file",
        "has_super_journal",
        "is_wal_due",
        "is_file_changed",
        "file_version",
        "is_wal_view_known",
        "is_leaving_wal",
        "keeps_wal_file",
        "is_checkpointed_at_close",
        "journal_size_limit",
        "is_change_counter_done",
        "has_pointer_maps",
        "log",
    )

    def __init__(self, vfs: Vfs, file: VfsFile | None, path: str, page_size: int) -> None:
        super().__init__(file, page_size)
        self.vfs = vfs
        self.path = path
        self.is_readonly = file is not None and file.is_readonly
        # Whether it holds a block that must stay as it is (SQLITE_DESERIALIZE_READONLY).
        self.is_block_kept = False
        # How many transactions were committed through it: with `data_version` what a file control tells.
        self.commit_count = 0
        # How many bytes at the end of each page a database that is still to be made keeps free; -1: none.
        self.wanted_reserve = -1
        # Whether a first page was made, be it that it was undone: no pragma changes the size of pages any more, nor
        # whether there are pointer maps.
        self.is_format_fixed = False
        self.was_read = False
        # The auto-vacuum mode (0, 1, 2) that the first page of an empty database is made with.
        self.wanted_auto_vacuum = 0
        self.has_pointer_maps = False
        # Told, with a result code and a text, of what is noteworthy and no error.
        self.log: Callable[[int, str], object] | None = None
        self.original_page_count = 0
        self.max_page_count = MOST_PAGES
        self.state = STATE_NONE
        self.synchronous = SYNCHRONOUS_FULL
        self.journal_mode = "delete" if self.is_on_disk else "memory"
        # Whether it is a temporary file to whoever asks: it tells a journal mode, though it is in memory.
        self.is_temporary = False
        # Whether locks outlive their transactions: PRAGMA locking_mode = EXCLUSIVE.
        self.keeps_locks = False
        # Whoever knows whether long work is to stop; None where nobody can ask for that.
        self.interrupt_source: InterruptSource | None = None
        self.data_version = 1
        self.write_serial = 1
        self.savepoints: list[Savepoint] = []
        self.old_images: Savepoint | None = None
        self.journaled: set[int] = set()
        self.journal: JournalWriter | None = None
        self.journal_file: VfsFile | None = None
        self.has_super_journal = False
        # Whether the header has just been told of WAL mode, which the next read transaction looks at.
        self.is_wal_due = False
        self.is_file_changed = False
        self.file_version = b""
        # Whether `page_count` and the format are those of the WAL's last snapshot.
        self.is_wal_view_known = False
        self.is_leaving_wal = False
        # Whether the last connection to close leaves the WAL behind.
        self.keeps_wal_file = False
        self.is_checkpointed_at_close = True
        # Most bytes to keep of a journal or WAL that is not needed; less than 0: all.
        self.journal_size_limit = -1
        self.is_change_counter_done = False
        if file is not None:
            size = page_size_in_header(file.read_at(HEADER_SIZE, 0))
            if size:
                self.set_page_format(size, 0)

    def stop_if_interrupted(self) -> None:
        """SqlError INTERRUPT if somebody asked for it; long work that is no program calls this now and then."""
        if self.interrupt_source is not None and self.interrupt_source.is_interrupted:
            raise SqlError(INTERRUPT, MESSAGES[INTERRUPT])

    def tell(self, code: int, message: str) -> None:
        """Tell the log, if there is one."""
        if self.log is not None:
            self.log(code, message)

    # Geometry

    @property
    def is_on_disk(self) -> bool:
        """True when journals and WALs may lie beside the file: not in memory, be it shared by name or not."""
        return self.file is not None and not self.vfs.is_memory

    @property
    def journal_path(self) -> str:
        """The rollback journal's path."""
        return self.path + "-journal"

    # Read transactions

    def begin_read(self) -> None:
        """Take SHARED, roll a hot journal back, look at the header. One attempt: SqlError BUSY, NOTADB, CORRUPT,
        CANTOPEN.
        """
        file = self.file
        if self.state != STATE_NONE:
            return
        if file is None:
            self.state = STATE_READ
            self.was_read = True
            return
        try:
            if self.wal is None:
                begin_file_read(self, file)
            else:
                begin_wal_read(self, file, self.wal)
        except BaseException:
            self.drop_cache()
            self.file_version = b""
            self.is_wal_view_known = False
            if self.wal is not None:
                end_wal_read(self, file, self.wal)
            else:
                file.unlock(LOCK_NONE)
            raise
        self.state = STATE_READ
        self.was_read = True

    def end_read(self) -> None:
        """Let SHARED go; the cache stays for the next time."""
        if self.state != STATE_READ:
            return
        self.state = STATE_NONE
        if self.file is None:
            return
        if self.wal is not None:
            end_wal_read(self, self.file, self.wal)
        elif not self.keeps_locks:
            self.file.unlock(LOCK_NONE)

    # Write transactions

    def begin_write(self, is_exclusive: bool) -> None:
        """From a read transaction to a write transaction. One attempt: SqlError BUSY, READONLY."""
        file = self.file
        if self.is_readonly or self.is_block_kept:
            raise SqlError(READONLY, "attempt to write a readonly database")
        if self.state == STATE_WRITE:
            if is_exclusive and file is not None and self.wal is None:
                file.lock(LOCK_EXCLUSIVE)
            return
        if file is not None and self.wal is not None:
            begin_wal_write(self, file, self.wal)
        elif file is not None:
            file.lock(LOCK_RESERVED)
            if is_exclusive:
                try:
                    file.lock(LOCK_EXCLUSIVE)
                except SqlError:
                    file.unlock(LOCK_SHARED)
                    raise
        self.state = STATE_WRITE
        self.original_page_count = self.page_count
        self.write_serial += 1
        self.is_file_changed = False
        self.is_change_counter_done = False
        self.journaled.clear()
        self.savepoints.clear()
        if self.wal is None and (file is None or self.journal_mode in ("memory", "off")):
            self.old_images = Savepoint(self.page_count)

    def make_writable(self, page: Page) -> None:
        """Allow a change to a page: keep its old content for rollback. SqlError READONLY, CANTOPEN, FULL, IOERR_*."""
        if page.write_serial == self.write_serial:
            return
        if self.state != STATE_WRITE:
            raise SqlError(READONLY, "attempt to write a readonly database")
        number = page.number
        image: bytes | None = None
        if self.wal is not None:
            pass
        elif number <= self.original_page_count and number not in self.journaled:
            image = bytes(page.data)
            if self.old_images is not None:
                self.old_images.images[number] = image
            else:
                open_journal(self).add(number, image)
            self.journaled.add(number)
        elif self.old_images is None and self.journal is None:
            open_journal(self)
        for savepoint in self.savepoints:
            if number <= savepoint.page_count and number not in savepoint.images:
                if image is None:
                    image = bytes(page.data)
                savepoint.images[number] = image
        page.write_serial = self.write_serial
        page.is_dirty = True
        self.dirty[number] = page

    def append_page(self) -> Page:
        """A new, zeroed, writable page at the end. The lock-byte page is passed over. SqlError FULL."""
        number = self.page_count + 1
        if number == self.lock_page:
            number += 1
        if number > self.max_page_count:
            raise SqlError(FULL, "database or disk is full")
        self.page_count = number
        page = self.pages.get(number)
        if page is None:
            page = Page(number, bytearray(self.limits.page_size))
            self.pages[number] = page
            if len(self.pages) > self.shrink_at and self.file is not None:
                self.wants_shrink = True
        else:
            page.data[:] = bytes(self.limits.page_size)
            page.forget()
        self.make_writable(page)
        return page

    @property
    def journal_name(self) -> str:
        """The path of the journal that this transaction has on disk, "" if none."""
        return self.journal_path if self.journal is not None and self.journal_file is not None else ""

    def commit_phase_one(self, wait: Callable[[], bool] | None, super_journal: str = "") -> None:
        """Bring everything to the disk; afterwards only the journal stands between us and the commit.

        wait: asked after each BUSY of the EXCLUSIVE lock whether to try again. super_journal: the file that stands
        for the commit of several databases; the journal names it.
        """
        file = self.file
        if self.state != STATE_WRITE or file is None:
            return
        if self.wal is not None:
            write_dirty_frames(self, self.wal, True)
            return
        if self.journal is None and not self.dirty and not self.is_file_changed:
            return
        raise_change_counter(self)
        make_exclusive(self, wait)
        write_to_file(self, file, super_journal)

    def commit_phase_two(self, is_decided: bool = False) -> None:
        """The commit itself: the journal goes. The read transaction stays.

        is_decided: a super-journal that is gone was the commit, and nothing fails any more: a journal that cannot be
        got rid of is left, cold, and there is no transaction.
        """
        if self.state != STATE_WRITE:
            return
        self.commit_count += 1
        file = self.file
        if self.wal is not None:
            self.end_write()
            return
        if file is not None:
            try:
                finish(self)
                if self.page_count:
                    self.file_version = bytes(self.get(1).data[24:40])
            except SqlError:
                if not is_decided:
                    raise
                abandon(self)
                return
        else:
            for page in self.dirty.values():
                page.is_dirty = False
            self.dirty.clear()
        self.end_write()

    def end_write(self) -> None:
        self.state = STATE_READ
        self.journal = None
        close_journal_file(self)
        self.old_images = None
        self.journaled.clear()
        self.savepoints.clear()
        self.is_file_changed = False
        self.has_super_journal = False
        self.write_serial += 1
        self.original_page_count = self.page_count
        self.is_leaving_wal = False
        if self.wal is not None:
            self.wal.end_write()
        elif self.file is not None and not self.keeps_locks:
            self.file.unlock(LOCK_SHARED)

    # Rollback and savepoints

    def rollback(self) -> None:
        """Undo the write transaction; the read transaction stays. On a failure here there is no transaction at all
        afterwards.
        """
        if self.state != STATE_WRITE:
            return
        try:
            undo(self)
        except BaseException:
            abandon(self)
            raise
        self.end_write()

    def close(self) -> None:
        """Roll back what is open and close the files."""
        try:
            if self.state == STATE_WRITE:
                self.rollback()
            self.end_read()
            if self.wal is not None and self.file is not None:
                close_wal(self, self.file, self.wal)
        finally:
            if self.wal is not None:
                self.wal.close(False)
                self.wal = None
            self.drop_cache()
            close_journal_file(self)
            if self.file is not None:
                self.file.close()


def temporary_pager(vfs: Vfs, page_size: int) -> Pager:
    """A database without a name that is no database in memory."""
    pager = Pager(vfs, None, "", page_size)
    pager.is_temporary = True
    pager.journal_mode = "delete"
    return pager


def open_pager(vfs: Vfs, path: str, flags: int, page_size: int) -> Pager:
    """Open the file of a database. SqlError CANTOPEN."""
    full_path = vfs.full_path(path)
    file = vfs.open(full_path, flags | OPEN_MAIN_DB)
    try:
        return Pager(vfs, file, "" if vfs.is_memory and not flags & OPEN_IMMUTABLE else full_path, page_size)
    except BaseException:
        file.close()
        raise
