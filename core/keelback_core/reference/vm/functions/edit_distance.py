"""levenshtein and editdist3: how many single changes make one text of another.

levenshtein counts insertions, deletions and substitutions of characters, one each; editdist3 weighs them 100, 100
and 150, as SQLite's spellfix extension does without a table of costs.

Extensions: real SQLite loads editdist3. Spec: https://sqlite.org/spellfix1.html.
Twin: core/kernel/vm/functions/edit_distance.
"""

from __future__ import annotations

from keelback_core.value.cast import to_text
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

    from .context import FunctionContext, ScalarFunction, ScalarTable

# The work grows with the product of the lengths, so that is bounded.
LARGEST_PRODUCT = 25000000


def _distance(left: str, right: str, change: int, substitution: int) -> int:
    previous = [position * change for position in range(len(right) + 1)]
    for row, character in enumerate(left, 1):
        current = [row * change]
        for column, other in enumerate(right, 1):
            best = previous[column - 1] + (0 if character == other else substitution)
            best = min(best, previous[column] + change, current[column - 1] + change)
            current.append(best)
        previous = current
    return previous[-1]


def _make_distance(change: int, substitution: int) -> ScalarFunction:
    def distance(context: FunctionContext, arguments: list[Value]) -> Value:
        left = to_text(arguments[0])
        right = to_text(arguments[1])
        if left is None or right is None:
            return None
        if len(left) * len(right) > LARGEST_PRODUCT:
            raise SqlError(ERROR, "texts too long for an edit distance")
        return _distance(left, right, change, substitution)

    return distance


SCALARS: ScalarTable = {
    ("levenshtein", 2): _make_distance(1, 1),
    ("editdist3", 2): _make_distance(100, 150),
}
