"""The write-ahead log of one connection: snapshots for readers, frames for a writer, the way back into the database.

The eight locks of the shared memory: 0 write, 1 checkpoint, 2 recovery, 3 ... 7 one for each read mark.

1. A reader holds the lock of a read mark shared. While mark 0 is held, everything is in the database file and the WAL
   is not looked at; while mark i is held, no frame that its transaction may need is overwritten or left behind.
2. `header` is the snapshot of this connection; of a writer, with the frames that it has written so far. Others see
   frames only once a header that counts them is in the wal-index.
3. A writer appends behind the last committed frame; when all frames are back in the database and nobody reads them, it
   starts again at the first, with other salts, which is what tells old frames from new ones.
4. The WAL is synced before its frames go to the database, the database before the frames are given up.
5. Heap: the wal-index is private, and the connection either has the database exclusively or only reads it.

Writing is in wal_writer.py, the rest in wal_recovery.py and checkpoint.py. It does not know the cache.
Spec: https://www.sqlite.org/wal.html, walformat.html. Twin: kernel/storage/wal.
"""

from __future__ import annotations

from keelback_core.reference.storage.shared_memory import HeapMemory
from keelback_core.reference.storage.vfs import OPEN_CREATE, OPEN_READWRITE, OPEN_WAL
from keelback_core.reference.storage.wal_format import FRAME_HEADER_BYTES, WAL_VERSION, frame_offset
from keelback_core.reference.storage.wal_index import READ_MARK_COUNT, WalIndex, WalIndexHeader
from keelback_core.reference.storage.wal_recovery import recover
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import BUSY, BUSY_RECOVERY, CANTOPEN, MESSAGES, PROTOCOL, READONLY_CANTINIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.reference.storage.vfs import Vfs, VfsFile

WRITE_LOCK = 0
CHECKPOINT_LOCK = 1
RECOVERY_LOCK = 2
FIRST_READ_LOCK = 3
MOST_READ_TRIES = 100


def failure(code: int) -> SqlError:
    """An error with the message of its code."""
    return SqlError(code, MESSAGES[code & 0xFF])


