"""The memory that all connections to a database in WAL mode share: regions of 32 KiB, and eight locks.

    region i       bytes 32768 i ... of the file `-shm`, mapped; what stands in it says wal_index.py
    lock i         byte 120 + i of the file, locked with fcntl: many may hold it shared, or one exclusively
    byte 128       read-locked by every process that has the file open; who finds nobody there empties the file

1. As with the locks of the database (locks.py), POSIX knows processes only: all connections of this process to one
   inode share one `_ShmNode`, where conflicts between them are found, and which has the only descriptor of the file.
2. Nodes and their locks are touched only under one mutex; the regions are read and written without.
3. HeapMemory is for a connection that has the database for itself: nobody else sees it and every lock is given.

It does not know what the regions hold or the locks mean. Twin: kernel/storage/shared_memory.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from _thread import allocate_lock

from keelback_core.reference.storage.locks import kind_of_lock_by_other_process
from keelback_core.reference.storage.os_open import open_beside
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import (
    BUSY,
    CANTOPEN,
    IOERR_FSTAT,
    IOERR_LOCK,
    IOERR_SHMMAP,
    IOERR_SHMOPEN,
    IOERR_SHMSIZE,
    MESSAGES,
    READONLY_CANTINIT,
)

REGION_BYTES = 32768
LOCK_COUNT = 8

_FIRST_LOCK_BYTE = 120
_PRESENCE_BYTE = 128
# As SQLite leaves it, so that a crash is told from a new file.
_EMPTIED_SIZE = 3
_BLOCK_BYTES = 4096
_HELD_EXCLUSIVELY = -1


def _failure(code: int) -> SqlError:
    return SqlError(code, MESSAGES[code & 0xFF])


class SharedMemory:
    """The interface, and the memory of who is alone."""

    __slots__ = ()

    @property
    def is_readonly(self) -> bool:
        """Whether the regions may only be read."""
        return False

    def region(self, index: int, is_made: bool) -> memoryview | None:
        """A region; None when it is not there yet and is not to be made. SqlError IOERR_SHMMAP, IOERR_SHMSIZE; of a
        file that may only be read and that nobody keeps up READONLY_CANTINIT.
        """
        raise _failure(IOERR_SHMMAP)

    def lock(self, first: int, count: int, is_exclusive: bool) -> None:
        """SqlError BUSY."""

    def unlock(self, first: int, count: int, is_exclusive: bool) -> None:
        """Drop locks that are held."""

    def remove_file(self) -> None:
        """Have the file deleted when the last connection of this process lets go."""

    def close(self) -> None:
        """Let go; a second call does nothing."""


class HeapMemory(SharedMemory):
    """See the module."""

    __slots__ = ("_regions",)

    def __init__(self) -> None:
        self._regions: list[bytearray] = []

    def region(self, index: int, is_made: bool) -> memoryview | None:
        if index >= len(self._regions) and not is_made:
            return None
        while len(self._regions) <= index:
            self._regions.append(bytearray(REGION_BYTES))
        return memoryview(self._regions[index])


class _ShmNode:
    """What the connections of this process have together of one `-shm` file."""

    __slots__ = (
        "key",
        "path",
        "descriptor",
        "is_readonly",
        "is_unattended",
        "is_deleted_at_end",
        "reference_count",
        "holders",
        "regions",
    )

    def __init__(self, key: tuple[int, int], path: str, descriptor: int, is_readonly: bool) -> None:
        self.key = key
        self.path = path
        self.descriptor = descriptor
        self.is_readonly = is_readonly
        # Read-only, and nobody is there who keeps it up.
        self.is_unattended = False
        self.is_deleted_at_end = False
        self.reference_count = 0
        self.holders = [0] * LOCK_COUNT
        self.regions: list[mmap.mmap] = []

    def set_lock(self, kind: int, start: int, length: int) -> None:
        """SqlError BUSY."""
        try:
            fcntl.lockf(self.descriptor, kind | fcntl.LOCK_NB if kind != fcntl.LOCK_UN else kind, length, start)
        except OSError:
            raise _failure(BUSY) from None

    def attend(self) -> None:
        """Take the place of this process at the file; who comes first empties it, as what stands in it may be half a
        change.
        """
        try:
            kind = kind_of_lock_by_other_process(self.descriptor, _PRESENCE_BYTE, 1)
        except OSError:
            raise _failure(IOERR_LOCK) from None
        if kind == fcntl.F_UNLCK:
            if self.is_readonly:
                self.is_unattended = True
                raise _failure(READONLY_CANTINIT)
            self.set_lock(fcntl.LOCK_EX, _PRESENCE_BYTE, 1)
            try:
                os.ftruncate(self.descriptor, _EMPTIED_SIZE)
            except OSError:
                raise _failure(IOERR_SHMOPEN) from None
        elif kind == fcntl.F_WRLCK:
            raise _failure(BUSY)
        self.is_unattended = False
        self.set_lock(fcntl.LOCK_SH, _PRESENCE_BYTE, 1)

    def make_room(self, is_made: bool, wanted: int) -> bool:
        """Whether the file is that long now. Every block gets a byte: a disk that is full has to say so here, not by
        a signal when the memory is touched.
        """
        try:
            size = os.fstat(self.descriptor).st_size
            if size >= wanted:
                return True
            if not is_made or self.is_readonly:
                return False
            for block in range(size // _BLOCK_BYTES, wanted // _BLOCK_BYTES):
                os.pwrite(self.descriptor, b"\0", (block + 1) * _BLOCK_BYTES - 1)
        except OSError:
            raise _failure(IOERR_SHMSIZE) from None
        return True

    def close(self) -> None:
        if self.is_deleted_at_end:
            try:
                os.unlink(self.path)
            except OSError:
                pass
        self.regions.clear()
        os.close(self.descriptor)


_mutex = allocate_lock()
_nodes: dict[tuple[int, int], _ShmNode] = {}


class FileMemory(SharedMemory):
    """The connection of one pager to a `_ShmNode`."""

    __slots__ = ("_node", "_is_open")

    def __init__(self, node: _ShmNode) -> None:
        self._node = node
        self._is_open = True

    @property
    def is_readonly(self) -> bool:
        return self._node.is_readonly

    def region(self, index: int, is_made: bool) -> memoryview | None:
        node = self._node
        with _mutex:
            if node.is_unattended:
                node.attend()
            while len(node.regions) <= index:
                place = len(node.regions) * REGION_BYTES
                if not node.make_room(is_made, place + REGION_BYTES):
                    return None
                access = mmap.PROT_READ if node.is_readonly else mmap.PROT_READ | mmap.PROT_WRITE
                try:
                    node.regions.append(mmap.mmap(node.descriptor, REGION_BYTES, mmap.MAP_SHARED, access, offset=place))
                except (OSError, ValueError):
                    raise _failure(IOERR_SHMMAP) from None
            return memoryview(node.regions[index])

    def lock(self, first: int, count: int, is_exclusive: bool) -> None:
        node = self._node
        numbers = range(first, first + count)
        with _mutex:
            holders = node.holders
            if any(holders[number] == _HELD_EXCLUSIVELY or is_exclusive and holders[number] for number in numbers):
                raise _failure(BUSY)
            if is_exclusive:
                node.set_lock(fcntl.LOCK_EX, _FIRST_LOCK_BYTE + first, count)
                for number in numbers:
                    holders[number] = _HELD_EXCLUSIVELY
                return
            for number in numbers:
                if holders[number] == 0:
                    node.set_lock(fcntl.LOCK_SH, _FIRST_LOCK_BYTE + number, 1)
                holders[number] += 1

    def unlock(self, first: int, count: int, is_exclusive: bool) -> None:
        node = self._node
        with _mutex:
            for number in range(first, first + count):
                node.holders[number] = 0 if is_exclusive else node.holders[number] - 1
                if node.holders[number] == 0:
                    node.set_lock(fcntl.LOCK_UN, _FIRST_LOCK_BYTE + number, 1)

    def remove_file(self) -> None:
        with _mutex:
            self._node.is_deleted_at_end = True

    def close(self) -> None:
        if not self._is_open:
            return
        self._is_open = False
        node = self._node
        with _mutex:
            node.reference_count -= 1
            if node.reference_count == 0:
                del _nodes[node.key]
                node.close()


def open_shared_memory(database_descriptor: int, path: str) -> SharedMemory:
    """Connect to the file `-shm` of the database that a descriptor has open. SqlError CANTOPEN, BUSY, IOERR_SHMOPEN."""
    try:
        status = os.fstat(database_descriptor)
    except OSError:
        raise _failure(IOERR_FSTAT) from None
    key = (status.st_dev, status.st_ino)
    with _mutex:
        node = _nodes.get(key)
        if node is None:
            node = _open_node(key, path, status)
            _nodes[key] = node
        node.reference_count += 1
        return FileMemory(node)


def _open_node(key: tuple[int, int], path: str, database: os.stat_result) -> _ShmNode:
    is_readonly = False
    try:
        descriptor = open_beside(path, os.O_RDWR | os.O_CREAT, database)
    except OSError:
        try:
            descriptor = open_beside(path, os.O_RDONLY, database)
        except OSError:
            raise _failure(CANTOPEN) from None
        is_readonly = True
    node = _ShmNode(key, path, descriptor, is_readonly)
    try:
        node.attend()
    except SqlError as error:
        if error.code != READONLY_CANTINIT:
            node.close()
            raise
    return node
