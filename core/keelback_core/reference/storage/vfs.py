"""Files as the storage sees them: the seam behind which a test puts a faulty disk.

1. Every failure is a SqlError: IOERR_* "disk I/O error", FULL "database or disk is full", CANTOPEN "unable to open
   database file".
2. A read past the end gives fewer bytes and is no error; what a short read means is for the caller to say.
3. Only the main database file is locked; `FileLocks` holds its state.

It knows nothing of pages. `Vfs` and `VfsFile` are the interface; `OsVfs` and `OsFile` are the operating system.
"""

from __future__ import annotations

import errno
import os
import time

from keelback_core.reference.storage.locks import LOCK_NONE, FileLocks
from keelback_core.reference.storage.os_open import open_beside, open_descriptor
from keelback_core.reference.storage.shared_memory import open_shared_memory
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import (
    CANTOPEN,
    CANTOPEN_ISDIR,
    FULL,
    INTERNAL,
    IOERR_ACCESS,
    IOERR_DELETE,
    IOERR_DIR_FSYNC,
    IOERR_FSTAT,
    IOERR_FSYNC,
    IOERR_READ,
    IOERR_TRUNCATE,
    IOERR_WRITE,
    READONLY_DIRECTORY,
)

OPEN_READONLY = 0x01
OPEN_READWRITE = 0x02
OPEN_CREATE = 0x04
OPEN_MEMORY = 0x80
OPEN_MAIN_DB = 0x100
OPEN_MAIN_JOURNAL = 0x800
OPEN_SHARED_CACHE = 0x20000
OPEN_WAL = 0x80000

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.reference.storage.shared_memory import SharedMemory


def _io_error(code: int) -> SqlError:
    return SqlError(code, "disk I/O error")


def cannot_open(code: int = CANTOPEN) -> SqlError:
    """The error of a file that cannot be opened."""
    return SqlError(code, "unable to open database file")


class VfsFile:
    """One open file. Offsets and sizes are bytes."""

    __slots__ = ("path", "is_readonly")

    def __init__(self, path: str, is_readonly: bool) -> None:
        self.path = path
        self.is_readonly = is_readonly

    def read_at(self, size: int, offset: int) -> bytes:
        """Up to `size` bytes; fewer only at the end of the file. SqlError IOERR_READ."""
        raise _missing()

    def write_at(self, data: bytes | bytearray, offset: int) -> None:
        """Write all of `data`. SqlError IOERR_WRITE, FULL."""
        raise _missing()

    def truncate(self, size: int) -> None:
        """Cut the file. SqlError IOERR_TRUNCATE."""
        raise _missing()

    def sync(self) -> None:
        """Bring the contents (and, the first time after creating it, the directory entry) to the disk. SqlError
        IOERR_FSYNC.
        """
        raise _missing()

    def size(self) -> int:
        """The size of the file. SqlError IOERR_FSTAT."""
        raise _missing()

    def close(self) -> None:
        """Close; a second call does nothing."""
        raise _missing()

    @property
    def lock_level(self) -> int:
        """The lock held through this file, one of locks.LOCK_*."""
        return LOCK_NONE

    def lock(self, level: int) -> None:
        """Raise the lock. SqlError BUSY."""
        raise _missing()

    def unlock(self, level: int) -> None:
        """Lower the lock to SHARED or NONE."""
        raise _missing()

    def is_reserved_by_anyone(self) -> bool:
        """True when some connection holds RESERVED or more."""
        raise _missing()

    def open_shared_memory(self, path: str) -> SharedMemory | None:
        """Connect to the memory that goes with a database in WAL mode; None where the file system has no such thing."""
        return None

    @property
    def supports_wal(self) -> bool:
        """True where a database may have a WAL though others have it open too."""
        return True

    def has_moved(self) -> bool:
        """True when the path no longer names this file."""
        return False


class Vfs:
    """A file system."""

    __slots__ = ()

    @property
    def is_memory(self) -> bool:
        """True when its files are memory: they have no path, no journal in a file and no WAL."""
        return False

    def open(self, path: str, flags: int) -> VfsFile:
        """Open a file by OPEN_* flags; READWRITE falls back to read-only where writing is not permitted. SqlError
        CANTOPEN.
        """
        raise _missing()

    def delete(self, path: str, is_directory_synced: bool) -> None:
        """Delete a file; that it is missing already is no error. SqlError IOERR_DELETE."""
        raise _missing()

    def exists(self, path: str) -> bool:
        """True when something of this name is there; an empty file counts as missing. SqlError IOERR_ACCESS."""
        raise _missing()

    def full_path(self, path: str) -> str:
        """The absolute path with symbolic links resolved. SqlError CANTOPEN."""
        raise _missing()

    def randomness(self, size: int) -> bytes:
        """Random bytes, for journal nonces."""
        raise _missing()

    def sleep(self, microseconds: int) -> None:
        """Wait; used by busy handlers."""
        raise _missing()


def _missing() -> SqlError:
    return SqlError(INTERNAL, "the file system does not implement this call")


