"""Binding of expressions: syntax tree to bound tree, with every rule of names and of row values checked.

1. Left spines of binary operators, which grow longest, are bound by a loop; other levels cost two Python frames.
2. `bind_expression` may give a row; `bind_scalar` refuses rows.
3. Constants keep their storage class; `x IS NULL` and `x IS TRUE` become nodes of their own.

Must not know: plans, registers. Source: https://sqlite.org/lang_expr.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.columns import bind_column, is_bare_name, is_truth_word, without_collation
from keelback_core.compiler.bind.error_offsets import place_of
from keelback_core.compiler.bind.false_terms import calls_function, skip_false
from keelback_core.compiler.bind.functions import bind_arguments, bind_call, call_named, find_signature
from keelback_core.compiler.bind.never_null import is_known_not_null
from keelback_core.compiler.bind.nodes import (
    BoundBetween,
    BoundBinary,
    BoundCase,
    BoundCast,
    BoundCollate,
    BoundColumn,
    BoundExists,
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
)
from keelback_core.compiler.bind.row_values import (
    as_scalar,
    as_wide,
    check_rows,
    check_same_width,
    list_as_values,
    table_as_select,
)
from keelback_core.compiler.bind.types import width
from keelback_core.compiler.sql.ast import (
    AstBetween,
    AstBinary,
    AstCase,
    AstCast,
    AstCollate,
    AstColumnRef,
    AstCurrentTime,
    AstExists,
    AstFunctionCall,
    AstInList,
    AstInSelect,
    AstInTable,
    AstIsNull,
    AstLike,
    AstLiteral,
    AstParameter,
    AstRaise,
    AstRowValue,
    AstSubquery,
    AstUnary,
)
from keelback_core.compiler.sql.parser.limits import EXPRESSION_DEPTH
from keelback_core.value.affinity import affinity_of_type
from keelback_core.value.errors import SqlError
from keelback_core.value.key import BUILTIN_COLLATIONS
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    from keelback_core.compiler.bind.context import BindContext
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSelect, BoundSelectCore, BoundSource
    from keelback_core.compiler.bind.scope import Scope
    from keelback_core.compiler.sql.ast import AstExpression, AstSelect

    Binder = Callable[[BindContext, Any, Scope], BoundExpression]

# What SQLite goes on with when a call before it was wrong.
GOING_ON: Final = (
    AstColumnRef,
    AstCurrentTime,
    AstExists,
    AstFunctionCall,
    AstInSelect,
    AstInTable,
    AstLike,
    AstSubquery,
)
# Those that mean the same whatever stands on their sides.
SIMPLE_OPERATORS: Final = frozenset(
    ("=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "||", "&", "|", "<<", ">>")
)
COMPARISONS: Final = frozenset(("=", "<>", "<", "<=", ">", ">=", "IS", "IS NOT"))


def bind_expression(context: BindContext, ast: AstExpression, scope: Scope) -> BoundExpression:
    """The bound form of an expression, scalar or row."""
    depth = context.depth
    if depth == context.root_depth:
        context.begin_root(ast)
    if context.call_error is not None and not isinstance(ast, GOING_ON):
        raise context.taken_call_error()
    context.depth = depth + 1
    if depth >= EXPRESSION_DEPTH:
        context.enter(0)
    # The commonest are called without a look into the table.
    if isinstance(ast, AstColumnRef):
        bound = bind_column(context, ast, scope)
    elif isinstance(ast, AstLiteral):
        bound = _bind_literal(context, ast, scope)
    elif isinstance(ast, AstBinary):
        bound = _bind_binary(context, ast, scope)
    elif isinstance(ast, AstParameter):
        bound = _bind_parameter(context, ast, scope)
    elif isinstance(ast, AstFunctionCall):
        bound = _bind_function(context, ast, scope)
    else:
        bound = _BINDERS[type(ast)](context, ast, scope)
    context.depth = depth
    if context.call_error is not None and depth == context.root_depth:
        raise context.taken_call_error()
    return bound


def bind_scalar(context: BindContext, ast: AstExpression, scope: Scope) -> BoundExpression:
    """The bound form of an expression that must have one value."""
    return as_scalar(context, bind_expression(context, ast, scope))


def _bind_literal(context: BindContext, ast: AstLiteral, scope: Scope) -> BoundExpression:
    if ast.kind == "big_hex":
        raise SqlError(ERROR, f"hex literal too big: {ast.text}", ast.start)
    return BoundLiteral(ast.value_to_load, ast.start, ast)


def _bind_parameter(context: BindContext, ast: AstParameter, scope: Scope) -> BoundExpression:
    if scope.prohibits:
        raise SqlError(ERROR, f"parameters prohibited in {scope.prohibits}", ast.start)
    return BoundParameter(context.parameter_number(ast), ast.start)


def _bind_current_time(context: BindContext, ast: AstCurrentTime, scope: Scope) -> BoundExpression:
    return call_named(context, ast.keyword.lower(), (), scope, ast.start)


def _bind_unary(context: BindContext, ast: AstUnary, scope: Scope) -> BoundExpression:
    operand = ast.operand
    if ast.operator == "-" and isinstance(operand, AstLiteral):
        if operand.kind == "big_integer" and operand.text == "9223372036854775808":
            return BoundLiteral(-9223372036854775808, ast.start)
        # Only a hexadecimal literal can have this value, and those are never lifted.
        value = operand.value_to_load
        if operand.kind == "big_hex" or value == -9223372036854775808:
            raise SqlError(ERROR, f"hex literal too big: -{operand.text}", operand.start)
        if isinstance(value, (int, float)):
            return BoundLiteral(-value, ast.start, operand, True)
    return BoundUnary(ast.operator, bind_scalar(context, operand, scope), ast.start)


def _bind_binary(context: BindContext, ast: AstBinary, scope: Scope) -> BoundExpression:
    if ast.operator in SIMPLE_OPERATORS and not isinstance(ast.left, AstBinary):
        return _bind_simple(context, ast, scope)
    spine: list[AstBinary] = []
    node: AstExpression = ast
    early: list[tuple[AstBinary, BoundExpression]] = []
    while isinstance(node, AstBinary):
        spine.append(node)
        if (node.operator == "IS" or node.operator == "IS NOT") and is_bare_name(node.right):
            # SQLite looks first whether this is the word TRUE, so what it misses first is told first.
            early.append((node, bind_expression(context, node.right, scope)))
        node = node.left
    count = len(spine) - 1
    context.enter(count)
    node_below = node
    left: BoundExpression | None = skip_false(spine)
    context.depth -= count + 1 - len(spine)
    for node in spine:
        if node.operator in COMPARISONS:
            check_rows(node, node.left, node.right)
    if left is None:
        left = bind_expression(context, node_below, scope)
    while spine:
        node = spine.pop()
        if early and early[-1][0] is node:
            right = early.pop()[1]
        elif context.call_error is not None and is_test_of_null(node):
            # No node to SQLite, which would end there.
            right = BoundLiteral(None, node.right.start)
        else:
            right = bind_expression(context, node.right, scope)
        context.depth -= 1
        left = _make_binary(context, node, left, right, scope)
    context.depth += 1
    return left


def _bind_simple(context: BindContext, ast: AstBinary, scope: Scope) -> BoundExpression:
    """A comparison or arithmetic, where it is no chain."""
    operator = ast.operator
    is_comparison = operator in COMPARISONS
    if is_comparison:
        check_rows(ast, ast.left, ast.right)
    left = bind_expression(context, ast.left, scope)
    right = bind_expression(context, ast.right, scope)
    if is_comparison:
        check_same_width(ast, left, right)
    else:
        left = as_scalar(context, left)
        right = as_scalar(context, right)
    return BoundBinary(operator, left, right, ast.start)


def is_test_of_null(ast: AstBinary) -> bool:
    """Whether it is `x IS NULL` or `x IS NOT NULL`."""
    return ast.operator in ("IS", "IS NOT") and isinstance(ast.right, AstLiteral) and ast.right.kind == "null"


def _make_binary(
    context: BindContext, ast: AstBinary, left: BoundExpression, right: BoundExpression, scope: Scope
) -> BoundExpression:
    operator = ast.operator
    if operator in ("IS", "IS NOT"):
        is_negated = operator == "IS NOT"
        if isinstance(right, BoundLiteral) and right.is_null and isinstance(ast.right, AstLiteral):
            return _null_test(as_scalar(context, left), is_negated, ast.start, scope)
        if isinstance(right, (BoundLiteral, BoundCollate)) and is_bare_name(ast.right):
            word: BoundExpression = right
            while isinstance(word, BoundCollate):
                word = word.operand
            if isinstance(word, BoundLiteral) and is_truth_word(without_collation(ast.right)):
                return BoundIsTruth(as_scalar(context, left), word.value == 1, is_negated, ast.start)
        if isinstance(ast.right, AstInList) and not ast.right.items:
            # `y IN ()` is the word FALSE to SQLite, so this is a test of truth too.
            return BoundIsTruth(as_scalar(context, left), ast.right.is_negated, is_negated, ast.start)
    if operator in COMPARISONS:
        check_same_width(ast, left, right)
        return BoundBinary(operator, left, right, ast.start)
    left = as_scalar(context, left)
    right = as_scalar(context, right)
    if operator in ("->", "->>"):
        return call_named(context, operator, (left, right), scope, ast.start)
    return BoundBinary(operator, left, right, ast.start)


def _bind_is_null(context: BindContext, ast: AstIsNull, scope: Scope) -> BoundExpression:
    return _null_test(bind_scalar(context, ast.operand, scope), ast.is_negated, ast.start, scope)


def _null_test(operand: BoundExpression, is_negated: bool, start: int, scope: Scope) -> BoundExpression:
    if is_known_not_null(operand, scope):
        return BoundLiteral(1 if is_negated else 0, start)
    return BoundIsNull(operand, is_negated, start)


def _bind_like(context: BindContext, ast: AstLike, scope: Scope) -> BoundExpression:
    name, offset = spelling_of_operator(context.sql, ast)
    count = 2 if ast.escape is None else 3
    signature = None
    try:
        signature = find_signature(context, name, count, offset)
    except SqlError as error:
        context.note_call_error(error)
    is_ignored, context.is_call_ignored = context.is_call_ignored, False
    # The operators are calls, with the pattern in front.
    written = (ast.right, ast.left) if ast.escape is None else (ast.right, ast.left, ast.escape)
    arguments = bind_arguments(context, written, scope, bind_scalar)
    if is_ignored or signature is None or context.call_error is not None:
        return BoundLiteral(None, ast.start)
    call = call_named(context, name, arguments, scope, offset, signature)
    if isinstance(call, BoundFunction):
        call.is_infix = True
    return BoundUnary("NOT", call, ast.start) if ast.is_negated else call


def spelling_of_operator(sql: str, ast: AstLike) -> tuple[str, int]:
    """The operator as the text has it, and its place, since messages quote it."""
    between = sql[ast.left.end : ast.right.start] if 0 <= ast.left.end <= ast.right.start else ""
    place = between.upper().find(ast.operator)
    if place < 0:
        return ast.operator, ast.start
    return between[place : place + len(ast.operator)], ast.left.end + place


def _bind_between(context: BindContext, ast: AstBetween, scope: Scope) -> BoundExpression:
    check_rows(ast, ast.operand, ast.low)
    check_rows(ast, ast.operand, ast.high)
    operand = bind_expression(context, ast.operand, scope)
    low = bind_expression(context, ast.low, scope)
    high = bind_expression(context, ast.high, scope)
    check_same_width(ast, operand, low)
    check_same_width(ast, operand, high)
    return BoundBetween(operand, low, high, ast.is_negated, ast.start)


def _bind_in_list(context: BindContext, ast: AstInList, scope: Scope) -> BoundExpression:
    if not ast.items:
        # SQLite drops the operand, unseen if it calls no function.
        if calls_function(ast.operand):
            bind_expression(context, ast.operand, scope)
        return BoundLiteral(1 if ast.is_negated else 0, ast.start)
    operand = bind_expression(context, ast.operand, scope)
    expected = width(operand)
    items = tuple(bind_expression(context, item, scope) for item in ast.items)
    if expected == 1:
        scalars = tuple(as_scalar(context, item) for item in items)
        return BoundIn(operand, scalars, None, ast.is_negated, ast.start)
    for item in items:
        if width(item) != expected:
            count = width(item)
            noun = "term" if count == 1 else "terms"
            raise SqlError(ERROR, f"IN(...) element has {count} {noun} - expected {expected}")
    select = list_as_values(items)
    select.slice_number = context.select_count() + len(items) + 1
    return BoundIn(operand, None, select, ast.is_negated, ast.start)


def _bind_in_select(context: BindContext, ast: AstInSelect, scope: Scope) -> BoundExpression:
    # The names of the SELECT come first.
    select = _bind_subselect(context, ast.select, scope, ast)
    operand = bind_expression(context, ast.operand, scope)
    return _in_select(context, operand, select, ast.is_negated, ast.start)


def _bind_in_table(context: BindContext, ast: AstInTable, scope: Scope) -> BoundExpression:
    # `IN t()` is `IN t`, whatever t is.
    select = _bind_subselect(context, table_as_select(ast.schema, ast.table, ast.arguments or None), scope, ast)
    operand = bind_expression(context, ast.operand, scope)
    return _in_select(context, operand, select, ast.is_negated, ast.start)


def _in_select(
    context: BindContext, operand: BoundExpression, select: BoundSelect, is_negated: bool, offset: int
) -> BoundExpression:
    expected = width(operand)
    if len(select.columns) != expected:
        message = f"sub-select returns {len(select.columns)} columns - expected {expected}"
        context.note_late_error(SqlError(ERROR, message))
        return BoundLiteral(None, offset)
    if expected > 1:
        select.slice_number = context.select_count() + 1
    return BoundIn(operand, None, select, is_negated, offset)


def _bind_subselect(
    context: BindContext, ast: AstSelect, scope: Scope, holder: AstExpression, takes_one_row: bool = False
) -> BoundSelect:
    if scope.prohibits:
        raise SqlError(ERROR, f"subqueries prohibited in {scope.prohibits}", place_of(holder))
    around = context.enter_subquery()
    context.takes_one_row = takes_one_row
    select = context.bind_select(context, ast, scope)
    context.leave_subquery(around)
    changing = context.returning
    if changing is not None and _reads_directly(select.cores[-1], changing):
        # A subquery of RETURNING that reads the changing table is computed for each row: it counts as correlated.
        select.outer_references.append(BoundColumn(changing, 0))
    return select


def _reads_directly(core: BoundSelectCore, changing: BoundSource) -> bool:
    """Whether the table of a source stands in FROM itself, not in a subquery there."""
    inner = {one for source in core.flattened if source.select is not None for one in source.select.cores[0].sources}
    return any(one.table is changing.table and one not in inner for one in core.sources)


def _bind_exists(context: BindContext, ast: AstExists, scope: Scope) -> BoundExpression:
    return BoundExists(_bind_subselect(context, ast.select, scope, ast, True), ast.start)


def _bind_subquery(context: BindContext, ast: AstSubquery, scope: Scope) -> BoundExpression:
    return BoundSubquery(_bind_subselect(context, ast.select, scope, ast, True), ast.start)


def _bind_row(context: BindContext, ast: AstRowValue, scope: Scope) -> BoundExpression:
    return BoundRow(tuple(bind_scalar(context, item, scope) for item in ast.items), ast.start)


def _bind_collate(context: BindContext, ast: AstCollate, scope: Scope) -> BoundExpression:
    return BoundCollate(bind_scalar(context, ast.operand, scope), folded_collation(ast.collation), ast.start)


def folded_collation(name: str) -> str:
    """The name of a collation as bound expressions hold it: a built-in one in upper case."""
    upper = name.upper()
    return upper if upper in BUILTIN_COLLATIONS else name


def _bind_cast(context: BindContext, ast: AstCast, scope: Scope) -> BoundExpression:
    operand = bind_scalar(context, ast.operand, scope)
    affinity = affinity_of_type(ast.type_text) if ast.type_text else "C"
    return BoundCast(operand, affinity, ast.type_text, ast.start)


def _bind_case(context: BindContext, ast: AstCase, scope: Scope) -> BoundExpression:
    operand = None if ast.operand is None else bind_expression(context, ast.operand, scope)
    branches = []
    for branch in ast.branches:
        condition = bind_expression(context, branch.condition, scope)
        if operand is None:
            condition = as_scalar(context, condition)
        else:
            condition = as_wide(context, operand, condition)
        branches.append((condition, bind_scalar(context, branch.result, scope)))
    otherwise = None if ast.otherwise is None else bind_scalar(context, ast.otherwise, scope)
    return BoundCase(operand, tuple(branches), otherwise, ast.start)


def _bind_raise(context: BindContext, ast: AstRaise, scope: Scope) -> BoundExpression:
    if context.trigger_scope is None:
        context.note_late_error(SqlError(ERROR, "RAISE() may only be used within a trigger-program"))
    message = None if ast.message is None else bind_scalar(context, ast.message, scope)
    if context.trigger_scope is None:
        return BoundLiteral(None, ast.start)
    return BoundRaise(ast.action, message, ast.start)


def _bind_function(context: BindContext, ast: AstFunctionCall, scope: Scope) -> BoundExpression:
    return bind_call(context, ast, scope, bind_scalar)


_BINDERS: Final[dict[type, Binder]] = {
    AstLiteral: _bind_literal,
    AstParameter: _bind_parameter,
    AstColumnRef: bind_column,
    AstCurrentTime: _bind_current_time,
    AstUnary: _bind_unary,
    AstBinary: _bind_binary,
    AstIsNull: _bind_is_null,
    AstLike: _bind_like,
    AstBetween: _bind_between,
    AstInList: _bind_in_list,
    AstInSelect: _bind_in_select,
    AstInTable: _bind_in_table,
    AstExists: _bind_exists,
    AstSubquery: _bind_subquery,
    AstRowValue: _bind_row,
    AstCollate: _bind_collate,
    AstCast: _bind_cast,
    AstCase: _bind_case,
    AstRaise: _bind_raise,
    AstFunctionCall: _bind_function,
}
