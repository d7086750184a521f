"""The mathematical functions.

Arguments must be numbers, or texts that are numbers as a whole; anything else gives NULL, and so does a result that
is not a number. Spec: https://sqlite.org/lang_mathfunc.html.
"""

from __future__ import annotations

import math

from keelback_core.value.cast import to_real
from keelback_core.value.numeric_text import text_to_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from keelback_core.value import Value

    from .context import FunctionContext, ScalarFunction, ScalarTable

_INFINITY = float("inf")


def _number(value: Value) -> int | float | None:
    if isinstance(value, str):
        # '5.' stays a real here, where a column would make it an integer.
        return text_to_number(value)
    return value if isinstance(value, (int, float)) else None


def _guarded(compute: Callable[[], float], overflow: float) -> float | None:
    """The result as C's libm gives it: no exceptions, NaN as NULL."""
    try:
        result = compute()
    except OverflowError:
        return overflow
    except ValueError:
        return None
    return None if math.isnan(result) else result


def _make_unary(compute: Callable[[float], float], is_odd: bool = False) -> ScalarFunction:
    def unary(context: FunctionContext, arguments: list[Value]) -> Value:
        number = _number(arguments[0])
        if number is None:
            return None
        value = float(number)
        return _guarded(lambda: compute(value), -_INFINITY if is_odd and value < 0 else _INFINITY)

    return unary


def _make_rounding(compute: Callable[[float], int]) -> ScalarFunction:
    """ceil, floor, trunc: integers stay integers, reals reals."""

    def rounding(context: FunctionContext, arguments: list[Value]) -> Value:
        number = _number(arguments[0])
        if number is None or isinstance(number, int) or math.isinf(number):
            return number
        # ceil(-0.5) is -0.0.
        return math.copysign(float(compute(number)), number)

    return rounding


def _logarithm(value: float, base: str) -> float | None:
    if value <= 0.0:
        return None
    if base == "2":
        return math.log2(value)
    return math.log10(value) if base == "10" else math.log(value)


def _make_logarithm(base: str) -> ScalarFunction:
    def logarithm(context: FunctionContext, arguments: list[Value]) -> Value:
        number = _number(arguments[0])
        return None if number is None else _logarithm(float(number), base)

    return logarithm


def log_to_base(context: FunctionContext, arguments: list[Value]) -> Value:
    """log(base, x). Here, and nowhere else, x counts by its numeric prefix, as in SQLite."""
    base = _number(arguments[0])
    number = None if arguments[1] is None else to_real(arguments[1])
    if base is None or number is None:
        return None
    base_logarithm = _logarithm(float(base), "e")
    logarithm = _logarithm(float(number), "e")
    if base_logarithm is None or logarithm is None or base_logarithm <= 0.0:
        return None
    quotient = logarithm / base_logarithm
    return None if math.isnan(quotient) else quotient


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except (OverflowError, ValueError) as failure:
        if base != 0.0 and isinstance(failure, ValueError):
            return float("nan")
        is_odd = abs(math.fmod(exponent, 2.0)) == 1.0
        return math.copysign(_INFINITY, base) if is_odd else _INFINITY


def _make_binary(compute: Callable[[float, float], float]) -> ScalarFunction:
    def binary(context: FunctionContext, arguments: list[Value]) -> Value:
        left = _number(arguments[0])
        right = _number(arguments[1])
        if left is None or right is None:
            return None
        first = float(left)
        second = float(right)
        return _guarded(lambda: compute(first, second), _INFINITY)

    return binary


def pi(context: FunctionContext, arguments: list[Value]) -> Value:
    """pi()."""
    return math.pi


def _inverse_tangent_hyperbolic(value: float) -> float:
    if abs(value) == 1.0:
        return math.copysign(_INFINITY, value)
    return math.atanh(value)


_ceiling = _make_rounding(math.ceil)
_raise_to = _make_binary(_power)

SCALARS: ScalarTable = {
    ("acos", 1): _make_unary(math.acos),
    ("acosh", 1): _make_unary(math.acosh),
    ("asin", 1): _make_unary(math.asin),
    ("asinh", 1): _make_unary(math.asinh),
    ("atan", 1): _make_unary(math.atan),
    ("atan2", 2): _make_binary(math.atan2),
    ("atanh", 1): _make_unary(_inverse_tangent_hyperbolic),
    ("ceil", 1): _ceiling,
    ("ceiling", 1): _ceiling,
    ("cos", 1): _make_unary(math.cos),
    ("cosh", 1): _make_unary(math.cosh),
    ("degrees", 1): _make_unary(lambda value: value * (180.0 / math.pi)),
    ("exp", 1): _make_unary(math.exp),
    ("floor", 1): _make_rounding(math.floor),
    ("ln", 1): _make_logarithm("e"),
    ("log", 1): _make_logarithm("10"),
    ("log", 2): log_to_base,
    ("log10", 1): _make_logarithm("10"),
    ("log2", 1): _make_logarithm("2"),
    ("mod", 2): _make_binary(math.fmod),
    ("pi", 0): pi,
    ("pow", 2): _raise_to,
    ("power", 2): _raise_to,
    ("radians", 1): _make_unary(lambda value: value * (math.pi / 180.0)),
    ("sin", 1): _make_unary(math.sin),
    ("sinh", 1): _make_unary(math.sinh, True),
    ("sqrt", 1): _make_unary(math.sqrt),
    ("tan", 1): _make_unary(math.tan),
    ("tanh", 1): _make_unary(math.tanh),
    ("trunc", 1): _make_rounding(math.trunc),
}
