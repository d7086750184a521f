"""Walks over bound expressions: parts, sources read, constancy, structural equality.

1. Walks are iterative, so the depth of a tree never meets Python's recursion limit.
2. A subquery is a leaf here; what it reads of enclosing queries is in its `outer_references`.
3. A source is the same only if it is the same BoundSource object.

Must not know: names, plans, registers.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import (
    BoundAggregate,
    BoundAlias,
    BoundBetween,
    BoundBinary,
    BoundCase,
    BoundCast,
    BoundCollate,
    BoundColumn,
    BoundExists,
    BoundField,
    BoundFunction,
    BoundIn,
    BoundIsNull,
    BoundIsTruth,
    BoundLiteral,
    BoundParameter,
    BoundRaise,
    BoundRow,
    BoundSubquery,
    BoundUnary,
    BoundWindow,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSelect, BoundSource


def children(e: BoundExpression) -> tuple[BoundExpression, ...]:
    """The expressions directly below `e`, from left to right, not those inside subqueries."""
    if isinstance(e, (BoundLiteral, BoundParameter, BoundColumn)):
        return ()
    if isinstance(e, BoundBinary):
        return (e.left, e.right)
    if isinstance(e, (BoundUnary, BoundIsNull, BoundIsTruth, BoundCast, BoundCollate)):
        return (e.operand,)
    if isinstance(e, BoundFunction):
        return e.arguments
    if isinstance(e, BoundAlias):
        return (e.expression,)
    if isinstance(e, BoundBetween):
        return (e.operand, e.low, e.high)
    if isinstance(e, BoundIn):
        return (e.operand, *(e.items or ()))
    if isinstance(e, BoundRow):
        return e.items
    if isinstance(e, BoundCase):
        return _case_children(e)
    if isinstance(e, BoundRaise):
        return () if e.message is None else (e.message,)
    if isinstance(e, BoundAggregate):
        if e.filter is None and not e.order_by:
            return e.arguments
        below = list(e.arguments)
        if e.filter is not None:
            below.append(e.filter)
        below.extend(term.expression for term in e.order_by)
        return tuple(below)
    if isinstance(e, BoundWindow):
        return _window_children(e)
    return ()


def push_children(stack: list[BoundExpression], e: BoundExpression) -> None:
    """Put the expressions directly below `e` on a stack, so that the leftmost comes off first."""
    if isinstance(e, BoundBinary):
        stack.append(e.right)
        stack.append(e.left)
    elif not isinstance(e, (BoundColumn, BoundLiteral, BoundParameter)):
        below = children(e)
        for place in range(len(below) - 1, -1, -1):
            stack.append(below[place])


def _window_children(e: BoundWindow) -> tuple[BoundExpression, ...]:
    below = list(e.arguments)
    if e.filter is not None:
        below.append(e.filter)
    below.extend(e.partition_by)
    below.extend(term.expression for term in e.order_by)
    return tuple(below)


def _case_children(e: BoundCase) -> tuple[BoundExpression, ...]:
    below: list[BoundExpression] = [] if e.operand is None else [e.operand]
    for condition, result in e.branches:
        below.append(condition)
        below.append(result)
    if e.otherwise is not None:
        below.append(e.otherwise)
    return tuple(below)


def walk(e: BoundExpression) -> list[BoundExpression]:
    """Every expression of the tree, parents first, from left to right; not inside subqueries. A list, as a generator
    costs more than the trees that statements have."""
    found: list[BoundExpression] = []
    stack = [e]
    while stack:
        node = stack.pop()
        found.append(node)
        push_children(stack, node)
    return found


def terms_of(expression: BoundExpression | None, operator: str = "AND") -> list[BoundExpression]:
    """The terms of a tree of ANDs, or of ORs, from left to right."""
    found: list[BoundExpression] = []
    stack = [] if expression is None else [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, BoundBinary) and node.operator == operator:
            stack.append(node.right)
            stack.append(node.left)
        else:
            found.append(node)
    return found


def subquery_of(e: BoundExpression) -> BoundSelect | None:
    """The SELECT that stands directly in `e`, if any."""
    if isinstance(e, (BoundColumn, BoundLiteral, BoundParameter, BoundBinary)):
        return None
    if isinstance(e, (BoundSubquery, BoundExists)):
        return e.select
    if isinstance(e, BoundIn):
        return e.select
    if isinstance(e, BoundField):
        return e.row.select
    return None


def column_references(e: BoundExpression) -> list[BoundColumn]:
    """The columns that `e` reads, also those of enclosing queries that subqueries inside it read."""
    if isinstance(e, BoundColumn):
        return [e]
    found: list[BoundColumn] = []
    # In the order of `walk`, without its generator: every condition is asked for its columns several times.
    stack = [e]
    while stack:
        node = stack.pop()
        if isinstance(node, BoundColumn):
            found.append(node)
        elif isinstance(node, BoundBinary):
            stack.append(node.right)
            stack.append(node.left)
        elif not isinstance(node, (BoundLiteral, BoundParameter)):
            select = subquery_of(node)
            if select is not None:
                found.extend([outer for outer in select.outer_references if isinstance(outer, BoundColumn)])
            push_children(stack, node)
    return found


def source_references(e: BoundExpression) -> set[BoundSource]:
    """The sources that `e` reads, also through correlated subqueries inside it."""
    return {column.source for column in column_references(e)}


def is_constant(e: BoundExpression) -> bool:
    """Whether `e` has one value during a run: it reads no source, has no subquery, no aggregate, and calls only
    deterministic or slow-changing functions."""
    if isinstance(e, (BoundLiteral, BoundParameter)):
        return True
    if isinstance(e, BoundColumn):
        return False
    for node in walk(e):
        if isinstance(node, (BoundColumn, BoundSubquery, BoundExists, BoundAggregate, BoundWindow, BoundRaise)):
            return False
        if isinstance(node, BoundField):
            return False
        if isinstance(node, BoundIn) and node.select is not None:
            return False
        if isinstance(node, BoundFunction):
            signature = node.signature
            if not (signature.is_deterministic or signature.is_slow_changing):
                return False
    return True


def may_run_early(e: BoundExpression) -> bool:
    """Whether `e`, which reads no source of its query, may be computed before its loops: it runs no subquery and calls
    deterministic or slow-changing functions only."""
    if isinstance(e, BoundLiteral):
        return True
    stack = [e]
    while stack:
        node = stack.pop()
        if subquery_of(node) is not None:
            return False
        if isinstance(node, BoundFunction):
            if not (node.signature.is_deterministic or node.signature.is_slow_changing):
                return False
        push_children(stack, node)
    return True


def has_subquery(e: BoundExpression | None) -> bool:
    """Whether computing `e`, if there is anything to compute, runs a subquery."""
    if e is None or isinstance(e, (BoundColumn, BoundLiteral, BoundParameter)):
        return False
    stack = [e]
    while stack:
        node = stack.pop()
        if isinstance(node, BoundBinary):
            # Leaves are not worth a place on the stack.
            left, right = node.left, node.right
            if not isinstance(left, (BoundColumn, BoundLiteral, BoundParameter)):
                stack.append(left)
            if not isinstance(right, (BoundColumn, BoundLiteral, BoundParameter)):
                stack.append(right)
        elif isinstance(node, (BoundSubquery, BoundExists, BoundField)):
            return True
        elif isinstance(node, BoundIn) and node.select is not None:
            return True
        else:
            stack.extend(children(node))
    return False


def equal_expressions(a: BoundExpression, b: BoundExpression) -> bool:
    """Whether both trees are the same computation; subqueries and volatile functions equal only themselves."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, (BoundColumn, BoundLiteral, BoundParameter)):
        # Most that are asked for have nothing below.
        return _equal_heads(a, b)
    left, right = [a], [b]
    while left:
        one, other = left.pop(), right.pop()
        if one is other:
            continue
        if type(one) is not type(other) or not _equal_heads(one, other):
            return False
        # Parts on the left differ more often than what they are compared with, so they come first.
        push_children(left, one)
        push_children(right, other)
        if len(left) != len(right):
            return False
    return True


