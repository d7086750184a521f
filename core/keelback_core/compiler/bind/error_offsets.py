"""Which place an error about an expression tells, for those that SQLite does not tell at the token they begin with.

1. An operator has the place of its leftmost operand; a row, a subquery and a CASE without an operand have none.
2. SQLite keeps the number of a join where it kept the place: what ON reaches through operators and calls has none.

Must not know: the catalog, scopes. Source: behaviour of SQLite 3.54.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast import (
    AstBetween,
    AstBinary,
    AstCase,
    AstCast,
    AstCollate,
    AstColumnRef,
    AstCurrentTime,
    AstFunctionCall,
    AstInList,
    AstInSelect,
    AstInTable,
    AstIsNull,
    AstLike,
    AstLiteral,
    AstParameter,
    AstRaise,
    AstUnary,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from keelback_core.compiler.sql.ast import AstExpression


def leftmost_operand(ast: AstExpression) -> AstExpression | None:
    """What stands leftmost in an expression and has a place, None if nothing has."""
    node: AstExpression | None = ast
    while node is not None:
        if isinstance(node, (AstColumnRef, AstLiteral, AstParameter, AstFunctionCall, AstCurrentTime, AstLike)):
            return node
        if isinstance(node, AstBinary):
            if node.operator in ("->", "->>"):
                return node
            node = node.left
        elif isinstance(node, (AstUnary, AstIsNull, AstBetween, AstInList, AstInSelect, AstInTable, AstCollate)):
            node = node.operand
        elif isinstance(node, (AstCast, AstCase)):
            node = node.operand
        elif isinstance(node, AstRaise):
            node = node.message
        else:
            return None
    return None


def place_of(ast: AstExpression) -> int:
    """The offset that errors about the whole of an expression have, -1 for none (or if only the text knows it)."""
    found = leftmost_operand(ast)
    return -1 if found is None or isinstance(found, (AstLike, AstBinary)) else found.start


def is_joined_by(on: AstExpression, offset: int, operator_offset: Callable[[AstLike], int]) -> bool:
    """Whether the name or call at this place in an ON is one that SQLite tells no place of."""
    waiting: list[AstExpression] = [on]
    while waiting:
        node = waiting.pop()
        if isinstance(node, AstBinary):
            waiting += [node.left, node.right]
        elif isinstance(node, (AstUnary, AstIsNull, AstBetween, AstInList, AstInSelect, AstInTable, AstCollate)):
            waiting.append(node.operand)
        elif isinstance(node, (AstCast, AstCase)):
            if node.operand is not None:
                waiting.append(node.operand)
        elif isinstance(node, AstLike):
            if operator_offset(node) == offset:
                return True
            waiting += [node.left, node.right]
            if node.escape is not None:
                waiting.append(node.escape)
        elif isinstance(node, AstFunctionCall):
            if node.start == offset:
                return True
            waiting += node.arguments
        elif isinstance(node, (AstColumnRef, AstLiteral, AstParameter, AstCurrentTime)) and node.start == offset:
            return True
    return False
