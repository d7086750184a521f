"""Binding a stored object for its names alone: whether they mean something, and what (Mentions).

Must not know: programs, how the texts are rewritten.
"""

from __future__ import annotations

from keelback_core.compiler.bind.columns_of_view import view_as_table
from keelback_core.compiler.bind.context import BindContext
from keelback_core.compiler.bind.delete import bind_delete
from keelback_core.compiler.bind.expressions import bind_scalar
from keelback_core.compiler.bind.insert import bind_insert
from keelback_core.compiler.bind.mentions import Mentions
from keelback_core.compiler.bind.scope import Scope, ScopeItem
from keelback_core.compiler.bind.select import bind_select
from keelback_core.compiler.bind.table_rules import CHECKS, RuleBinder, table_source
from keelback_core.compiler.bind.update import bind_update
from keelback_core.compiler.catalog.altered import stored_catalog
from keelback_core.compiler.catalog.model import fold_name
from keelback_core.compiler.sql.ast import (
    AstCreateIndex,
    AstCreateTable,
    AstCreateTrigger,
    AstCreateView,
    AstDelete,
    AstInsert,
    AstSelect,
    AstUpdate,
)
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.catalog.altered import StoredObject
    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.sql.ast import AstStatement

GENERATED_COLUMNS: Final = "generated columns"


def bind_stored(catalog: Catalog, database: int, stored: StoredObject, ast: AstStatement | None) -> Mentions:
    """The mentions of an object of a database, whose text has the tree `ast`. SqlError if a name means nothing."""
    inner = stored_catalog(catalog, database)
    mentions = Mentions()
    if isinstance(ast, AstCreateTable):
        table = inner.schema(database).tables.get(fold_name(stored.name))
        if table is not None:
            _bind_table(inner, table, mentions)
    elif isinstance(ast, AstCreateIndex):
        _bind_index(inner, database, ast, mentions)
    elif isinstance(ast, AstCreateView):
        _bind_view(inner, database, ast, mentions)
    elif isinstance(ast, AstCreateTrigger):
        _bind_trigger(inner, ast, mentions)
    return mentions


def _bind_table(catalog: Catalog, table: Table, mentions: Mentions) -> None:
    binder = RuleBinder(catalog, table_source(table), table.sql or "")
    binder.context.mentions = mentions
    for check in table.checks:
        binder.bind(check.expression, CHECKS)
    for column in table.columns:
        if column.generated_expression is not None:
            binder.bind(column.generated_expression, GENERATED_COLUMNS)


def _bind_index(catalog: Catalog, database: int, ast: AstCreateIndex, mentions: Mentions) -> None:
    found = catalog.schema(database).indexes.get(fold_name(ast.name))
    table = catalog.schema(database).tables.get(fold_name(ast.table))
    if found is not None and table is not None:
        binder = RuleBinder(catalog, table_source(table), found.sql or "")
        binder.context.mentions = mentions
        binder.bind_index(found)


def _bind_view(catalog: Catalog, database: int, ast: AstCreateView, mentions: Mentions) -> None:
    context = BindContext(catalog, "", None, bind_select)
    context.mentions = mentions
    view = catalog.schema(database).tables.get(fold_name(ast.name))
    if view is not None:
        context.active_views = (view,)
    select = bind_select(context, ast.select, None)
    if ast.columns and len(ast.columns) != len(select.columns):
        raise SqlError(ERROR, f"expected {len(ast.columns)} columns for '{ast.name}' but got {len(select.columns)}")


def _bind_trigger(catalog: Catalog, ast: AstCreateTrigger, mentions: Mentions) -> None:
    table = catalog.find_table(ast.table, ast.table_schema)
    if table is None:
        raise SqlError(ERROR, "no such table: " + catalog.shown_name(ast.table, ast.table_schema))
    context = BindContext(catalog, "", None, bind_select)
    context.mentions = mentions
    context.only_resolves = True
    scope = Scope()
    scope.needs_table_name = True
    if table.kind == "view":
        table = view_as_table(BindContext(catalog, table.sql or "", None, bind_select), table)
    names = tuple(column.name for column in table.columns)
    for name, event in (("new", "DELETE"), ("old", "INSERT")):
        if ast.event != event:
            source = table_source(table, name)
            has_rowid = table.kind == "table" and not table.is_without_rowid
            scope.items.append(ScopeItem(source, "", names, has_rowid))
    context.trigger_scope = scope
    if ast.when is not None:
        bind_scalar(context, ast.when, scope)
    for step in ast.body:
        if isinstance(step, AstSelect):
            bind_select(context, step, scope)
        elif isinstance(step, AstInsert):
            bind_insert(context, step)
        elif isinstance(step, AstUpdate):
            bind_update(context, step)
        elif isinstance(step, AstDelete):
            bind_delete(context, step)
