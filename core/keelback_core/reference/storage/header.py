"""The 100 bytes at the start of a database file.

    0 16 "SQLite format 3\\0"    16 2 page size (1 means 65536)    18 1 write version, 19 1 read version (1 journal, 2
    WAL)
    20 1 reserved bytes a page    21 3 the fractions 64 32 32    24 4 change counter    28 4 pages
    32 4 first free-list trunk    36 4 free pages    40 15*4 meta values    92 4 change counter for which the size holds
    96 4 version of the library that wrote it

Spec: https://www.sqlite.org/fileformat2.html#the_database_header
"""

from __future__ import annotations

from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import NOTADB

HEADER_SIZE = 100
RESERVED_OFFSET = 20
MAGIC_TEXT = b"SQLite format 3\0"
_FRACTIONS = bytes((64, 32, 32))
_LEAST_USABLE = 480


def not_a_database() -> SqlError:
    """The error of a file with an impossible header."""
    return SqlError(NOTADB, "file is not a database")


def page_size_in_header(header: bytes) -> int:
    """The page size, or 0 where there is no possible one."""
    if len(header) < 18:
        return 0
    size = header[16] << 8 | header[17] << 16
    if size < 512 or size > 65536 or size & (size - 1):
        return 0
    return size


def is_wal_version(header: bytes) -> bool:
    """True when the database is in WAL mode."""
    return len(header) >= 20 and header[:16] == MAGIC_TEXT and header[19] == 2


def check_header(header: bytes) -> tuple[int, int]:
    """(page size, reserved bytes) of a valid header. SqlError NOTADB."""
    header = header.ljust(HEADER_SIZE, b"\0")
    page_size = page_size_in_header(header)
    if header[:16] != MAGIC_TEXT or header[19] > 2 or header[21:24] != _FRACTIONS or page_size == 0:
        raise not_a_database()
    if page_size - header[20] < _LEAST_USABLE:
        raise not_a_database()
    return page_size, header[20]


def new_header(page_size: int, reserved_bytes: int) -> bytes:
    """The header of a new database of one page."""
    head = MAGIC_TEXT + bytes((page_size >> 8 & 0xFF, page_size >> 16 & 0xFF, 1, 1, reserved_bytes)) + _FRACTIONS
    return head.ljust(28, b"\0") + (1).to_bytes(4, "big") + bytes(HEADER_SIZE - 32)
