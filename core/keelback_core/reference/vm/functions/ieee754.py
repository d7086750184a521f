"""The ieee754 family: a REAL as mantissa and exponent, as bytes, as its bits, and its neighbours.

Extensions: real SQLite loads them. Spec: https://sqlite.org/floatingpoint.html#the_ieee754_c_extension.
Twin: core/kernel/vm/functions/ieee754.
"""

from __future__ import annotations

from math import ldexp
from struct import pack, unpack

from keelback_core.value.cast import to_integer, to_real
from keelback_core.value.numeric_text import LARGEST_INTEGER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

    from .context import FunctionContext, ScalarTable

_FRACTION = (1 << 52) - 1
# What SQLite's mantissa and exponent of zero are.
_ZERO_EXPONENT = -1075


def _real(bits: int) -> Value:
    """The REAL of these bits; NULL for what is no number."""
    value: float = unpack(">d", (bits & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "big"))[0]
    return None if value != value else value


def _bits(value: float) -> int:
    """The bits of a REAL as a signed integer."""
    bits: int = unpack(">q", pack(">d", value))[0]
    return bits


def _argument(value: Value) -> float:
    """A REAL, or one in a BLOB of eight bytes."""
    if isinstance(value, bytes) and len(value) == 8:
        number: float = unpack(">d", value)[0]
        return number
    return to_real(value)


def _parts(value: float) -> tuple[int, int]:
    """The odd mantissa and the exponent of two."""
    bits = _bits(value)
    if bits == 0:
        return 0, _ZERO_EXPONENT
    bits &= LARGEST_INTEGER
    exponent = bits >> 52
    mantissa = bits & _FRACTION
    if exponent == 0:
        mantissa <<= 1
    else:
        mantissa |= 1 << 52
    while exponent < 1075 and mantissa > 0 and mantissa & 1 == 0:
        mantissa >>= 1
        exponent += 1
    return (-mantissa if value < 0 else mantissa), exponent - 1075


def ieee754(context: FunctionContext, arguments: list[Value]) -> Value:
    """ieee754(x): 'ieee754(mantissa,exponent)'; ieee754(mantissa, exponent): the REAL."""
    if len(arguments) == 1:
        mantissa, exponent = _parts(_argument(arguments[0]))
        return f"ieee754({mantissa},{exponent})"
    mantissa = to_integer(arguments[0])
    exponent = max(min(to_integer(arguments[1]), 10000), -10000)
    return _compose(mantissa, exponent)


def _compose(mantissa: int, exponent: int) -> float:
    """mantissa times two to the exponent, cut (not rounded) to what a REAL holds."""
    sign = -1.0 if mantissa < 0 else 1.0
    mantissa = abs(mantissa)
    if mantissa == 0:
        return 0.0
    excess = mantissa.bit_length() - 53
    if mantissa.bit_length() + exponent < -1021:
        excess = max(excess, -1074 - exponent)
    if excess > 0:
        mantissa >>= excess
        exponent += excess
    try:
        return sign * ldexp(mantissa, exponent)
    except OverflowError:
        return sign * float("inf")


def ieee754_mantissa(context: FunctionContext, arguments: list[Value]) -> Value:
    """ieee754_mantissa(x)."""
    return _parts(_argument(arguments[0]))[0]


def ieee754_exponent(context: FunctionContext, arguments: list[Value]) -> Value:
    """ieee754_exponent(x)."""
    return _parts(_argument(arguments[0]))[1]


def ieee754_to_blob(context: FunctionContext, arguments: list[Value]) -> Value:
    """ieee754_to_blob(x): the eight bytes, the greatest first; NULL for what is no number."""
    value = arguments[0]
    return pack(">d", float(value)) if isinstance(value, (int, float)) else None


def ieee754_from_blob(context: FunctionContext, arguments: list[Value]) -> Value:
    """ieee754_from_blob(x): the REAL of eight bytes; NULL for another value."""
    value = arguments[0]
    return _real(int.from_bytes(value, "big")) if isinstance(value, bytes) and len(value) == 8 else None


def ieee754_to_int(context: FunctionContext, arguments: list[Value]) -> Value:
    """ieee754_to_int(x): the bits of a REAL as an integer; NULL for another value."""
    value = arguments[0]
    return _bits(value) if isinstance(value, float) else None


def ieee754_from_int(context: FunctionContext, arguments: list[Value]) -> Value:
    """ieee754_from_int(x): the REAL whose bits the integer has; NULL for another value."""
    value = arguments[0]
    return _real(value) if isinstance(value, int) else None


def ieee754_inc(context: FunctionContext, arguments: list[Value]) -> Value:
    """ieee754_inc(x, n): the REAL n steps away."""
    return _real(_bits(to_real(arguments[0])) + to_integer(arguments[1]))


SCALARS: ScalarTable = {
    ("ieee754", 1): ieee754,
    ("ieee754", 2): ieee754,
    ("ieee754_mantissa", 1): ieee754_mantissa,
    ("ieee754_exponent", 1): ieee754_exponent,
    ("ieee754_to_blob", 1): ieee754_to_blob,
    ("ieee754_from_blob", 1): ieee754_from_blob,
    ("ieee754_to_int", 1): ieee754_to_int,
    ("ieee754_from_int", 1): ieee754_from_int,
    ("ieee754_inc", 2): ieee754_inc,
}
