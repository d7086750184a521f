"""Constant propagation: where WHERE says `x = 5`, other terms that read x read 5.

1. Only terms of WHERE and of the ON of inner joins take part; what an outer join's ON says holds for some rows only.
2. The comparison must be BINARY and the constant without affinity; it takes that of the column.
3. A column without affinity may hold 5.0 as well as 5, so there only operands of comparisons are replaced.

Source: https://sqlite.org/optoverview.html#constant_propagation. Must not know: indexes, costs.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundBinary, BoundColumn, BoundFixed
from keelback_core.compiler.bind.rewrite import rewrite
from keelback_core.compiler.bind.types import (
    BLOB_AFFINITY,
    NO_AFFINITY,
    comparison_collation,
    expression_affinity,
)
from keelback_core.compiler.bind.walk import is_constant, push_children

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression

COMPARISONS: Final = frozenset(("=", "<>", "<", "<=", ">", ">=", "IS"))


class FixedColumn:
    """What a column is known to be: the constant, and the conjunct that says so."""

    __slots__ = ("column", "value", "part", "is_compared_only")

    def __init__(
        self, column: BoundColumn, value: BoundExpression, part: BoundExpression, is_compared_only: bool
    ) -> None:
        self.column = column
        self.value = value
        self.part = part
        self.is_compared_only = is_compared_only


def propagate_constants(parts: Sequence[tuple[BoundExpression, int]]) -> list[tuple[BoundExpression, int]]:
    """The conjuncts, given with their owners, with columns replaced by what they are known to be."""
    found = list(parts)
    if len(found) < 2:
        return found
    fixed: list[FixedColumn] = []
    for place in range(len(found) - 1, -1, -1):
        part, owner = found[place]
        if not owner and isinstance(part, BoundBinary) and part.operator == "=":
            _note(part.right, part.left, part, fixed)
            _note(part.left, part.right, part, fixed)
    if not fixed:
        return found
    return [(part if owner else _replace_in(part, fixed), owner) for part, owner in found]


def _note(column: BoundExpression, value: BoundExpression, part: BoundBinary, fixed: list[FixedColumn]) -> None:
    if not isinstance(column, BoundColumn) or isinstance(value, BoundColumn):
        return
    table = column.source.table
    if table is not None and table.kind == "virtual":
        # Its module is to hear of every conjunct.
        return
    if _fixing(column, fixed) is not None or expression_affinity(value) != NO_AFFINITY or not is_constant(value):
        return
    if comparison_collation(part.left, part.right) == "BINARY":
        fixed.append(FixedColumn(column, value, part, expression_affinity(column) <= BLOB_AFFINITY))


def _fixing(column: BoundColumn, fixed: list[FixedColumn]) -> FixedColumn | None:
    """What is known of the column, if anything is."""
    for known in fixed:
        if known.column.column == column.column and known.column.source is column.source:
            return known
    return None


def _reads_fixed(part: BoundExpression, fixed: list[FixedColumn]) -> bool:
    """Whether a column stands in the conjunct that another conjunct fixes."""
    stack = [part]
    while stack:
        node = stack.pop()
        if isinstance(node, BoundColumn):
            known = _fixing(node, fixed)
            if known is not None and known.part is not part:
                return True
        else:
            push_children(stack, node)
    return False


def _replace_in(part: BoundExpression, fixed: list[FixedColumn]) -> BoundExpression:
    if not _reads_fixed(part, fixed):
        return part

    def replace(column: BoundColumn) -> BoundExpression | None:
        known = _fixing(column, fixed)
        if known is None or known.part is part or known.is_compared_only:
            return None
        return BoundFixed(known.value, column)

    rewritten = rewrite(part, replace)
    if isinstance(rewritten, BoundBinary) and rewritten.operator in COMPARISONS:
        return _replace_operands(rewritten, part, fixed)
    return rewritten


def _replace_operands(comparison: BoundBinary, part: BoundExpression, fixed: list[FixedColumn]) -> BoundExpression:
    left = _operand(comparison.left, part, fixed)
    right = comparison.right if expression_affinity(left) == "B" else _operand(comparison.right, part, fixed)
    if left is comparison.left and right is comparison.right:
        return comparison
    return BoundBinary(comparison.operator, left, right, comparison.offset)


def _operand(operand: BoundExpression, part: BoundExpression, fixed: list[FixedColumn]) -> BoundExpression:
    known = _fixing(operand, fixed) if isinstance(operand, BoundColumn) else None
    if known is None or known.part is part:
        return operand
    assert isinstance(operand, BoundColumn)
    return BoundFixed(known.value, operand)
