"""What registers hold beside values: records, and the cleared NULL.

1. A Record has its values, its bytes, or both; each is made from the other when first asked for, so that rows that
   only pass through sorters and ephemeral tables are never encoded.
2. The values are in stored form: a REAL that the format keeps as an integer is an int here.
3. A cleared NULL is a NULL that no comparison takes for equal to another NULL; it never reaches a result row.

Must not know: cursors, the machine. Spec: https://sqlite.org/fileformat2.html#record_format.
"""

from __future__ import annotations

from keelback_core.value.affinity import REAL, apply_affinity, real_as_integer
from keelback_core.value.record import decode_record, encode_record, first_columns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.value import Value

# An integer beyond six bytes saves nothing over a REAL's eight.
_SIX_BYTES = 140737488355327


class Record:
    """One row or index entry. `encoding` is that of `data`, if there are bytes: 1 UTF-8, 2 UTF-16le, 3 UTF-16be."""

    __slots__ = ("_data", "_encoding", "_values")

    def __init__(self, values: list[Value] | None, data: bytes | None = None, encoding: int = 1) -> None:
        self._values = values
        self._data = data
        self._encoding = encoding

    def values(self) -> list[Value]:
        """The columns in stored form; not to be changed by the caller."""
        values = self._values
        if values is None:
            assert self._data is not None
            values = self._values = decode_record(self._data, self._encoding)
        return values

    def first_values(self, count: int) -> list[Value]:
        """So many columns, or all if there are fewer, of a record that may be damaged behind them."""
        assert self._data is not None
        return first_columns(self._data, count, self._encoding)

    def data(self, encoding: int) -> bytes:
        """The bytes of the record in a database of that text encoding."""
        if self._data is None or self._encoding != encoding:
            self._data = encode_record(self.values(), encoding)
            self._encoding = encoding
        return self._data


class ClearedNull:
    """The class of CLEARED_NULL."""

    __slots__ = ()


CLEARED_NULL = ClearedNull()


def stored_value(value: Value, affinity: str) -> Value:
    """The value as a record keeps it for a column of that affinity: integral REALs become integers."""
    value = apply_affinity(value, affinity)
    if affinity == REAL and isinstance(value, float):
        whole = real_as_integer(value)
        if isinstance(whole, int) and -_SIX_BYTES - 1 <= whole <= _SIX_BYTES:
            return whole
    return value


def stored_values(values: Sequence[Value], affinities: str) -> list[Value]:
    """`stored_value` of each, by position; values beyond the affinities are as they were."""
    count = len(affinities)
    return [
        stored_value(value, affinities[position]) if position < count else value
        for position, value in enumerate(values)
    ]
