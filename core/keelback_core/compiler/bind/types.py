"""Affinity and collation of bound expressions, and what a comparison makes of them.

1. '@' is "no affinity": of literals, operators, functions. Columns, CASTs and scalar subqueries have one.
2. A collation is explicit when a COLLATE stands anywhere in the expression; that beats a column's own.
3. A column of a subquery takes affinity and collation from the subquery's result columns.

Must not know: names, plans, registers. Source: https://sqlite.org/datatype3.html sections 3, 4.2, 7.1
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import (
    BoundAggregate,
    BoundAlias,
    BoundBinary,
    BoundCase,
    BoundCast,
    BoundCollate,
    BoundColumn,
    BoundField,
    BoundFunction,
    BoundLiteral,
    BoundParameter,
    BoundRow,
    BoundSubquery,
    BoundUnary,
)
from keelback_core.compiler.bind.walk import children, push_children
from keelback_core.compiler.catalog.model import BARE_ROW, ROWID, FunctionSignature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundRecursion, BoundSelect

NO_AFFINITY: Final = "@"
BLOB_AFFINITY: Final = "A"
TEXT_AFFINITY: Final = "B"
NUMERIC_AFFINITY: Final = "C"
INTEGER_AFFINITY: Final = "D"
REAL_AFFINITY: Final = "E"
FLEXNUM_AFFINITY: Final = "F"

# The function whose calls stand for a column that a FULL JOIN merges. A call that is written out has another signature.
MERGED_COLUMN: Final = FunctionSignature("coalesce", False, True, False, False)

_LIKELINESS: Final = frozenset(("likely", "unlikely", "likelihood"))

# What an expression may give, as bits: a number, a text, a blob.
_MAY_BE_NUMBER: Final = 1
_MAY_BE_TEXT: Final = 2
_MAY_BE_BLOB: Final = 4


def is_likeliness_call(e: BoundExpression) -> bool:
    """Whether `e` is likely(x), unlikely(x) or likelihood(x, y), which give x, but no affinity or collation of it."""
    return isinstance(e, BoundFunction) and e.signature.name.lower() in _LIKELINESS and len(e.arguments) > 0


def is_merged_column(e: BoundExpression) -> bool:
    """Whether `e` is a column that a FULL JOIN merges: affinity and collation are those of its first table's."""
    return isinstance(e, BoundFunction) and e.signature is MERGED_COLUMN


def expression_affinity(e: BoundExpression) -> str:
    """The affinity code of `e`, '@' if it has none."""
    while True:
        if isinstance(e, BoundColumn):
            return _column_affinity(e)
        if isinstance(e, BoundCast):
            return e.affinity
        if isinstance(e, BoundAlias):
            return _column_affinity(e.column)
        if isinstance(e, BoundSubquery):
            e = last_row(e.select)[0]
        elif isinstance(e, BoundField):
            e = last_row(e.row.select)[e.field]
        elif isinstance(e, BoundRow):
            e = e.items[0]
        elif isinstance(e, BoundCollate):
            e = e.operand
        elif is_merged_column(e):
            e = children(e)[0]
        else:
            return NO_AFFINITY


def _column_affinity(e: BoundColumn) -> str:
    source = e.source
    if source.table is not None:
        if e.column == ROWID:
            return NO_AFFINITY if source.table.kind == BARE_ROW else INTEGER_AFFINITY
        return source.table.columns[e.column].affinity
    assert source.select is not None
    if source.recursion is not None:
        return _recursive_affinity(source.recursion, e.column)
    return subquery_column_affinity(source.select, e.column)


def _recursive_affinity(recursion: BoundRecursion, column: int) -> str:
    """The affinity of a column of a recursive table: of all its SELECTs once they are bound."""
    return subquery_column_affinity(recursion.whole if recursion.whole.cores else recursion.setup, column)


