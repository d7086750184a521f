"""Binding DELETE.

Must not know: registers. Source: https://sqlite.org/lang_delete.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.columns_of_view import view_as_table
from keelback_core.compiler.bind.common_tables import bind_view, check_view_access
from keelback_core.compiler.bind.expressions import bind_scalar
from keelback_core.compiler.bind.from_clause import bind_table_expressions, select_item, table_item
from keelback_core.compiler.bind.returning import bind_returning
from keelback_core.compiler.bind.scope import Scope
from keelback_core.compiler.bind.table_rules import bind_table_rules
from keelback_core.compiler.bind.target import bind_target, refuse_returning
from keelback_core.compiler.bind.with_clause import common_tables
from keelback_core.compiler.catalog.actions import ACTION_DELETE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.context import BindContext
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundResultColumn, BoundSource
    from keelback_core.compiler.bind.scope import ScopeItem
    from keelback_core.compiler.bind.table_rules import BoundTableRules
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.sql.ast import AstDelete, AstTarget


class BoundDelete:
    """A DELETE: source is the table as WHERE sees it, stored its rules on the row to delete."""

    __slots__ = ("table", "source", "where", "stored", "is_allowed", "returning")

    def __init__(
        self,
        table: Table,
        source: BoundSource,
        where: BoundExpression | None,
        stored: BoundTableRules,
        is_allowed: bool,
        returning: tuple[BoundResultColumn, ...],
    ) -> None:
        self.table = table
        self.source = source
        self.where = where
        self.stored = stored
        self.is_allowed = is_allowed
        self.returning = returning


def bind_changed_item(context: BindContext, table: Table, target: AstTarget) -> ScopeItem:
    """The target as WHERE sees it, with its INDEXED BY."""
    schema = context.catalog.schema_name(table.database)
    if table.kind == "view":
        select, names = bind_view(context, table)
        check_view_access(context.catalog, table)
        return select_item(select, target.alias or table.name, target.alias, "", schema, names)
    item = table_item(table, target.alias, "", schema, target.indexed_by, target.is_not_indexed)
    bind_table_expressions(context, item)
    return item


def bind_delete(context: BindContext, ast: AstDelete) -> BoundDelete:
    """Bind a DELETE. SqlError as SQLite gives it."""
    catalog = context.catalog
    table = bind_target(context, ast.target, "DELETE")
    is_allowed = catalog.authorize(ACTION_DELETE, table.name, None, catalog.schema_name(table.database))
    item = bind_changed_item(context, table, ast.target)
    scope = Scope(context.trigger_scope, [item])
    scope.common_tables = common_tables(ast.with_clause)
    where = None if ast.where is None else bind_scalar(context, ast.where, scope)
    if table.kind == "view":
        table = view_as_table(context, table)
    if ast.returning:
        refuse_returning(table, "DELETE")
    stored = bind_table_rules(catalog, table, False)
    returning = bind_returning(context, ast.returning, stored.source)
    return BoundDelete(table, item.source, where, stored, is_allowed, returning)
