"""Comparisons of row values, taken apart: `(a, b) = (c, d)` is `a = c` and `b = d`, which are looked up and tested each
by itself; of `(a, b) > (c, d)` an access may use that a is not less than c.

1. A subquery on one side stands for its columns: it is computed once, where the first of them is wanted.
2. Rows are taken apart only if one side at least is written out, as in SQLite.
3. A comparison that stays whole computes its subquery no second time: `whole` has the very row that the fields read.

Must not know: accesses, costs. Source: https://sqlite.org/rowvalue.html, behaviour of SQLite 3.54.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundBinary, BoundField, BoundFieldRow, BoundRow, BoundSubquery
from keelback_core.compiler.bind.types import width

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundExpression


class RowComparison:
    """A comparison of two rows. left and right: their items. whole: the comparison as it is to be tested."""

    __slots__ = ("left", "right", "whole")

    def __init__(
        self, left: tuple[BoundExpression, ...], right: tuple[BoundExpression, ...], whole: BoundBinary
    ) -> None:
        self.left = left
        self.right = right
        self.whole = whole

    def slices(self) -> list[BoundExpression]:
        """The equations of the items."""
        operator, offset = self.whole.operator, self.whole.offset
        pairs = zip(self.left, self.right, strict=True)
        return [BoundBinary(operator, one, other, offset) for one, other in pairs]

    def rows(self) -> BoundBinary:
        """The comparison between rows that are written out."""
        offset = self.whole.offset
        return BoundBinary(self.whole.operator, BoundRow(self.left), BoundRow(self.right), offset)


def row_comparison(expression: BoundBinary) -> RowComparison | None:
    """The comparison, if it is one of rows that can be taken apart."""
    left, right = _own(expression.left), _own(expression.right)
    if not isinstance(left, BoundRow) and not isinstance(right, BoundRow):
        return None
    items, others = _items(left), _items(right)
    if len(items) != len(others) or len(items) < 2:
        return None
    whole = BoundBinary(expression.operator, left, right, expression.offset)
    return RowComparison(items, others, whole)


def _own(side: BoundExpression) -> BoundExpression:
    """The side; of a subquery a copy, whose registers are this comparison's alone."""
    return BoundFieldRow(side.select, side.offset) if isinstance(side, BoundSubquery) and width(side) > 1 else side


def _items(side: BoundExpression) -> tuple[BoundExpression, ...]:
    if isinstance(side, BoundRow):
        return side.items
    if isinstance(side, BoundFieldRow):
        return tuple([BoundField(side, field, side.offset) for field in range(width(side))])
    return (side,)
