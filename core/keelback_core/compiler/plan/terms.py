"""Conjuncts of WHERE and ON, and what each can do for an access.

1. A `PlanTerm` is one conjunct. `reads` is the bit mask of the sources it reads (correlated subqueries included).
2. A `TermForm` is one way to use the term: `operand operator value`, where the operand may be a column of a source or
   an indexed expression, and the value reads none of that source. `a = b` has two forms.
3. Rewrites that keep the meaning exactly are made here: BETWEEN becomes two bounds, a row equality its parts, an OR of
   equalities on one operand an IN.

Must not know: indexes, costs.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import (
    BoundBetween,
    BoundBinary,
    BoundColumn,
    BoundExpression,
    BoundIn,
    BoundIsNull,
    BoundLiteral,
    BoundRow,
    BoundSource,
)
from keelback_core.compiler.bind.types import (
    NO_AFFINITY,
    comparison_affinity,
    comparison_collation,
    expression_affinity,
)
from keelback_core.compiler.bind.walk import equal_expressions, source_references

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

SWAPPED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<=", "IS": "IS"}


class TermForm:
    """`operand operator value`. operator: `= < <= > >= IS`, `IN` (value is the BoundIn), `ISNULL` (value is the term).
    collation and affinity: those of the comparison. value_reads: mask of the sources that the value reads."""

    __slots__ = ("operand", "operator", "value", "value_reads", "collation", "affinity", "term")

    def __init__(
        self,
        operand: BoundExpression,
        operator: str,
        value: BoundExpression,
        value_reads: int,
        collation: str,
        affinity: str,
        term: PlanTerm,
    ) -> None:
        self.operand = operand
        self.operator = operator
        self.value = value
        self.value_reads = value_reads
        self.collation = collation
        self.affinity = affinity
        self.term = term


class PlanTerm:
    """One conjunct. owner: mask of the outer-joined source whose ON it belongs to, 0 for a term of WHERE or of an
    inner join's ON."""

    __slots__ = ("expression", "reads", "owner", "forms")

    def __init__(self, expression: BoundExpression, reads: int, owner: int) -> None:
        self.expression = expression
        self.reads = reads
        self.owner = owner
        self.forms: list[TermForm] = []


class SourceMasks:
    """The bit of each source of this FROM; sources of enclosing queries have none."""

    __slots__ = ("bits",)

    def __init__(self, sources: Sequence[BoundSource]) -> None:
        self.bits = {source: 1 << position for position, source in enumerate(sources)}

    def of(self, expression: BoundExpression) -> int:
        """The mask of the sources that the expression reads."""
        mask = 0
        for source in source_references(expression):
            mask |= self.bits.get(source, 0)
        return mask


def conjuncts(expression: BoundExpression | None) -> list[BoundExpression]:
    """The terms of a tree of ANDs, from left to right, after the rewrites that make several terms of one."""
    found: list[BoundExpression] = []
    stack = [] if expression is None else [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, BoundBinary) and node.operator == "AND":
            stack.append(node.right)
            stack.append(node.left)
        elif isinstance(node, BoundBetween) and not node.is_negated and isinstance(node.operand, BoundColumn):
            found.append(BoundBinary(">=", node.operand, node.low, node.offset))
            found.append(BoundBinary("<=", node.operand, node.high, node.offset))
        else:
            parts = _row_equalities(node)
            if parts is None:
                found.append(node)
            else:
                found.extend(parts)
    return found


def _row_equalities(node: BoundExpression) -> list[BoundExpression] | None:
    """(a, b) = (c, d) as a = c, b = d; None for anything else."""
    if not (isinstance(node, BoundBinary) and node.operator in ("=", "IS")):
        return None
    left = node.left
    right = node.right
    if not (isinstance(left, BoundRow) and isinstance(right, BoundRow)):
        return None
    return [
        BoundBinary(node.operator, one, other, node.offset) for one, other in zip(left.items, right.items, strict=True)
    ]


