"""Reading a database in WAL mode, while nobody else has it open.

    0  4 magic 377f0682 (little-endian checksums) or 377f0683 (big-endian)   4 4 version 3007000   8 4 page size
    12 4 checkpoint number   16 4+4 salts   24 4+4 checksum of the 24 bytes before
    then frames: 4 page number, 4 pages of the database after a commit or 0, 4+4 salts, 4+4 running checksum, the page

1. Only frames up to the last commit count, and only as long as salts and checksums hold.
2. The `-shm` index is not used; that nobody else is connected to it is checked when a transaction begins.

Spec: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
"""

from __future__ import annotations

import struct

from keelback_core.reference.storage.vfs import OPEN_READONLY, Vfs, VfsFile
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import BUSY, CANTOPEN

_MAGIC_LITTLE = 0x377F0682
_MAGIC_BIG = 0x377F0683
_VERSION = 3007000
_HEADER_SIZE = 32
_FRAME_HEADER_SIZE = 24


def _checksum(words: tuple[int, ...], first: int, second: int) -> tuple[int, int]:
    for index in range(0, len(words), 2):
        first = first + words[index] + second & 0xFFFFFFFF
        second = second + words[index + 1] + first & 0xFFFFFFFF
    return first, second


class WalReader:
    """The committed frames of a WAL: the newest content of each page."""

    __slots__ = ("page_size", "page_count", "_pages")

    def __init__(self, page_size: int, page_count: int, pages: dict[int, bytes]) -> None:
        self.page_size = page_size
        self.page_count = page_count
        self._pages = pages

    def read_page(self, number: int) -> bytes | None:
        """The content of a page, or None when the database file has it."""
        return self._pages.get(number)

    @staticmethod
    def open(vfs: Vfs, database_path: str, page_size: int) -> WalReader | None:
        """Read the WAL beside a database; None when it holds nothing. SqlError BUSY while another process uses it."""
        if vfs.is_shared_memory_in_use(database_path + "-shm"):
            raise SqlError(BUSY, "database is locked")
        path = database_path + "-wal"
        if not vfs.exists(path):
            return None
        try:
            file = vfs.open(path, OPEN_READONLY)
        except SqlError as error:
            if error.primary_code == CANTOPEN and not vfs.exists(path):
                return None
            raise
        try:
            return _read(file)
        finally:
            file.close()


def _read(file: VfsFile) -> WalReader | None:
    header = file.read_at(_HEADER_SIZE, 0)
    if len(header) < _HEADER_SIZE:
        return None
    magic, version, page_size, _, salt_one, salt_two, check_one, check_two = struct.unpack(">8I", header)
    if magic not in (_MAGIC_LITTLE, _MAGIC_BIG) or version != _VERSION:
        return None
    if page_size < 512 or page_size > 65536 or page_size & (page_size - 1):
        return None
    order = "<" if magic == _MAGIC_LITTLE else ">"
    sums = _checksum(struct.unpack(order + "6I", header[:24]), 0, 0)
    if sums != (check_one, check_two):
        return None
    pages: dict[int, bytes] = {}
    since_commit: dict[int, bytes] = {}
    page_count = 0
    offset = _HEADER_SIZE
    while True:
        frame = file.read_at(_FRAME_HEADER_SIZE + page_size, offset)
        if len(frame) < _FRAME_HEADER_SIZE + page_size:
            break
        number, commit_size, one, two, check_one, check_two = struct.unpack_from(">6I", frame)
        if number == 0 or (one, two) != (salt_one, salt_two):
            break
        content = frame[_FRAME_HEADER_SIZE:]
        sums = _checksum(struct.unpack(order + "2I", frame[:8]), *sums)
        sums = _checksum(struct.unpack(f"{order}{page_size // 4}I", content), *sums)
        if sums != (check_one, check_two):
            break
        since_commit[number] = content
        if commit_size:
            pages.update(since_commit)
            since_commit = {}
            page_count = commit_size
        offset += len(frame)
    if page_count == 0:
        return None
    return WalReader(page_size, page_count, pages)
