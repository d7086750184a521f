"""Binding UPDATE: which expression each column gets.

Must not know: registers. Source: https://sqlite.org/lang_update.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.columns_of_view import view_as_table
from keelback_core.compiler.bind.delete import bind_changed_item
from keelback_core.compiler.bind.expressions import bind_expression, bind_scalar
from keelback_core.compiler.bind.from_clause import bind_from, bind_join_conditions
from keelback_core.compiler.bind.nodes import (
    BoundColumn,
    BoundField,
    BoundFieldRow,
    BoundResultColumn,
    BoundRow,
    BoundSelect,
    BoundSelectCore,
    BoundSubquery,
)
from keelback_core.compiler.bind.returning import bind_returning
from keelback_core.compiler.bind.scope import ROWID_NAMES, Scope, ScopeItem
from keelback_core.compiler.bind.table_rules import bind_table_rules, plain_rules
from keelback_core.compiler.bind.target import assigned_names, bind_target, refuse_returning
from keelback_core.compiler.bind.with_clause import common_tables
from keelback_core.compiler.catalog.actions import ACTION_UPDATE
from keelback_core.compiler.catalog.model import ROWID, fold_name
from keelback_core.compiler.catalog.settings import LIMIT_COLUMN
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.bind.context import BindContext
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.bind.table_rules import BoundTableRules
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.sql.ast import AstAssignment, AstUpdate


class BoundUpdate:
    """An UPDATE.

    values: column number (ROWID for the rowid) to its new value: an expression, or (subquery, position) for a column
    of `(a, b) = (SELECT ...)`. sources: the target, then those of FROM. joined: with FROM and aggregates or window
    functions among the values, the SELECT that computes them, still without columns.
    """

    __slots__ = (
        "table",
        "conflict",
        "source",
        "sources",
        "values",
        "_assignments",
        "where",
        "_new",
        "stored",
        "returning",
        "joined",
    )

    def __init__(
        self,
        table: Table,
        conflict: str,
        sources: tuple[BoundSource, ...],
        values: dict[int, BoundExpression | tuple[BoundSubquery, int]],
        assignments: tuple[AstAssignment, ...],
        where: BoundExpression | None,
        new: BoundTableRules | None,
        stored: BoundTableRules,
        returning: tuple[BoundResultColumn, ...],
        joined: BoundSelectCore | None = None,
    ) -> None:
        self.table = table
        self.conflict = conflict
        self.source = sources[0]
        self.sources = sources
        self.values = values
        self._assignments = assignments
        self.where = where
        self._new = new
        self.stored = stored
        self.returning = returning
        self.joined = joined

    def select_of(self, keys: Sequence[int]) -> BoundSelect:
        """The SELECT of an UPDATE FROM with `joined`: these columns of the target, then the new values."""
        core = self.joined
        assert core is not None
        columns: list[BoundExpression] = [BoundColumn(self.source, number) for number in keys]
        rows: dict[int, BoundFieldRow] = {}
        for value in self.values.values():
            if isinstance(value, tuple):
                row = rows.setdefault(id(value[0]), BoundFieldRow(value[0].select))
                columns.append(BoundField(row, value[1]))
            else:
                columns.append(value)
        core.sources = self.sources
        core.where = self.where
        core.columns = tuple([BoundResultColumn(expression, "") for expression in columns])
        core.is_asked = True
        select = BoundSelect()
        select.cores = (core,)
        select.is_asked = True
        return select

    @property
    def changed(self) -> frozenset[str]:
        """The names assigned, folded."""
        return assigned_names(self._assignments)

    @property
    def new(self) -> BoundTableRules:
        """The table's rules for the changed row."""
        if self._new is None:
            self._new = plain_rules(self.table)
        return self._new


def bind_update(context: BindContext, ast: AstUpdate) -> BoundUpdate:
    """Bind an UPDATE. SqlError as SQLite gives it."""
    catalog = context.catalog
    table = bind_target(context, ast.target, "UPDATE", ast.assignments)
    count = 0
    for assignment in ast.assignments:
        count += len(assignment.columns)
    if count > catalog.settings.limits[LIMIT_COLUMN]:
        raise SqlError(ERROR, "too many columns in set list")
    item = bind_changed_item(context, table, ast.target)
    if table.kind == "view":
        table = view_as_table(context, table)
    scope = Scope(context.trigger_scope, [item])
    scope.common_tables = common_tables(ast.with_clause)
    targets: list[list[int | None]] | None = None
    if ast.from_items:
        # SQLite looks for the columns before it looks at the SELECT that joins, which gives the values.
        targets = [_columns(context, table, assignment) for assignment in ast.assignments]
        _bind_from(context, ast, scope)
    if ast.from_items and table.kind != "virtual":
        # What SET says are the columns of a SELECT over the join.
        scope.core = BoundSelectCore()
        scope.allows_aggregates = scope.allows_windows = True
    values = bind_assignments(context, scope, table, ast.assignments, targets)
    joined = _joined_core(context, scope)
    if table.kind == "table" and not ast.from_items:
        # The rows are looked for by what WHERE reads; the new values are computed from the row itself.
        item.source.used_columns.clear()
    where = None if ast.where is None else bind_scalar(context, ast.where, scope)
    _check_names(item, scope)
    if ast.returning:
        refuse_returning(table, "UPDATE")
    new: BoundTableRules | None = None
    if table.column_facts.has_rules or ast.returning:
        new = bind_table_rules(catalog, table, True)
    return BoundUpdate(
        table,
        ast.conflict,
        tuple([member.source for member in scope.items]),
        values,
        ast.assignments,
        where,
        new,
        bind_table_rules(catalog, table, False),
        () if new is None else bind_returning(context, ast.returning, new.source),
        joined,
    )


