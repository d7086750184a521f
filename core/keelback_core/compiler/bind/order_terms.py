"""ORDER BY and GROUP BY: aliases, positions and expressions, and matching them to result columns.

1. In ORDER BY a bare name is first an alias of the result, then a column; in GROUP BY the other way round.
2. A COLLATE around an alias or a position stays around the expression it stands for.
3. ORDER BY of a compound may only name result columns, of any of its SELECTs, the leftmost first.

Must not know: plans, registers. Source: https://sqlite.org/lang_select.html#the_order_by_clause
"""

from __future__ import annotations

from keelback_core.compiler.bind.expressions import bind_scalar, folded_collation
from keelback_core.compiler.bind.nodes import BoundCollate, BoundOrderTerm
from keelback_core.compiler.bind.types import compound_collation
from keelback_core.compiler.bind.walk import equal_expressions
from keelback_core.compiler.catalog.model import fold_name
from keelback_core.compiler.sql.ast import AstCollate, AstColumnRef, AstLiteral, AstUnary
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from keelback_core.compiler.bind.context import BindContext
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundResultColumn, BoundSelect
    from keelback_core.compiler.bind.scope import Scope
    from keelback_core.compiler.sql.ast import AstExpression, AstOrderTerm


# What no query can have; a larger number is refused where it is read.
MOST_COLUMNS: Final = 0xFFFF


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, ..."""
    last = number % 10
    suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(last, "th")
    return f"{number}{suffix}"


def _out_of_range(clause: str, number: int, count: int, offset: int) -> SqlError:
    message = f"{ordinal(number)} {clause} BY term out of range - should be between 1 and {count}"
    return SqlError(ERROR, message, offset)


def _core_of(ast: AstExpression) -> AstExpression:
    """The expression inside COLLATE."""
    while isinstance(ast, AstCollate):
        ast = ast.operand
    return ast


def _position(ast: AstExpression) -> int | None:
    """The value of an integer literal, signs included."""
    sign = 1
    while isinstance(ast, AstUnary) and ast.operator in ("-", "+"):
        if ast.operator == "-":
            sign = -sign
        ast = ast.operand
    if isinstance(ast, AstLiteral) and ast.kind == "integer":
        value = ast.value
        return sign * value if isinstance(value, int) and abs(value) <= 0x7FFFFFFF else None
    return None


def _literal_start(ast: AstExpression) -> int:
    """The place of the integer itself, behind its signs, if it is out of any range or of a compound."""
    while isinstance(ast, AstUnary):
        ast = ast.operand
    return ast.start


def _alias_position(columns: tuple[BoundResultColumn, ...], ast: AstExpression) -> int | None:
    if isinstance(ast, AstColumnRef) and ast.table is None:
        wanted = fold_name(ast.column)
        for number, column in enumerate(columns):
            if column.has_alias and fold_name(column.name) == wanted:
                return number
    return None


def _with_collation(ast: AstExpression, expression: BoundExpression) -> BoundExpression:
    """The COLLATE of the term, put around what its alias or position stands for."""
    if isinstance(ast, AstCollate):
        return BoundCollate(expression, folded_collation(ast.collation), ast.start)
    return expression


def make_term(ast: AstOrderTerm, expression: BoundExpression, result_column: int) -> BoundOrderTerm:
    """A term with direction and place of NULLs resolved."""
    is_descending = ast.direction == "DESC"
    nulls_first = ast.nulls == "FIRST" if ast.nulls else not is_descending
    return BoundOrderTerm(expression, is_descending, nulls_first, result_column)


def bind_order_by(
    context: BindContext, terms: tuple[AstOrderTerm, ...], columns: tuple[BoundResultColumn, ...], scope: Scope
) -> tuple[BoundOrderTerm, ...]:
    """The ORDER BY of a simple SELECT."""
    _check_count(context, len(terms), "ORDER")
    found = []
    for number, term in enumerate(terms):
        inner = _core_of(term.expression)
        place = _alias_position(columns, inner)
        if place is None:
            place = _checked_position(inner, "ORDER", number + 1, len(columns))
        if place is not None:
            expression = _with_collation(term.expression, columns[place].expression)
        else:
            expression = bind_scalar(context, term.expression, scope)
            place = _last_matching_column(expression, columns)
        found.append(make_term(term, expression, place))
    return tuple(found)


def _last_matching_column(expression: BoundExpression, columns: Sequence[BoundResultColumn]) -> int:
    """Of several equal columns SQLite takes the last, and in the order of that column it knows a subquery to be."""
    for number in range(len(columns) - 1, -1, -1):
        if equal_expressions(expression, columns[number].expression):
            return number
    return -1


def _check_count(context: BindContext, count: int, clause: str) -> None:
    if count > context.catalog.settings.limits[2]:
        raise SqlError(ERROR, f"too many terms in {clause} BY clause")


def _checked_position(
    ast: AstExpression, clause: str, number: int, count: int, is_compound: bool = False
) -> int | None:
    """The result column (from 0) that an integer term means, None if the term is no integer."""
    position = _position(ast)
    if position is None:
        return None
    if not 1 <= position <= count:
        is_placed = is_compound or not 1 <= position <= MOST_COLUMNS
        raise _out_of_range(clause, number, count, _literal_start(ast) if is_placed else -1)
    return position - 1


def _matching_column(expression: BoundExpression, columns: tuple[BoundResultColumn, ...]) -> int:
    """The column of the expression, whatever COLLATE stands around that."""
    for number, column in enumerate(columns):
        inner = column.expression
        while isinstance(inner, BoundCollate):
            inner = inner.operand
        if equal_expressions(expression, inner):
            return number
    return -1


def bind_group_by(
    context: BindContext, terms: tuple[AstExpression, ...], columns: tuple[BoundResultColumn, ...], scope: Scope
) -> tuple[BoundExpression, ...]:
    """The terms of GROUP BY."""
    _check_count(context, len(terms), "GROUP")
    found = []
    for number, term in enumerate(terms):
        place = _checked_position(_core_of(term), "GROUP", number + 1, len(columns))
        if place is not None:
            found.append(_with_collation(term, columns[place].expression))
        else:
            found.append(bind_scalar(context, term, scope))
    return tuple(found)


def bind_compound_order_by(
    context: BindContext, terms: tuple[AstOrderTerm, ...], select: BoundSelect, scopes: Sequence[Scope | None]
) -> tuple[BoundOrderTerm, ...]:
    """The ORDER BY of a compound: every term is one of the result columns."""
    _check_count(context, len(terms), "ORDER")
    found = []
    for number, term in enumerate(terms):
        place = _compound_place(context, term, number + 1, select, scopes)
        expression = _with_collation(term.expression, select.columns[place].expression)
        if expression is select.columns[place].expression:
            expression = BoundCollate(expression, compound_collation(select, place))
        found.append(make_term(term, expression, place))
    return tuple(found)


def _compound_place(
    context: BindContext, term: AstOrderTerm, number: int, select: BoundSelect, scopes: Sequence[Scope | None]
) -> int:
    inner = _core_of(term.expression)
    place = _checked_position(inner, "ORDER", number, len(select.columns), True)
    if place is not None:
        return place
    for core, scope in zip(select.cores, scopes, strict=True):
        place = _alias_position(core.columns, inner)
        if place is not None:
            return place
        if scope is None:
            continue
        late = context.late_error
        try:
            expression = bind_scalar(context, inner, scope)
        except SqlError:
            continue
        if context.late_error is not late:
            context.late_error = late
            continue
        place = _matching_column(expression, core.columns)
        if place >= 0:
            return place
    message = f"{ordinal(number)} ORDER BY term does not match any column in the result set"
    raise SqlError(ERROR, message)
