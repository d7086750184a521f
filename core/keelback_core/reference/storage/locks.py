"""The five lock states of a database file, as SQLite's unix VFS takes them with POSIX advisory locks.

    byte 0x40000000      PENDING    write-locked: no new reader may come in
    byte 0x40000001      RESERVED   write-locked: one connection intends to write
    bytes 0x40000002+510 SHARED     read-locked by every reader, write-locked by an EXCLUSIVE holder

1. POSIX locks belong to the process and not to the descriptor, so all connections of this process to one inode share
   one
   `InodeLocks`; a conflict between them is found in that record and never reaches the kernel.
2. Closing any descriptor of an inode drops all locks of the process on it: while somebody holds a lock, closing is put
   off.
3. NONE < SHARED < RESERVED < PENDING < EXCLUSIVE; RESERVED is only asked for by a SHARED holder; PENDING is never
   asked for.
4. `InodeLocks` and the table of them are touched only under `_mutex`.

It knows nothing of pages, journals or transactions. Spec: https://www.sqlite.org/lockingv3.html
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import sys
from _thread import allocate_lock

from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import BUSY, IOERR_CHECKRESERVEDLOCK, IOERR_LOCK, IOERR_RDLOCK, IOERR_UNLOCK, PERM

LOCK_NONE = 0
LOCK_SHARED = 1
LOCK_RESERVED = 2
LOCK_PENDING = 3
LOCK_EXCLUSIVE = 4

PENDING_BYTE = 0x40000000
RESERVED_BYTE = PENDING_BYTE + 1
SHARED_FIRST = PENDING_BYTE + 2
SHARED_SIZE = 510

_BUSY_ERRORS = (errno.EACCES, errno.EAGAIN, errno.ETIMEDOUT, errno.EBUSY, errno.EINTR, errno.ENOLCK)


class InodeLocks:
    """What the connections of this process hold together on one inode."""

    __slots__ = (
        "key",
        "level",
        "shared_count",
        "lock_count",
        "reference_count",
        "deferred_descriptors",
        "is_held_to_the_end",
    )

    def __init__(self, key: tuple[int, int]) -> None:
        self.key = key
        self.level = LOCK_NONE
        self.shared_count = 0
        self.lock_count = 0
        self.reference_count = 0
        self.deferred_descriptors: list[int] = []
        self.is_held_to_the_end = False


_mutex = allocate_lock()
_inodes: dict[tuple[int, int], InodeLocks] = {}


def _set_lock(descriptor: int, kind: int, start: int, length: int) -> None:
    fcntl.lockf(descriptor, kind | fcntl.LOCK_NB if kind != fcntl.LOCK_UN else kind, length, start)


def _as_error(error: OSError, io_code: int) -> SqlError:
    if error.errno in _BUSY_ERRORS:
        return SqlError(BUSY, "database is locked")
    if error.errno == errno.EPERM:
        return SqlError(PERM, "access permission denied")
    return SqlError(io_code, "disk I/O error")


def is_locked_by_other_process(descriptor: int, start: int, length: int) -> bool:
    """True when another process holds any lock in the byte range. OSError as fcntl raises it."""
    return kind_of_lock_by_other_process(descriptor, start, length) != fcntl.F_UNLCK


def kind_of_lock_by_other_process(descriptor: int, start: int, length: int) -> int:
    """F_RDLCK or F_WRLCK, F_UNLCK for none. OSError as fcntl raises it."""
    is_bsd_layout = sys.platform == "darwin" or "bsd" in sys.platform
    layout = "qqihh" if is_bsd_layout else "hhqqi"
    if is_bsd_layout:
        request = struct.pack(layout, start, length, 0, fcntl.F_WRLCK, os.SEEK_SET)
    else:
        request = struct.pack(layout, fcntl.F_WRLCK, os.SEEK_SET, start, length, 0)
    request += bytes(-len(request) % 8)
    answer = fcntl.fcntl(descriptor, fcntl.F_GETLK, request)
    kind: int = struct.unpack_from(layout, answer)[3 if is_bsd_layout else 0]
    return kind


class FileLocks:
    """The lock state of one open descriptor. is_exclusive: the first lock is one on the whole file, which only closing
    it drops; then locks are a matter of this process alone."""

    __slots__ = ("descriptor", "level", "_inode", "_is_exclusive")

    def __init__(self, descriptor: int, is_exclusive: bool = False) -> None:
        self._is_exclusive = is_exclusive
        status = os.fstat(descriptor)
        key = (status.st_dev, status.st_ino)
        with _mutex:
            inode = _inodes.get(key)
            if inode is None:
                inode = InodeLocks(key)
                _inodes[key] = inode
            inode.reference_count += 1
        self.descriptor = descriptor
        self.level = LOCK_NONE
        self._inode = inode

    def _set_lock(self, kind: int, start: int, length: int) -> None:
        if not self._is_exclusive:
            _set_lock(self.descriptor, kind, start, length)
            return
        inode = self._inode
        if not inode.is_held_to_the_end and kind != fcntl.LOCK_UN:
            _set_lock(self.descriptor, fcntl.LOCK_EX, SHARED_FIRST, SHARED_SIZE)
            inode.is_held_to_the_end = True
            # One lock that nobody gives back: no descriptor is closed before the last one.
            inode.lock_count += 1

    def lock(self, level: int) -> None:
        """Raise the lock to SHARED, RESERVED or EXCLUSIVE. SqlError BUSY; a failed EXCLUSIVE may leave PENDING
        behind.
        """
        if self.level >= level:
            return
        with _mutex:
            self._lock(level)

    def _lock(self, level: int) -> None:
        inode = self._inode
        if self.level != inode.level and (inode.level >= LOCK_PENDING or level > LOCK_SHARED):
            raise SqlError(BUSY, "database is locked")
        if level == LOCK_SHARED and inode.level in (LOCK_SHARED, LOCK_RESERVED):
            self.level = LOCK_SHARED
            inode.shared_count += 1
            inode.lock_count += 1
            return
        try:
            if level == LOCK_SHARED:
                self._lock_shared_range()
                inode.lock_count += 1
                inode.shared_count = 1
            elif level == LOCK_RESERVED:
                self._set_lock(fcntl.LOCK_EX, RESERVED_BYTE, 1)
            else:
                if self.level < LOCK_PENDING:
                    self._set_lock(fcntl.LOCK_EX, PENDING_BYTE, 1)
                    self.level = LOCK_PENDING
                    inode.level = LOCK_PENDING
                if inode.shared_count > 1:
                    raise SqlError(BUSY, "database is locked")
                self._set_lock(fcntl.LOCK_EX, SHARED_FIRST, SHARED_SIZE)
        except OSError as error:
            raise _as_error(error, IOERR_LOCK) from None
        self.level = level
        inode.level = level

    def _lock_shared_range(self) -> None:
        """A reader passes through PENDING, so that a waiting writer keeps new readers out."""
        self._set_lock(fcntl.LOCK_SH, PENDING_BYTE, 1)
        try:
            self._set_lock(fcntl.LOCK_SH, SHARED_FIRST, SHARED_SIZE)
        finally:
            self._set_lock(fcntl.LOCK_UN, PENDING_BYTE, 1)

    def unlock(self, level: int) -> None:
        """Lower the lock to SHARED or NONE."""
        if self.level <= level:
            return
        with _mutex:
            inode = self._inode
            try:
                if self.level > LOCK_SHARED:
                    if level == LOCK_SHARED:
                        try:
                            self._set_lock(fcntl.LOCK_SH, SHARED_FIRST, SHARED_SIZE)
                        except OSError:
                            raise SqlError(IOERR_RDLOCK, "disk I/O error") from None
                    self._set_lock(fcntl.LOCK_UN, PENDING_BYTE, 2)
                    inode.level = LOCK_SHARED
                if level == LOCK_NONE:
                    self._drop_shared()
            except OSError as error:
                raise _as_error(error, IOERR_UNLOCK) from None
            finally:
                self.level = level

    def _drop_shared(self) -> None:
        inode = self._inode
        inode.shared_count -= 1
        inode.lock_count -= 1
        if inode.shared_count == 0:
            inode.level = LOCK_NONE
            self._set_lock(fcntl.LOCK_UN, PENDING_BYTE, 2 + SHARED_SIZE)
        if inode.lock_count == 0:
            _close_deferred(inode)

    def is_reserved_by_anyone(self) -> bool:
        """True when some connection, of this process or another, holds RESERVED or more."""
        with _mutex:
            if self._inode.level > LOCK_SHARED:
                return True
            try:
                return is_locked_by_other_process(self.descriptor, RESERVED_BYTE, 1)
            except OSError:
                raise SqlError(IOERR_CHECKRESERVEDLOCK, "disk I/O error") from None

    def close(self) -> None:
        """Drop the lock and close the descriptor, now or when the last lock of the process on the inode is gone."""
        try:
            self.unlock(LOCK_NONE)
        finally:
            with _mutex:
                inode = self._inode
                inode.deferred_descriptors.append(self.descriptor)
                inode.reference_count -= 1
                if inode.lock_count == 0:
                    _close_deferred(inode)
                if inode.reference_count == 0:
                    _close_deferred(inode)
                    _inodes.pop(inode.key, None)


def _close_deferred(inode: InodeLocks) -> None:
    descriptors = inode.deferred_descriptors
    inode.deferred_descriptors = []
    for descriptor in descriptors:
        try:
            os.close(descriptor)
        except OSError:
            continue
