"""Databases in memory that have a name, which all connections of the process share: file:NAME?mode=memory&cache=shared.

1. The content lies in an anonymous file of the system, which is there while some connection has it open.
2. It is locked like any file, never synced, and its journal is kept in memory: `exists` and `open` know no other file.

Twin: core/kernel/storage/named_memory.
"""

from __future__ import annotations

import os
from _thread import allocate_lock

from keelback_core.reference.storage.vfs import (
    OPEN_MAIN_DB,
    OPEN_MEMORY,
    OPEN_READWRITE,
    OPEN_SHARED_CACHE,
    OsFile,
    OsVfs,
    VfsFile,
    cannot_open,
)


class _Content:
    """The anonymous file of one name, and how many connections have it open."""

    __slots__ = ("descriptor", "user_count")

    def __init__(self) -> None:
        self.descriptor = os.memfd_create("keelback", os.MFD_CLOEXEC)
        self.user_count = 0


_contents: dict[str, _Content] = {}
_mutex = allocate_lock()


def is_named_memory(flags: int) -> bool:
    """True when open flags ask for such a database; the path is its name."""
    return flags & OPEN_MEMORY != 0 and flags & OPEN_SHARED_CACHE != 0


def _enter(name: str) -> _Content:
    with _mutex:
        content = _contents.get(name)
        if content is None:
            content = _contents[name] = _Content()
        content.user_count += 1
        return content


def _leave(name: str) -> None:
    with _mutex:
        content = _contents[name]
        content.user_count -= 1
        if content.user_count == 0:
            del _contents[name]
            os.close(content.descriptor)


class NamedMemoryFile(OsFile):
    """One connection's handle on the content of a name."""

    __slots__ = ("_is_open",)

    def __init__(self, name: str, descriptor: int, is_readonly: bool) -> None:
        super().__init__(name, descriptor, is_readonly, True, False)
        self._is_open = True

    def sync(self) -> None:
        return

    def open_shared_memory(self, path: str) -> None:
        return

    def has_moved(self) -> bool:
        return False

    def close(self) -> None:
        super().close()
        if self._is_open:
            self._is_open = False
            _leave(self.path)


class PrivateMemoryFile(OsFile):
    """A content that only one connection has."""

    __slots__ = ()

    def sync(self) -> None:
        return

    def open_shared_memory(self, path: str) -> None:
        return

    def has_moved(self) -> bool:
        return False


class NamedMemoryVfs(OsVfs):
    """A file system of nothing else."""

    __slots__ = ()

    @property
    def is_memory(self) -> bool:
        return True

    def open(self, path: str, flags: int) -> VfsFile:
        if not flags & OPEN_MAIN_DB:
            raise cannot_open()
        content = _enter(path)
        try:
            mode = os.O_RDWR if flags & OPEN_READWRITE else os.O_RDONLY
            descriptor = os.open(f"/proc/self/fd/{content.descriptor}", mode | os.O_CLOEXEC)
        except OSError:
            _leave(path)
            raise cannot_open() from None
        return NamedMemoryFile(path, descriptor, not flags & OPEN_READWRITE)

    def delete(self, path: str, is_directory_synced: bool) -> None:
        return

    def exists(self, path: str) -> bool:
        return False

    def full_path(self, path: str) -> str:
        return path


class MemdbVfs(NamedMemoryVfs):
    """The VFS `memdb`: only names that begin with "/" are shared."""

    __slots__ = ()

    def open(self, path: str, flags: int) -> VfsFile:
        if len(path) > 1 and path[0] == "/":
            return super().open("memdb:" + path, flags)
        if not flags & OPEN_MAIN_DB:
            raise cannot_open()
        return PrivateMemoryFile(path, os.memfd_create("keelback", os.MFD_CLOEXEC), False, True, False)
