"""Compounds of which one row is wanted: UNION is UNION ALL there, as the first row has no equal before it.

That makes a difference where SQL leaves open which row is the first, and of what is computed behind it.

Must not know: plans.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundLiteral, BoundUnary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSelect


def take_unions_as_all(select: BoundSelect) -> None:
    """Make UNION ALL of the UNIONs behind the last other operator, where nothing orders the rows and one is wanted."""
    if "UNION" not in select.operators or not _wants_one_row(select):
        return
    operators = list(select.operators)
    for position in range(len(operators) - 1, -1, -1):
        if operators[position] == "UNION":
            operators[position] = "UNION ALL"
        elif operators[position] != "UNION ALL":
            break
    select.operators = tuple(operators)


def _wants_one_row(select: BoundSelect) -> bool:
    if select.offset is not None:
        return False
    return select.takes_one_row if select.limit is None else _is_one(select.limit)


def _is_one(limit: BoundExpression) -> bool:
    """Whether the text says 1."""
    while isinstance(limit, BoundUnary) and limit.operator == "+":
        limit = limit.operand
    if not isinstance(limit, BoundLiteral) or limit.literal is None:
        return False
    return isinstance(limit.value, int) and limit.value == 1
