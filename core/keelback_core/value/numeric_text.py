"""Numbers as text: what a text says as a number, and how a number is written.

    number := space* [+-] ( digits [. digits*] | . digits ) [ (e|E) [+-] digits ] space*

1. White space is the six ASCII characters of C's isspace. A NUL character ends the text for a real, not for an
   integer. '0x10' is no number here; only SQL literals know hexadecimal.
2. A text that reads as an integer beyond 64 bits is a real. A real never is NaN.
3. `real_to_text` is what CAST(x AS TEXT) gives: 17 digits, or fewer where 15 are enough to read back, always with a
   point: 1.0, 1.0e+20, Inf. There is no negative zero in text.

Twin: core/kernel/value/numeric_text. Spec: https://sqlite.org/datatype3.html section 3, https://sqlite.org/floatingpoint.html.
"""

from __future__ import annotations

from .decimal_real import decimal_digits, real_of_decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

LARGEST_INTEGER: Final = 0x7FFFFFFFFFFFFFFF
SMALLEST_INTEGER: Final = -0x8000000000000000

SPACES: Final = " \t\n\v\f\r"
_DIGITS: Final = "0123456789"
# From this on a further digit might not fit into 64 bits, so the rest only counts as powers of ten.
_MANTISSA_LIMIT: Final = (0xFFFFFFFFFFFFFFFF - 9) // 10

# What `scan_real` found.
NOT_NUMERIC: Final = 0
PREFIX: Final = 1
WHOLE: Final = 2


def scan_real(text: str) -> tuple[float, int, bool]:
    """The number a text begins with.

    Returns its value (0.0 if none), NOT_NUMERIC, PREFIX or WHOLE, and whether it is written as an integer.
    """
    size = len(text)
    position = 0
    while position < size and text[position] in SPACES:
        position += 1
    is_negative = False
    if position < size and text[position] in "+-":
        is_negative = text[position] == "-"
        position += 1
    start = position
    mantissa = 0
    exponent = 0
    while position < size and text[position] in _DIGITS:
        if mantissa < _MANTISSA_LIMIT:
            mantissa = mantissa * 10 + ord(text[position]) - 48
        else:
            exponent += 1
        position += 1
    has_digits = position > start
    is_integer = True
    if position < size and text[position] == ".":
        position += 1
        start = position
        while position < size and text[position] in _DIGITS:
            if mantissa < _MANTISSA_LIMIT:
                mantissa = mantissa * 10 + ord(text[position]) - 48
                exponent -= 1
            position += 1
        has_digits = has_digits or position > start
        is_integer = False
    if not has_digits:
        return 0.0, NOT_NUMERIC, False
    is_whole = True
    if position < size and text[position] in "eE":
        after = position + 1
        sign = 1
        if after < size and text[after] in "+-":
            sign = -1 if text[after] == "-" else 1
            after += 1
        if after < size and text[after] in _DIGITS:
            position = after
            power = 0
            while position < size and text[position] in _DIGITS:
                if power < 10000:
                    power = power * 10 + ord(text[position]) - 48
                position += 1
            exponent += sign * power
            is_integer = False
        else:
            is_whole = False
    value = real_of_decimal(mantissa, exponent) if mantissa else 0.0
    if is_whole:
        while position < size and text[position] in SPACES:
            position += 1
        is_whole = position == size or text[position] == "\0"
    return (-value if is_negative else value), (WHOLE if is_whole else PREFIX), is_integer


def scan_integer(text: str) -> tuple[int, bool, bool]:
    """The integer a text begins with: its value held to 64 bits (0 if none), whether it fits, whether it is all."""
    size = len(text)
    position = 0
    while position < size and text[position] in SPACES:
        position += 1
    is_negative = False
    if position < size and text[position] in "+-":
        is_negative = text[position] == "-"
        position += 1
    start = position
    while position < size and text[position] in _DIGITS:
        position += 1
    if position == start:
        return 0, True, False
    digits = text[start:position].lstrip("0")
    while position < size and text[position] in SPACES:
        position += 1
    is_whole = position == size
    if len(digits) > 19:
        return (SMALLEST_INTEGER if is_negative else LARGEST_INTEGER), False, is_whole
    value = int(digits or "0")
    if is_negative:
        value = -value
    if value > LARGEST_INTEGER:
        return LARGEST_INTEGER, False, is_whole
    if value < SMALLEST_INTEGER:
        return SMALLEST_INTEGER, False, is_whole
    return value, True, is_whole


def text_to_number(text: str) -> int | float | None:
    """The number that the whole text is, spaces around it allowed; None if it is none. '1e2' is the real 100.0."""
    if len(text) < 19 and text.isascii() and text.isdigit():
        return int(text)
    value, extent, is_integer = scan_real(text)
    if extent != WHOLE:
        return None
    if is_integer:
        integer, fits, _ = scan_integer(text)
        if fits:
            return integer
    return value


def prefix_to_number(text: str) -> int | float:
    """The number that the text begins with, as arithmetic takes it; 0 if none."""
    if len(text) < 19 and text.isascii() and text.isdigit():
        return int(text)
    value, extent, is_integer = scan_real(text)
    if extent == NOT_NUMERIC:
        return 0
    if is_integer:
        integer, fits, is_whole = scan_integer(text)
        # Before a NUL character a real ends and an integer does not: such a text is a real here.
        if fits and (is_whole or extent == PREFIX):
            return integer
    return value


def prefix_to_integer(text: str) -> int:
    """The integer that the text begins with, held to 64 bits; 0 if none."""
    return scan_integer(text)[0]


def prefix_to_real(text: str) -> float:
    """The real that the text begins with; 0.0 if none."""
    return scan_real(text)[0]


def real_to_integer(value: float) -> int:
    """The real cut towards zero and held to 64 bits, as CAST does."""
    if value >= 9223372036854775808.0:
        return LARGEST_INTEGER
    if value <= -9223372036854775808.0:
        return SMALLEST_INTEGER
    return int(value)


def real_to_text(value: float) -> str:
    """The text of a REAL, as CAST(value AS TEXT) gives it."""
    if value == 0.0:
        return "0.0"
    sign = ""
    if value < 0.0:
        sign = "-"
        value = -value
    if value == float("inf"):
        return sign + "Inf"
    digits, point = decimal_digits(value, 17, 20)
    if -3 <= point <= 17:
        if point <= 0:
            return f"{sign}0.{'0' * -point}{digits}"
        if len(digits) <= point:
            return f"{sign}{digits}{'0' * (point - len(digits))}.0"
        return f"{sign}{digits[:point]}.{digits[point:]}"
    exponent = point - 1
    exponent_sign = "+" if exponent > 0 else "-"
    return f"{sign}{digits[0]}.{digits[1:] or '0'}e{exponent_sign}{abs(exponent):02d}"
