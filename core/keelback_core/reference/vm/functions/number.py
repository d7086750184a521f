"""abs, round, sign, and the random ones.

Spec: https://sqlite.org/lang_corefunc.html.
"""

from __future__ import annotations

from keelback_core.value.affinity import NUMERIC, apply_affinity
from keelback_core.value.cast import to_integer, to_real
from keelback_core.value.errors import SqlError
from keelback_core.value.numeric_text import SMALLEST_INTEGER, prefix_to_real
from keelback_core.value.result_codes import ERROR

from .context import too_big
from .format import format_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

    from .context import FunctionContext, ScalarTable

# Beyond this a double has no fraction.
_WHOLE_FROM = 4503599627370496.0
_MOST_ROUND_DIGITS = 30


def absolute(context: FunctionContext, arguments: list[Value]) -> Value:
    """abs(x): an integer for an integer, else a real. SqlError "integer overflow" for the smallest integer."""
    value = arguments[0]
    if value is None:
        return None
    if isinstance(value, int):
        if value == SMALLEST_INTEGER:
            raise SqlError(ERROR, "integer overflow")
        return abs(value)
    real = to_real(value)
    return -real if real < 0.0 else real  # keeps -0.0, as SQLite does


def round_half_away(context: FunctionContext, arguments: list[Value]) -> Value:
    """round(x, digits): to 0..30 digits after the point, halves away from zero; always a real."""
    digits = 0
    if len(arguments) == 2:
        if arguments[1] is None:
            return None
        digits = min(max(to_integer(arguments[1]), 0), _MOST_ROUND_DIGITS)
    if arguments[0] is None:
        return None
    value = to_real(arguments[0])
    if value < -_WHOLE_FROM or value > _WHOLE_FROM:
        return value
    if digits == 0:
        return float(int(value + (-0.5 if value < 0 else 0.5)))
    return prefix_to_real(format_values("%!.*f", [digits, value], context.host.limit_length))


def sign(context: FunctionContext, arguments: list[Value]) -> Value:
    """sign(x): -1, 0 or 1; NULL for what is no number as a whole."""
    value = apply_affinity(arguments[0], NUMERIC)
    if not isinstance(value, (int, float)):
        return None
    return -1 if value < 0 else 1 if value > 0 else 0


def random_integer(context: FunctionContext, arguments: list[Value]) -> Value:
    """random(): any integer but the smallest, so that abs(random()) is safe."""
    value = int.from_bytes(context.host.random_bytes(8), "little", signed=True)
    return max(value, -0x7FFFFFFFFFFFFFFF)


def random_blob(context: FunctionContext, arguments: list[Value]) -> Value:
    """randomblob(n): n random bytes, one at least."""
    size = max(to_integer(arguments[0]), 1)
    if size > context.host.limit_length:
        raise too_big()
    return context.host.random_bytes(size)


def zero_blob(context: FunctionContext, arguments: list[Value]) -> Value:
    """zeroblob(n): n bytes of zero."""
    size = max(to_integer(arguments[0]), 0)
    if size > context.host.limit_length:
        raise too_big()
    return bytes(size)


SCALARS: ScalarTable = {
    ("abs", 1): absolute,
    ("round", 1): round_half_away,
    ("round", 2): round_half_away,
    ("sign", 1): sign,
    ("random", 0): random_integer,
    ("randomblob", 1): random_blob,
    ("zeroblob", 1): zero_blob,
}