def subquery_column_affinity(select: BoundSelect, column: int) -> str:
    """The affinity of column number `column` of a SELECT used as a table.

    A recursive table reads its own column while that is being found out: it has then what is known so far.
    """
    if select.recursion is None:
        if len(select.cores) == 1:
            return expression_affinity(select.cores[0].columns[column].expression)
        return _compound_affinity(select, column, {})
    known = select.recursion.affinities
    if column not in known:
        known[column] = NO_AFFINITY
        known[column] = _compound_affinity(select, column, known)
    return known[column]


def _compound_affinity(select: BoundSelect, column: int, known: dict[int, str]) -> str:
    """The affinity of a column of a compound; what is found on the way is put into `known`."""
    expressions: list[BoundExpression] = []
    for core in select.cores:
        if core.values is not None and select.recursion is not None:
            # Each row counts as a SELECT.
            expressions.extend(row[column] for row in core.values)
        else:
            expressions.append(core.columns[column].expression)
    position = 0
    affinity = expression_affinity(expressions[0])
    kinds = 0
    while affinity <= NO_AFFINITY and position + 1 < len(expressions):
        kinds |= _possible_kinds(expressions[position])
        position += 1
        affinity = expression_affinity(expressions[position])
    if affinity < TEXT_AFFINITY:
        return affinity
    known[column] = affinity
    for expression in expressions[position + 1 :]:
        kinds |= _possible_kinds(expression)
    if affinity == TEXT_AFFINITY and kinds & _MAY_BE_NUMBER:
        return BLOB_AFFINITY
    if affinity >= NUMERIC_AFFINITY and kinds & _MAY_BE_TEXT:
        return BLOB_AFFINITY
    if len(expressions) > 1 and affinity >= NUMERIC_AFFINITY and isinstance(expressions[0], BoundCast):
        return FLEXNUM_AFFINITY
    return affinity


def _possible_kinds(e: BoundExpression) -> int:
    """Which storage classes `e` may give besides NULL, as bits."""
    while True:
        if isinstance(e, BoundCollate) or (isinstance(e, BoundUnary) and e.operator == "+"):
            e = e.operand
            continue
        if isinstance(e, BoundLiteral):
            return _kind_of_type(e.value_type)
        if isinstance(e, BoundBinary) and e.operator == "||":
            return _MAY_BE_TEXT | _MAY_BE_BLOB
        if isinstance(e, (BoundParameter, BoundFunction, BoundAggregate)):
            return _MAY_BE_NUMBER | _MAY_BE_TEXT | _MAY_BE_BLOB
        if isinstance(e, (BoundColumn, BoundSubquery, BoundCast, BoundRow, BoundAlias)):
            affinity = expression_affinity(e)
            if affinity >= NUMERIC_AFFINITY:
                return _MAY_BE_NUMBER | _MAY_BE_BLOB
            if affinity == TEXT_AFFINITY:
                return _MAY_BE_TEXT | _MAY_BE_BLOB
            return _MAY_BE_NUMBER | _MAY_BE_TEXT | _MAY_BE_BLOB
        if isinstance(e, BoundCase):
            kinds = 0 if e.otherwise is None else _possible_kinds(e.otherwise)
            for _condition, result in e.branches:
                kinds |= _possible_kinds(result)
            return kinds
        return _MAY_BE_NUMBER


def _kind_of_type(value_type: type) -> int:
    if value_type is str:
        return _MAY_BE_TEXT
    if value_type is bytes:
        return _MAY_BE_BLOB
    return 0 if value_type is type(None) else _MAY_BE_NUMBER


def comparison_affinity(left: BoundExpression, right: BoundExpression) -> str:
    """The affinity applied to both sides of a comparison."""
    return join_affinities(expression_affinity(left), expression_affinity(right))


def join_affinities(one: str, other: str) -> str:
    """The affinity of a comparison between operands of these affinities; 'A' and '@' mean: none is applied."""
    if one == NO_AFFINITY or not one:
        return other
    if other == NO_AFFINITY or not other:
        return one
    is_numeric = (one != BLOB_AFFINITY and one != TEXT_AFFINITY) or (other != BLOB_AFFINITY and other != TEXT_AFFINITY)
    return NUMERIC_AFFINITY if is_numeric else BLOB_AFFINITY


