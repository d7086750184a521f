"""BINARY in a UTF-16 database: the order of the bytes as they are stored.

SQLite has BINARY once for each text encoding, and each compares memory. So the same texts are ordered otherwise in a
UTF-8, a UTF-16le and a UTF-16be database, in indexes and in every comparison: in UTF-16le 'Ā' (00 01) is less than 'a'
(61 00).
NOCASE and RTRIM exist for UTF-8 only and order alike everywhere.

Must not know: which database is open. Source: https://sqlite.org/c3ref/create_collation.html
"""

from __future__ import annotations

from keelback_core.value.key import compare_binary
from keelback_core.value.record import UTF16BE, UTF16LE, encode_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value.key import Collation


def compare_binary_utf16le(left: str, right: str) -> int:
    """BINARY in a UTF-16le database."""
    if left == right:
        return 0
    left_bytes, right_bytes = encode_text(left, UTF16LE), encode_text(right, UTF16LE)
    return -1 if left_bytes < right_bytes else 1 if left_bytes > right_bytes else 0


def compare_binary_utf16be(left: str, right: str) -> int:
    """BINARY in a UTF-16be database."""
    if left == right:
        return 0
    left_bytes, right_bytes = encode_text(left, UTF16BE), encode_text(right, UTF16BE)
    return -1 if left_bytes < right_bytes else 1 if left_bytes > right_bytes else 0


def binary_collation(encoding: int) -> Collation:
    """BINARY of a database of this text encoding (1 UTF-8, 2 UTF-16le, 3 UTF-16be)."""
    if encoding == UTF16LE:
        return compare_binary_utf16le
    return compare_binary_utf16be if encoding == UTF16BE else compare_binary
