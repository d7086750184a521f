"""The pager: pages by number, transactions on them, and their way to the file and back.

    state           lock held     cache may hold                     file
    STATE_NONE      NONE          pages of the last transaction      not to be looked at
    STATE_READ      SHARED        clean pages                        committed content
    STATE_WRITE     RESERVED      dirty pages                        committed content while not `is_file_changed`
                    EXCLUSIVE     dirty pages                        a mixture that the journal can undo

1. A page is changed only after `make_writable`: its old content is then in the journal and in each open savepoint.
2. `page_count` is the size of the database as this transaction sees it; `original_page_count` what it was at its begin.
3. The cache is valid as long as bytes 24..40 of page 1 (change counter, size, free list) are what they were when it
   was filled.
4. Pages leave the cache only in `shrink`, called between two operations of cursors, when all others have let go of
   their pages.
5. After a failure in the middle of a commit or spill `rollback` plays the journal back; if that fails too, everything
   is dropped and
   the journal stays behind, hot, for the next reader.

In WAL mode (pager_wal.py) a writer has no journal and needs no RESERVED: dirty pages go to the WAL as frames, and who
rolls back forgets them. SHARED is kept as long as the WAL is open.

In memory there is no file: the cache is the database, and old contents are kept as in a savepoint. The pager knows
nothing of
b-trees but that `Page` has a decoded form to forget. Spec: https://www.sqlite.org/atomiccommit.html; twin:
kernel/storage/pager.
"""

from __future__ import annotations

