"""The analysis of conjuncts: the terms of WHERE and ON, their forms and their virtual children.

Terms and forms: term.py. Must not know: indexes, costs.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import (
    BoundBetween,
    BoundBinary,
    BoundColumn,
    BoundExpression,
    BoundFunction,
    BoundIn,
    BoundIsNull,
    BoundLiteral,
    BoundParameter,
    BoundRow,
    BoundUnary,
)
from keelback_core.compiler.bind.types import (
    NO_AFFINITY,
    bare,
    comparison_affinity,
    comparison_collation,
    expression_affinity,
    last_row,
    without_collate,
)
from keelback_core.compiler.bind.walk import column_references, equal_expressions, is_constant, terms_of
from keelback_core.compiler.plan.disjuncts import shared_comparisons
from keelback_core.compiler.plan.like_range import like_range
from keelback_core.compiler.plan.likeliness import UNKNOWN, stated_probability
from keelback_core.compiler.plan.row_slices import row_comparison
from keelback_core.compiler.plan.term import PlanTerm, TermForm, forget_forms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from keelback_core.compiler.plan.term import SourceMasks

SWAPPED: Final = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<=", "IS": "IS"}
MOST_TERMS_OF_A_BRANCH: Final = 64


def conjuncts(expression: BoundExpression | None) -> list[BoundExpression]:
    """The terms of a tree of ANDs, from left to right; an IN that is an equation as such."""
    return [_as_equation(term) if isinstance(term, BoundIn) else term for term in terms_of(expression)]


def _as_equation(node: BoundIn) -> BoundExpression:
    """x IN (1) is x = 1, but 1 has no affinity and no collation of its own; any other IN is itself."""
    if node.is_negated or node.items is None or len(node.items) != 1 or isinstance(node.operand, BoundRow):
        return node
    if not is_constant(node.items[0]):
        return node
    return BoundBinary("=", node.operand, BoundUnary("+", node.items[0]), node.offset)


def analyse_all(
    expressions: Sequence[tuple[BoundExpression, int]], masks: SourceMasks, is_branch: bool = False
) -> tuple[list[PlanTerm], list[PlanTerm]]:
    """The terms of conjuncts, each given with its owner, and the virtual terms made of them. is_branch: they are a
    branch of an OR, and ORs in them are not looked into."""
    terms = [PlanTerm(expression, masks.of(expression), owner) for expression, owner in expressions]
    virtual: list[PlanTerm] = []
    for term in reversed(terms):
        _analyse(term, masks, virtual, is_branch)
    return _with_slices(terms, virtual) if virtual else (terms, virtual)


def analyse(expression: BoundExpression, masks: SourceMasks, owner: int) -> PlanTerm:
    """The term of a conjunct with all its forms, but none of its children."""
    term = PlanTerm(expression, masks.of(expression), owner)
    _analyse(term, masks, [])
    return term


def _analyse(term: PlanTerm, masks: SourceMasks, virtual: list[PlanTerm], is_branch: bool = False) -> None:
    expression = term.expression
    probability = stated_probability(expression)
    if probability != UNKNOWN:
        term.probability = probability
        expression = bare(expression)
    if isinstance(expression, BoundBinary):
        if expression.operator in SWAPPED:
            if isinstance(expression.left, BoundRow) or isinstance(expression.right, BoundRow):
                _add_row_comparison(term, expression, masks, virtual)
            else:
                _add_comparison(term, expression, masks)
        elif expression.operator == "OR":
            if not is_branch:
                _add_shared_comparisons(term, expression, masks, virtual)
            _add_equalities_of_or(term, expression, masks)
    elif isinstance(expression, BoundIn):
        if isinstance(expression.operand, BoundRow):
            _add_row_members(term, expression, expression.operand, masks, virtual)
        else:
            _add_in(term, expression, masks)
    elif isinstance(expression, BoundIsNull):
        _add_null_test(term, expression)
    elif isinstance(expression, BoundBetween):
        if not expression.is_negated:
            _add_between(term, expression, masks, virtual)
    elif isinstance(expression, BoundFunction):
        bounds = like_range(expression)
        if bounds is not None:
            low = _add_child(term, bounds.low, masks, virtual)
            high = _add_child(term, bounds.high, masks, virtual)
            low.partner = high
            high.partner = low
            term.child_count = 2 if bounds.is_complete else 0


def _terms_of_branches(expression: BoundBinary, masks: SourceMasks, owner: int) -> list[list[PlanTerm]]:
    """The terms of each of two ORed branches; empty if there are more, or one that is no AND says more than one
    comparison of a column."""
    branches = terms_of(expression, "OR")
    found: list[list[PlanTerm]] = []
    if len(branches) != 2:
        return []
    parts_of = [conjuncts(branch) for branch in branches]
    for parts in parts_of:
        if len(parts) > MOST_TERMS_OF_A_BRANCH:
            return []
        if len(parts) == 1 and isinstance(bare(parts[0]), (BoundFunction, BoundBetween)):
            # It says nothing of a column, or more.
            return []
    for parts in parts_of:
        terms, virtual = analyse_all([(part, owner) for part in parts], masks, True)
        says_more = len(parts) == 1 and (len(terms) != 1 or len(virtual) > 0 or len(terms[0].forms) != 1)
        found.append([] if says_more else terms + virtual)
        if says_more:
            forget_forms(terms + virtual)
    return found


def _add_shared_comparisons(
    term: PlanTerm, expression: BoundBinary, masks: SourceMasks, virtual: list[PlanTerm]
) -> None:
    """Add what both branches of the OR imply, which does not make it superfluous."""
    branches = _terms_of_branches(expression, masks, term.owner)
    for shared in shared_comparisons(branches):
        implied = PlanTerm(shared, masks.of(shared), term.owner)
        implied.is_virtual = True
        virtual.append(implied)
        _analyse(implied, masks, virtual)
    for branch in branches:
        forget_forms(branch)


def _add_null_test(term: PlanTerm, expression: BoundIsNull) -> None:
    operand = without_collate(expression.operand)
    if not expression.is_negated:
        term.forms.append(TermForm(operand, "ISNULL", expression, 0, "", "", term))
    elif isinstance(operand, BoundColumn) and not term.owner:
        term.forms.append(TermForm(operand, "NOTNULL", expression, 0, "", "", term))


def _add_child(parent: PlanTerm, expression: BoundExpression, masks: SourceMasks, virtual: list[PlanTerm]) -> PlanTerm:
    child = PlanTerm(expression, masks.of(expression), parent.owner)
    child.is_virtual = True
    child.parent = parent
    child.probability = parent.probability
    virtual.append(child)
    _analyse(child, masks, virtual)
    return child


def _add_between(term: PlanTerm, expression: BoundBetween, masks: SourceMasks, virtual: list[PlanTerm]) -> None:
    operand = expression.operand
    _add_child(term, BoundBinary(">=", operand, expression.low, expression.offset), masks, virtual)
    _add_child(term, BoundBinary("<=", operand, expression.high, expression.offset), masks, virtual)
    # Bounds by rows do not say all.
    term.child_count = 0 if isinstance(operand, BoundRow) else 2


def _add_row_comparison(term: PlanTerm, expression: BoundBinary, masks: SourceMasks, virtual: list[PlanTerm]) -> None:
    """(a, b) = (c, d) gives way to a = c and b = d; (a, b) < (c, d) has a <= c for a child, which does not say all."""
    rows = row_comparison(expression)
    if rows is None:
        return
    operator = expression.operator
    if operator in ("=", "IS"):
        term.is_sliced = True
        for part in rows.slices():
            piece = PlanTerm(part, masks.of(part), term.owner)
            virtual.append(piece)
            _analyse(piece, masks, virtual)
        return
    term.expression = rows.whole
    loose = operator if operator.endswith("=") else operator + "="
    child = _add_child(term, BoundBinary(loose, rows.left[0], rows.right[0], expression.offset), masks, virtual)
    child.row = rows.rows()


def _with_slices(terms: list[PlanTerm], virtual: list[PlanTerm]) -> tuple[list[PlanTerm], list[PlanTerm]]:
    """The terms with what comparisons of rows gave way to in their place, behind all others."""
    if any(term.is_sliced for term in terms):
        terms = [term for term in terms + virtual if not term.is_virtual and not term.is_sliced]
        virtual = [term for term in virtual if term.is_virtual]
    return terms, virtual


def _add_comparison(term: PlanTerm, expression: BoundBinary, masks: SourceMasks) -> None:
    left = without_collate(expression.left)
    right = without_collate(expression.right)
    if expression.operator == "IS" and _is_null_literal(right):
        term.forms.append(TermForm(left, "ISNULL", BoundIsNull(left, False, expression.offset), 0, "", "", term))
        return
    collation = comparison_collation(expression.left, expression.right)
    affinity = comparison_affinity(expression.left, expression.right)
    left_reads = masks.of(left)
    right_reads = masks.of(right)
    if left_reads & right_reads:
        return
    operator = expression.operator
    if left_reads:
        term.forms.append(TermForm(left, operator, right, right_reads, collation, affinity, term))
    if right_reads:
        form = TermForm(right, SWAPPED[operator], left, left_reads, collation, affinity, term, bool(left_reads))
        term.forms.append(form)


def _is_null_literal(expression: BoundExpression) -> bool:
    return isinstance(expression, BoundLiteral) and expression.is_null


def _add_in(term: PlanTerm, expression: BoundIn, masks: SourceMasks) -> None:
    operand = without_collate(expression.operand)
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
    collation = comparison_collation(expression.operand, expression.operand)
    affinity = comparison_affinity(expression.operand, expression.operand)
    if expression.select is not None:
        # SQLite takes the type of the last SELECT of a compound.
        member = last_row(expression.select)[0]
        collation = comparison_collation(expression.operand, member)
        affinity = comparison_affinity(expression.operand, member)
    term.forms.append(TermForm(operand, "IN", expression, value_reads, collation, affinity, term))


def _add_row_members(
    term: PlanTerm, expression: BoundIn, row: BoundRow, masks: SourceMasks, virtual: list[PlanTerm]
) -> None:
    """(a, b) IN (SELECT c, d ...) has a child for each item; an access that uses some reads these columns alone."""
    select = expression.select
    if expression.is_negated or select is None or len(select.cores) != 1 or select.recursion is not None:
        return
    core = select.cores[0]
    if core.windows or core.is_aggregate or (core.is_distinct and select.limit is not None):
        return
    value_reads = 0
    for outer in select.outer_references:
        value_reads |= masks.of(outer)
    for field, (item, column) in enumerate(zip(row.items, core.columns, strict=True)):
        child = PlanTerm(expression, term.reads, term.owner)
        child.is_virtual = True
        child.parent = term
        child.probability = term.probability
        virtual.append(child)
        operand = without_collate(item)
        if masks.of(operand) & value_reads:
            continue
        collation = comparison_collation(item, column.expression)
        affinity = comparison_affinity(item, column.expression)
        form = TermForm(operand, "IN", expression, value_reads, collation, affinity, child)
        form.field = field
        child.forms.append(form)
    term.child_count = len(row.items)


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
            if not _may_be_key(side):
                side, value = value, side
            if not _may_be_key(side):
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


def _may_be_key(e: BoundExpression) -> bool:
    """Whether the expression is a column, or what an index has in the place of one."""
    if isinstance(e, (BoundLiteral, BoundParameter)):
        return False
    if isinstance(e, BoundColumn):
        return True
    for column in column_references(e):
        for index in column.source.bound_indexes.values():
            if any(equal_expressions(e, expression) for expression in index.expressions):
                return True
    return False


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
