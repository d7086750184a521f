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
    from collections.abc import Callable, Sequence
    from typing import Final

    from keelback_core.compiler.bind.context import BindContext
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.bind.scope import Scope
    from keelback_core.compiler.sql.ast import AstExpression, AstFunctionCall, AstOrderTerm

    ScalarBinder = Callable[[BindContext, AstExpression, Scope], BoundExpression]


# Aggregate functions whose first argument may be written as WITHIN GROUP (ORDER BY ...).
ORDERED_SET_FUNCTIONS: Final = frozenset(("median", "percentile", "percentile_cont", "percentile_disc"))


def find_signature(context: BindContext, name: str, argument_count: int, offset: int) -> FunctionSignature:
    """The function of this name for so many arguments; the error of a failure gets its place."""
    signature = context.catalog.find_built_in(name, argument_count)
    if signature is None:
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
    if _is_unsafe(context, signature):
        raise SqlError(ERROR, f"unsafe use of {name}()", offset)
    return BoundFunction(signature, arguments, offset, name)


def _is_unsafe(context: BindContext, signature: FunctionSignature) -> bool:
    """Whether a text that is stored in a schema may not call it. Temporary objects are the program's own."""
    is_stored = context.is_stored or context.catalog.only_schema is not None
    return is_stored and signature.risk > int(context.catalog.settings.trusted_schema)


def _check_place(signature: FunctionSignature, scope: Scope, offset: int) -> None:
    if _is_out_of_place(signature, scope):
        raise SqlError(ERROR, f"non-deterministic functions prohibited in {scope.prohibits}", offset)


def _is_out_of_place(signature: FunctionSignature, scope: Scope) -> bool:
    places = ("index expressions", "generated columns", "partial index WHERE clauses")
    return not signature.is_deterministic and scope.prohibits in places


def bind_arguments(
    context: BindContext, asts: Sequence[AstExpression], scope: Scope, bind: ScalarBinder
) -> tuple[BoundExpression, ...]:
    """The arguments of a call, or other parts of it. The first that is wrong ends them; its error is noted."""
    depth, root, root_depth, outer_height = context.depth, context.root, context.root_depth, context.outer_height
    allows_aggregates, allows_windows = scope.allows_aggregates, scope.allows_windows
    found = []
    try:
        for ast in asts:
            found.append(bind(context, ast, scope))
    except SqlError as error:
        context.note_call_error(error)
        context.depth, context.root, context.root_depth, context.outer_height = depth, root, root_depth, outer_height
        scope.allows_aggregates, scope.allows_windows = allows_aggregates, allows_windows
    return tuple(found)


def bind_call(context: BindContext, ast: AstFunctionCall, scope: Scope, bind: ScalarBinder) -> BoundExpression:
    """A function call, scalar or aggregate. What is wrong is noted: an error in the arguments may take its place."""
    signature: FunctionSignature | None = None
    try:
        signature = find_signature(context, ast.name, len(ast.arguments), ast.start)
    except SqlError as error:
        problem = error
        if ast.over is not None and context.catalog.is_scalar(ast.name):
            problem = SqlError(ERROR, f"{ast.name}() may not be used as a window function", ast.start)
        context.note_call_error(problem)
    if context.is_call_ignored:
        context.is_call_ignored = False
        return BoundLiteral(None, ast.start)
    if signature is not None:
        _check_call(context, ast, signature, scope)
        if not context.has_call_error():
            if ast.over is not None:
                bound = _bind_over(context, ast, signature, scope, bind)
                return BoundLiteral(None, ast.start) if context.has_call_error() else bound
            if signature.is_aggregate:
                return _bind_aggregate(context, ast, signature, scope, bind)
    allows_aggregates, allows_windows = scope.allows_aggregates, scope.allows_windows
    if signature is not None and signature.is_aggregate:
        scope.allows_aggregates = scope.allows_windows = False
    arguments = bind_arguments(context, ast.arguments, scope, bind)
    scope.allows_aggregates, scope.allows_windows = allows_aggregates, allows_windows
    if context.call_error is not None or signature is None:
        return BoundLiteral(None, ast.start)
    return BoundFunction(_in_its_place(signature, scope), arguments, ast.start, ast.name)