class OsFile(VfsFile):
    """A file of the operating system, read and written by position."""

    __slots__ = ("_descriptor", "_locks", "_is_directory_sync_due")

    def __init__(
        self, path: str, descriptor: int, is_readonly: bool, is_locked: bool, is_directory_sync_due: bool
    ) -> None:
        super().__init__(path, is_readonly)
        self._descriptor = descriptor
        self._locks: FileLocks | None = FileLocks(descriptor) if is_locked else None
        self._is_directory_sync_due = is_directory_sync_due

    def read_at(self, size: int, offset: int) -> bytes:
        try:
            data = os.pread(self._descriptor, size, offset)
            while len(data) < size:
                more = os.pread(self._descriptor, size - len(data), offset + len(data))
                if not more:
                    break
                data += more
        except OSError:
            raise _io_error(IOERR_READ) from None
        return data

    def write_at(self, data: bytes | bytearray, offset: int) -> None:
        try:
            written = os.pwrite(self._descriptor, data, offset)
            while written < len(data):
                count = os.pwrite(self._descriptor, memoryview(data)[written:], offset + written)
                if count == 0:
                    raise SqlError(FULL, "database or disk is full")
                written += count
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise SqlError(FULL, "database or disk is full") from None
            raise _io_error(IOERR_WRITE) from None

    def truncate(self, size: int) -> None:
        try:
            os.ftruncate(self._descriptor, size)
        except OSError:
            raise _io_error(IOERR_TRUNCATE) from None

    def sync(self) -> None:
        try:
            os.fsync(self._descriptor)
        except OSError:
            raise _io_error(IOERR_FSYNC) from None
        if self._is_directory_sync_due:
            _sync_directory(self.path)
            self._is_directory_sync_due = False

    def size(self) -> int:
        try:
            size = os.fstat(self._descriptor).st_size
        except OSError:
            raise _io_error(IOERR_FSTAT) from None
        # As in SQLite: some file systems once needed a byte in an empty database before it could be locked.
        return 0 if size == 1 and self._locks is not None else size

    def close(self) -> None:
        if self._descriptor < 0:
            return
        descriptor = self._descriptor
        self._descriptor = -1
        if self._locks is not None:
            self._locks.close()
        else:
            os.close(descriptor)

    @property
    def lock_level(self) -> int:
        return LOCK_NONE if self._locks is None else self._locks.level

    def lock(self, level: int) -> None:
        if self._locks is not None:
            self._locks.lock(level)

    def unlock(self, level: int) -> None:
        if self._locks is not None:
            self._locks.unlock(level)

    def is_reserved_by_anyone(self) -> bool:
        return self._locks is not None and self._locks.is_reserved_by_anyone()

    def open_shared_memory(self, path: str) -> SharedMemory | None:
        return open_shared_memory(self._descriptor, path)

    def has_moved(self) -> bool:
        try:
            there = os.stat(self.path)
            here = os.fstat(self._descriptor)
        except OSError:
            return True
        return there.st_ino != here.st_ino or there.st_dev != here.st_dev


def _sync_directory(path: str) -> None:
    """A directory that cannot be opened or synced is let pass, as not every file system can do it."""
    try:
        descriptor = open_descriptor(os.path.dirname(path) or ".", os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise _io_error(IOERR_DIR_FSYNC) from None
    finally:
        os.close(descriptor)


class OsVfs(Vfs):
    """The operating system's file system."""

    __slots__ = ()

    def open(self, path: str, flags: int) -> VfsFile:
        is_main = flags & OPEN_MAIN_DB != 0
        mode = os.O_RDWR if flags & OPEN_READWRITE else os.O_RDONLY
        is_new = bool(flags & OPEN_CREATE) and not os.path.exists(path)
        if flags & OPEN_CREATE:
            mode |= os.O_CREAT
        is_readonly = not flags & OPEN_READWRITE
        database = None if is_main else _database_beside(path)
        try:
            if database is None:
                descriptor = open_descriptor(path, mode)
            else:
                descriptor = open_beside(path, mode, database)
        except (ValueError, UnicodeError):
            raise cannot_open() from None
        except OSError as error:
            if error.errno == errno.EISDIR:
                raise cannot_open(CANTOPEN_ISDIR) from None
            if is_readonly or error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise cannot_open() from None
            if is_new and not is_main:
                raise SqlError(READONLY_DIRECTORY, "attempt to write a readonly database") from None
            try:
                descriptor = open_descriptor(path, os.O_RDONLY | (0 if is_main else os.O_NOFOLLOW))
            except OSError:
                raise cannot_open() from None
            is_readonly = True
        if os.path.isdir(path):
            os.close(descriptor)
            raise cannot_open(CANTOPEN_ISDIR)
        # Who made the file may have been killed before its entry in the directory was synced.
        is_directory_sync_due = flags & OPEN_CREATE != 0 and not is_main
        return self.file(path, descriptor, is_readonly, is_main, is_directory_sync_due)

    def file(
        self, path: str, descriptor: int, is_readonly: bool, is_locked: bool, is_directory_sync_due: bool
    ) -> OsFile:
        """The handle on a file that has been opened."""
        return OsFile(path, descriptor, is_readonly, is_locked, is_directory_sync_due)

    def delete(self, path: str, is_directory_synced: bool) -> None:
        try:
            os.unlink(path)
        except FileNotFoundError:
            return
        except OSError:
            raise _io_error(IOERR_DELETE) from None
        if is_directory_synced:
            _sync_directory(path)

    def exists(self, path: str) -> bool:
        try:
            status = os.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except (OSError, ValueError):
            raise _io_error(IOERR_ACCESS) from None
        return status.st_size > 0 or not os.path.isfile(path)

    def full_path(self, path: str) -> str:
        try:
            return os.path.realpath(path)
        except (OSError, ValueError, UnicodeError):
            raise cannot_open() from None

    def randomness(self, size: int) -> bytes:
        return os.urandom(size)

    def sleep(self, microseconds: int) -> None:
        time.sleep(microseconds / 1_000_000)


def _database_beside(path: str) -> os.stat_result | None:
    """The database that a journal or a WAL belongs to."""
    for suffix in ("-journal", "-wal"):
        if path.endswith(suffix):
            try:
                return os.stat(path[: -len(suffix)])
            except OSError:
                break
    return None
