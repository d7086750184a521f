"""The bytes of a `-wal` file, and the checksum that both it and the wal-index are protected with.

    0  4 magic 377f0682 (checksums over little-endian words) or 377f0683 (big-endian)    4 4 version 3007000
    8  4 page size    12 4 number of restarts    16 4+4 salts    24 4+4 checksum of the 24 bytes before
    then frames: 0 4 page number    4 4 pages of the database after a commit, or 0    8 4+4 salts
                 16 4+4 checksum of the first 8 bytes of this frame and its page, going on from the frame before
                 24 the page

All numbers are big-endian. Spec: https://www.sqlite.org/fileformat2.html#the_write_ahead_log. Twin:
kernel/storage/wal_format.hpp.
"""

from __future__ import annotations

import struct
import sys

WAL_MAGIC = 0x377F0682
WAL_VERSION = 3007000
WAL_HEADER_BYTES = 32
FRAME_HEADER_BYTES = 24
IS_BIG_MACHINE = sys.byteorder == "big"


def add_checksum(checksum: tuple[int, int], data: bytes | bytearray | memoryview, is_big: bool) -> tuple[int, int]:
    """Two sums, each over every second word and the other; `data` is a multiple of eight bytes."""
    first, second = checksum
    words = struct.unpack(f"{'>' if is_big else '<'}{len(data) // 4}I", data)
    for index in range(0, len(words), 2):
        first = first + words[index] + second & 0xFFFFFFFF
        second = second + words[index + 1] + first & 0xFFFFFFFF
    return first, second


def frame_offset(frame: int, page_size: int) -> int:
    """Where a frame begins; the first is 1."""
    return WAL_HEADER_BYTES + (frame - 1) * (FRAME_HEADER_BYTES + page_size)