def _bind_over(
    context: BindContext, ast: AstFunctionCall, signature: FunctionSignature, scope: Scope, bind: ScalarBinder
) -> BoundExpression:
    """A call with OVER; what is wrong with its window is noted like what is wrong with its arguments."""
    depth, root, root_depth, outer_height = context.depth, context.root, context.root_depth, context.outer_height
    allows_aggregates = scope.allows_aggregates
    try:
        return bind_window(context, ast, signature, scope, bind)
    except SqlError as error:
        context.note_call_error(error)
        context.depth, context.root, context.root_depth, context.outer_height = depth, root, root_depth, outer_height
        scope.allows_aggregates = allows_aggregates
    return BoundLiteral(None, ast.start)


def _check_call(context: BindContext, ast: AstFunctionCall, signature: FunctionSignature, scope: Scope) -> None:
    """Note what is wrong with a call of a known function before its arguments are looked at."""
    name = ast.name
    message = ""
    if signature.name == "likelihood" and not context.is_unchecked and not _is_likelihood(ast):
        message = f"second argument to {name}() must be a constant between 0.0 and 1.0"
    if ast.is_within_group and signature.name not in ORDERED_SET_FUNCTIONS:
        message = f"{name}() is not an ordered-set aggregate"
    elif ast.over is not None:
        if not signature.is_aggregate or not signature.may_have_window:
            message = f"{name}() may not be used as a window function"
        elif not scope.allows_windows or scope.core is None:
            message = f"misuse of window function {name}()"
        elif ast.order_by:
            message = f"ORDER BY may not be used with non-aggregate {name}()"
    elif signature.is_aggregate:
        if signature.name in WINDOW_FUNCTIONS:
            message = f"misuse of window function {name}()"
        elif not scope.allows_aggregates:
            message = f"misuse of aggregate function {name}()"
    elif ast.filter is not None:
        message = f"FILTER may not be used with non-aggregate {name}()"
    elif ast.order_by:
        message = f"ORDER BY may not be used with non-aggregate {name}()"
    elif _is_out_of_place(signature, scope):
        message = f"non-deterministic functions prohibited in {scope.prohibits}"
    if not message and _is_unsafe(context, signature):
        message = f"unsafe use of {name}()"
    if message:
        context.note_call_error(SqlError(ERROR, message, ast.start))


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


def _is_likelihood(ast: AstFunctionCall) -> bool:
    second = ast.arguments[1]
    value = second.value if isinstance(second, AstLiteral) and second.kind == "float" else None
    return isinstance(value, float) and 0.0 <= value <= 1.0


def _bind_aggregate(
    context: BindContext, ast: AstFunctionCall, signature: FunctionSignature, scope: Scope, bind: ScalarBinder
) -> BoundExpression:
    allows_windows = scope.allows_windows
    scope.allows_aggregates = False
    scope.allows_windows = False
    arguments = bind_arguments(context, ast.arguments, scope, bind)
    if len(ast.order_by) > context.catalog.settings.limits[LIMIT_COLUMN]:
        raise SqlError(ERROR, "too many terms in ORDER BY clause")
    order_by: tuple[BoundOrderTerm, ...] = ()
    if ast.order_by:
        keys = bind_arguments(context, [term.expression for term in ast.order_by], scope, bind)
        if context.call_error is None:
            order_by = tuple(_order_term(term, key) for term, key in zip(ast.order_by, keys, strict=True))
    filters = () if ast.filter is None else bind_arguments(context, (ast.filter,), scope, bind)
    scope.allows_aggregates = True
    scope.allows_windows = allows_windows
    if context.call_error is not None:
        return BoundLiteral(None, ast.start)
    filter_condition = filters[0] if filters else None
    owner = _owner(scope, arguments, filter_condition)
    if not owner.allows_aggregates or owner.misuses_aggregates or owner.core is None:
        context.note_late_error(SqlError(ERROR, f"misuse of aggregate: {ast.name}()", ast.start))
        return BoundLiteral(None, ast.start)
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


def _order_term(term: AstOrderTerm, key: BoundExpression) -> BoundOrderTerm:
    is_descending = term.direction == "DESC"
    return BoundOrderTerm(key, is_descending, term.nulls == "FIRST" if term.nulls else not is_descending)


def _owner(scope: Scope, arguments: tuple[BoundExpression, ...], condition: BoundExpression | None) -> Scope:
    """The scope of the query that the aggregate belongs to."""
    outer = scope.parent
    while outer is not None and not outer.items:
        outer = outer.parent
    if outer is None:
        return scope
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
