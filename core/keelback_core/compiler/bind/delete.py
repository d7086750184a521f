"""Binding DELETE.

Must not know: registers. Source: https://sqlite.org/lang_delete.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.context import not_supported
from keelback_core.compiler.bind.expressions import bind_expression
from keelback_core.compiler.bind.table_rules import bind_table_rules, table_scope, table_source
from keelback_core.compiler.bind.target import bind_target
from keelback_core.compiler.bind.with_clause import common_tables
from keelback_core.compiler.catalog.catalog import ACTION_DELETE
from keelback_core.compiler.catalog.model import fold_name
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.context import BindContext
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.bind.table_rules import BoundTableRules
    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.sql.ast import AstDelete, AstTarget


class BoundDelete:
    """A DELETE: source is the table as WHERE sees it, stored its rules on the row to delete."""

    __slots__ = ("table", "source", "where", "stored", "is_allowed")

    def __init__(
        self,
        table: Table,
        source: BoundSource,
        where: BoundExpression | None,
        stored: BoundTableRules,
        is_allowed: bool,
    ) -> None:
        self.table = table
        self.source = source
        self.where = where
        self.stored = stored
        self.is_allowed = is_allowed


def bind_changed_source(catalog: Catalog, table: Table, target: AstTarget) -> BoundSource:
    """The target as WHERE sees it, with its INDEXED BY."""
    source = table_source(table, target.alias)
    if target.indexed_by is not None:
        wanted = fold_name(target.indexed_by)
        for index in table.indexes:
            if fold_name(index.name) == wanted:
                source.indexed_by = index
        if source.indexed_by is None:
            raise SqlError(ERROR, "no such index: " + target.indexed_by)
    source.is_not_indexed = target.is_not_indexed
    return source


def bind_delete(context: BindContext, ast: AstDelete) -> BoundDelete:
    """Bind a DELETE. SqlError as SQLite gives it."""
    catalog = context.catalog
    if ast.returning:
        raise not_supported("RETURNING")
    table = bind_target(catalog, ast.target)
    is_allowed = catalog.authorize(ACTION_DELETE, table.name, None, catalog.schema_name(table.database))
    source = bind_changed_source(catalog, table, ast.target)
    scope = table_scope(catalog, source)
    scope.common_tables = common_tables(ast.with_clause)
    where = None if ast.where is None else bind_expression(context, ast.where, scope)
    return BoundDelete(table, source, where, bind_table_rules(catalog, table, False), is_allowed)