from keelback_core.reference.storage.header import HEADER_SIZE, check_header, page_size_in_header
from keelback_core.reference.storage.journal import SYNCHRONOUS_FULL, SYNCHRONOUS_OFF, JournalWriter, play_back
from keelback_core.reference.storage.locks import (
    LOCK_EXCLUSIVE,
    LOCK_NONE,
    LOCK_RESERVED,
    LOCK_SHARED,
    PENDING_BYTE,
)
from keelback_core.reference.storage.page import Page, TreeLimits, corrupt
from keelback_core.reference.storage.pager_wal import (
    begin_wal_read,
    begin_wal_write,
    close_wal,
    end_wal_read,
    has_wal,
    open_wal,
    replace_in_wal,
    undo_wal,
    write_dirty_frames,
)
from keelback_core.reference.storage.recovery import finish_journal, has_hot_journal, recover
from keelback_core.reference.storage.savepoint import Savepoint
from keelback_core.reference.storage.vfs import (
    OPEN_CREATE,
    OPEN_MAIN_DB,
    OPEN_MAIN_JOURNAL,
    OPEN_READWRITE,
    Vfs,
    VfsFile,
)
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import (
    BUSY,
    FULL,
    INTERRUPT,
    MESSAGES,
    READONLY,
    READONLY_DBMOVED,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from keelback_core.reference.storage.wal import Wal

    class InterruptSource(Protocol):
        """Whoever runs statements on the database."""

        @property
        def is_interrupted(self) -> bool: ...


STATE_NONE = 0
STATE_READ = 1
STATE_WRITE = 2

MOST_PAGES = 0xFFFFFFFE
SQLITE_VERSION_NUMBER = 3054001
_ALWAYS_CACHED = 20


class Pager:
    """One connection's view of one database file; `file` is None for a database in memory."""

    __slots__ = (
        "vfs",
        "file",
        "path",
        "is_readonly",
        "limits",
        "page_count",
        "original_page_count",
        "max_page_count",
        "state",
        "synchronous",
        "journal_mode",
        "keeps_locks",
        "interrupt_source",
        "cache_size",
        "data_version",
        "pages",
        "write_serial",
        "wants_shrink",
        "_shrink_at",
        "dirty",
        "_savepoints",
        "_old_images",
        "_journaled",
        "_journal",
        "_journal_file",
        "_has_super_journal",
        "_is_file_changed",
        "file_version",
        "wal",
        "is_wal_view_known",
        "is_leaving_wal",
        "keeps_wal_file",
        "is_checkpointed_at_close",
        "journal_size_limit",
        "_change_counter_done",
        "lock_page",
        "has_pointer_maps",
    )

    def __init__(self, vfs: Vfs, file: VfsFile | None, path: str, page_size: int) -> None:
        self.vfs = vfs
        self.file = file
        self.path = path
        self.is_readonly = file is not None and file.is_readonly
        self.limits = TreeLimits(page_size, 0)
        self.lock_page = PENDING_BYTE // page_size + 1
        self.has_pointer_maps = False
        self.page_count = 0
        self.original_page_count = 0
        self.max_page_count = MOST_PAGES
        self.state = STATE_NONE
        self.synchronous = SYNCHRONOUS_FULL
        self.journal_mode = "delete" if file is not None else "memory"
        # Whether locks outlive their transactions: PRAGMA locking_mode = EXCLUSIVE.
        self.keeps_locks = False
        # Whoever knows whether long work is to stop; None where nobody can ask for that.
        self.interrupt_source: InterruptSource | None = None
        self.cache_size = -2000
        self.data_version = 1
        self.pages: dict[int, Page] = {}
        self.write_serial = 1
        self.wants_shrink = False
        self._shrink_at = self._cache_limit()
        self.dirty: dict[int, Page] = {}
        self._savepoints: list[Savepoint] = []
        self._old_images: Savepoint | None = None
        self._journaled: set[int] = set()
        self._journal: JournalWriter | None = None
        self._journal_file: VfsFile | None = None
        self._has_super_journal = False
        self._is_file_changed = False
        self.file_version = b""
        # The WAL of a database in WAL mode; known after `begin_read`.
        self.wal: Wal | None = None
        # Whether `page_count` and the format are those of the WAL's last snapshot.
        self.is_wal_view_known = False
        self.is_leaving_wal = False
        # Whether the last connection to close leaves the WAL behind.
        self.keeps_wal_file = False
        self.is_checkpointed_at_close = True
        # Most bytes to keep of a journal or WAL that is not needed; less than 0: all.
        self.journal_size_limit = -1
        self._change_counter_done = False
        if file is not None:
            size = page_size_in_header(file.read_at(HEADER_SIZE, 0))
            if size:
                self.set_page_format(size, 0)

    def stop_if_interrupted(self) -> None:
        """SqlError INTERRUPT if somebody asked for it; long work that is no program calls this now and then."""
        if self.interrupt_source is not None and self.interrupt_source.is_interrupted:
            raise SqlError(INTERRUPT, MESSAGES[INTERRUPT])

    # Geometry

    @property
    def is_in_memory(self) -> bool:
        """True when there is no file."""
        return self.file is None

    @property
    def journal_path(self) -> str:
        """The rollback journal's path."""
        return self.path + "-journal"

    def set_page_format(self, page_size: int, reserved_bytes: int) -> None:
        """Take another page size; drops the cache when it differs."""
        if page_size != self.limits.page_size:
            self.drop_cache()
        if page_size != self.limits.page_size or page_size - reserved_bytes != self.limits.usable_size:
            self.limits = TreeLimits(page_size, reserved_bytes)
            self.lock_page = PENDING_BYTE // page_size + 1
            self._shrink_at = self._cache_limit()

    def set_cache_size(self, size: int) -> None:
        """Pages, or KiB when negative."""
        self.cache_size = size
        self._shrink_at = self._cache_limit()

    def _cache_limit(self) -> int:
        size = self.cache_size
        pages = size if size >= 0 else -size * 1024 // (self.limits.page_size + 100)
        return max(_ALWAYS_CACHED, pages)

    # Reading

    def get(self, number: int) -> Page:
        """The page of this number, which must be within the database. SqlError CORRUPT, IOERR_*."""
        page = self.pages.get(number)
        if page is not None:
            return page
        if number < 1 or number > self.page_count or number == self.lock_page:
            raise corrupt()
        page_size = self.limits.page_size
        if self.file is None:
            data = bytearray(page_size)
        else:
            data = bytearray(self._read_page(number))
            if len(data) < page_size:
                data.extend(bytes(page_size - len(data)))
        page = Page(number, data)
        pages = self.pages
        pages[number] = page
        if len(pages) > self._shrink_at and self.file is not None:
            self.wants_shrink = True
        return page

    def get_tree_page(self, number: int) -> Page:
        """As `get`, with the b-tree header decoded."""
        page = self.pages.get(number)
        if page is None:
            page = self.get(number)
        if not page.is_decoded:
            page.decode(self.limits)
        return page

    def _read_page(self, number: int) -> bytes:
        assert self.file is not None
        if self.wal is not None:
            data = self.wal.read_page(number, self.limits.page_size)
            if data is not None:
                return data
        return self.file.read_at(self.limits.page_size, (number - 1) * self.limits.page_size)

    def shrink(self, keep: list[Page]) -> None:
        """Make room in the cache: drop clean pages, after writing dirty ones where that may be done. `keep` stays."""
        self.wants_shrink = False
        if self.file is None:
            return
        target = self._cache_limit() // 2
        if len(self.dirty) > target:
            self._spill()
        kept = {page.number for page in keep}
        kept.add(1)
        excess = len(self.pages) - target
        victims = [number for number, page in self.pages.items() if not page.is_dirty and number not in kept]
        for number in victims[: max(0, excess)]:
            del self.pages[number]
        self._shrink_at = max(self._cache_limit(), len(self.pages) + target)

    def _spill(self) -> None:
        """Write the dirty pages in the middle of a transaction; quietly not, while readers are in the way."""
        file = self.file
        if self.wal is not None:
            if self.state == STATE_WRITE:
                write_dirty_frames(self, self.wal, False)
            return
        if file is None or file.lock_level < LOCK_RESERVED:
            return
        try:
            self.make_exclusive(None)
        except SqlError as error:
            if error.primary_code == BUSY:
                return
            raise
        self._seal_journal()
        self._write_dirty_pages()

    def drop_cache(self) -> None:
        """Forget all pages, also changed ones."""
        self.pages.clear()
        self.dirty.clear()
        self._shrink_at = self._cache_limit()
        self.wants_shrink = False

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
            return
        try:
            if self.wal is None:
                self._begin_file_read(file)
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

    def _begin_file_read(self, file: VfsFile) -> None:
        """Of a database that is not known to be in WAL mode."""
        file.lock(LOCK_SHARED)
        if self._journal_file is None and has_hot_journal(self.vfs, file, self.journal_path):
            recover(self.vfs, file, self.journal_path, self.journal_mode, self.synchronous)
            self.drop_cache()
            self.file_version = b""
        header = file.read_at(HEADER_SIZE, 0)
        size = file.size()
        if not has_wal(self, header, size):
            self.validate_header(header, size)
            return
        open_wal(self, file)
        assert self.wal is not None
        begin_wal_read(self, file, self.wal)

    def validate_header(self, header: bytes, size: int) -> None:
        """Compare a header with the cache's and find the size of the database, whose file or WAL has `size` bytes."""
        version = header[24:40]
        if version != self.file_version:
            if self.file_version:
                self.data_version += 1
            self.drop_cache()
            self.file_version = version
        page_count = -(-size // self.limits.page_size)
        if page_count > 0:
            page_size, reserved = check_header(header)
            self.set_page_format(page_size, reserved)
            in_file = -(-size // page_size)
            page_count = int.from_bytes(header[28:32], "big")
            if page_count == 0 or header[24:28] != header[92:96]:
                page_count = in_file
            if page_count > in_file:
                raise corrupt()
        self.page_count = page_count
        self.original_page_count = page_count

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
        if self.is_readonly:
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
        self._is_file_changed = False
        self._change_counter_done = False
        self._journaled.clear()
        self._savepoints.clear()
        if self.wal is None and (file is None or self.journal_mode in ("memory", "off")):
            self._old_images = Savepoint(self.page_count)

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
        elif number <= self.original_page_count and number not in self._journaled:
            image = bytes(page.data)
            if self._old_images is not None:
                self._old_images.images[number] = image
            else:
                self._open_journal().add(number, image)
            self._journaled.add(number)
        elif self._old_images is None and self._journal is None:
            self._open_journal()
        for savepoint in self._savepoints:
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
            if len(self.pages) > self._shrink_at and self.file is not None:
                self.wants_shrink = True
        else:
            page.data[:] = bytes(self.limits.page_size)
            page.forget()
        self.make_writable(page)
        return page

    def cut_to(self, page_count: int) -> None:
        """Make the database shorter; the pages beyond are kept for rollback."""
        for number in range(page_count + 1, self.page_count + 1):
            if number != self.lock_page:
                self.make_writable(self.get(number))
        for number in [number for number in self.pages if number > page_count]:
            del self.pages[number]
            self.dirty.pop(number, None)
        self.page_count = page_count

    def _open_journal(self) -> JournalWriter:
        if self._journal is None:
            assert self.file is not None
            if self.file.has_moved():
                raise SqlError(READONLY_DBMOVED, "attempt to write a readonly database")
            if self._journal_file is None:
                self._journal_file = self.vfs.open(self.journal_path, OPEN_READWRITE | OPEN_CREATE | OPEN_MAIN_JOURNAL)
            self._journal = JournalWriter(
                self._journal_file,
                self.limits.page_size,
                self.original_page_count,
                self.synchronous,
                self.vfs.randomness(4),
            )
        return self._journal

    def _seal_journal(self) -> None:
        if self._journal is not None:
            self._journal.seal()

    def _write_dirty_pages(self) -> None:
        file = self.file
        assert file is not None
        page_size = self.limits.page_size
        self._is_file_changed = True
        for number in sorted(self.dirty):
            page = self.dirty[number]
            if number <= self.page_count:
                file.write_at(page.data, (number - 1) * page_size)
            page.is_dirty = False
            page.write_serial = 0
        self.dirty.clear()

    def make_exclusive(self, wait: Callable[[], bool] | None) -> None:
        """Take the EXCLUSIVE lock. wait: asked after each BUSY whether to try again."""
        file = self.file
        if self.state != STATE_WRITE or file is None or self.wal is not None:
            return
        while True:
            try:
                file.lock(LOCK_EXCLUSIVE)
                return
            except SqlError as error:
                if error.primary_code != BUSY or wait is None or not wait():
                    raise

    @property
    def journal_name(self) -> str:
        """The path of the journal that this transaction has on disk, "" if none."""
        return self.journal_path if self._journal is not None and self._journal_file is not None else ""

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
        if self._journal is None and not self.dirty and not self._is_file_changed:
            return
        self.raise_change_counter()
        self.make_exclusive(wait)
        if super_journal and self._journal is not None:
            self._journal.add_super_journal(super_journal, self.lock_page)
            self._has_super_journal = True
        self._seal_journal()
        self._write_dirty_pages()
        wanted = self.page_count * self.limits.page_size
        size = file.size()
        if size > wanted:
            file.truncate(wanted)
        elif size < wanted and self.page_count != self.lock_page:
            file.write_at(bytes(self.limits.page_size), wanted - self.limits.page_size)
        if self.synchronous != SYNCHRONOUS_OFF:
            file.sync()

    def raise_change_counter(self) -> None:
        """Count the transaction in the header, once."""
        if self._change_counter_done or self.page_count == 0:
            return
        page = self.get(1)
        self.make_writable(page)
        counter = (int.from_bytes(page.data[24:28], "big") + 1 & 0xFFFFFFFF).to_bytes(4, "big")
        page.data[24:28] = counter
        page.data[92:96] = counter
        page.data[96:100] = SQLITE_VERSION_NUMBER.to_bytes(4, "big")
        self._change_counter_done = True

    def commit_phase_two(self) -> None:
        """The commit itself: the journal goes. The read transaction stays."""
        if self.state != STATE_WRITE:
            return
        file = self.file
        if self.wal is not None:
            self._end_write()
            return
        if file is not None:
            self._finish_journal()
            if self.page_count:
                self.file_version = bytes(self.get(1).data[24:40])
        else:
            for page in self.dirty.values():
                page.is_dirty = False
            self.dirty.clear()
        self._end_write()

    def replace_content(self, pages: list[bytes], page_size: int, wait: Callable[[], bool] | None) -> None:
        """Put other pages, perhaps of another size, in the place of all, and commit; for VACUUM.

        The journal holds the whole database as it was, so a crash half-way leaves that.
        """
        file = self.file
        if file is None:
            self.drop_cache()
            self.set_page_format(page_size, 0)
            self.pages.update((number, Page(number, bytearray(data))) for number, data in enumerate(pages, 1))
            self.page_count = len(pages)
            self._end_write()
            return
        if self.wal is not None:
            replace_in_wal(self, self.wal, pages, page_size)
            return
        for number in range(1, self.page_count + 1):
            if number != self.lock_page:
                self.make_writable(self.get(number))
        self.make_exclusive(wait)
        self._seal_journal()
        self._is_file_changed = True
        for number, data in enumerate(pages):
            file.write_at(data, number * page_size)
        file.truncate(len(pages) * page_size)
        if self.synchronous != SYNCHRONOUS_OFF:
            file.sync()
        self.drop_cache()
        self.set_page_format(page_size, 0)
        self.page_count = len(pages)
        self.commit_phase_two()

    def _end_write(self) -> None:
        self.state = STATE_READ
        self._journal = None
        self._close_journal_file()
        self._old_images = None
        self._journaled.clear()
        self._savepoints.clear()
        self._is_file_changed = False
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
            if self.wal is not None:
                undo_wal(self, self.wal)
            elif self._old_images is not None:
                self._restore(self._old_images)
                if self._is_file_changed and self.file is not None:
                    self._write_dirty_pages()
                    self.file.truncate(self.page_count * self.limits.page_size)
                else:
                    for page in self.dirty.values():
                        page.is_dirty = False
                    self.dirty.clear()
            else:
                self._roll_file_back()
        except BaseException:
            self._abandon()
            raise
        self._end_write()

    def _roll_file_back(self) -> None:
        file = self.file
        assert file is not None
        if self._is_file_changed:
            self.drop_cache()
        else:
            for number in self.dirty:
                self.pages.pop(number, None)
            self.dirty.clear()
        journal_file = self._journal_file
        if journal_file is not None and self._journal is not None:
            if self._is_file_changed:
                self._journal.flush()
                play_back(journal_file, file, False)
                if self.synchronous != SYNCHRONOUS_OFF:
                    file.sync()
            self._finish_journal()
        self.page_count = self.original_page_count

    def _abandon(self) -> None:
        """Leave the journal to the next reader."""
        self.drop_cache()
        self.file_version = b""
        self._journal = None
        self._close_journal_file()
        self._old_images = None
        self._journaled.clear()
        self._savepoints.clear()
        self._is_file_changed = False
        self.write_serial += 1
        self.state = STATE_NONE
        self.is_leaving_wal = False
        self.is_wal_view_known = False
        if self.file is not None and self.wal is not None:
            self.wal.end_write()
            end_wal_read(self, self.file, self.wal)
        elif self.file is not None:
            self.file.unlock(LOCK_NONE)

    def _finish_journal(self) -> None:
        if self._journal_file is not None:
            if self._has_super_journal:
                # A journal that is kept must not name the super-journal for the next transaction.
                self._has_super_journal = False
                if self.journal_mode == "persist":
                    self._journal_file.truncate(0)
            finish_journal(self.vfs, self._journal_file, self.journal_path, self.journal_mode, self.synchronous)

    def _close_journal_file(self) -> None:
        if self._journal_file is not None:
            self._journal_file.close()
            self._journal_file = None

    @property
    def savepoint_count(self) -> int:
        """How many savepoints are open."""
        return len(self._savepoints)

    def open_savepoint(self, depth: int) -> None:
        """Open savepoints until `depth` is one of them."""
        while len(self._savepoints) <= depth:
            self._savepoints.append(Savepoint(self.page_count))
            self.write_serial += 1

    def release_savepoint(self, depth: int) -> None:
        """Forget savepoint `depth` and those inside it; the changes stay."""
        del self._savepoints[depth:]

    def rollback_to_savepoint(self, depth: int) -> None:
        """Undo what was changed since savepoint `depth` was opened; it stays open, those inside it go."""
        if depth >= len(self._savepoints):
            return
        del self._savepoints[depth + 1 :]
        self._restore(self._savepoints[depth])

    def _restore(self, savepoint: Savepoint) -> None:
        for number in [number for number in self.pages if number > savepoint.page_count]:
            del self.pages[number]
            self.dirty.pop(number, None)
        self.page_count = savepoint.page_count
        for number, image in savepoint.images.items():
            page = self.pages.get(number)
            if page is None:
                page = Page(number, bytearray(image))
                self.pages[number] = page
            else:
                page.data[:] = image
                page.forget()
            page.is_dirty = True
            self.dirty[number] = page
            page.write_serial = 0
        self._change_counter_done = False

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
            self._close_journal_file()
            if self.file is not None:
                self.file.close()

    def set_journal_mode(self, mode: str) -> str:
        """Change the journal mode outside a write transaction: delete, truncate, persist, memory, off. Gives the
        mode in force.
        """
        is_known = mode in ("memory", "off") or self.file is not None and mode in ("delete", "truncate", "persist")
        if not is_known or self.state == STATE_WRITE or mode == self.journal_mode:
            return self.journal_mode
        had_file = self.journal_mode in ("truncate", "persist")
        self.journal_mode = mode
        if had_file and mode in ("delete", "memory", "off"):
            self._delete_kept_journal()
        return mode

    def _delete_kept_journal(self) -> None:
        """Delete a journal kept by another mode, only while nobody else can be using it."""
        file = self.file
        assert file is not None
        was_reading = self.state == STATE_READ
        try:
            if not was_reading:
                self.begin_read()
            file.lock(LOCK_RESERVED)
            self.vfs.delete(self.journal_path, False)
            file.unlock(LOCK_SHARED)
        except SqlError as error:
            if error.primary_code != BUSY:
                raise
        finally:
            if not was_reading:
                self.end_read()


def open_pager(vfs: Vfs, path: str, flags: int, page_size: int) -> Pager:
    """Open the file of a database. SqlError CANTOPEN."""
    full_path = vfs.full_path(path)
    file = vfs.open(full_path, flags | OPEN_MAIN_DB)
    try:
        return Pager(vfs, file, full_path, page_size)
    except BaseException:
        file.close()
        raise
