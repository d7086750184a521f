"""Binding UPDATE: which expression each column gets.

Must not know: registers. Source: https://sqlite.org/lang_update.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.context import not_supported
from keelback_core.compiler.bind.delete import bind_changed_source
from keelback_core.compiler.bind.expressions import bind_expression
from keelback_core.compiler.bind.nodes import BoundRow, BoundSubquery
from keelback_core.compiler.bind.scope import ROWID_NAMES
from keelback_core.compiler.bind.table_rules import bind_table_rules, table_scope
from keelback_core.compiler.bind.target import bind_target
from keelback_core.compiler.bind.with_clause import common_tables
from keelback_core.compiler.catalog.catalog import ACTION_UPDATE
from keelback_core.compiler.catalog.model import ROWID, fold_name
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.context import BindContext
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.bind.scope import Scope
    from keelback_core.compiler.bind.table_rules import BoundTableRules
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.sql.ast import AstAssignment, AstUpdate


class BoundUpdate:
    """An UPDATE.

    values: column number (ROWID for the rowid) to its new value: an expression, or (subquery, position) for a column
    of `(a, b) = (SELECT ...)`.
    """

    __slots__ = ("table", "conflict", "source", "values", "where", "new", "stored")

    def __init__(
        self,
        table: Table,
        conflict: str,
        source: BoundSource,
        values: dict[int, BoundExpression | tuple[BoundSubquery, int]],
        where: BoundExpression | None,
        new: BoundTableRules,
        stored: BoundTableRules,
    ) -> None:
        self.table = table
        self.conflict = conflict
        self.source = source
        self.values = values
        self.where = where
        self.new = new
        self.stored = stored


def bind_update(context: BindContext, ast: AstUpdate) -> BoundUpdate:
    """Bind an UPDATE. SqlError as SQLite gives it."""
    catalog = context.catalog
    if ast.returning:
        raise not_supported("RETURNING")
    table = bind_target(catalog, ast.target)
    if ast.from_items:
        raise not_supported("UPDATE ... FROM")
    source = bind_changed_source(catalog, table, ast.target)
    scope = table_scope(catalog, source)
    scope.common_tables = common_tables(ast.with_clause)
    values: dict[int, BoundExpression | tuple[BoundSubquery, int]] = {}
    for assignment in ast.assignments:
        _bind_assignment(context, scope, table, assignment, values)
    where = None if ast.where is None else bind_expression(context, ast.where, scope)
    return BoundUpdate(
        table,
        ast.conflict,
        source,
        values,
        where,
        bind_table_rules(catalog, table, True),
        bind_table_rules(catalog, table, False),
    )


def _bind_assignment(
    context: BindContext,
    scope: Scope,
    table: Table,
    assignment: AstAssignment,
    values: dict[int, BoundExpression | tuple[BoundSubquery, int]],
) -> None:
    value = bind_expression(context, assignment.value, scope)
    count = len(assignment.columns)
    parts: list[BoundExpression | tuple[BoundSubquery, int]]
    if isinstance(value, BoundRow):
        parts = list(value.items)
    elif isinstance(value, BoundSubquery) and len(value.select.columns) > 1:
        parts = [(value, position) for position in range(len(value.select.columns))]
    else:
        parts = [value]
    if len(parts) != count:
        if not assignment.is_row and len(parts) > 1:
            raise SqlError(ERROR, "row value misused")
        raise SqlError(ERROR, f"{count} columns assigned {len(parts)} values")
    for name, part in zip(assignment.columns, parts, strict=True):
        number = _column(context, table, name)
        if number is not None:
            values[number] = part


def _column(context: BindContext, table: Table, name: str) -> int | None:
    """The column to set, ROWID for the rowid; None if the authorizer wants it left alone."""
    number = table.column_number(name)
    if number is None:
        if fold_name(name) not in ROWID_NAMES or table.is_without_rowid:
            raise SqlError(ERROR, "no such column: " + name)
        number = ROWID
        shown = "ROWID" if table.rowid_column < 0 else table.columns[table.rowid_column].name
    else:
        shown = table.columns[number].name
        if number == table.rowid_column:
            number = ROWID
    catalog = context.catalog
    if not catalog.authorize(ACTION_UPDATE, table.name, shown, catalog.schema_name(table.database)):
        return None
    return number
