"""Binding of SELECT: compounds, cores, VALUES, and the order in which SQLite looks at their clauses.

1. Clauses are bound as SQLite resolves them: FROM, result list, HAVING, WHERE, ORDER BY, GROUP BY; what may be an
   aggregate or an alias follows from that.
2. A query is an aggregate query by its GROUP BY or by an aggregate in its result list.

Must not know: plans, registers. Source: https://sqlite.org/lang_select.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.common_tables import open_with
from keelback_core.compiler.bind.compound_as_table import compound_as_table, is_compound_as_table
from keelback_core.compiler.bind.context import BindContext
from keelback_core.compiler.bind.expressions import bind_scalar
from keelback_core.compiler.bind.flatten import flatten_sources
from keelback_core.compiler.bind.from_clause import bind_from, bind_join_conditions
from keelback_core.compiler.bind.missing_table import missing_table
from keelback_core.compiler.bind.nodes import BoundAggregate, BoundResultColumn, BoundSelect, BoundSelectCore
from keelback_core.compiler.bind.one_row import take_unions_as_all
from keelback_core.compiler.bind.order_terms import bind_compound_order_by, bind_group_by, bind_order_by
from keelback_core.compiler.bind.outer_join import strengthen_joins
from keelback_core.compiler.bind.recursion import check_steps
from keelback_core.compiler.bind.result_columns import bind_result_columns
from keelback_core.compiler.bind.right_join import simplify_right_joins
from keelback_core.compiler.bind.scope import Scope
from keelback_core.compiler.bind.values_as_selects import aggregate_of_rows, unchecked_rows, values_as_selects
from keelback_core.compiler.bind.walk import walk
from keelback_core.compiler.bind.windows import link_windows
from keelback_core.compiler.catalog.model import fold_name
from keelback_core.compiler.catalog.settings import LIMIT_COLUMN, LIMIT_COMPOUND_SELECT
from keelback_core.compiler.sql.ast import AstValues
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.sql.ast import AstExpression, AstSelect, AstSelectCore, AstStatement


# The errors before which SQLite has found every table.
ERRORS_OF_NAMES: Final = (
    "no such column: ",
    "ambiguous column name: ",
    "no such function: ",
    "no such window: ",
    "wrong number of arguments to function ",
    "misuse of ",
    "row value misused",
    "second argument to ",
    "FILTER may not ",
    "ORDER BY may not ",
    "SELECTs to the left ",
)


def make_bind_context(catalog: Catalog, sql: str, statement: AstStatement | None) -> BindContext:
    """The context for binding one statement; `statement` is its syntax tree, for its parameters."""
    return BindContext(catalog, sql, statement, bind_select)


def parameter_error(statement: AstStatement, sql: str, catalog: Catalog) -> SqlError | None:
    """What is wrong with the numbers of a statement's parameters."""
    if statement.parts is None or not statement.parts.parameters:
        return None
    try:
        make_bind_context(catalog, sql, statement).number_all_parameters()
    except SqlError as error:
        return error
    return None


def bind_select(context: BindContext, ast: AstSelect, outer_scope: Scope | None = None) -> BoundSelect:
    """The bound form of a SELECT; `outer_scope` is the enclosing query's, for correlated subqueries."""
    if context.is_in_select:
        return _bind_select(context, ast, outer_scope)
    context.is_in_select = True
    try:
        return _bind_select(context, ast, outer_scope)
    except SqlError as error:
        if error.message.startswith(ERRORS_OF_NAMES):
            common = None if outer_scope is None else outer_scope.common_tables
            missing = missing_table(context.catalog, ast, common)
            if missing is not None:
                raise missing from None
        raise
    finally:
        context.is_in_select = False


