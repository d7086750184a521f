"""Conversion between doubles and decimal digits, bit for bit as SQLite 3.54 does it.

SQLite multiplies by a power of ten of 64 to 96 bits. Its results are therefore not always the nearest ones in the
17th digit, nor for inputs of 19 digits, and files and texts made by real SQLite show it. So `float()` and
`repr()` do not serve: the same products of the same widths are formed here, on Python's integers.

1. A power 10**p is held as its leading 96 bits: 64 `high` and 32 `low`. Powers from 0 to 26 are exact; others
   are one truncated product of 10**(27*k), rounded to 96 bits, and one exact power; -1 is a case of its own.
2. Only powers from -348 to 347 exist; beyond them a number is 0.0 or infinite.

Knows nothing of SQL values. Twin: core/kernel/value/decimal_real.
"""

from __future__ import annotations

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

FIRST_POWER: Final = -348
LAST_POWER: Final = 347
_STRIDE: Final = 27
_MASK64: Final = 0xFFFFFFFFFFFFFFFF
_MASK32: Final = 0xFFFFFFFF
_BITS: Final = struct.Struct("<Q")
_DOUBLE: Final = struct.Struct("<d")
_INFINITY: Final = float("inf")


def _leading_bits(power: int, count: int) -> int:
    """The leading `count` bits of 10**power, cut off."""
    if power >= 0:
        whole: int = 10**power
        shift = whole.bit_length() - count
        return whole >> shift if shift >= 0 else whole << -shift
    divisor: int = 10**-power
    shift = divisor.bit_length() + count
    quotient = (1 << shift) // divisor
    return quotient >> (quotient.bit_length() - count)


def _make_power(power: int) -> tuple[int, int]:
    if 0 <= power < _STRIDE:
        return _leading_bits(power, 64), 0
    if power == -1:
        return 0xCCCCCCCCCCCCCCCC, 0xCCCCCCCC
    group, rest = divmod(power, _STRIDE)
    # Rounded, not cut: one more bit tells which way.
    scale = (_leading_bits(group * _STRIDE, 97) + 1) >> 1
    if rest == 0:
        return scale >> 32, scale & _MASK32
    base = _leading_bits(rest, 64)
    product = (scale >> 32) * base + (((scale & _MASK32) * base) >> 32)
    high = product >> 64
    low = (product >> 32) & _MASK32
    if not high >> 63:
        high = high << 1 | low >> 31
        low = (low << 1 | 1) & _MASK32
    return high, low


_SHORT_POWERS: Final[tuple[int, ...]] = tuple([10**power for power in range(11)])
_POWERS: Final[dict[int, tuple[int, int]]] = {}


def _power_of_ten(power: int) -> tuple[int, int]:
    known = _POWERS.get(power)
    if known is None:
        known = _POWERS[power] = _make_power(power)
    return known


def _binary_exponent(power: int) -> int:
    """floor(log2(10**power))."""
    return (power * 108853) >> 15


def _decimal_exponent(power: int) -> int:
    """floor(log10(2**power))."""
    return (power * 78913) >> 18