def _joined_core(context: BindContext, scope: Scope) -> BoundSelectCore | None:
    """The SELECT of what SET has asked of the join; None if it is no more than its rows. In WHERE an aggregate is
    misused."""
    core = scope.core
    scope.allows_windows = False
    scope.allows_aggregates = scope.has_aggregates
    scope.misuses_aggregates = True
    if core is None or not (scope.has_aggregates or core.windows):
        return None
    core.is_aggregate = scope.has_aggregates
    core.select_count = context.select_count() if core.windows else 0
    return core


def _bind_from(context: BindContext, ast: AstUpdate, scope: Scope) -> None:
    """Add the items of FROM to the scope, joined to the target."""
    outer = Scope(context.trigger_scope)
    outer.common_tables = scope.common_tables
    joined = Scope(context.trigger_scope)
    joined.common_tables = scope.common_tables
    bind_from(context, ast.from_items, joined, outer)
    for member in joined.items:
        if member.source.join_type == "":
            member.source.join_type = "INNER"
        scope.items.append(member)
    # Several items are as a subquery that does not see the target.
    if len(joined.items) > 1:
        bind_join_conditions(context, ast.from_items, joined)
    else:
        bind_join_conditions(context, ast.from_items, scope, 1)


def _check_names(target: ScopeItem, scope: Scope) -> None:
    """The target and FROM name no table twice by the same name; a name of another table's is free."""
    for member in scope.items:
        own, other = target.source, member.source
        is_same = _named(own) is _named(other) and _same_alias(own.alias, other.alias)
        if member is not target and is_same:
            raise SqlError(ERROR, f"target object/alias may not appear in FROM clause: {own.name}")


def _named(source: BoundSource) -> Table | None:
    """The table or view that it is."""
    if source.table is not None or source.select is None:
        return source.table
    return source.select.view


def _same_alias(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one is other
    return fold_name(one) == fold_name(other)


def bind_assignments(
    context: BindContext,
    scope: Scope,
    table: Table,
    assignments: tuple[AstAssignment, ...],
    targets: list[list[int | None]] | None = None,
) -> dict[int, BoundExpression | tuple[BoundSubquery, int]]:
    """The new values by column number; of two for one column the last counts. targets: the columns of each, if they
    have been looked for."""
    values: dict[int, BoundExpression | tuple[BoundSubquery, int]] = {}
    for position, assignment in enumerate(assignments):
        known = None if targets is None else targets[position]
        _bind_assignment(context, scope, table, assignment, values, known)
    return values


def _bind_assignment(
    context: BindContext,
    scope: Scope,
    table: Table,
    assignment: AstAssignment,
    values: dict[int, BoundExpression | tuple[BoundSubquery, int]],
    targets: list[int | None] | None,
) -> None:
    value = bind_expression(context, assignment.value, scope)
    count = len(assignment.columns)
    if count == 1 and targets is None and not isinstance(value, (BoundRow, BoundSubquery)):
        column = _column(context, table, assignment.columns[0])
        if column is not None:
            values[column] = value
        return
    parts: list[BoundExpression | tuple[BoundSubquery, int]]
    if isinstance(value, BoundRow):
        parts = list(value.items)
    elif isinstance(value, BoundSubquery) and len(value.select.columns) > 1:
        parts = [(value, position) for position in range(len(value.select.columns))]
    else:
        parts = [value]
    if len(parts) != count:
        if not assignment.is_row and len(parts) > 1:
            if isinstance(value, BoundSubquery):
                raise SqlError(ERROR, f"sub-select returns {len(parts)} columns - expected 1")
            raise SqlError(ERROR, "row value misused")
        raise SqlError(ERROR, f"{count} columns assigned {len(parts)} values")
    if targets is None:
        targets = _columns(context, table, assignment)
    for number, part in zip(targets, parts, strict=True):
        if number is not None:
            values[number] = part


def _columns(context: BindContext, table: Table, assignment: AstAssignment) -> list[int | None]:
    return [_column(context, table, name) for name in assignment.columns]


def _column(context: BindContext, table: Table, name: str) -> int | None:
    """The column to set, ROWID for the rowid; None if the authorizer wants it left alone."""
    if context.only_resolves:
        return None
    number = table.column_number(name)
    if number is None:
        if fold_name(name) not in ROWID_NAMES or table.is_without_rowid:
            raise SqlError(ERROR, "no such column: " + name)
        number = ROWID
        shown = "ROWID"
    else:
        shown = table.columns[number].name
        if table.columns[number].generated:
            raise SqlError(ERROR, f'cannot UPDATE generated column "{shown}"')
        if number == table.rowid_column:
            number = ROWID
    catalog = context.catalog
    if not catalog.authorize(ACTION_UPDATE, table.name, shown, catalog.schema_name(table.database)):
        return None
    return number