def _bind_select(context: BindContext, ast: AstSelect, outer_scope: Scope | None) -> BoundSelect:
    select = BoundSelect()
    select.takes_one_row = context.takes_one_row
    context.takes_one_row = False
    if ast.order_by and len(ast.cores) > 1 and not context.keeps_compound and is_compound_as_table(ast):
        context.keeps_compound = True
        ast = compound_as_table(ast, _bind_select(context, ast, outer_scope).order_by)
    context.keeps_compound = False
    if outer_scope is not None or context.view_selects is not None:
        select.number = context.select_number(ast)
    written = ast
    ast = values_as_selects(context, ast)
    base = Scope(outer_scope, None, select)
    if ast.with_clause is not None:
        base.common_tables = open_with(ast.with_clause, base.common_tables)
    limit = context.catalog.settings.limits[LIMIT_COMPOUND_SELECT]
    if len(ast.cores) > limit > 0:
        raise SqlError(ERROR, "too many terms in compound SELECT")
    is_compound = len(ast.cores) > 1
    binder = _CoresBinder(context, ast, base, select)
    binder.limits = (ast.limit, ast.offset)
    recursion = None if outer_scope is None else outer_scope.recursion
    if recursion is None:
        binder.bind(0, len(ast.cores))
    else:
        setup = BoundSelect()
        binder.bind(0, recursion.first_step)
        setup.cores = tuple(binder.bound(0, recursion.first_step))
        setup.operators = ast.operators[: recursion.first_step - 1]
        select.recursion = recursion.begin_steps(setup, select)
        binder.bind(recursion.first_step, len(ast.cores))
    cores = binder.bound(0, len(ast.cores))
    scopes = binder.scopes
    select.cores = tuple(cores)
    select.operators = ast.operators
    if ast is not written and any(scope is not None and scope.has_aggregates for scope in scopes):
        name = aggregate_of_rows(context, written)
        if name is not None:
            raise SqlError(ERROR, f"misuse of aggregate: {name}()")
    if recursion is not None:
        check_steps(cores[recursion.first_step :])
    if ast.order_by and is_compound:
        select.order_by = bind_compound_order_by(context, ast.order_by, select, scopes)
    elif ast.order_by and scopes[0] is None:
        select.order_by = bind_order_by(context, ast.order_by, cores[0].columns, base)
    if is_compound and recursion is None and not select.order_by:
        take_unions_as_all(select)
    return select


class _CoresBinder:
    """Binds the SELECTs of one statement, each range from the right, so that the errors of the right come first."""

    __slots__ = ("context", "ast", "base", "select", "cores", "scopes", "limits")

    def __init__(self, context: BindContext, ast: AstSelect, base: Scope, select: BoundSelect) -> None:
        self.context = context
        self.ast = ast
        self.base = base
        self.select = select
        self.cores: list[BoundSelectCore | None] = [None]
        self.scopes: list[Scope | None] = [None]
        if len(ast.cores) > 1:
            self.cores *= len(ast.cores)
            self.scopes *= len(ast.cores)
        self.limits: tuple[AstExpression | None, AstExpression | None] = (None, None)

    def bind(self, first: int, end: int) -> None:
        """Bind the SELECTs from `first` up to, not including, `end`."""
        ast = self.ast
        whole = None if len(ast.cores) > 1 else ast
        for position in range(end - 1, first - 1, -1):
            core_ast = ast.cores[position]
            if position < len(ast.cores) - 1 and self.context.view_selects is not None:
                self.context.view_selects.count += 1
            if isinstance(core_ast, AstValues):
                if position == len(ast.cores) - 1:
                    self.bind_limits()
                self.cores[position] = _bind_values(self.context, core_ast, self.base)
                self.scopes[position] = None
            else:
                limits = self if position == len(ast.cores) - 1 else None
                core, scope = _bind_core(self.context, core_ast, self.base, self.select, whole, limits)
                self.cores[position] = core
                self.scopes[position] = scope
            if whole is None:
                self._check_count(position)
                self._check_count(position - 1)

    def bound(self, first: int, end: int) -> list[BoundSelectCore]:
        """The SELECTs of a range that has been bound."""
        if end - first == 1:
            only = self.cores[first]
            assert only is not None
            return [only]
        return [core for core in self.cores[first:end] if core is not None]

    def bind_limits(self) -> None:
        """Bind LIMIT and OFFSET, whose names SQLite looks for first."""
        if self.limits[0] is None:
            return
        self.select.limit = _bind_limit(self.context, self.limits[0], self.base)
        self.select.offset = _bind_limit(self.context, self.limits[1], self.base)

    def _check_count(self, position: int) -> None:
        """SqlError unless the SELECT at `position` and the next one, where both are bound, have as many columns."""
        if position < 0 or position + 1 == len(self.cores):
            return
        left = self.cores[position]
        right = self.cores[position + 1]
        if left is not None and right is not None and len(left.columns) != len(right.columns):
            if right.values is not None and len(right.values) == 1:
                raise SqlError(ERROR, "all VALUES must have the same number of terms")
            raise _count_mismatch(self.ast.operators[position])


def _count_mismatch(operator: str) -> SqlError:
    message = f"SELECTs to the left and right of {operator} do not have the same number of result columns"
    return SqlError(ERROR, message)


def _bind_limit(context: BindContext, ast: AstExpression | None, base: Scope) -> BoundExpression | None:
    """LIMIT and OFFSET see no columns, not even those of enclosing queries, but NEW and OLD."""
    if ast is None:
        return None
    scope = Scope(context.trigger_scope)
    scope.common_tables = base.common_tables
    scope.select = base.select
    return bind_scalar(context, ast, scope)