def _equal_heads(one: BoundExpression, other: BoundExpression) -> bool:
    """Whether two nodes of one type are equal apart from their parts."""
    if isinstance(one, BoundColumn) and isinstance(other, BoundColumn):
        return one.source is other.source and one.column == other.column
    if isinstance(one, BoundLiteral) and isinstance(other, BoundLiteral):
        return one.value_type is other.value_type and repr(one.value) == repr(other.value)
    if isinstance(one, BoundParameter) and isinstance(other, BoundParameter):
        return one.index == other.index
    if isinstance(one, BoundUnary) and isinstance(other, BoundUnary):
        return one.operator == other.operator
    if isinstance(one, BoundBinary) and isinstance(other, BoundBinary):
        return one.operator == other.operator
    if isinstance(one, BoundIsNull) and isinstance(other, BoundIsNull):
        return one.is_negated == other.is_negated
    if isinstance(one, BoundBetween) and isinstance(other, BoundBetween):
        return one.is_negated == other.is_negated
    if isinstance(one, BoundIsTruth) and isinstance(other, BoundIsTruth):
        return one.truth == other.truth and one.is_negated == other.is_negated
    if isinstance(one, BoundIn) and isinstance(other, BoundIn):
        return one.is_negated == other.is_negated and one.select is None and other.select is None
    if isinstance(one, BoundCast) and isinstance(other, BoundCast):
        return one.affinity == other.affinity
    if isinstance(one, BoundCollate) and isinstance(other, BoundCollate):
        return one.collation.upper() == other.collation.upper()
    if isinstance(one, BoundFunction) and isinstance(other, BoundFunction):
        return one.signature.name.lower() == other.signature.name.lower() and one.signature.is_deterministic
    if isinstance(one, BoundAggregate) and isinstance(other, BoundAggregate):
        return _equal_aggregates(one, other)
    if isinstance(one, BoundWindow) and isinstance(other, BoundWindow):
        return _equal_windows(one, other)
    if isinstance(one, BoundField) and isinstance(other, BoundField):
        return one.row is other.row and one.field == other.field
    if isinstance(one, BoundCase) and isinstance(other, BoundCase):
        same_operand = (one.operand is None) == (other.operand is None)
        return same_operand and (one.otherwise is None) == (other.otherwise is None)
    return isinstance(one, (BoundRow, BoundAlias))


