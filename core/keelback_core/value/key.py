"""Order of values: collations, storage classes, and keys.

1. NULL < numbers < TEXT < BLOB. Integers and reals compare by their exact numeric value, also beyond 2^53.
2. A collation compares two TEXT values and returns a negative, zero or positive number. BINARY is the order of
   the UTF-8 bytes; that is code point order, except where escapes stand for invalid bytes.
3. `KeyComparator` joins a `KeyInfo` (key_info.py) with the collations of one connection.

Knows nothing of records or pages. Twin: core/kernel/value/key. Spec: https://sqlite.org/datatype3.html section 4.
"""

from __future__ import annotations

from keelback_core.value.key_info import SORT_DESCENDING, SORT_NULLS_BIGGEST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Final

    from keelback_core.value.key_info import KeyInfo

    from . import Value

    Collation = Callable[[str, str], int]


def compare_binary(left: str, right: str) -> int:
    """BINARY: the order of the UTF-8 bytes."""
    if left == right:
        return 0
    # With an ASCII text on one side the first difference has an ASCII character on one side (or is the end), and
    # every escape is greater than that, as its byte is.
    if left.isascii() or right.isascii():
        return -1 if left < right else 1
    left_bytes = left.encode("utf-8", "surrogateescape")
    right_bytes = right.encode("utf-8", "surrogateescape")
    if left_bytes == right_bytes:
        return 0
    return -1 if left_bytes < right_bytes else 1


def compare_nocase(left: str, right: str) -> int:
    """NOCASE: as BINARY with A-Z folded to a-z. What follows a NUL character counts by its length only."""
    if left == right:
        return 0
    left_bytes = left.encode("utf-8", "surrogateescape").lower()
    right_bytes = right.encode("utf-8", "surrogateescape").lower()
    if left_bytes == right_bytes:
        return 0
    left_size = len(left_bytes)
    right_size = len(right_bytes)
    common = min(left_size, right_size)
    left_head = left_bytes[:common]
    right_head = right_bytes[:common]
    if b"\0" in left_head and left_head != right_head:
        end = left_head.index(b"\0") + 1
        left_head = left_head[:end]
        right_head = right_head[:end]
    if left_head != right_head:
        return -1 if left_head < right_head else 1
    if left_size == right_size:
        return 0
    return -1 if left_size < right_size else 1


def compare_rtrim(left: str, right: str) -> int:
    """RTRIM: as BINARY without the spaces at the end."""
    return compare_binary(left.rstrip(" "), right.rstrip(" "))


BUILTIN_COLLATIONS: Final[dict[str, Collation]] = {
    "BINARY": compare_binary,
    "NOCASE": compare_nocase,
    "RTRIM": compare_rtrim,
}


def compare_values(left: Value, right: Value, collation: Collation) -> int:
    """-1, 0 or 1: the order of two values of any storage class. NULL equals NULL here."""
    if isinstance(left, str):
        if isinstance(right, str):
            order = collation(left, right)
            return -1 if order < 0 else 1 if order > 0 else 0
        return -1 if isinstance(right, bytes) else 1
    if isinstance(left, bytes):
        if isinstance(right, bytes):
            return -1 if left < right else 1 if left > right else 0
        return 1
    if left is None:
        return 0 if right is None else -1
    if right is None:
        return 1
    if isinstance(right, (str, bytes)):
        return -1
    return -1 if left < right else 1 if left > right else 0


class KeyComparator:
    """Compares decoded index entries in the order of a `KeyInfo`. Columns beyond it compare ascending, BINARY."""

    __slots__ = ("collations", "is_plain", "key_info", "sort_flags")

    def __init__(self, key_info: KeyInfo, collations: Sequence[Collation]) -> None:
        self.key_info = key_info
        self.collations = tuple(collations)
        self.sort_flags = key_info.sort_flags
        self.is_plain = not any(key_info.sort_flags)

    def compare(self, record: Sequence[Value], key: Sequence[Value]) -> int:
        """-1, 0 or 1 by the leading columns that both have; 0 when all of those tie."""
        collations = self.collations
        known = len(collations)
        for position in range(min(len(record), len(key))):
            left = record[position]
            right = key[position]
            order = compare_values(left, right, collations[position] if position < known else compare_binary)
            if order == 0:
                continue
            if self.is_plain or position >= len(self.sort_flags):
                return order
            flags = self.sort_flags[position]
            # A NULL that counts as bigger turns the order once more, and DESC turns that again.
            reverse = bool(flags & SORT_DESCENDING)
            if flags & SORT_NULLS_BIGGEST and (left is None or right is None):
                reverse = not reverse
            return -order if reverse else order
        return 0
