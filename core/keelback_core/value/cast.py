"""CAST, and the lenient conversions that functions and operators make of their operands.

1. These never fail: a text counts by its numeric prefix, a BLOB by the text that its bytes spell.
2. NULL stays NULL in `cast_value` and `to_number`; `to_integer` and `to_real` give 0, as sqlite3_value_int64 does.

Twin: core/kernel/value/cast. Spec: https://sqlite.org/lang_expr.html#castexpr.
"""

from __future__ import annotations

from .affinity import BLOB, INTEGER, NUMERIC, REAL, TEXT
from .numeric_text import (
    prefix_to_integer,
    prefix_to_number,
    prefix_to_real,
    real_to_integer,
    real_to_text,
    scan_integer,
    scan_real,
)
from .record import decode_text, encode_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from . import Value

# A text that is written as a real becomes an integer in CAST(... AS NUMERIC) only inside these.
_EXACT_LIMIT: Final = 2251799813685248


def to_integer(value: Value) -> int:
    """The value as sqlite3_value_int64 gives it: cut towards zero, held to 64 bits, 0 for NULL."""
    if isinstance(value, int):
        return value
    if value is None:
        return 0
    if isinstance(value, float):
        return real_to_integer(value)
    if isinstance(value, bytes):
        value = value.decode("utf-8", "surrogateescape")
    return prefix_to_integer(value)


def to_real(value: Value) -> float:
    """The value as sqlite3_value_double gives it, 0.0 for NULL."""
    if isinstance(value, float):
        return value
    if value is None:
        return 0.0
    if isinstance(value, int):
        return float(value)
    if isinstance(value, bytes):
        value = value.decode("utf-8", "surrogateescape")
    return prefix_to_real(value)


def to_number(value: Value) -> int | float | None:
    """The value as an operand of arithmetic: an integer or a real; NULL stays NULL."""
    if value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, bytes):
        value = value.decode("utf-8", "surrogateescape")
    return prefix_to_number(value)


def to_text(value: Value) -> str | None:
    """The value as sqlite3_value_text gives it; NULL stays NULL."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float):
        return real_to_text(value)
    if isinstance(value, int):
        return str(value)
    return value.decode("utf-8", "surrogateescape")


def to_blob(value: Value) -> bytes | None:
    """The value as sqlite3_value_blob gives it; NULL stays NULL."""
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, float):
        return real_to_text(value).encode("ascii")
    if isinstance(value, int):
        return str(value).encode("ascii")
    return value.encode("utf-8", "surrogateescape")


def is_true(value: Value) -> bool | None:
    """Whether the value counts as true in WHERE, CASE and the logical operators; None for NULL."""
    if value is None:
        return None
    if isinstance(value, (int, float)):
        return value != 0
    return to_real(value) != 0.0


def _to_numeric(value: int | float | str | bytes) -> Value:
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, bytes):
        value = value.decode("utf-8", "surrogateescape")
    number = prefix_to_number(value)
    if isinstance(number, float) and "\0" in value and scan_real(value)[2]:
        # A NUL ends the text here, as it does not in arithmetic.
        integer, fits, _ = scan_integer(value)
        return integer if fits else number
    if isinstance(number, float) and -_EXACT_LIMIT <= number < _EXACT_LIMIT:
        integer = int(number)
        return integer if integer == number else number
    return number


def cast_value(value: Value, affinity: str) -> Value:
    """CAST(value AS a type of that affinity)."""
    if value is None:
        return None
    if affinity == TEXT:
        return to_text(value)
    if affinity == INTEGER:
        return to_integer(value)
    if affinity == REAL:
        return to_real(value)
    if affinity >= NUMERIC:
        return _to_numeric(value)
    return to_blob(value)


def cast_utf16(value: Value, affinity: str, encoding: int) -> Value:
    """As cast_value in a database of UTF-16, whose text has other bytes."""
    if isinstance(value, bytes) and affinity > BLOB:
        value = decode_text(value, encoding)
    if affinity <= BLOB and value is not None and not isinstance(value, bytes):
        return encode_text(to_text(value) or "", encoding)
    return cast_value(value, affinity)
