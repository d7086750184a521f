"""Heights of syntax trees, as SQLITE_LIMIT_EXPR_DEPTH counts them.

1. A leaf has the height 1, an expression one more than the highest of what it holds, a negated LIKE, IN or BETWEEN one
   more again. A subquery counts with the highest expression of its clauses, but for those of FROM.
2. SQLite makes something else of some expressions before it measures them: a sign in front of `+x` replaces that plus;
   a row value counts 1; `x IN ()` is a word; `x IN (constant)` is an equality with a plus on its right side; LIMIT and
   OFFSET hang under one node more.

The parser counts while it parses (`parser/expr.py`, by the same rules; a test compares them); this is for who has the
tree. Its recursion is bounded by what the parser lets through.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast import (
    AstBetween,
    AstBinary,
    AstCase,
    AstCast,
    AstCollate,
    AstExists,
    AstFunctionCall,
    AstInList,
    AstInSelect,
    AstInTable,
    AstIsNull,
    AstLike,
    AstLiteral,
    AstParameter,
    AstRaise,
    AstResultColumn,
    AstRowValue,
    AstSelectCore,
    AstSubquery,
    AstUnary,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.sql.ast import AstExpression, AstSelect


def replaces_plus(operator: str, operand: AstExpression) -> bool:
    """Whether a prefix takes the place of a plus that it stands in front of."""
    return operator in ("-", "+") and isinstance(operand, AstUnary) and operand.operator == "+"


def is_constant(ast: AstExpression) -> bool:
    """Whether SQLite takes the expression for a constant before it knows any name."""
    if isinstance(ast, (AstLiteral, AstParameter)):
        return True
    if isinstance(ast, (AstUnary, AstIsNull, AstCollate, AstCast)):
        return is_constant(ast.operand)
    if isinstance(ast, AstBinary):
        node: AstExpression = ast
        while isinstance(node, AstBinary):
            if node.operator in ("->", "->>") or not is_constant(node.right):
                return False
            node = node.left
        return is_constant(node)
    if isinstance(ast, AstBetween):
        return is_constant(ast.operand) and is_constant(ast.low) and is_constant(ast.high)
    if isinstance(ast, AstInList):
        return is_constant(ast.operand) and all(is_constant(item) for item in ast.items)
    if isinstance(ast, AstRowValue):
        return all(is_constant(item) for item in ast.items)
    if isinstance(ast, AstCase):
        parts = [part for branch in ast.branches for part in (branch.condition, branch.result)]
        parts.extend(part for part in (ast.operand, ast.otherwise) if part is not None)
        return all(is_constant(part) for part in parts)
    return False


def height_of_in(operand: AstExpression, operand_height: int, items: tuple[AstExpression, ...], highest: int) -> int:
    """The height of IN with a list, without that of a NOT. highest: the greatest height in the list."""
    if not items:
        return 1
    if len(items) == 1 and not isinstance(operand, AstRowValue):
        if is_constant(items[0]):
            highest += 1
        elif isinstance(items[0], AstSubquery):
            highest -= 1
    return max(operand_height, highest) + 1


def _highest(expressions: Sequence[AstExpression | None]) -> int:
    highest = 0
    for one in expressions:
        if one is not None:
            highest = max(highest, expression_height(one))
    return highest


def expression_height(ast: AstExpression) -> int:
    """The height of an expression."""
    levels = 0
    highest = 0
    # Down the left side, which may be long.
    while isinstance(ast, AstBinary):
        highest = max(highest, levels + expression_height(ast.right) + 1)
        levels += 1
        ast = ast.left
    return max(highest, levels + _height(ast))


def _height(ast: AstExpression) -> int:
    if isinstance(ast, AstUnary):
        height = expression_height(ast.operand)
        return height if replaces_plus(ast.operator, ast.operand) else height + 1
    if isinstance(ast, (AstIsNull, AstCollate, AstCast)):
        return expression_height(ast.operand) + 1
    if isinstance(ast, AstLike):
        return _highest((ast.left, ast.right, ast.escape)) + (2 if ast.is_negated else 1)
    if isinstance(ast, AstBetween):
        return _highest((ast.operand, ast.low, ast.high)) + (2 if ast.is_negated else 1)
    if isinstance(ast, AstInList):
        height = height_of_in(ast.operand, expression_height(ast.operand), ast.items, _highest(ast.items))
        return height + 1 if ast.is_negated and ast.items else height
    if isinstance(ast, AstInSelect):
        return max(expression_height(ast.operand), select_height(ast.select)) + (2 if ast.is_negated else 1)
    if isinstance(ast, AstInTable):
        return expression_height(ast.operand) + (2 if ast.is_negated else 1)
    if isinstance(ast, (AstExists, AstSubquery)):
        return select_height(ast.select) + 1
    if isinstance(ast, AstFunctionCall):
        height = _highest(ast.arguments)
        if ast.order_by:
            height = max(height, _highest([term.expression for term in ast.order_by]))
        return height + 1
    if isinstance(ast, AstCase):
        parts = [part for branch in ast.branches for part in (branch.condition, branch.result)]
        return max(_highest(parts), _highest((ast.operand, ast.otherwise))) + 1
    if isinstance(ast, AstRaise):
        return _highest((ast.message,)) + 1
    return 1


def select_height(ast: AstSelect) -> int:
    """The height of the highest expression in the clauses of a SELECT, of LIMIT with one more."""
    height = _highest([term.expression for term in ast.order_by]) if ast.order_by else 0
    limits = _highest((ast.limit, ast.offset))
    if limits:
        height = max(height, limits + 1)
    for core in ast.cores:
        if isinstance(core, AstSelectCore):
            for column in core.columns:
                if isinstance(column, AstResultColumn):
                    height = max(height, expression_height(column.expression))
            height = max(height, _highest((core.where, core.having)))
            height = max(height, _highest(core.group_by))
            height = max(height, 1)
        else:
            for row in core.rows:
                height = max(height, _highest(row))
    return height
