"""The decimal family: exact decimal arithmetic on texts, as SQLite's extension has it.

1. A decimal is an integer and the count of its digits behind the point. A sum keeps the longer fraction, a product no
   more zeros than the shorter one. There is no negative zero.
2. A REAL given to decimal() or decimal_exp() is expanded exactly; given to the others it counts by its text.
3. Numbers of more than LARGEST_DIGITS digits are refused. Digits are turned into integers and back in pieces, since
   Python bounds such conversions.

Extensions: real SQLite loads them. Spec: https://sqlite.org/floatingpoint.html#the_decimal_c_extension.
Twin: core/kernel/vm/functions/decimal.
"""

from __future__ import annotations

from math import isinf
from struct import unpack

from keelback_core.value.cast import to_integer, to_text

from .context import Aggregate, too_big

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

    from .context import AggregateTable, FunctionContext, ScalarFunction, ScalarTable

LARGEST_DIGITS = 100000
_PIECE = 4000


def _power_of_ten(exponent: int) -> int:
    power: int = 10**exponent
    return power


def _to_number(digits: str) -> int:
    number = 0
    for start in range(0, len(digits), _PIECE):
        piece = digits[start : start + _PIECE]
        number = number * _power_of_ten(len(piece)) + int(piece)
    return number


def _to_digits(number: int) -> str:
    """The digits of a number that is not negative."""
    pieces: list[str] = []
    piece_size = 10**_PIECE
    while number >= piece_size:
        number, low = divmod(number, piece_size)
        pieces.append(str(low).rjust(_PIECE, "0"))
    return str(number) + "".join(reversed(pieces))


