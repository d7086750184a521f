"""Surroundings: the file system, the clock and the randomness of a connection; the operating system's by default.

Must not know: what they are used for. Another implementation: mirror.py.
"""

from __future__ import annotations

import os
import time

from keelback_core.reference.storage.vfs import OsVfs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.reference.storage.vfs import Vfs


class Surroundings:
    """files: where databases are opened."""

    __slots__ = ("files",)

    def __init__(self, files: Vfs | None = None) -> None:
        self.files: Vfs = OsVfs() if files is None else files

    def random_bytes(self, count: int) -> bytes:
        """So many bytes that nobody can foretell."""
        return os.urandom(count)

    def current_time_milliseconds(self) -> int:
        """Since 1970-01-01 UTC."""
        return time.time_ns() // 1_000_000
