"""Binding of function calls: look-up, argument checks, and which query an aggregate belongs to.

1. An aggregate belongs to the innermost query that owns a column its arguments read; without columns to the
   query it stands in.
2. Equal aggregates of one query are one object, so they are computed once.

Must not know: plans, registers. Source: https://sqlite.org/lang_aggfunc.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundAggregate, BoundFunction, BoundLiteral, BoundOrderTerm
from keelback_core.compiler.bind.scope import note_outer
from keelback_core.compiler.bind.walk import equal_expressions, source_references
from keelback_core.compiler.bind.windows import WINDOW_FUNCTIONS, bind_window, window_signature
from keelback_core.compiler.catalog.model import FunctionSignature
from keelback_core.compiler.catalog.settings import LIMIT_COLUMN
from keelback_core.compiler.sql.ast import AstLiteral
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from keelback_core.compiler.bind.context import BindContext
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.bind.scope import Scope
    from keelback_core.compiler.sql.ast import AstExpression, AstFunctionCall

    ScalarBinder = Callable[[BindContext, AstExpression, Scope], BoundExpression]


# Aggregate functions whose first argument may be written as WITHIN GROUP (ORDER BY ...).
ORDERED_SET_FUNCTIONS: Final = frozenset(("median", "percentile", "percentile_cont", "percentile_disc"))


def find_signature(context: BindContext, name: str, argument_count: int, offset: int) -> FunctionSignature:
    """The function of this name for so many arguments; the error of a failure gets its place."""
    try:
        if not context.catalog.has_function(name):
            window = window_signature(name, argument_count, offset)
            if window is not None:
                if not context.is_unchecked:
                    context.is_call_ignored = not context.catalog.authorize_function(window.name, name)
                return window
        signature = context.catalog.find_function(name, argument_count)
    except SqlError as error:
        raise SqlError(error.code, error.message, offset) from None
    if context.catalog.authorizer is not None and context.asks_authorizer and not context.is_unchecked:
        context.is_call_ignored = not context.catalog.authorize_function(signature.name, name)
    return signature


def call_named(
    context: BindContext,
    name: str,
    arguments: tuple[BoundExpression, ...],
    scope: Scope,
    offset: int,
    signature: FunctionSignature | None = None,
) -> BoundExpression:
    """The call of a scalar function that an operator or keyword stands for; signature: if it has been found before."""
    if signature is None:
        signature = find_signature(context, name, len(arguments), offset)
    if context.is_call_ignored:
        context.is_call_ignored = False
        return BoundLiteral(None, offset)
    _check_place(signature, scope, offset)
    return BoundFunction(signature, arguments, offset, name)


def _check_place(signature: FunctionSignature, scope: Scope, offset: int) -> None:
    if scope.prohibits in ("index expressions", "generated columns", "partial index WHERE clauses"):
        if not signature.is_deterministic:
            raise SqlError(ERROR, f"non-deterministic functions prohibited in {scope.prohibits}", offset)


def bind_call(context: BindContext, ast: AstFunctionCall, scope: Scope, bind: ScalarBinder) -> BoundExpression:
    """A function call, scalar or aggregate. Errors inside the arguments come before those of the call itself."""
    try:
        signature = find_signature(context, ast.name, len(ast.arguments), ast.start)
    except SqlError:
        for argument in ast.arguments:
            bind(context, argument, scope)
        if ast.over is not None and context.catalog.is_scalar(ast.name):
            raise SqlError(ERROR, f"{ast.name}() may not be used as a window function", ast.start) from None
        raise
    if context.is_call_ignored:
        context.is_call_ignored = False
        return BoundLiteral(None, ast.start)
    if ast.is_within_group and signature.name not in ORDERED_SET_FUNCTIONS:
        raise SqlError(ERROR, f"{ast.name}() is not an ordered-set aggregate", ast.start)
    if ast.over is not None:
        if not signature.is_aggregate:
            raise SqlError(ERROR, f"{ast.name}() may not be used as a window function", ast.start)
        return bind_window(context, ast, signature, scope, bind)
    if signature.name in WINDOW_FUNCTIONS and signature.is_aggregate:
        raise SqlError(ERROR, f"misuse of window function {ast.name}()", ast.start)
    if signature.is_aggregate:
        return _bind_aggregate(context, ast, signature, scope, bind)
    arguments = tuple(bind(context, argument, scope) for argument in ast.arguments)
    if ast.filter is not None:
        raise SqlError(ERROR, f"FILTER may not be used with non-aggregate {ast.name}()", ast.start)
    if ast.order_by:
        raise SqlError(ERROR, f"ORDER BY may not be used with non-aggregate {ast.name}()", ast.start)
    _check_place(signature, scope, ast.start)
    if signature.name == "likelihood" and not context.is_unchecked:
        _check_likelihood(ast)
    return BoundFunction(_in_its_place(signature, scope), arguments, ast.start, ast.name)


# How the messages of functions of time name the places where they must not ask for the time of now.
_PURE_PLACES: Final = {
    "index expressions": "an index",
    "partial index WHERE clauses": "an index",
    "generated columns": "a generated column",
    "CHECK constraints": "a CHECK constraint",
}


def _in_its_place(signature: FunctionSignature, scope: Scope) -> FunctionSignature:
    """The form of a function of time that only has its pure use, where the scope asks for that."""
    place = _PURE_PLACES.get(scope.prohibits)
    if place is None or not signature.is_slow_changing or not signature.is_built_in:
        return signature
    return FunctionSignature(
        signature.name, False, signature.is_deterministic, True, False, is_built_in=True, pure_place=place
    )


def _check_likelihood(ast: AstFunctionCall) -> None:
    second = ast.arguments[1]
    value = second.value if isinstance(second, AstLiteral) and second.kind == "float" else None
    if not isinstance(value, float) or not 0.0 <= value <= 1.0:
        message = "second argument to likelihood() must be a constant between 0.0 and 1.0"
        raise SqlError(ERROR, message, ast.start)


def _bind_aggregate(
    context: BindContext, ast: AstFunctionCall, signature: FunctionSignature, scope: Scope, bind: ScalarBinder
) -> BoundExpression:
    is_allowed = scope.allows_aggregates
    allows_windows = scope.allows_windows
    scope.allows_aggregates = False
    scope.allows_windows = False
    arguments = tuple(bind(context, argument, scope) for argument in ast.arguments)
    if not is_allowed:
        raise SqlError(ERROR, f"misuse of aggregate function {ast.name}()", ast.start)
    if len(ast.order_by) > context.catalog.settings.limits[LIMIT_COLUMN]:
        raise SqlError(ERROR, "too many terms in ORDER BY clause")
    order_by = tuple(_bind_order_term(context, term, scope, bind) for term in ast.order_by)
    filter_condition = None if ast.filter is None else bind(context, ast.filter, scope)
    scope.allows_aggregates = True
    scope.allows_windows = allows_windows
    owner = _owner(scope, arguments, filter_condition)
    if not owner.allows_aggregates or owner.misuses_aggregates or owner.core is None:
        raise SqlError(ERROR, f"misuse of aggregate: {ast.name}()", ast.start)
    if ast.is_distinct and len(arguments) != 1:
        raise SqlError(ERROR, "DISTINCT aggregates must have exactly one argument")
    bound = BoundAggregate(
        signature,
        arguments,
        ast.is_distinct,
        ast.is_star,
        filter_condition,
        order_by,
        owner.core.level,
        ast.start,
        ast.name,
    )
    return _register(bound, scope, owner)


def _bind_order_term(context: BindContext, term: object, scope: Scope, bind: ScalarBinder) -> BoundOrderTerm:
    expression = bind(context, term.expression, scope)  # type: ignore[attr-defined]
    is_descending = term.direction == "DESC"  # type: ignore[attr-defined]
    nulls = term.nulls  # type: ignore[attr-defined]
    nulls_first = nulls == "FIRST" if nulls else not is_descending
    return BoundOrderTerm(expression, is_descending, nulls_first)


def _owner(scope: Scope, arguments: tuple[BoundExpression, ...], condition: BoundExpression | None) -> Scope:
    """The scope of the query that the aggregate belongs to."""
    read: set[BoundSource] = set()
    for argument in arguments:
        read |= source_references(argument)
    if condition is not None:
        read |= source_references(condition)
    if not read:
        return scope
    at: Scope | None = scope
    while at is not None and not at.needs_table_name:
        if any(item.source in read for item in at.items):
            return at
        at = at.parent
    return scope


def _register(bound: BoundAggregate, scope: Scope, owner: Scope) -> BoundAggregate:
    """Make the aggregate known to its query; the equal one that is known already, if there is."""
    owner.has_aggregates = True
    assert owner.core is not None
    aggregates = owner.core.aggregates
    known = bound
    for other in aggregates:
        if equal_expressions(other, bound):
            known = other
            break
    else:
        aggregates.append(bound)
    if owner is not scope:
        note_outer(scope, owner, known)
    return known
