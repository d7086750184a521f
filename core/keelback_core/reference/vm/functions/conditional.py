"""coalesce, ifnull, nullif, iif, if, min and max of several values, and the planner hints.

The compiler may turn several of these into jumps; as functions all their arguments are already there.
Spec: https://sqlite.org/lang_corefunc.html.
"""

from __future__ import annotations

from keelback_core.value.cast import is_true
from keelback_core.value.key import compare_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

    from .context import FunctionContext, ScalarTable


def coalesce(context: FunctionContext, arguments: list[Value]) -> Value:
    """The first argument that is not NULL."""
    for argument in arguments:
        if argument is not None:
            return argument
    return None


def nullif(context: FunctionContext, arguments: list[Value]) -> Value:
    """The first argument, or NULL if the two are equal under the collation of the call."""
    left, right = arguments
    return None if compare_values(left, right, context.collation) == 0 else left


def iif(context: FunctionContext, arguments: list[Value]) -> Value:
    """Pairs of condition and result, then perhaps the result for when none is true."""
    for position in range(0, len(arguments) - 1, 2):
        if is_true(arguments[position]):
            return arguments[position + 1]
    return arguments[-1] if len(arguments) % 2 else None


def least(context: FunctionContext, arguments: list[Value]) -> Value:
    """min(a, b, ...): NULL if any is NULL; of equal ones the last."""
    best = arguments[0]
    for argument in arguments:
        if argument is None:
            return None
        if compare_values(best, argument, context.collation) >= 0:
            best = argument
    return best


def greatest(context: FunctionContext, arguments: list[Value]) -> Value:
    """max(a, b, ...): NULL if any is NULL; of equal ones the first."""
    best = arguments[0]
    for argument in arguments:
        if argument is None:
            return None
        if compare_values(best, argument, context.collation) < 0:
            best = argument
    return best


def first_argument(context: FunctionContext, arguments: list[Value]) -> Value:
    """likely(x), unlikely(x) and likelihood(x, p): x."""
    return arguments[0]


SCALARS: ScalarTable = {
    ("coalesce", -1): coalesce,
    ("ifnull", 2): coalesce,
    ("nullif", 2): nullif,
    ("iif", -1): iif,
    ("if", -1): iif,
    ("min", -1): least,
    ("max", -1): greatest,
    ("likely", 1): first_argument,
    ("unlikely", 1): first_argument,
    ("likelihood", 2): first_argument,
}