class Decimal:
    """`number` divided by ten to the `fraction`."""

    __slots__ = ("fraction", "number")

    def __init__(self, number: int, fraction: int) -> None:
        self.number = number
        self.fraction = fraction

    def scaled(self, fraction: int) -> int:
        """The number with so many digits behind the point, not fewer than it has."""
        return self.number * _power_of_ten(fraction - self.fraction)

    def rounded(self, count: int) -> Decimal:
        """To so many significant digits, halves away from zero; the places stay."""
        digits = _to_digits(abs(self.number))
        surplus = len(digits) - count
        if count < 1 or surplus <= 0:
            return self
        unit = 10**surplus
        number = (abs(self.number) + unit // 2) // unit * unit
        return Decimal(-number if self.number < 0 else number, self.fraction)

    def text(self) -> str:
        """Plain notation."""
        digits = _to_digits(abs(self.number)).rjust(self.fraction + 1, "0")
        sign = "-" if self.number < 0 else ""
        if not self.fraction:
            return sign + digits
        return f"{sign}{digits[: -self.fraction]}.{digits[-self.fraction :]}"

    def scientific(self, count: int = 0) -> str:
        """One digit before the point, and an exponent; with a count so many digits, otherwise no zeros at the end."""
        digits = _to_digits(abs(self.number))
        exponent = len(digits) - 1 - self.fraction if self.number else 0
        digits = digits[:count] if count > 0 and self.number else digits.rstrip("0") or "0"
        sign = "-" if self.number < 0 else "+"
        return f"{sign}{digits[0]}.{digits[1:] or '0'}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def read_decimal(text: str) -> Decimal:
    """The decimal that a text spells. Signs that are no part of a number are passed over, as SQLite does."""
    text = text.partition("\0")[0].lstrip(" \t\n\v\f\r")
    is_negative = text.startswith("-")
    digits: list[str] = []
    point = -1
    exponent = 0
    for position, character in enumerate(text):
        if "0" <= character <= "9":
            digits.append(character)
        elif character == ".":
            point = len(digits)
        elif character == "-" and not digits:
            is_negative = True
        elif character in "eE":
            exponent = _read_exponent(text, position + 1)
            break
    if len(digits) + abs(exponent) > LARGEST_DIGITS:
        raise too_big()
    number = _to_number("".join(digits))
    fraction = 0 if point < 0 else len(digits) - point
    if exponent > 0:
        moved = min(exponent, fraction)
        fraction -= moved
        number *= 10 ** (exponent - moved)
    else:
        fraction -= exponent
    return Decimal(-number if is_negative else number, fraction)


def _read_exponent(text: str, at: int) -> int:
    is_negative = text[at : at + 1] == "-"
    if text[at : at + 1] in ("+", "-"):
        at += 1
    exponent = 0
    while at < len(text) and "0" <= text[at] <= "9":
        exponent = min(exponent * 10 + ord(text[at]) - 48, LARGEST_DIGITS + 1)
        at += 1
    return -exponent if is_negative else exponent


def _exact(value: float) -> Decimal | None:
    """The whole expansion of a REAL; None for infinity and what is no number."""
    if isinf(value) or value != value:
        return None
    numerator, denominator = value.as_integer_ratio()
    fraction = denominator.bit_length() - 1
    return Decimal(numerator * 5**fraction, fraction)


def _argument(value: Value) -> Decimal | None:
    """An argument of decimal() and decimal_exp()."""
    if isinstance(value, float):
        return _exact(value)
    if isinstance(value, bytes):
        return _exact(unpack(">d", value)[0]) if len(value) == 8 else None
    return _operand(value)


def _operand(value: Value) -> Decimal | None:
    """An argument of the arithmetic functions."""
    text = to_text(value)
    return None if text is None else read_decimal(text)


def decimal(context: FunctionContext, arguments: list[Value]) -> Value:
    """decimal(x[, digits]): plain notation."""
    value = _argument(arguments[0])
    if value is not None and len(arguments) == 2:
        value = value.rounded(to_integer(arguments[1]))
    return None if value is None else value.text()


def decimal_exp(context: FunctionContext, arguments: list[Value]) -> Value:
    """decimal_exp(x[, digits]): with an exponent."""
    value = _argument(arguments[0])
    if value is None:
        return None
    count = to_integer(arguments[1]) if len(arguments) == 2 else 0
    return value.rounded(count).scientific(count)


def _sum(left: Decimal, right: Decimal, sign: int = 1) -> Decimal:
    fraction = max(left.fraction, right.fraction)
    return Decimal(left.scaled(fraction) + sign * right.scaled(fraction), fraction)


def _product(left: Decimal, right: Decimal) -> Decimal:
    number = left.number * right.number
    fraction = left.fraction + right.fraction
    least = min(left.fraction, right.fraction)
    while fraction > least and number % 10 == 0:
        number //= 10
        fraction -= 1
    return Decimal(number, fraction)


def _make_operation(kind: str) -> ScalarFunction:
    def operation(context: FunctionContext, arguments: list[Value]) -> Value:
        left = _operand(arguments[0])
        right = _operand(arguments[1])
        if left is None or right is None:
            return None
        if kind == "cmp":
            difference = _sum(left, right, -1).number
            return (difference > 0) - (difference < 0)
        if kind == "mul":
            return _product(left, right).text()
        return _sum(left, right, 1 if kind == "add" else -1).text()

    return operation


class DecimalSum(Aggregate):
    """decimal_sum(x): the exact sum; '0' if all are NULL, NULL without rows."""

    __slots__ = ("has_rows", "total")

    def __init__(self, context: FunctionContext | None = None) -> None:
        self.total = Decimal(0, 0)
        self.has_rows = False

    def step(self, arguments: list[Value]) -> None:
        self.has_rows = True
        value = _operand(arguments[0])
        if value is not None:
            self.total = _sum(self.total, value)

    def inverse(self, arguments: list[Value]) -> None:
        value = _operand(arguments[0])
        if value is not None:
            self.total = _sum(self.total, value, -1)

    def final(self) -> Value:
        return self.total.text() if self.has_rows else None


SCALARS: ScalarTable = {
    ("decimal", 1): decimal,
    ("decimal", 2): decimal,
    ("decimal_exp", 1): decimal_exp,
    ("decimal_exp", 2): decimal_exp,
    ("decimal_add", 2): _make_operation("add"),
    ("decimal_sub", 2): _make_operation("sub"),
    ("decimal_mul", 2): _make_operation("mul"),
    ("decimal_cmp", 2): _make_operation("cmp"),
}

AGGREGATES: AggregateTable = {
    ("decimal_sum", 1): DecimalSum,
}
