"""Files that nobody changes, as file:NAME?immutable=1 promises: they are read without locks, and no journal or WAL that
lies beside them is looked for.

1. The database is opened for reading only; `exists` and `open` know no other file.

Spec: https://sqlite.org/uri.html. Twin: kernel/storage/immutable_vfs.
"""

from __future__ import annotations

from keelback_core.reference.storage.locks import LOCK_NONE
from keelback_core.reference.storage.vfs import (
    OPEN_CREATE,
    OPEN_MAIN_DB,
    OPEN_READONLY,
    OPEN_READWRITE,
    Vfs,
    VfsFile,
    cannot_open,
)
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import MESSAGES, READONLY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

# Beside the flags of sqlite3_open_v2, which has none for it.
OPEN_IMMUTABLE: Final = 0x4000000


class ImmutableFile(VfsFile):
    """A file that is read without locks."""

    __slots__ = ("_file", "_level")

    def __init__(self, file: VfsFile) -> None:
        super().__init__(file.path, True)
        self._file = file
        self._level = LOCK_NONE

    def read_at(self, size: int, offset: int) -> bytes:
        return self._file.read_at(size, offset)

    def write_at(self, data: bytes | bytearray, offset: int) -> None:
        raise SqlError(READONLY, MESSAGES[READONLY])

    def truncate(self, size: int) -> None:
        raise SqlError(READONLY, MESSAGES[READONLY])

    def sync(self) -> None:
        return

    def size(self) -> int:
        return self._file.size()

    def close(self) -> None:
        self._file.close()

    @property
    def lock_level(self) -> int:
        return self._level

    def lock(self, level: int) -> None:
        self._level = level

    def unlock(self, level: int) -> None:
        self._level = level

    def is_reserved_by_anyone(self) -> bool:
        return False


class ImmutableVfs(Vfs):
    """A file system of such files, which another one has."""

    __slots__ = ("_system",)

    def __init__(self, system: Vfs) -> None:
        self._system = system

    @property
    def is_memory(self) -> bool:
        return True

    def open(self, path: str, flags: int) -> VfsFile:
        if not flags & OPEN_MAIN_DB:
            raise cannot_open()
        wanted = flags & ~(OPEN_READWRITE | OPEN_CREATE | OPEN_IMMUTABLE) | OPEN_READONLY
        return ImmutableFile(self._system.open(path, wanted))

    def delete(self, path: str, is_directory_synced: bool) -> None:
        return

    def exists(self, path: str) -> bool:
        return False

    def full_path(self, path: str) -> str:
        return self._system.full_path(path)

    def randomness(self, size: int) -> bytes:
        return self._system.randomness(size)

    def sleep(self, microseconds: int) -> None:
        self._system.sleep(microseconds)