class Wal:
    """The WAL of a database whose SHARED lock is held; `is_alone`: with the EXCLUSIVE one."""

    __slots__ = (
        "vfs",
        "database",
        "path",
        "file",
        "index",
        "header",
        "size_limit",
        "page_size",
        "restart_count",
        "first_frame",
        "first_own_frame",
        "committed_frames",
        "read_lock",
        "is_readonly",
        "is_heap",
        "is_alone",
        "is_unattended",
        "is_writing",
        "has_checkpoint_lock",
        "is_cut_at_commit",
        "is_rewrite_due",
        "recovered_frames",
        "_shared_index",
    )

    def __init__(self, vfs: Vfs, database: VfsFile, database_path: str, is_alone: bool) -> None:
        """SqlError CANTOPEN, BUSY."""
        self.vfs = vfs
        self.database = database
        self.path = database_path + "-wal"
        try:
            self.file = vfs.open(self.path, OPEN_READWRITE | OPEN_CREATE | OPEN_WAL)
        except SqlError as error:
            # Why it cannot be opened is not told, as in SQLite.
            if error.primary_code == CANTOPEN:
                raise failure(CANTOPEN) from None
            raise
        self.is_readonly = self.file.is_readonly
        try:
            memory = None if is_alone else database.open_shared_memory(database_path + "-shm")
        except SqlError:
            self.file.close()
            raise
        self.is_alone = is_alone
        self.is_heap = memory is None
        self.index = WalIndex(HeapMemory() if memory is None else memory)
        # Where `index` stands in for it.
        self._shared_index: WalIndex | None = None
        self.header = WalIndexHeader()
        # Most bytes to keep of a WAL that starts again; less than 0: all.
        self.size_limit = -1
        self.page_size = 0
        self.restart_count = 0
        # Of this snapshot; the frames before are in the database.
        self.first_frame = 1
        self.first_own_frame = 1
        self.committed_frames = 0
        self.read_lock = -1
        # Read-only, without a shared memory that anybody keeps up.
        self.is_unattended = False
        self.is_writing = False
        # Those found when the wal-index was made anew, until somebody has been told.
        self.recovered_frames = 0
        self.has_checkpoint_lock = False
        self.is_cut_at_commit = False
        self.is_rewrite_due = False  # a sync has failed

    # Locks

    def lock(self, number: int, count: int, is_exclusive: bool) -> None:
        """SqlError BUSY."""
        if not self.is_alone:
            self.index.memory.lock(number, count, is_exclusive)

    def unlock(self, number: int, count: int, is_exclusive: bool) -> None:
        """Drop locks that are held."""
        if not self.is_alone:
            self.index.memory.unlock(number, count, is_exclusive)

    def try_lock(self, number: int, count: int, is_exclusive: bool) -> bool:
        """Whether the lock was given."""
        try:
            self.lock(number, count, is_exclusive)
        except SqlError as error:
            if error.code != BUSY:
                raise
            return False
        return True

    def be_alone(self) -> None:
        """Give up the locks of the shared memory, as the EXCLUSIVE lock of the database is held."""
        if not self.is_alone and self.read_lock >= 0:
            self.unlock(FIRST_READ_LOCK + self.read_lock, 1, False)
        self.is_alone = True

    def be_among_others(self) -> None:
        """Take the locks again."""
        if not self.is_alone or self.is_heap:
            return
        self.is_alone = False
        if self.read_lock >= 0:
            try:
                self.lock(FIRST_READ_LOCK + self.read_lock, 1, False)
            except SqlError:
                self.is_alone = True
                raise

    # Readers

    def read_index(self) -> bool:
        """Bring `header` up to date; a wal-index that is not whole is made anew from the file. Whether anything is
        new.
        """
        try:
            self.index.open(self.is_writing)
        except SqlError as error:
            if error.code != READONLY_CANTINIT:
                raise
            self.is_unattended = True
        before = self.header.encode()
        found = self.index.read_header() if self.index.is_open else None
        is_changed = False
        if found is None:
            if self.index.memory.is_readonly:
                # Nobody who may write it is there to ask.
                self.lock(WRITE_LOCK, 1, False)
                self.unlock(WRITE_LOCK, 1, False)
                self.is_unattended = True
                return False
            is_changed = self._make_index()
        else:
            self.header = found
        if self.header.encode() != before:
            is_changed = True
            self.page_size = self.header.page_size
        if self.index.version() != WAL_VERSION:
            raise failure(CANTOPEN)
        return is_changed

    def _make_index(self) -> bool:
        was_writing = self.is_writing
        if not was_writing:
            self.lock(WRITE_LOCK, 1, True)
        self.is_writing = True
        try:
            self.index.open(True)
            found = self.index.read_header()
            if found is None:
                recover(self)
                return True
            self.header = found
            return False
        finally:
            self.is_writing = was_writing
            if not was_writing:
                self.unlock(WRITE_LOCK, 1, True)

    def begin_read(self) -> bool:
        """Take a snapshot; whether it is another one than the last. SqlError BUSY, BUSY_RECOVERY, PROTOCOL,
        READONLY_CANTINIT, IOERR_*.
        """
        self.end_read()
        is_changed = False
        for tries in range(1, MOST_READ_TRIES + 2):
            if self.is_unattended:
                if self._begin_unattended_read():
                    return True
            else:
                is_new, is_begun = self._try_begin_read()
                is_changed = is_changed or is_new
                if is_begun:
                    return is_changed
            # Others are about to finish what is in the way; the waits grow to a third of a second.
            if tries > 5:
                self.vfs.sleep(1 if tries < 10 else (tries - 9) * (tries - 9) * 39)
        raise failure(PROTOCOL)

    def _try_begin_read(self) -> tuple[bool, bool]:
        """One attempt: whether the snapshot is another one, and whether it is protected."""
        try:
            is_changed = self.read_index()
        except SqlError as error:
            if error.code != BUSY:
                raise
            if self.index.is_open:
                # The writer may only just have begun, or be recovering.
                if not self.try_lock(RECOVERY_LOCK, 1, False):
                    raise failure(BUSY_RECOVERY) from None
                self.unlock(RECOVERY_LOCK, 1, False)
            return False, False
        if self.is_unattended:
            return is_changed, False
        if self.index.backfill == self.header.frame_count and self.try_lock(FIRST_READ_LOCK, 1, False):
            if self.index.is_header(self.header):
                self.read_lock = 0
                return is_changed, True
            self.unlock(FIRST_READ_LOCK, 1, False)
            return is_changed, False
        return is_changed, self.choose_read_mark()

    def choose_read_mark(self) -> bool:
        """Lock a read mark that protects the snapshot; False: try again."""
        index = self.index
        newest = self.header.frame_count
        best = 0
        best_mark = 0
        for number in range(1, READ_MARK_COUNT):
            if best_mark <= index.read_mark(number) <= newest:
                best, best_mark = number, index.read_mark(number)
        was_busy = False
        if not index.memory.is_readonly and (best_mark < newest or best == 0):
            for number in range(1, READ_MARK_COUNT):
                if self.try_lock(FIRST_READ_LOCK + number, 1, True):
                    index.set_read_mark(number, newest)
                    best, best_mark = number, newest
                    self.unlock(FIRST_READ_LOCK + number, 1, True)
                    break
                was_busy = True
        if best == 0:
            if not was_busy:
                raise failure(READONLY_CANTINIT)
            return False
        if not self.try_lock(FIRST_READ_LOCK + best, 1, False):
            return False
        self.first_frame = index.backfill + 1
        if index.read_mark(best) != best_mark or not index.is_header(self.header):
            self.unlock(FIRST_READ_LOCK + best, 1, False)
            return False
        self.read_lock = best
        return True

    def _begin_unattended_read(self) -> bool:
        """The shared memory cannot be written and nobody keeps it up: read the file into a private index, each time
        anew. Lock 3 keeps others, should they come, from changing the database meanwhile. False: try again.
        """
        if self._shared_index is None:
            self._shared_index = self.index
        shared = self._shared_index
        try:
            shared.memory.lock(FIRST_READ_LOCK, 1, False)
        except SqlError as error:
            if error.code != BUSY:
                raise
            return False
        is_begun = False
        try:
            if self._is_attended(shared):
                self.index = shared
                self._shared_index = None
                self.header = WalIndexHeader()
                self.is_alone = False
                self.is_unattended = False
                return False
            self.index = WalIndex(HeapMemory())
            self.is_alone = True
            self.header = WalIndexHeader()
            self.index.open(True)
            recover(self)
            is_begun = True
        finally:
            if not is_begun:
                shared.memory.unlock(FIRST_READ_LOCK, 1, False)
        self.page_size = self.header.page_size
        self.first_frame = 1
        self.read_lock = 1
        return True

    def _is_attended(self, shared: WalIndex) -> bool:
        try:
            shared.open(False)
        except SqlError:
            return False
        return shared.is_open and shared.read_header() is not None

    def end_read(self) -> None:
        """Let the snapshot go."""
        if self.read_lock < 0:
            return
        if self._shared_index is not None:
            self._shared_index.memory.unlock(FIRST_READ_LOCK, 1, False)
        else:
            self.unlock(FIRST_READ_LOCK + self.read_lock, 1, False)
        self.read_lock = -1

    @property
    def page_count(self) -> int:
        """Pages of the database in this snapshot; 0 where only the file knows."""
        return self.header.page_count if self.read_lock >= 0 else 0

    def read_page(self, page: int, size: int) -> bytes | None:
        """The first bytes of a page as this snapshot has it; None: the database file has it. A WAL that was cut gives
        fewer.
        """
        if self.read_lock == 0:
            return None
        frame = self.index.find(page, self.first_frame, self.header.frame_count)
        return self.read_frame(frame, size) if frame else None

    def read_frame(self, frame: int, size: int) -> bytes:
        """The first bytes of the page of a frame."""
        return self.file.read_at(min(size, self.page_size), frame_offset(frame, self.page_size) + FRAME_HEADER_BYTES)

    def end_write(self) -> None:
        """Let others write."""
        if self.is_writing:
            self.unlock(WRITE_LOCK, 1, True)
            self.is_writing = False
            self.is_cut_at_commit = False

    @property
    def has_uncommitted_frames(self) -> bool:
        """Whether frames were written since the last commit."""
        return self.is_writing and self.first_own_frame <= self.header.frame_count

    def take_committed_frames(self) -> int:
        """The frames in the WAL at the last commit of this connection, told once; 0 when there was none since."""
        frames = self.committed_frames
        self.committed_frames = 0
        return frames

    def close(self, is_deleted: bool) -> None:
        """Close the files; is_deleted: and delete them, as everything is in the database."""
        self.end_write()
        self.end_read()
        if is_deleted:
            self.index.memory.remove_file()
        self.index.close()
        if self._shared_index is not None:
            self._shared_index.close()
        self.file.close()
        if is_deleted:
            try:
                self.vfs.delete(self.path, False)
            except SqlError:
                # What is left behind holds nothing that is not in the database.
                pass
