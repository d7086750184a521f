"""From a column name to what it means: a column, an alias of the result list, a string, TRUE or FALSE.

The order is SQLite's: the innermost query first; in each its tables, then (where they may be named) its result
aliases; after all queries the double-quoted string and the two truth words.

Must not know: plans, registers. Source: https://sqlite.org/lang_expr.html, https://sqlite.org/quirks.html#dblquote
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundAggregate, BoundColumn, BoundLiteral, BoundWindow
from keelback_core.compiler.bind.scope import find_in_items, note_outer
from keelback_core.compiler.bind.types import width
from keelback_core.compiler.bind.walk import walk
from keelback_core.compiler.catalog.model import ROWID, fold_name
from keelback_core.compiler.sql.ast import AstCollate, AstColumnRef
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR, WARNING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.context import BindContext
    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.bind.scope import Scope
    from keelback_core.compiler.sql.ast import AstExpression


# The row that an upsert could not insert.
EXCLUDED: Final = "excluded"


def bind_column(context: BindContext, ast: AstColumnRef, scope: Scope) -> BoundExpression:
    """What the name means; SqlError "no such column: x" or "ambiguous column name: x"."""
    schema = None if ast.schema is None else fold_name(ast.schema)
    table = None if ast.table is None else fold_name(ast.table)
    column = fold_name(ast.column)
    at: Scope | None = scope
    while at is not None:
        found, count = find_in_items(at, schema, table, column, ast.start)
        if found is not None and count == 1:
            if ast.table is not None and scope.prohibits in ("index expressions", "generated columns"):
                raise SqlError(ERROR, f'the "." operator prohibited in {scope.prohibits}', ast.start)
            if at is not scope or context.mentions is not None or context.catalog.authorizer is not None:
                return _told_column(context, ast, found, scope, at)
            return found
        if count > 1:
            raise SqlError(ERROR, f"ambiguous column name: {full_name(ast)}", ast.start)
        if table is None and at.aliases is not None:
            alias = _find_alias(context, column, scope, at)
            if alias is not None:
                return alias
        at = at.parent
    if table is None:
        if ast.quote == '"' and context.catalog.settings.takes_for_strings(scope.quoted_names):
            if context.mentions is not None:
                context.mentions.strings.append(ast)
            context.catalog.settings.warn(WARNING, f'double-quoted string literal: "{ast.column}"')
            return BoundLiteral(ast.column, ast.start)
        if ast.quote == "" and column in ("true", "false"):
            return BoundLiteral(1 if column == "true" else 0, ast.start)
    raise missing_column(ast)


def missing_column(ast: AstColumnRef) -> SqlError:
    """The error of a name that is no column."""
    if ast.table is None and ast.quote == '"':
        message = f'no such column: "{ast.column}" - should this be a string literal in single-quotes?'
        return SqlError(ERROR, message, ast.start)
    return SqlError(ERROR, f"no such column: {full_name(ast)}", ast.start)


def full_name(ast: AstColumnRef) -> str:
    """The name as written, dequoted."""
    return ".".join(part for part in (ast.schema, ast.table, ast.column) if part is not None)


def without_collation(ast: AstExpression) -> AstExpression:
    """The expression without the COLLATE operators around it."""
    while isinstance(ast, AstCollate):
        ast = ast.operand
    return ast


def is_bare_name(ast: AstExpression) -> bool:
    """Whether the expression is one name, COLLATE or not."""
    bare = without_collation(ast)
    return isinstance(bare, AstColumnRef) and bare.table is None


def is_truth_word(ast: object) -> bool:
    """Whether the node is the bare word TRUE or FALSE (which may still turn out to be a column)."""
    name = getattr(ast, "column", None)
    if not isinstance(name, str) or getattr(ast, "table", None) is not None or getattr(ast, "quote", None) != "":
        return False
    return fold_name(name) in ("true", "false")


def _told_column(
    context: BindContext, ast: AstColumnRef, expression: BoundExpression, scope: Scope, at: Scope
) -> BoundExpression:
    """What was found, when those are told who want to know of it; NULL if the authorizer says so."""
    for node in walk(expression):
        if isinstance(node, BoundColumn):
            if context.mentions is not None:
                context.mentions.columns.append((ast, node))
            if at is not scope:
                note_outer(scope, at, node)
            if context.catalog.authorizer is not None and not may_read(context, node):
                return BoundLiteral(None, node.offset)
    return expression


def may_read(context: BindContext, column: BoundColumn) -> bool:
    """Ask the authorizer; False means that the column reads as NULL."""
    table = column.source.table
    if not context.asks_authorizer or column.source.name == EXCLUDED:
        return True
    if table is None:
        return _may_read_view(context, column)
    if column.column == ROWID:
        name = "ROWID" if column.declared is None else column.declared.name
    else:
        name = table.columns[column.column].name
    catalog = context.catalog
    return catalog.authorize_read(table.name, name, catalog.schema_name(table.database))


def _may_read_view(context: BindContext, column: BoundColumn) -> bool:
    select = column.source.select
    view = None if select is None else select.view
    if view is None or column.column < 0:
        return True
    name = column.source.column_names[column.column]
    return context.catalog.authorize_read(view.name, name, context.catalog.schema_name(view.database))


def _find_alias(context: BindContext, column: str, scope: Scope, at: Scope) -> BoundExpression | None:
    """The result column of this alias in the query of `at`."""
    assert at.aliases is not None
    for alias, result in at.aliases:
        if alias != column:
            continue
        expression = result.expression
        for node in walk(expression):
            if isinstance(node, BoundAggregate) and at.core is not None and node.level is at.core.level:
                name = node.spelling
                if not at.allows_aggregates:
                    raise SqlError(ERROR, f"misuse of aliased aggregate {result.name}")
                if at.misuses_aggregates:
                    context.note_late_error(SqlError(ERROR, f"misuse of aggregate: {name}()", node.offset))
            if isinstance(node, BoundWindow) and not (at.allows_windows and at is scope):
                raise SqlError(ERROR, f"misuse of aliased window function {result.name}")
            if at is not scope and isinstance(node, (BoundColumn, BoundAggregate)):
                note_outer(scope, at, node)
        if width(expression) > 1:
            raise SqlError(ERROR, "row value misused", expression.offset)
        return expression
    return None