def analyse(expression: BoundExpression, masks: SourceMasks, owner: int) -> PlanTerm:
    """The term of a conjunct with all its forms."""
    term = PlanTerm(expression, masks.of(expression), owner)
    if isinstance(expression, BoundBinary):
        if expression.operator in SWAPPED:
            _add_comparison(term, expression, masks)
        elif expression.operator == "OR":
            _add_equalities_of_or(term, expression, masks)
    elif isinstance(expression, BoundIn):
        _add_in(term, expression, masks)
    elif isinstance(expression, BoundIsNull) and not expression.is_negated:
        operand = expression.operand
        term.forms.append(TermForm(operand, "ISNULL", expression, 0, "", "", term))
    return term


def _add_comparison(term: PlanTerm, expression: BoundBinary, masks: SourceMasks) -> None:
    left = expression.left
    right = expression.right
    if isinstance(left, BoundRow) or isinstance(right, BoundRow):
        return
    if expression.operator == "IS" and _is_null_literal(right):
        term.forms.append(TermForm(left, "ISNULL", BoundIsNull(left, False, expression.offset), 0, "", "", term))
        return
    collation = comparison_collation(left, right)
    affinity = comparison_affinity(left, right)
    left_reads = masks.of(left)
    right_reads = masks.of(right)
    operator = expression.operator
    if left_reads and not left_reads & right_reads:
        term.forms.append(TermForm(left, operator, right, right_reads, collation, affinity, term))
    if right_reads and not left_reads & right_reads:
        term.forms.append(TermForm(right, SWAPPED[operator], left, left_reads, collation, affinity, term))


def _is_null_literal(expression: BoundExpression) -> bool:
    return isinstance(expression, BoundLiteral) and expression.is_null


def _add_in(term: PlanTerm, expression: BoundIn, masks: SourceMasks) -> None:
    operand = expression.operand
    if expression.is_negated or isinstance(operand, BoundRow):
        return
    value_reads = 0
    if expression.items is not None:
        for item in expression.items:
            value_reads |= masks.of(item)
    elif expression.select is not None:
        if len(expression.select.columns) != 1:
            return
        for outer in expression.select.outer_references:
            value_reads |= masks.of(outer)
    if masks.of(operand) & value_reads:
        return
    collation = comparison_collation(operand, operand)
    affinity = comparison_affinity(operand, operand)
    if expression.select is not None:
        # SQLite takes the type of the last SELECT of a compound.
        member = expression.select.cores[-1].columns[0].expression
        collation = comparison_collation(operand, member)
        affinity = comparison_affinity(operand, member)
    term.forms.append(TermForm(operand, "IN", expression, value_reads, collation, affinity, term))


def _add_equalities_of_or(term: PlanTerm, expression: BoundBinary, masks: SourceMasks) -> None:
    """`x = a OR x = b OR ...` can be used as `x IN (a, b, ...)` if every comparison has the affinity of x."""
    operand: BoundExpression | None = None
    values: list[BoundExpression] = []
    stack: list[BoundExpression] = [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, BoundBinary) and node.operator == "OR":
            stack.append(node.right)
            stack.append(node.left)
            continue
        if not (isinstance(node, BoundBinary) and node.operator == "="):
            return
        side, value = node.left, node.right
        if operand is None:
            if not isinstance(side, BoundColumn):
                side, value = value, side
            if not isinstance(side, BoundColumn):
                return
            operand = side
        elif not equal_expressions(side, operand):
            side, value = value, side
            if not equal_expressions(side, operand):
                return
        if expression_affinity(value) not in (NO_AFFINITY, expression_affinity(side)):
            return
        if comparison_collation(node.left, node.right) != comparison_collation(side, side):
            return
        values.append(value)
    if operand is not None:
        _add_in_of(term, operand, tuple(values), masks, expression.offset)


def _add_in_of(
    term: PlanTerm, operand: BoundExpression, values: tuple[BoundExpression, ...], masks: SourceMasks, offset: int
) -> None:
    reads = 0
    for value in values:
        reads |= masks.of(value)
    if not masks.of(operand) & reads:
        membership = BoundIn(operand, values, None, False, offset)
        collation = comparison_collation(operand, operand)
        affinity = comparison_affinity(operand, operand)
        term.forms.append(TermForm(operand, "IN", membership, reads, collation, affinity, term))
