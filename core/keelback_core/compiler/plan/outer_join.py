"""LEFT JOINs that are inner joins in truth: some term of WHERE is never true for the row of NULLs.

Source: https://sqlite.org/optoverview.html section 13. Must not know: accesses, costs.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import (
    BoundBetween,
    BoundBinary,
    BoundCollate,
    BoundColumn,
    BoundIn,
    BoundIsNull,
    BoundUnary,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource

COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
STRICT_OPERATORS = ("=", "<>", "<", "<=", ">", ">=", "&", "|", "<<", ">>", "+", "-", "*", "/", "%", "||")


def rejects_null_row(term: BoundExpression, source: BoundSource) -> bool:
    """Whether the conjunct cannot be true while all columns of the source are NULL."""
    if isinstance(term, BoundIsNull):
        return term.is_negated and _is_null_for(term.operand, source)
    if isinstance(term, BoundBinary) and term.operator == "AND":
        return rejects_null_row(term.left, source) or rejects_null_row(term.right, source)
    if isinstance(term, BoundBinary) and term.operator == "OR":
        return rejects_null_row(term.left, source) and rejects_null_row(term.right, source)
    return _is_null_for(term, source)


def _is_virtual(expression: BoundExpression) -> bool:
    """Whether it is a column of a virtual table."""
    if not isinstance(expression, BoundColumn):
        return False
    table = expression.source.table
    return table is not None and table.kind == "virtual"


def _is_null_for(expression: BoundExpression, source: BoundSource) -> bool:
    """Whether the value is NULL on the row of NULLs."""
    if isinstance(expression, BoundColumn):
        return expression.source is source
    if isinstance(expression, BoundBinary) and expression.operator in STRICT_OPERATORS:
        # A virtual table may see to a comparison itself, and means by it what it likes.
        if expression.operator in COMPARISONS and (_is_virtual(expression.left) or _is_virtual(expression.right)):
            return False
        return _is_null_for(expression.left, source) or _is_null_for(expression.right, source)
    if isinstance(expression, BoundUnary | BoundCollate):
        return _is_null_for(expression.operand, source)
    if isinstance(expression, BoundIn):
        return not expression.is_negated and bool(expression.items) and _is_null_for(expression.operand, source)
    if isinstance(expression, BoundBetween):
        return not expression.is_negated and _is_null_for(expression.operand, source)
    return False
