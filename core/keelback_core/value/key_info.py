"""KeyInfo: how the columns of an index key are ordered.

Immutable and without functions in it, so that a Program may carry it. Who compares by it: key.py.
Twin: core/kernel/value/key.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

SORT_DESCENDING: Final = 1
SORT_NULLS_BIGGEST: Final = 2


class KeyInfo:
    """How the columns of an index key are ordered.

    collation_names: one upper-case name a key column. sort_flags: one a key column, bit 1 descending, bit 2 NULLs
    count as bigger than everything (KEYINFO_ORDER_BIGNULL). all_column_count: columns of a whole entry, which
    may be more than those that order it. is_kept: more than one program is to have it.
    """

    __slots__ = ("all_column_count", "collation_names", "encoded", "is_kept", "sort_flags")

    def __init__(self, collation_names: tuple[str, ...], sort_flags: tuple[int, ...], all_column_count: int) -> None:
        self.is_kept = False
        # Of one that is kept its bytes in a program (program/encoding.py), once it has been in one.
        self.encoded = b""
        self.collation_names = collation_names
        self.sort_flags = sort_flags
        self.all_column_count = all_column_count

    @property
    def key_column_count(self) -> int:
        """Number of columns that order the entries."""
        return len(self.sort_flags)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, KeyInfo)
            and self.collation_names == other.collation_names
            and self.sort_flags == other.sort_flags
            and self.all_column_count == other.all_column_count
        )

    def __hash__(self) -> int:
        return hash((self.collation_names, self.sort_flags, self.all_column_count))

    def __repr__(self) -> str:
        columns = []
        for name, flags in zip(self.collation_names, self.sort_flags, strict=True):
            sign = ("-" if flags & SORT_DESCENDING else "") + ("N." if flags & SORT_NULLS_BIGGEST else "")
            columns.append(sign + ("B" if name == "BINARY" else name))
        return f"k({len(self.sort_flags)},{','.join(columns)})"
