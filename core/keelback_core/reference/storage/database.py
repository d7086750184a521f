"""One database as one connection sees it: transactions, meta values, trees and cursors over a pager.

1. begin_read, begin_write and commit ask the busy handler where SQLite does: never while a read transaction that is
   already open
   would have to wait for RESERVED, since then two readers could wait for each other.
2. Page 1 of a new database is made at the first begin_write; until then an empty file is a valid, empty database.
3. A database in WAL mode is read, and refuses to be written. In one with auto-vacuum the pointer maps are kept; free
   pages go at the commit, or, if it is incremental, when that is asked for.

It does not know SQL: names, schemas and record contents are for the rooms above. Twin: kernel/storage/database.
"""

from __future__ import annotations

from keelback_core.reference.storage.check import IntegrityCheck
from keelback_core.reference.storage.cursor import DEEPEST_PATH, CursorRegistry
from keelback_core.reference.storage.freelist import allocate_page, free_page, free_page_count
from keelback_core.reference.storage.header import new_header
from keelback_core.reference.storage.immutable_vfs import OPEN_IMMUTABLE, ImmutableVfs
from keelback_core.reference.storage.index_cursor import IndexCursor
from keelback_core.reference.storage.named_memory import NamedMemoryVfs, is_named_memory
from keelback_core.reference.storage.overflow import free_chain
from keelback_core.reference.storage.page import INDEX_LEAF, TABLE_LEAF, corrupt
from keelback_core.reference.storage.pager import Pager, open_pager, temporary_pager
from keelback_core.reference.storage.pager_cache import flush_cache, make_exclusive
from keelback_core.reference.storage.pager_journal import replace_content, set_journal_mode
from keelback_core.reference.storage.pager_rollback import open_savepoint, release_savepoint, rollback_to_savepoint
from keelback_core.reference.storage.pager_wal import checkpoint_pager, leave_wal
from keelback_core.reference.storage.pointer_map import has_pointer_maps
from keelback_core.reference.storage.relocate import allocate_root, is_place_for_root, move_root
from keelback_core.reference.storage.savepoint import STATE_NONE, STATE_READ, STATE_WRITE
from keelback_core.reference.storage.shrink import shrink
from keelback_core.reference.storage.table_cursor import TableCursor
from keelback_core.reference.storage.vfs import OPEN_MEMORY, OsVfs, Vfs
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import BUSY, BUSY_SNAPSHOT, LOCKED, READONLY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from keelback_core.value.key import KeyComparator

META_FREE_PAGES = 0
META_SCHEMA_COOKIE = 1
META_FILE_FORMAT = 2
META_DEFAULT_CACHE = 3
META_LARGEST_ROOT = 4
META_INCREMENTAL_VACUUM = 7
META_TEXT_ENCODING = 5
META_USER_VERSION = 6
META_INCREMENTAL_VACUUM = 7
META_APPLICATION_ID = 8
META_DATA_VERSION = 15

_SYNCHRONOUS_NAMES = {"off": 0, "normal": 1, "full": 2, "extra": 3}

# Operations of sqlite3_file_control, and our own.
_NO_CHECKPOINT_AT_CLOSE = -1
_LOCK_STATE = 1
_PERSIST_WAL = 10
_POWERSAFE_OVERWRITE = 13
_HAS_MOVED = 20
_DATA_VERSION = 35
_RESERVE_BYTES = 38
# SIZE_HINT, CKPT_DONE, CKPT_START, RESET_CACHE
_ACCEPTED = (5, 37, 39, 42)