def real_of_decimal(digits: int, exponent: int) -> float:
    """The double for digits * 10**exponent; digits from 1 to 2**64-1. Infinite when it is too big."""
    if -10 <= exponent <= 0 and digits < 0x20000000000000:
        # Most are so short that the nearest double is told by one division, and the product would tell it too: what it
        # cuts off is less than what such a quotient is away from the middle between two doubles.
        return digits / _SHORT_POWERS[-exponent]
    if exponent < FIRST_POWER:
        return 0.0
    if exponent > LAST_POWER:
        return _INFINITY
    width = digits.bit_length()
    ratio = _binary_exponent(exponent)
    scale = 53 - width - ratio
    if scale > 1074:
        if scale >= 1130:
            return 0.0
        scale = 1074
    shift = -(scale - (64 - width) + ratio + 3)
    power_high, power_low = _power_of_ten(exponent)
    if power_low:
        # The product is taken with the power rounded up, and what that is too much is looked at if it matters.
        power_high += 1
        power_low = _MASK32 ^ power_low
    aligned = digits << (64 - width)
    product = aligned * power_high
    high = product >> 64
    sticky = 1
    if not high & ((1 << shift) - 1):
        middle = (product >> 32) & _MASK32
        excess = ((aligned * (power_low << 32)) >> 96) & _MASK32
        sticky = 1 if (middle - excess) & _MASK32 > 1 else 0
        if middle < excess:
            high -= 1
    unrounded = (high >> shift) | sticky
    if unrounded >= (1 << 55) - 2:
        unrounded = unrounded >> 1 | unrounded & 1
        scale -= 1
    mantissa = (unrounded + 1 + (unrounded >> 2 & 1)) >> 2
    if scale <= -972:
        return _INFINITY
    if mantissa >> 52 & 1:
        mantissa = mantissa & ~(1 << 52) | (1075 - scale) << 52
    result: float = _DOUBLE.unpack(_BITS.pack(mantissa))[0]
    return result


def _digits_of_double(magnitude: float, count: int) -> tuple[str, int]:
    """At least `count` (at most 18) leading digits of a positive finite double, and the power of ten of the last."""
    bits = _BITS.unpack(_DOUBLE.pack(magnitude))[0]
    exponent = bits >> 52 & 0x7FF
    mantissa = bits & 0xFFFFFFFFFFFFF
    if exponent == 0:
        zeros = 64 - mantissa.bit_length()
        mantissa <<= zeros
        exponent = -1074 - zeros
    else:
        mantissa = mantissa << 11 | 1 << 63
        exponent -= 1086
    power = count - 1 - _decimal_exponent(exponent + 63)
    high = (mantissa * _power_of_ten(power)[0]) >> 64
    shift = -(exponent + _binary_exponent(power) + 1)
    if count == 18:
        high >>= shift - 1
        return str((high + (high << 1 & 2)) >> 1), -power
    return str(high >> shift), -power


def _shorter_form(magnitude: float, digits: str, point: int, exponent: int) -> int:
    """Of 18 digits to be rounded to 17: how many are enough to read back as the same double (17 if none fewer)."""
    size = len(digits)
    if digits[14:16] == "99":
        kept = len(digits[:14].rstrip("9"))
        value = int(digits[:kept]) + 1 if kept else 1
    elif point >= size or digits[13:16] == "000":
        kept = len(digits[:13].rstrip("0"))
        value = int(digits[:kept])
    else:
        return 17
    if real_of_decimal(value, exponent + size - kept) == magnitude:
        return kept + 1
    return 17


def decimal_digits(magnitude: float, precision: int, most_digits: int) -> tuple[str, int]:
    """Significant digits of a double and where the decimal point goes: ("125", 1) is 1.25, ("1", -1) is 0.01.

    magnitude: not negative, finite. precision above 0: that many significant digits, `most_digits` at most; 0 or
    below: -precision digits after the point, `most_digits` significant ones at most. No zeros at the end. A
    precision of 17 is SQLite's "shortest of 15 that reads back, or else 17 digits".
    """
    if magnitude == 0.0:
        return "0", 1
    digits, exponent = _digits_of_double(magnitude, 18 if precision <= 0 or precision >= 18 else precision + 1)
    size = len(digits)
    point = size + exponent
    if precision <= 0:
        precision = point - precision
        if precision == 0 and digits[0] >= "5":
            precision = 1
            digits = "0" + digits
            size += 1
            point += 1
    if precision > 0 and (precision < size or size > most_digits):
        precision = min(precision, most_digits)
        if precision == 17:
            precision = _shorter_form(magnitude, digits, point, exponent)
        round_up = digits[precision] >= "5"
        digits = digits[:precision]
        if round_up:
            digits = str(int(digits) + 1).zfill(precision)
            if len(digits) > precision:
                point += 1
    return digits.rstrip("0"), point
