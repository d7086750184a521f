"""The file systems that have names, as `vfs=NAME` in a URI and sqlite3_open_v2 choose them.

    unix           locks.py: POSIX advisory locks
    memdb          databases in memory; those whose name begins with "/" are shared under it by the whole process
    unix-excl      the first lock keeps other processes out until the file is closed
    unix-dotfile   a lock is a directory NAME.lock beside the file: one connection at a time, no WAL
    unix-none      no locks, no WAL: for who is alone anyway

Twin: core/kernel/storage/vfs_names.
"""

from __future__ import annotations

import os

from keelback_core.reference.storage.locks import LOCK_NONE, LOCK_SHARED, FileLocks
from keelback_core.reference.storage.named_memory import MemdbVfs
from keelback_core.reference.storage.vfs import OsFile, OsVfs
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import BUSY, IOERR_LOCK, IOERR_UNLOCK, PERM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.reference.storage.vfs import Vfs


class AloneFile(OsFile):
    """A file without locks and shared memory."""

    __slots__ = ("_level",)

    def __init__(self, path: str, descriptor: int, is_readonly: bool) -> None:
        super().__init__(path, descriptor, is_readonly, False, False)
        self._level = LOCK_NONE

    @property
    def supports_wal(self) -> bool:
        return False

    @property
    def lock_level(self) -> int:
        return self._level

    def lock(self, level: int) -> None:
        self._level = max(self._level, level)

    def unlock(self, level: int) -> None:
        self._level = min(self._level, level)

    def is_reserved_by_anyone(self) -> bool:
        return False

    def open_shared_memory(self, path: str) -> None:
        return


class DotfileFile(AloneFile):
    """One whose locks are all the same directory."""

    __slots__ = ()

    def lock(self, level: int) -> None:
        if self._level == LOCK_NONE:
            try:
                os.mkdir(self.path + ".lock")
            except FileExistsError:
                raise SqlError(BUSY, "database is locked") from None
            except PermissionError:
                raise SqlError(PERM, "access permission denied") from None
            except OSError:
                raise SqlError(IOERR_LOCK, "disk I/O error") from None
        super().lock(level)

    def unlock(self, level: int) -> None:
        if self._level != LOCK_NONE and level == LOCK_NONE:
            try:
                os.rmdir(self.path + ".lock")
            except FileNotFoundError:
                pass
            except OSError:
                raise SqlError(IOERR_UNLOCK, "disk I/O error") from None
        super().unlock(level)

    def is_reserved_by_anyone(self) -> bool:
        # Who has the directory knows that nobody else does.
        if self._level != LOCK_NONE:
            return self._level > LOCK_SHARED
        return os.path.isdir(self.path + ".lock")

    def close(self) -> None:
        self.unlock(LOCK_NONE)
        super().close()


class ExclusiveFile(OsFile):
    """One whose first lock lasts."""

    __slots__ = ()

    def __init__(self, path: str, descriptor: int, is_readonly: bool) -> None:
        super().__init__(path, descriptor, is_readonly, False, False)
        self._locks = FileLocks(descriptor, True)


class OtherLocksVfs(OsVfs):
    """The operating system's file system with other handles on databases."""

    __slots__ = ("_kind",)

    def __init__(self, kind: type[AloneFile] | type[ExclusiveFile]) -> None:
        self._kind = kind

    def file(
        self, path: str, descriptor: int, is_readonly: bool, is_locked: bool, is_directory_sync_due: bool
    ) -> OsFile:
        if is_locked:
            return self._kind(path, descriptor, is_readonly)
        return super().file(path, descriptor, is_readonly, is_locked, is_directory_sync_due)


def find_vfs(name: str, usual: Vfs) -> Vfs | None:
    """The file system of a name, None for an unknown one. usual: what `unix` is here; in a mirror, where the reference
    works on copies, it takes the place of the others too."""
    if name == "memdb":
        return MemdbVfs()
    if name not in ("unix", "unix-excl", "unix-dotfile", "unix-none"):
        return None
    if name == "unix" or type(usual) is not OsVfs:
        return usual
    if name == "unix-excl":
        return OtherLocksVfs(ExclusiveFile)
    return OtherLocksVfs(DotfileFile if name == "unix-dotfile" else AloneFile)
