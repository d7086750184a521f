"""`x AND 0`: SQLite's parser puts 0 in its place, so that nobody looks at x.

1. It does so where one side is the integer 0, an empty IN list, or such an AND again, and neither calls a function.
2. A subquery hides the calls inside it.

Must not know: scopes. Source: behaviour of SQLite 3.54.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundLiteral
from keelback_core.compiler.sql.ast import (
    AstBinary,
    AstCurrentTime,
    AstFunctionCall,
    AstInList,
    AstLike,
    AstLiteral,
    AstSelect,
    visit,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.sql.ast import AstExpression, AstNode


def skip_false(spine: list[AstBinary]) -> BoundLiteral | None:
    """Take what counts as 0 off a spine of binary operators (the topmost first); the 0 if there was any."""
    left_is_false = spine[-1].operator == "AND" and is_always_false(spine[-1].left)
    kept = len(spine)
    for place in range(len(spine) - 1, -1, -1):
        node = spine[place]
        is_false = node.operator == "AND" and (left_is_false or is_always_false(node.right))
        left_is_false = is_false and not (calls_function(node.left) or calls_function(node.right))
        if left_is_false:
            kept = place
    if kept == len(spine):
        return None
    start = spine[kept].start
    del spine[kept:]
    return BoundLiteral(0, start)


def is_always_false(ast: AstExpression) -> bool:
    """Whether SQLite's parser knows that an expression is false."""
    if isinstance(ast, AstLiteral):
        return ast.kind == "integer" and ast.value == 0
    if isinstance(ast, AstInList):
        return not ast.items and not ast.is_negated
    spine: list[AstBinary] = []
    while isinstance(ast, AstBinary):
        spine.append(ast)
        ast = ast.left
    if not spine or spine[0].operator != "AND":
        return False
    return skip_false(spine) is not None and not spine


def calls_function(root: AstNode) -> bool:
    """Whether a function is called outside of subqueries: SQLite does not leave such an expression out unseen."""
    found = False

    def enter(node: AstNode) -> bool:
        nonlocal found
        if isinstance(node, (AstFunctionCall, AstLike, AstCurrentTime)):
            found = True
        elif isinstance(node, AstBinary) and node.operator in ("->", "->>"):
            found = True
        return not found and not isinstance(node, AstSelect)

    visit(root, enter)
    return found
