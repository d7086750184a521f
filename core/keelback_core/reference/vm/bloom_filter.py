"""The Bloom filter of a join: which keys may have a match.

A key's place is the sum of its numbers, cut to integers; all texts count as one, and all blobs, so that neither numeric
type nor collation matters. Twin: core/kernel/vm/bloom_filter.hpp, with the same places.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.value import Value

TEXT_PLACE = 4095
BLOB_PLACE = 4109
LARGEST = (1 << 63) - 1
BEYOND = 9223372036854775808.0
WORD = (1 << 64) - 1


def filter_place(key: Sequence[Value], bits: int) -> int:
    """The bit of a key in a filter of so many bits."""
    place = 0
    for value in key:
        if isinstance(value, int):
            place += value
        elif isinstance(value, float):
            place += _whole_part(value)
        elif isinstance(value, str):
            place += TEXT_PLACE
        elif value is not None:
            place += BLOB_PLACE
    return (place & WORD) % bits


def _whole_part(value: float) -> int:
    """The number cut to an integer of 64 bits."""
    if value >= BEYOND:
        return LARGEST
    if value < -BEYOND:
        return -LARGEST - 1
    return int(value) if value == value else 0