class Database:
    """One open file, or one database in memory."""

    __slots__ = ("pager", "busy_handler", "_registry", "_busy_calls", "mmap_size")

    def __init__(self, pager: Pager) -> None:
        self.pager = pager
        self.busy_handler: Callable[[int], bool] | None = None
        self._registry = CursorRegistry()
        self._busy_calls = 0
        # Kept for PRAGMA mmap_size only.
        self.mmap_size = 0

    @staticmethod
    def open(path: str | None, flags: int, vfs: Vfs | None = None, page_size: int = 4096) -> Database:
        """Open a file (path None or empty, or OPEN_MEMORY in flags: in memory, shared under that name if the flags say
        so). SqlError CANTOPEN.
        """
        system: Vfs = vfs if vfs is not None else OsVfs()
        if flags & OPEN_IMMUTABLE and not system.is_memory:
            system = ImmutableVfs(system)
        if path and is_named_memory(flags):
            return Database(open_pager(NamedMemoryVfs(), path, flags, page_size))
        if not path and not flags & OPEN_MEMORY:
            return Database(temporary_pager(system, page_size))
        if not path or flags & OPEN_MEMORY:
            return Database(Pager(system, None, "", page_size))
        return Database(open_pager(system, path, flags, page_size))

    # Facts

    @property
    def path(self) -> str:
        """The absolute path; empty for a database in memory."""
        return self.pager.path

    @property
    def page_size(self) -> int:
        """Bytes a page."""
        return self.pager.limits.page_size

    @property
    def reserved_bytes(self) -> int:
        """Bytes at the end of each page that are not used."""
        return self.pager.limits.page_size - self.pager.limits.usable_size

    @property
    def requested_reserve(self) -> int:
        """The same, of a database that is made in the place of this one."""
        return max(self.reserved_bytes, self.pager.wanted_reserve)

    @requested_reserve.setter
    def requested_reserve(self, count: int) -> None:
        self.pager.wanted_reserve = count

    @property
    def page_count(self) -> int:
        """Pages of the database as the transaction sees it."""
        return self.pager.page_count

    @property
    def max_page_count(self) -> int:
        """The most pages that the database may grow to."""
        return self.pager.max_page_count

    @max_page_count.setter
    def max_page_count(self, count: int) -> None:
        self.pager.max_page_count = max(count, self.pager.page_count)

    @property
    def is_readonly(self) -> bool:
        """True when the file can only be read."""
        return self.pager.is_readonly

    @property
    def transaction_state(self) -> int:
        """0 none, 1 read, 2 write."""
        return self.pager.state

    @property
    def freelist_count(self) -> int:
        """Free pages."""
        return free_page_count(self.pager)

    @property
    def change_counter(self) -> int:
        """The change counter of the header; 0 for an empty database."""
        return int.from_bytes(self.pager.get(1).data[24:28], "big") if self.pager.page_count else 0

    @property
    def synchronous(self) -> int:
        """0 OFF, 1 NORMAL, 2 FULL, 3 EXTRA."""
        return self.pager.synchronous

    @synchronous.setter
    def synchronous(self, level: int) -> None:
        # Beyond EXTRA (3) there are levels without a name, which sync as FULL does.
        self.pager.synchronous = min(6, max(0, level))

    @property
    def keeps_locks(self) -> bool:
        """Whether locks outlive their transactions; once they do not, those held go with the next transaction."""
        return self.pager.keeps_locks

    @keeps_locks.setter
    def keeps_locks(self, keeps_locks: bool) -> None:
        # Who has a private wal-index cannot let others in any more.
        if keeps_locks or self.pager.wal is None or not self.pager.wal.is_heap:
            self.pager.keeps_locks = keeps_locks

    @property
    def cache_size(self) -> int:
        """Pages, or KiB when negative."""
        return self.pager.cache_size

    @cache_size.setter
    def cache_size(self, size: int) -> None:
        self.pager.set_cache_size(size)

    @property
    def journal_mode(self) -> str:
        """delete, truncate, persist, memory, off or wal. Into WAL mode and out of it only without a transaction; out of
        it only when nobody else has the database open. That it is in WAL mode stands in the file, and is known after
        a transaction began. SqlError BUSY, READONLY.
        """
        pager = self.pager
        return "wal" if pager.wal is not None or pager.is_wal_due else pager.journal_mode

    @journal_mode.setter
    def journal_mode(self, mode: str) -> None:
        pager = self.pager
        wanted = mode.lower()
        is_idle = pager.is_on_disk and pager.state == STATE_NONE
        if is_idle:
            try:
                self.begin_read()
                self.end_read()
            except SqlError as error:
                # Which journal is written next concerns nobody who holds the file, as long as it is none of a WAL.
                if error.primary_code != BUSY or "wal" in (wanted, self.journal_mode):
                    raise
        if wanted == "wal":
            is_possible = pager.file is not None and (pager.keeps_locks or pager.file.supports_wal)
            if is_idle and is_possible and pager.wal is None:
                self._write_file_format(2)
            return
        if wanted not in ("delete", "truncate", "persist", "memory", "off"):
            return
        if pager.wal is not None:
            if not is_idle or pager.file is None:
                return
            leave_wal(pager, pager.file, pager.wal)
            set_journal_mode(pager, wanted)
            self._write_file_format(1)
            return
        set_journal_mode(pager, wanted)

    def _write_file_format(self, version: int) -> None:
        """The read and write versions in the header: 1 for a rollback journal, 2 for a WAL."""
        try:
            self.begin_write(True)
            first = self.pager.get(1)
            if first.data[18] != version or first.data[19] != version:
                self.pager.make_writable(first)
                first.data[18:20] = bytes((version, version))
            self.commit()
        except SqlError:
            self.rollback()
            raise
        if version == 2:
            # The next reader opens the WAL; until then others may change the mode back.
            self.pager.is_wal_due = True
            return
        self.begin_read()
        self.end_read()

    @property
    def journal_size_limit(self) -> int:
        """Most bytes to keep of a journal or WAL that is not needed; less than 0: all."""
        return self.pager.journal_size_limit

    @journal_size_limit.setter
    def journal_size_limit(self, size: int) -> None:
        self.pager.journal_size_limit = size
        if self.pager.wal is not None:
            self.pager.wal.size_limit = size

    @property
    def secure_delete(self) -> int:
        """Whether what is deleted is overwritten: 0 no, 1 yes, 2 what is written anyway."""
        return self.pager.secure_delete

    @secure_delete.setter
    def secure_delete(self, mode: int) -> None:
        self.pager.set_secure_delete(mode)

    @property
    def spill_size(self) -> int:
        """Of how many pages the cache must be before changed ones are written in the middle of a transaction."""
        return self.pager.spill_size

    @spill_size.setter
    def spill_size(self, pages: int) -> None:
        self.pager.spill_size = pages

    @property
    def may_spill(self) -> bool:
        """Whether changed pages may be written in the middle of a transaction."""
        return self.pager.may_spill

    @may_spill.setter
    def may_spill(self, may: bool) -> None:
        self.pager.may_spill = may

    def flush_cache(self) -> None:
        """Write what a write transaction has changed, as far as it can be. SqlError BUSY."""
        if self.pager.state == STATE_WRITE:
            self._registry.save_all()
            flush_cache(self.pager)

    def release_memory(self) -> None:
        """Let the clean pages of the cache go; inside of a transaction nothing happens."""
        if self.pager.state == STATE_NONE and self.pager.file is not None:
            self.pager.pages.clear()

    def file_control(self, operation: int, value: int) -> int | None:
        """The operations of sqlite3_file_control that are the storage's, with their integer; what it is then, or
        None for the others.
        """
        pager = self.pager
        if operation == _NO_CHECKPOINT_AT_CLOSE:
            pager.is_checkpointed_at_close = value == 0
            return value
        if operation == _DATA_VERSION:
            # Other than the pragma this counts what the connection itself has done, too.
            return pager.data_version + pager.commit_count
        if operation == _RESERVE_BYTES:
            before = self.requested_reserve
            if 0 <= value <= 255:
                pager.wanted_reserve = value
            return before
        if pager.file is None:
            return None
        if operation in _ACCEPTED:
            return value
        if operation == _LOCK_STATE:
            return pager.file.lock_level
        if operation == _HAS_MOVED:
            return int(pager.file.has_moved())
        if operation == _PERSIST_WAL:
            if value >= 0:
                pager.keeps_wal_file = value != 0
            return int(pager.keeps_wal_file)
        return 1 if operation == _POWERSAFE_OVERWRITE else None

    def take_wal_commit(self) -> int:
        """The frames in the WAL at the last commit, told once; 0 when there was none since."""
        return 0 if self.pager.wal is None else self.pager.wal.take_committed_frames()

    def checkpoint(self, mode: int) -> tuple[int, int, int]:
        """Bring the WAL back into the database, by CHECKPOINT_*: 1 if not all could be done, frames in the WAL, those
        that are in the database; -1 where there is no WAL. SqlError LOCKED in a transaction.
        """
        self._busy_calls = 0
        try:
            return checkpoint_pager(self.pager, mode, self._ask_busy_handler)
        except SqlError as error:
            if error.primary_code != BUSY:
                raise
            return 1, -1, -1

    def set_page_size(self, size: int) -> None:
        """Choose the page size of a database that nobody reads and that never had a page; otherwise, or for an
        impossible size, nothing happens.
        """
        pager = self.pager
        if size < 512 or size > 65536 or size & (size - 1) or pager.state != STATE_NONE or pager.is_format_fixed:
            return
        if pager.file is not None and pager.file.size() > 0:
            return
        if pager.page_count == 0:
            pager.set_page_format(size, 0)

    @property
    def was_read(self) -> bool:
        """Whether a transaction has begun on it."""
        return self.pager.was_read

    @property
    def is_format_fixed(self) -> bool:
        """Whether a page was made through it, be it that it was undone: page size and auto-vacuum are settled."""
        return self.pager.is_format_fixed

    @is_format_fixed.setter
    def is_format_fixed(self, is_fixed: bool) -> None:
        self.pager.is_format_fixed = is_fixed

    @property
    def wanted_auto_vacuum(self) -> int:
        """The auto-vacuum mode (0, 1, 2) that the first page is made with."""
        return self.pager.wanted_auto_vacuum

    @wanted_auto_vacuum.setter
    def wanted_auto_vacuum(self, mode: int) -> None:
        self.pager.wanted_auto_vacuum = mode

    # Transactions

    def _ask_busy_handler(self) -> bool:
        if self.busy_handler is None:
            return False
        calls = self._busy_calls
        self._busy_calls += 1
        return self.busy_handler(calls)

    def begin_read(self) -> None:
        """Begin a read transaction. SqlError BUSY, NOTADB, CORRUPT, CANTOPEN, IOERR_*."""
        if self.pager.state != STATE_NONE:
            return
        self._busy_calls = 0
        while True:
            try:
                self.pager.begin_read()
                return
            except SqlError as error:
                if error.primary_code != BUSY or not self._ask_busy_handler():
                    raise

    def begin_write(self, exclusive: bool = False) -> None:
        """Begin a write transaction, or turn the read transaction into one. SqlError BUSY, READONLY, and those of
        begin_read.
        """
        pager = self.pager
        if pager.is_readonly:
            raise SqlError(READONLY, "attempt to write a readonly database")
        if pager.state == STATE_WRITE:
            if exclusive:
                pager.begin_write(True)
            return
        was_reading = pager.state == STATE_READ
        self._busy_calls = 0
        while True:
            try:
                pager.begin_read()
                pager.begin_write(exclusive)
                pager.has_pointer_maps = has_pointer_maps(pager)
                break
            except SqlError as error:
                if not was_reading:
                    pager.end_read()
                if error.primary_code != BUSY or was_reading:
                    raise
                if not self._ask_busy_handler():
                    # That a snapshot is not the newest only matters to who has read from it.
                    if error.code == BUSY_SNAPSHOT:
                        raise SqlError(BUSY, "database is locked") from None
                    raise
        try:
            self._prepare_first_page()
        except SqlError:
            pager.rollback()
            if not was_reading:
                pager.end_read()
            raise

    def _prepare_first_page(self) -> None:
        """Make page 1 of a new database; correct the size in the header where an old library left it wrong."""
        pager = self.pager
        if pager.page_count == 0:
            if pager.wanted_reserve >= 0:
                pager.set_page_format(pager.limits.page_size, pager.wanted_reserve)
            page = pager.append_page()
            page.data[:100] = new_header(pager.limits.page_size, self.reserved_bytes)
            page.format(TABLE_LEAF, pager.limits)
            pager.is_format_fixed = True
            if pager.wanted_auto_vacuum:
                pager.has_pointer_maps = True
                self.set_meta(META_LARGEST_ROOT, 1)
                self.set_meta(META_INCREMENTAL_VACUUM, pager.wanted_auto_vacuum - 1)
            return
        page = pager.get(1)
        if int.from_bytes(page.data[28:32], "big") != pager.page_count:
            pager.make_writable(page)
            page.data[28:32] = pager.page_count.to_bytes(4, "big")

    def make_exclusive(self) -> None:
        """Take the EXCLUSIVE lock that every commit needs, also one without changes. SqlError BUSY."""
        self._busy_calls = 0
        make_exclusive(self.pager, self._ask_busy_handler)

    @property
    def journal_name(self) -> str:
        """The path of the journal that this transaction has on disk, "" if none."""
        return self.pager.journal_name

    def commit_phase_one(self, super_journal: str = "") -> None:
        """Write everything; afterwards only deleting the journal is left to do. SqlError BUSY, FULL, IOERR_*."""
        self._busy_calls = 0
        if self.pager.state == STATE_WRITE and self.pager.has_pointer_maps:
            if self.get_meta(META_INCREMENTAL_VACUUM) == 0 and self.freelist_count:
                self.give_back_pages(self.freelist_count)
        self.pager.commit_phase_one(self._ask_busy_handler, super_journal)

    def commit_phase_two(self, keep_read: bool = False, is_decided: bool = False) -> None:
        """Commit what phase one wrote, and end the transaction (keep_read: down to a read transaction). is_decided: as
        of the pager."""
        self.pager.commit_phase_two(is_decided)
        if not keep_read:
            self.end_read()

    def commit(self, keep_read: bool = False) -> None:
        """Commit the write transaction; on SqlError BUSY it stays open and can be committed again, on others roll it
        back.
        """
        self.commit_phase_one()
        self.commit_phase_two(keep_read)

    def replace_content(self, pages: list[bytes], page_size: int) -> None:
        """Put other pages in the place of all and commit; the write transaction must be exclusive."""
        self._busy_calls = 0
        replace_content(self.pager, pages, page_size, self._ask_busy_handler)
        self.end_read()

    def rollback(self, keep_read: bool = False) -> None:
        """Undo the write transaction. Reading cursors keep their places (keep_read), writing ones can only be
        closed.
        """
        if self.pager.state == STATE_WRITE:
            self._registry.save_all()
            self._registry.abort_writers()
            self.pager.rollback()
        if not keep_read:
            self.end_read()

    def end_read(self) -> None:
        """End the read transaction; a write transaction is not touched."""
        if self.pager.state == STATE_READ:
            self._registry.save_all()
            self.pager.end_read()

    def open_savepoint(self, depth: int) -> None:
        """Open savepoint `depth` (0-based), inside a write transaction."""
        if self.pager.state == STATE_WRITE:
            open_savepoint(self.pager, depth)

    def release_savepoint(self, depth: int) -> None:
        """Forget savepoint `depth` and those inside it, keeping the changes."""
        release_savepoint(self.pager, depth)

    def rollback_to_savepoint(self, depth: int) -> None:
        """Undo the changes since savepoint `depth`, which stays open. Cursors keep their places."""
        if depth < len(self.pager.savepoints):
            self._registry.save_all()
            rollback_to_savepoint(self.pager, depth)

    def close(self) -> None:
        """Roll back, and close the file."""
        for cursors in list(self._registry.cursors.values()):
            for cursor in list(cursors):
                cursor.close()
        self.pager.close()

    # Meta values

    def get_meta(self, index: int) -> int:
        """A meta value of the header, by SQLite's numbers."""
        if index == META_DATA_VERSION:
            return self.pager.data_version
        if self.pager.page_count == 0:
            return 0
        place = 36 + 4 * index
        return int.from_bytes(self.pager.get(1).data[place : place + 4], "big")

    def set_meta(self, index: int, value: int) -> None:
        """Change a meta value (1 to 14); value: 32 bits, signed or not."""
        page = self.pager.get(1)
        self.pager.make_writable(page)
        place = 36 + 4 * index
        page.data[place : place + 4] = (value & 0xFFFFFFFF).to_bytes(4, "big")

    @property
    def encoding(self) -> int:
        """1 UTF-8, 2 UTF-16le, 3 UTF-16be."""
        encoding = self.get_meta(META_TEXT_ENCODING)
        return encoding if encoding in (2, 3) else 1

    # Trees

    def create_root(self, is_table: bool) -> int:
        """A new, empty tree: the number of its root page."""
        if self.pager.has_pointer_maps:
            self._registry.save_all()
            page = allocate_root(self.pager)
        else:
            page = allocate_page(self.pager)
        page.format(TABLE_LEAF if is_table else INDEX_LEAF, self.pager.limits)
        return page.number

    def clear_root(self, root: int) -> int:
        """Delete all entries of a tree; gives how many there were."""
        self._registry.save_root(root)
        self._registry.note_row_changed(root, None)
        pager = self.pager
        page = pager.get_tree_page(root)
        is_table = page.is_table
        pager.make_writable(page)
        removed = self._free_below(root)
        # The root may have left the cache meanwhile, written to the file.
        page = pager.get(root)
        pager.make_writable(page)
        page.format(TABLE_LEAF if is_table else INDEX_LEAF, pager.limits)
        return removed

    def drop_root(self, root: int) -> int:
        """Delete a tree. With pointer maps the last root moves into its place: gives where that was, else 0. SqlError
        LOCKED while a cursor is open on one of them.
        """
        pager = self.pager
        largest = self.get_meta(META_LARGEST_ROOT) if pager.has_pointer_maps else 0
        if self._registry.cursors.get(root) or (largest and self._registry.cursors.get(largest)):
            raise SqlError(LOCKED, "database table is locked")
        if root < 2 or 0 < largest < root:
            raise corrupt()
        self.clear_root(root)
        if largest == 0:
            free_page(pager, root)
            return 0
        if largest != root:
            move_root(pager, largest, root)
        free_page(pager, largest)
        below = largest - 1
        while below > 1 and not is_place_for_root(pager, below):
            below -= 1
        self.set_meta(META_LARGEST_ROOT, below)
        return largest if largest != root else 0

    def give_back_pages(self, most: int) -> int:
        """Shorten an auto-vacuum database by up to `most` free pages; how many went."""
        if self.pager.state != STATE_WRITE or not self.pager.has_pointer_maps:
            return 0
        self._registry.save_all()
        return shrink(self.pager, most)

    def _free_below(self, root: int) -> int:
        """Free the pages of a tree but its root; the number of entries."""
        pager = self.pager
        removed = 0
        visits_left = pager.page_count
        waiting = [(root, 0)]
        is_table = pager.get_tree_page(root).is_table
        while waiting:
            number, depth = waiting.pop()
            visits_left -= 1
            page = pager.get_tree_page(number)
            if depth >= DEEPEST_PATH or visits_left < 0 or page.is_table != is_table:
                raise corrupt()
            if page.is_leaf or not is_table:
                removed += page.cell_count
                for index in range(page.cell_count):
                    free_chain(pager, page, index)
            if not page.is_leaf:
                children = [page.child(index) for index in range(page.cell_count + 1)]
                waiting.extend((child, depth + 1) for child in children)
            if number != root:
                free_page(pager, number)
            if pager.wants_shrink:
                self._registry.make_room(pager, None, [])
        return removed

    def read_page(self, number: int) -> bytes:
        """The bytes of a page; the database must be read. SqlError CORRUPT if there is no such page, INTERRUPT."""
        self.pager.stop_if_interrupted()
        return bytes(self.pager.get(number).data)

    def write_page(self, number: int, data: bytes) -> None:
        """Put other bytes into a page, whatever they mean. SqlError as a write gives it."""
        page = self.pager.get(number)
        self.pager.make_writable(page)
        page.data[:] = data
        page.forget()

    def open_table_cursor(self, root: int, writable: bool) -> TableCursor:
        """A cursor on a table tree; to be closed."""
        return TableCursor(self.pager, self._registry, root, writable)

    def open_index_cursor(self, root: int, writable: bool, comparator: KeyComparator) -> IndexCursor:
        """A cursor on an index tree; to be closed."""
        cursor = IndexCursor(self.pager, self._registry, root, writable, comparator)
        cursor.encoding = self.encoding
        return cursor

    def integrity_check(self, roots: Sequence[int], max_errors: int) -> list[str]:
        """Examine the free list and the trees of these roots: SQLite's own messages, at most `max_errors`."""
        return IntegrityCheck(self.pager, max_errors).run(roots)
