"""The operators on values: arithmetic, bits, concatenation, and three-valued logic.

1. NULL in, NULL out, except where logic decides without it. Texts and BLOBs count by their numeric prefix.
2. Two integers give an integer; if it does not fit into 64 bits, the operation is done again on reals.
3. Division or remainder by zero is NULL, and so is what would be NaN.

Twin: core/kernel/value/arithmetic. Spec: https://sqlite.org/lang_expr.html.
"""

from __future__ import annotations

from math import isnan

from .cast import is_true, to_integer, to_number, to_text
from .errors import SqlError
from .numeric_text import LARGEST_INTEGER, SMALLEST_INTEGER
from .result_codes import TOOBIG
from .text_bytes import canonical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from . import Value

DEFAULT_LIMIT_LENGTH: Final = 1000000000
_MASK64: Final = 0xFFFFFFFFFFFFFFFF


def _real_or_null(value: float) -> float | None:
    return None if isnan(value) else value


def add(left: Value, right: Value) -> Value:
    """left + right."""
    first = to_number(left)
    second = to_number(right)
    if first is None or second is None:
        return None
    if isinstance(first, int) and isinstance(second, int):
        total = first + second
        if SMALLEST_INTEGER <= total <= LARGEST_INTEGER:
            return total
    return _real_or_null(float(first) + float(second))


def subtract(left: Value, right: Value) -> Value:
    """left - right."""
    first = to_number(left)
    second = to_number(right)
    if first is None or second is None:
        return None
    if isinstance(first, int) and isinstance(second, int):
        difference = first - second
        if SMALLEST_INTEGER <= difference <= LARGEST_INTEGER:
            return difference
    return _real_or_null(float(first) - float(second))


def multiply(left: Value, right: Value) -> Value:
    """left * right."""
    first = to_number(left)
    second = to_number(right)
    if first is None or second is None:
        return None
    if isinstance(first, int) and isinstance(second, int):
        product = first * second
        if SMALLEST_INTEGER <= product <= LARGEST_INTEGER:
            return product
    return _real_or_null(float(first) * float(second))


def _truncating_divide(dividend: int, divisor: int) -> int:
    quotient = abs(dividend) // abs(divisor)
    return quotient if (dividend < 0) == (divisor < 0) else -quotient


def divide(left: Value, right: Value) -> Value:
    """left / right; integers divide towards zero."""
    first = to_number(left)
    second = to_number(right)
    if first is None or second is None or second == 0:
        return None
    if isinstance(first, int) and isinstance(second, int):
        quotient = _truncating_divide(first, second)
        if quotient <= LARGEST_INTEGER:
            return quotient
    return _real_or_null(float(first) / float(second))


def remainder(left: Value, right: Value) -> Value:
    """left % right: both as integers, with the sign of the left one; a real if either operand is one."""
    first = to_number(left)
    second = to_number(right)
    if first is None or second is None:
        return None
    dividend = to_integer(left)
    divisor = to_integer(right)
    if divisor == 0:
        return None
    rest = dividend - divisor * _truncating_divide(dividend, divisor)
    if isinstance(first, int) and isinstance(second, int):
        return rest
    return float(rest)


def negate(value: Value) -> Value:
    """-value."""
    return subtract(0, value)


def bit_and(left: Value, right: Value) -> Value:
    """left & right."""
    if left is None or right is None:
        return None
    return to_integer(left) & to_integer(right)


def bit_or(left: Value, right: Value) -> Value:
    """left | right."""
    if left is None or right is None:
        return None
    return to_integer(left) | to_integer(right)


def bit_not(value: Value) -> Value:
    """~value."""
    return None if value is None else ~to_integer(value)


def _shift(value: int, count: int) -> int:
    """Positive counts shift to the left, negative ones to the right; 64 and more shift everything out."""
    if count >= 64:
        return 0
    if count <= -64:
        return -1 if value < 0 else 0
    if count < 0:
        return value >> -count
    shifted = (value << count) & _MASK64
    return shifted - (1 << 64) if shifted >> 63 else shifted


def shift_left(left: Value, right: Value) -> Value:
    """left << right; a negative count shifts to the right."""
    if left is None or right is None:
        return None
    return _shift(to_integer(left), to_integer(right))


def shift_right(left: Value, right: Value) -> Value:
    """left >> right; keeps the sign, and a negative count shifts to the left."""
    if left is None or right is None:
        return None
    return _shift(to_integer(left), -to_integer(right))


def concat(left: Value, right: Value, limit_length: int = DEFAULT_LIMIT_LENGTH) -> Value:
    """left || right, always a TEXT. SqlError TOOBIG beyond `limit_length` bytes."""
    first = to_text(left)
    second = to_text(right)
    if first is None or second is None:
        return None
    joined = first + second
    if joined.isascii():
        size = len(joined)
    else:
        joined = canonical(joined)
        size = len(joined.encode("utf-8", "surrogateescape"))
    if size > limit_length:
        raise SqlError(TOOBIG, "string or blob too big")
    return joined


def logical_and(left: Value, right: Value) -> int | None:
    """left AND right: 0 if either is false, else NULL if either is NULL, else 1."""
    first = is_true(left)
    second = is_true(right)
    if first is False or second is False:
        return 0
    return None if first is None or second is None else 1


def logical_or(left: Value, right: Value) -> int | None:
    """left OR right: 1 if either is true, else NULL if either is NULL, else 0."""
    first = is_true(left)
    second = is_true(right)
    if first or second:
        return 1
    return None if first is None or second is None else 0


def logical_not(value: Value) -> int | None:
    """NOT value."""
    truth = is_true(value)
    return None if truth is None else int(not truth)
