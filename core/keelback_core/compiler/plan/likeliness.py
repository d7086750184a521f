"""likelihood(x, p), likely(x), unlikely(x): what the writer says of the probability that a term is true.

Source: https://sqlite.org/lang_corefunc.html#likelihood. Must not know: accesses.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundFunction, BoundLiteral
from keelback_core.compiler.bind.types import is_likeliness_call
from keelback_core.compiler.plan.estimate import probability_estimate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression

UNKNOWN: Final = 1
LIKELY: Final = 0.9375
UNLIKELY: Final = 0.0625


def stated_probability(expression: BoundExpression) -> int:
    """The estimate of the probability that the text states, UNKNOWN if it states none."""
    if not is_likeliness_call(expression):
        return UNKNOWN
    assert isinstance(expression, BoundFunction)
    name = expression.signature.name.lower()
    if name == "likely":
        return probability_estimate(LIKELY)
    if name == "unlikely":
        return probability_estimate(UNLIKELY)
    stated = expression.arguments[1]
    if isinstance(stated, BoundLiteral) and isinstance(stated.value, float):
        return probability_estimate(stated.value)
    return UNKNOWN
