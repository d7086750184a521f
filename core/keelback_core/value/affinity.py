"""Column affinity: from the declared type to the code, and what an affinity does to a value.

Codes as SQLite numbers them, so that `code >= NUMERIC` means "numeric": '@' none, 'A' BLOB, 'B' TEXT, 'C' NUMERIC,
'D' INTEGER, 'E' REAL, 'F' FLEXNUM.

1. Affinity never changes what a value means: it converts a text only when the whole of it is a number, and a real
   to an integer only when that is lossless. CAST is another matter (`cast`).
2. BLOB and NULL values are never changed.

Twin: core/kernel/value/affinity. Spec: https://sqlite.org/datatype3.html sections 3 and 4.
"""

from __future__ import annotations

from .numeric_text import LARGEST_INTEGER, SMALLEST_INTEGER, real_to_integer, real_to_text, text_to_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from . import Value

NONE: Final = "@"
BLOB: Final = "A"
TEXT: Final = "B"
NUMERIC: Final = "C"
INTEGER: Final = "D"
REAL: Final = "E"
FLEXNUM: Final = "F"


def affinity_of_type(declared_type: str) -> str:
    """The affinity of a column or CAST by the words in its declared type; an absent type ('') is BLOB."""
    if not declared_type:
        return BLOB
    name = declared_type.upper() if declared_type.isascii() else str(declared_type.encode("utf-8", "replace").upper())
    if "INT" in name:
        return INTEGER
    if "CHAR" in name or "CLOB" in name or "TEXT" in name:
        return TEXT
    if "BLOB" in name:
        return BLOB
    if "REAL" in name or "FLOA" in name or "DOUB" in name:
        return REAL
    return NUMERIC


def is_numeric_affinity(affinity: str) -> bool:
    """Whether the affinity is NUMERIC, INTEGER, REAL or FLEXNUM."""
    return affinity >= NUMERIC


def real_as_integer(value: float) -> int | float:
    """The integer that equals the real, if it is inside the 64-bit range (its ends excluded); else the real."""
    integer = real_to_integer(value)
    if integer == value and SMALLEST_INTEGER < integer < LARGEST_INTEGER:
        return integer
    return value


def real_as_rowid(value: float) -> int | float:
    """The integer that equals the real, as a rowid or a count takes it: -2^63 is one of them here."""
    return SMALLEST_INTEGER if value == SMALLEST_INTEGER else real_as_integer(value)


def apply_affinity(value: Value, affinity: str) -> Value:
    """The value as a column of that affinity stores it."""
    if affinity <= BLOB or value is None:
        return value
    if affinity == TEXT:
        if isinstance(value, (str, bytes)):
            return value
        return real_to_text(value) if isinstance(value, float) else str(value)
    if isinstance(value, str):
        number = text_to_number(value)
        if number is None:
            return value
        if affinity == REAL:
            return float(number) or 0.0
        return real_as_integer(number) if isinstance(number, float) else number
    if isinstance(value, float):
        # FLEXNUM leaves numbers alone; REAL turns a negative zero into zero by way of the integer.
        if affinity == FLEXNUM:
            return value
        return (value or 0.0) if affinity == REAL else real_as_integer(value)
    if affinity == REAL and isinstance(value, int):
        return float(value)
    return value


def apply_affinities(values: list[Value], affinities: str) -> list[Value]:
    """Each value under the affinity at its place in the string; values beyond the string are as they were."""
    count = len(affinities)
    return [
        apply_affinity(value, affinities[position]) if position < count else value
        for position, value in enumerate(values)
    ]


def comparison_affinity(left: str, right: str) -> str:
    """The affinity that a comparison gives both its operands.

    left, right: affinities of the operands' expressions, '@' for one without (a literal, a parameter). A numeric
    column against any other column compares as NUMERIC; a column against no affinity lends its own.
    """
    if left > NONE and right > NONE:
        return NUMERIC if left >= NUMERIC or right >= NUMERIC else BLOB
    return right if left <= NONE else left


def apply_comparison_affinity(left: Value, right: Value, affinity: str) -> tuple[Value, Value]:
    """Both operands of a comparison after its affinity.

    Under a numeric affinity texts that are numbers become numbers; under TEXT numbers become texts only when the
    other operand is a text.
    """
    if affinity >= NUMERIC:
        if isinstance(left, str) and not isinstance(right, str):
            left = apply_affinity(left, NUMERIC)
        elif isinstance(right, str) and not isinstance(left, str):
            right = apply_affinity(right, NUMERIC)
        elif isinstance(left, str):
            left = apply_affinity(left, NUMERIC)
            right = apply_affinity(right, NUMERIC)
    elif affinity == TEXT:
        if isinstance(left, str):
            right = apply_affinity(right, TEXT)
        elif isinstance(right, str):
            left = apply_affinity(left, TEXT)
        elif isinstance(left, (int, float)) and isinstance(right, (int, float)):
            return left, right
    return left, right
