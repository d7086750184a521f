"""The reference's surroundings in a mirror (KEELBACK_ENGINE=mirror), where the kernel runs beside it.

1. Every file is a copy beside the kernel's, with "-mirror" behind its name. A database is copied, with its journals,
   when the first connection of this process opens it, and the copies are removed when the last one closes it.
2. The file of a VACUUM INTO is no copy: what the kernel has put into it is what the reference has to make again.
3. Time and randomness are asked for, so that the kernel has had the same.

Twin: core/kernel/engine/mirror_engine.
"""

from __future__ import annotations

import os

from keelback_core.engine.surroundings import Surroundings
from keelback_core.reference.storage.vfs import OPEN_MAIN_DB, OsFile, OsVfs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from keelback_core.reference.storage.shared_memory import SharedMemory
    from keelback_core.reference.storage.vfs import VfsFile
    from keelback_core.value import Value

SUFFIX = "-mirror"
JOURNALS = ("", "-journal", "-wal", "-shm")
LARGEST_BLOCK = 1 << 20

# How many handles are open on each copy, by the path of the original.
_handles: dict[str, int] = {}


def _copy(path: str) -> None:
    """Put a copy of a file beside it, or nothing where there is no file."""
    try:
        with open(path, "rb") as original, open(path + SUFFIX, "wb") as copy:
            while block := original.read(LARGEST_BLOCK):
                copy.write(block)
        os.chmod(path + SUFFIX, os.stat(path).st_mode)
    except (OSError, ValueError, UnicodeError):
        _remove(path)


def _remove(path: str) -> None:
    try:
        os.unlink(path + SUFFIX)
    except (OSError, ValueError, UnicodeError):
        pass


class CopyFile(OsFile):
    """A handle on the copy of a database; the last one to close removes it."""

    __slots__ = ()

    def close(self) -> None:
        is_open = self._descriptor >= 0
        super().close()
        if not is_open:
            return
        original = self.path.removesuffix(SUFFIX)
        _handles[original] -= 1
        if _handles[original] == 0:
            del _handles[original]
            for journal in JOURNALS:
                _remove(original + journal)

    def open_shared_memory(self, path: str) -> SharedMemory | None:
        return super().open_shared_memory(path + SUFFIX)


class CopyFiles(OsVfs):
    """The file system of copies; paths are those of the originals, in and out. is_file_new: whether the kernel has made
    the content of a file that is now opened.
    """

    __slots__ = ("_is_file_new",)

    def __init__(self, is_file_new: Callable[[], bool]) -> None:
        super().__init__()
        self._is_file_new = is_file_new

    def open(self, path: str, flags: int) -> VfsFile:
        if not flags & OPEN_MAIN_DB:
            return super().open(path + SUFFIX, flags)
        if path not in _handles:
            is_new = self._is_file_new()
            for journal in JOURNALS:
                _remove(path + journal)
                if not is_new and os.path.isfile(path + journal):
                    _copy(path + journal)
            if os.path.isdir(path):
                return super().open(path, flags)
        copy = super().open(path + SUFFIX, flags)
        _handles[path] = _handles.get(path, 0) + 1
        return copy

    def file(
        self, path: str, descriptor: int, is_readonly: bool, is_locked: bool, is_directory_sync_due: bool
    ) -> OsFile:
        kind = CopyFile if is_locked else OsFile
        return kind(path, descriptor, is_readonly, is_locked, is_directory_sync_due)

    def delete(self, path: str, is_directory_synced: bool) -> None:
        super().delete(path + SUFFIX, is_directory_synced)

    def exists(self, path: str) -> bool:
        return super().exists(path + SUFFIX)


class MirrorSurroundings(Surroundings):
    """See the module. random, time, is_file_new: the numbers of the questions for them."""

    __slots__ = ("_ask", "_random", "_time")

    def __init__(self, ask: Callable[[int, list[Value]], list[Any]], random: int, time: int, is_file_new: int) -> None:
        super().__init__(CopyFiles(lambda: bool(ask(is_file_new, [])[0])))
        self._ask = ask
        self._random = random
        self._time = time

    def random_bytes(self, count: int) -> bytes:
        found: bytes = self._ask(self._random, [count])[0]
        return found

    def current_time_milliseconds(self) -> int:
        found: int = self._ask(self._time, [])[0]
        return found