def _equal_windows(one: BoundWindow, other: BoundWindow) -> bool:
    """Whether two calls with OVER are equal apart from their parts."""
    if one.level is not other.level or one.signature.name.lower() != other.signature.name.lower():
        return False
    if len(one.arguments) != len(other.arguments) or (one.filter is None) != (other.filter is None):
        return False
    return len(one.partition_by) == len(other.partition_by) and same_window(one, other)


def same_window(one: BoundWindow, other: BoundWindow) -> bool:
    """Whether both calls see their rows in the same partitions, order and frames."""
    if len(one.partition_by) != len(other.partition_by) or len(one.order_by) != len(other.order_by):
        return False
    if not all(equal_expressions(a, b) for a, b in zip(one.partition_by, other.partition_by, strict=True)):
        return False
    for term, other_term in zip(one.order_by, other.order_by, strict=True):
        if (term.is_descending, term.nulls_first) != (other_term.is_descending, other_term.nulls_first):
            return False
        if not equal_expressions(term.expression, other_term.expression):
            return False
    a, b = one.frame, other.frame
    if (a.unit, a.start, a.end, a.exclude) != (b.unit, b.start, b.end, b.exclude):
        return False
    return _same_offset(a.start_offset, b.start_offset) and _same_offset(a.end_offset, b.end_offset)


def _same_offset(one: BoundExpression | None, other: BoundExpression | None) -> bool:
    if one is None or other is None:
        return one is other
    return equal_expressions(one, other)


def _equal_aggregates(one: BoundAggregate, other: BoundAggregate) -> bool:
    if one.level is not other.level or len(one.arguments) != len(other.arguments):
        return False
    if one.is_distinct != other.is_distinct or one.is_star != other.is_star:
        return False
    if (one.filter is None) != (other.filter is None):
        return False
    if one.signature.name.lower() != other.signature.name.lower():
        return False
    if not one.order_by and not other.order_by:
        return True
    directions = [(term.is_descending, term.nulls_first) for term in one.order_by]
    return directions == [(term.is_descending, term.nulls_first) for term in other.order_by]
