"""SuperJournal: the file whose deletion commits a transaction over several databases.

It holds the names of the journals, each ended by a NUL; each of these journals names it at its end. While it is
there, every one of them is hot; once it is gone, none of them is.

Spec: https://www.sqlite.org/atomiccommit.html#_multi_file_commit
"""

from __future__ import annotations

from keelback_core.reference.storage.vfs import OPEN_CREATE, OPEN_MAIN_JOURNAL, OPEN_READWRITE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.reference.storage.database import Database


class SuperJournal:
    """Written and on the disk when made; `path` names it."""

    __slots__ = ("path", "_vfs")

    def __init__(self, main: Database, journals: list[str]) -> None:
        self._vfs = main.pager.vfs
        self.path = ""
        while not self.path or self._vfs.exists(self.path):
            number = int.from_bytes(self._vfs.randomness(4), "big")
            self.path = f"{main.path}-mj{number >> 8 & 0xFFFFFF:06X}9{number & 0xFF:02X}"
        file = self._vfs.open(self.path, OPEN_READWRITE | OPEN_CREATE | OPEN_MAIN_JOURNAL)
        try:
            content = b"".join(name.encode("utf-8", "surrogateescape") + b"\0" for name in journals)
            file.write_at(content, 0)
            file.sync()
        finally:
            file.close()

    def delete(self, is_synced: bool) -> None:
        """Delete it; is_synced: the deletion is on the disk when this returns."""
        self._vfs.delete(self.path, is_synced)