def _bind_values(context: BindContext, ast: AstValues, base: Scope) -> BoundSelectCore:
    core = BoundSelectCore()
    rows: list[tuple[BoundExpression, ...]] = []
    scope = Scope(base, None, base.select, core)
    unchecked = unchecked_rows(context, ast) if len(ast.rows) > 1 else range(0)
    # The errors of the rows to the right come first, as in a compound.
    for number in range(len(ast.rows) - 1, -1, -1):
        context.is_unchecked = number in unchecked
        row = tuple(bind_scalar(context, item, scope) for item in ast.rows[number])
        if rows and len(rows[-1]) != len(row):
            raise SqlError(ERROR, "all VALUES must have the same number of terms")
        rows.append(row)
    rows.reverse()
    context.is_unchecked = False
    core.is_taken_as_is = len(unchecked) > 0
    if len(rows[0]) > context.catalog.settings.limits[LIMIT_COLUMN]:
        raise SqlError(ERROR, "too many columns in result set")
    core.columns = tuple(BoundResultColumn(item, f"column{number + 1}") for number, item in enumerate(rows[0]))
    core.values = tuple(rows)
    return core


def _bind_core(
    context: BindContext,
    ast: AstSelectCore,
    base: Scope,
    select: BoundSelect,
    whole: AstSelect | None,
    limits: _CoresBinder | None,
) -> tuple[BoundSelectCore, Scope]:
    """One SELECT; `whole` is the statement whose ORDER BY belongs to it, None in a compound; limits: of the last."""
    core = BoundSelectCore()
    scope = Scope(base, None, select, core)
    scope.windows = link_windows(ast.windows)
    bind_from(context, ast.from_items, scope, base)
    core.sources = tuple(item.source for item in scope.items)
    if limits is not None:
        limits.bind_limits()
    scope.allows_aggregates = True
    scope.allows_windows = True
    core.columns = bind_result_columns(context, ast.columns, scope)
    scope.allows_windows = False
    core.is_distinct = ast.is_distinct
    is_aggregate = bool(ast.group_by) or scope.has_aggregates
    scope.allows_aggregates = is_aggregate
    scope.aliases = [(fold_name(column.name), column) for column in core.columns if column.has_alias]
    if ast.having is not None:
        if not is_aggregate:
            raise SqlError(ERROR, "HAVING clause on a non-aggregate query")
        core.having = bind_scalar(context, ast.having, scope)
    scope.is_condition = True
    if ast.where is not None:
        scope.misuses_aggregates = True
        core.where = bind_scalar(context, ast.where, scope)
    scope.misuses_aggregates = True
    bind_join_conditions(context, ast.from_items, scope)
    scope.misuses_aggregates = False
    scope.is_condition = False
    scope.allows_aggregates = True
    if whole is not None and whole.order_by:
        # The one row of a query without FROM is not sorted, and nobody minds an aggregate there.
        is_sorted = is_aggregate or bool(scope.items)
        scope.misuses_aggregates = is_sorted and not is_aggregate
        scope.allows_windows = True
        known = len(core.aggregates)
        select.order_by = bind_order_by(context, whole.order_by, core.columns, scope)
        scope.allows_windows = False
        if not is_sorted and len(core.aggregates) > known:
            del core.aggregates[known:]
            select.order_by = ()
    if ast.group_by:
        core.group_by = _bind_groups(context, ast, core, scope)
    core.is_aggregate = is_aggregate
    core.select_count = context.select_count() if core.windows else 0
    simplify_right_joins(core)
    strengthen_joins(core)
    may_limit = whole is not None and whole.limit is None and not select.takes_one_row
    flatten_sources(select, core, whole is not None, may_limit)
    return core, scope


def _bind_groups(
    context: BindContext, ast: AstSelectCore, core: BoundSelectCore, scope: Scope
) -> tuple[BoundExpression, ...]:
    known = len(core.aggregates)
    groups = bind_group_by(context, ast.group_by, core.columns, scope)
    if len(core.aggregates) > known or any(holds_aggregate(group, core) for group in groups):
        raise SqlError(ERROR, "aggregate functions are not allowed in the GROUP BY clause")
    return groups


def holds_aggregate(expression: BoundExpression, core: BoundSelectCore) -> bool:
    """Whether an aggregate of this query stands in the expression."""
    return any(isinstance(node, BoundAggregate) and node.level is core.level for node in walk(expression))