def explicit_collation(e: BoundExpression) -> str | None:
    """The collation of the first COLLATE operator inside `e`, None if there is none."""
    stack = [e]
    while stack:
        node = stack.pop()
        if isinstance(node, BoundCollate):
            return node.collation
        if isinstance(node, BoundBinary):
            stack.append(node.right)
            stack.append(node.left)
        elif not isinstance(node, (BoundAlias, BoundColumn, BoundLiteral, BoundParameter)):
            push_children(stack, node)
    return None


def expression_collation(e: BoundExpression) -> tuple[str | None, bool]:
    """The collation of `e` and whether it is explicit; (None, False) if it has none of its own."""
    # What most comparisons compare needs no search.
    if isinstance(e, BoundColumn):
        return _column_collation(e), False
    if isinstance(e, (BoundLiteral, BoundParameter)):
        return None, False
    explicit = explicit_collation(e)
    if explicit is not None:
        return explicit, True
    while True:
        if isinstance(e, BoundColumn):
            return _column_collation(e), False
        if isinstance(e, BoundAlias):
            return _column_collation(e.column), False
        if isinstance(e, BoundCast) or (isinstance(e, BoundUnary) and e.operator == "+"):
            e = e.operand
        elif isinstance(e, BoundRow):
            e = e.items[0]
        elif is_merged_column(e):
            e = children(e)[0]
        else:
            return None, False


def _column_collation(e: BoundColumn) -> str | None:
    source = e.source
    if source.table is not None:
        return None if e.column == ROWID else source.table.columns[e.column].collation or None
    assert source.select is not None
    # As a column of a table it has always one: BINARY, if its expression has none.
    return expression_collation(source.select.cores[0].columns[e.column].expression)[0] or "BINARY"


def comparison_collation(left: BoundExpression, right: BoundExpression) -> str:
    """The collation of a comparison: explicit on the left, explicit on the right, of the left, of the right, BINARY."""
    left_name, left_is_explicit = expression_collation(left)
    if left_name is not None and left_is_explicit:
        return left_name
    right_name, right_is_explicit = expression_collation(right)
    if right_name is not None and right_is_explicit:
        return right_name
    return left_name or right_name or "BINARY"


def sort_collation(e: BoundExpression) -> str:
    """The collation under which `e` is sorted or grouped."""
    return expression_collation(e)[0] or "BINARY"


def compound_collation(select: BoundSelect, column: int) -> str:
    """The collation of a column of a compound: of the leftmost SELECT whose expression has one."""
    for core in select.cores:
        name = expression_collation(core.columns[column].expression)[0]
        if name is not None:
            return name
    return "BINARY"


def width(e: BoundExpression) -> int:
    """How many values `e` stands for: more than one for row values and subqueries of several columns."""
    if isinstance(e, BoundRow):
        return len(e.items)
    if isinstance(e, BoundSubquery):
        return len(e.select.columns)
    return 1


def last_row(select: BoundSelect) -> tuple[BoundExpression, ...]:
    """The columns of the last SELECT of a query, each row of VALUES being one: SQLite asks them for what is compared
    with the whole."""
    core = select.cores[-1]
    if core.values is not None:
        return tuple(core.values[-1])
    return tuple([column.expression for column in core.columns])


def row_items(e: BoundExpression) -> tuple[BoundExpression, ...]:
    """The expressions behind the parts of a row (for a subquery the result columns of its last SELECT, as SQLite has
    it), for affinity and collation."""
    if isinstance(e, BoundRow):
        return e.items
    if isinstance(e, BoundSubquery):
        return last_row(e.select)
    return (e,)


def without_collate(expression: BoundExpression) -> BoundExpression:
    """The expression without COLLATE around it."""
    while isinstance(expression, BoundCollate):
        expression = expression.operand
    return expression


def bare(expression: BoundExpression) -> BoundExpression:
    """The expression without COLLATE and likely() around it."""
    while True:
        if isinstance(expression, BoundCollate):
            expression = expression.operand
        elif is_likeliness_call(expression):
            assert isinstance(expression, BoundFunction)
            expression = expression.arguments[0]
        else:
            return expression
