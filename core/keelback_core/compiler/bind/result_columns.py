"""The result list of a SELECT: `*` expanded, names, declared types and origins of the columns.

1. A column without alias is called as the schema spells it, anything else as its source text.
2. As a table of FROM the names are made unique: `x`, `x:1`, `x:2`.

Must not know: plans, registers. Source: https://sqlite.org/c3ref/column_name.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.columns import may_read
from keelback_core.compiler.bind.expressions import bind_scalar
from keelback_core.compiler.bind.nodes import (
    BoundCollate,
    BoundColumn,
    BoundFunction,
    BoundLiteral,
    BoundResultColumn,
    BoundSubquery,
)
from keelback_core.compiler.bind.scope import find_in_items
from keelback_core.compiler.bind.walk import walk
from keelback_core.compiler.catalog.model import ROWID, fold_name
from keelback_core.compiler.sql.ast import AstCollate, AstColumnRef, AstStar
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from keelback_core.compiler.bind.context import BindContext
    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.bind.scope import InnerName, Scope, ScopeItem
    from keelback_core.compiler.catalog.settings import Settings
    from keelback_core.compiler.sql.ast import AstResultColumn


_LIKELY: Final = frozenset(("likely", "unlikely", "likelihood"))


def bind_result_columns(
    context: BindContext, columns: tuple[AstResultColumn | AstStar, ...], scope: Scope
) -> tuple[BoundResultColumn, ...]:
    """The columns of a result list, `*` expanded."""
    found: list[BoundResultColumn] = []
    for column in columns:
        if isinstance(column, AstStar):
            found.extend(_expand_star(context, column, scope))
        else:
            found.append(_bind_column(context, column, scope))
    if len(found) > context.catalog.settings.limits[2]:
        raise SqlError(ERROR, "too many columns in result set")
    return tuple(found)


def _bind_column(context: BindContext, ast: AstResultColumn, scope: Scope) -> BoundResultColumn:
    expression = bind_scalar(context, ast.expression, scope)
    if ast.alias is not None:
        return make_result_column(context, expression, ast.alias, ast.alias, True)
    written = ast.source_text
    inner = ast.expression
    while isinstance(inner, AstCollate):
        inner = inner.operand
    if isinstance(inner, AstColumnRef):
        written = inner.column
    if isinstance(expression, BoundColumn) and inner is ast.expression:
        name = _shown_name(context.catalog.settings, expression, ast.source_text)
        found = make_result_column(context, expression, name, written)
    else:
        found = make_result_column(context, expression, ast.source_text, written)
    # Now, for what the expression becomes when views are flattened has other names.
    found.table_name = _table_name(expression, found.name)
    return found


def _shown_name(settings: Settings, column: BoundColumn, source_text: str) -> str:
    """The name of a column under the (deprecated) pragmas full_column_names and short_column_names."""
    if settings.full_column_names:
        source = column.source
        return f"{source.name if source.table is None else source.table.name}.{column_name(column)}"
    return column_name(column) if settings.short_column_names else source_text


def column_name(column: BoundColumn) -> str:
    """The name of a column as its table spells it."""
    source = column.source
    if column.column == ROWID:
        return "rowid" if column.declared is None else column.declared.name
    if source.table is not None:
        return source.table.columns[column.column].name
    return source.column_names[column.column]


def table_names(columns: Sequence[BoundResultColumn]) -> tuple[str, ...]:
    """The names of a query's columns where they become those of a view or a table: a column keeps its name under
    COLLATE, likely() and unlikely()."""
    return unique_names([column.table_name for column in columns])


def _table_name(expression: BoundExpression, name: str) -> str:
    inner = expression
    while True:
        if isinstance(inner, BoundCollate):
            inner = inner.operand
        elif isinstance(inner, BoundFunction) and inner.signature.name in _LIKELY and inner.signature.is_built_in:
            inner = inner.arguments[0]
        else:
            break
    return column_name(inner) if isinstance(inner, BoundColumn) else name


def make_result_column(
    context: BindContext, expression: BoundExpression, name: str, written_name: str, has_alias: bool = False
) -> BoundResultColumn:
    """A result column with the declared type and origin that its expression has."""
    inner = expression
    while isinstance(inner, BoundSubquery):
        # Of a compound the last SELECT tells.
        below = inner.select.cores[-1].columns[0]
        if not isinstance(below.expression, BoundColumn):
            break
        inner = below.expression
    if isinstance(inner, BoundColumn):
        source = inner.source
        if source.table is not None:
            declared, origin = "INTEGER", "rowid"
            if inner.column != ROWID:
                column = source.table.columns[inner.column]
                declared, origin = column.declared_type, column.name
            elif inner.declared is not None:
                declared, origin = inner.declared.declared_type, inner.declared.name
            database = context.catalog.schema_name(source.table.database)
            return BoundResultColumn(
                expression, name, declared or None, database, source.table.name, origin, written_name, has_alias
            )
        assert source.select is not None
        if inner.column < len(source.select.columns):
            of = source.select.cores[-1].columns[inner.column]
            return BoundResultColumn(
                expression, name, of.declared_type, of.database, of.table, of.origin, written_name, has_alias
            )
    return BoundResultColumn(expression, name, None, None, None, None, written_name, has_alias)


def _expand_star(context: BindContext, star: AstStar, scope: Scope) -> list[BoundResultColumn]:
    wanted = None if star.table is None else fold_name(star.table)
    if wanted is None and not scope.items:
        raise SqlError(ERROR, "no tables specified")
    found: list[BoundResultColumn] = []
    is_known = wanted is None
    for position, item in enumerate(scope.items):
        if item.entries is not None:
            is_known = _expand_inner(context, item, wanted, scope, found, star) or is_known
            continue
        if wanted is not None and item.name != wanted:
            continue
        is_known = True
        if wanted is not None and context.mentions is not None and item.source.table is not None:
            context.mentions.tables.append((star, item.source.table))
        for number, name in enumerate(item.column_names):
            if item.source.table is not None and item.source.table.columns[number].is_hidden:
                continue
            folded = fold_name(name)
            if wanted is None and folded in item.using:
                continue
            if wanted is None and _is_merged_later(scope, position, folded):
                expression = _merged(scope, folded)
            else:
                _check_unique(scope, position, item, name, star)
                expression = item.column(number)
            found.append(_star_column(context, expression, name))
    if not is_known:
        raise SqlError(ERROR, f"no such table: {star.table}")
    return found


def _star_column(context: BindContext, expression: BoundExpression, name: str) -> BoundResultColumn:
    if context.catalog.authorizer is not None:
        # The column that FULL JOIN .. USING makes of two reads both.
        for node in walk(expression):
            if isinstance(node, BoundColumn) and not may_read(context, node):
                expression = BoundLiteral(None)
                break
    settings = context.catalog.settings
    if settings.full_column_names and not settings.short_column_names and isinstance(expression, BoundColumn):
        name = f"{expression.source.name}.{name}"
    return make_result_column(context, expression, name, name, True)


def _check_unique(scope: Scope, position: int, item: ScopeItem, name: str, star: AstStar) -> None:
    """Two tables of FROM under one name make every column of theirs ambiguous."""
    folded = fold_name(name)
    for number, other in enumerate(scope.items):
        if number == position or other.entries is not None or not item.name:
            continue
        if other.name != item.name or other.schema != item.schema:
            continue
        if number < position and other.source.alias is None and other.source.table is None:
            continue
        if folded in other.columns and (number < position or folded not in other.using):
            full = f"{item.schema or '*'}.{item.source.name}.{name}"
            raise SqlError(ERROR, f"ambiguous column name: {full}", star.end - 1)


def _is_merged_later(scope: Scope, position: int, folded: str) -> bool:
    """Whether a RIGHT or FULL join to the right merges this column with its own by USING."""
    later = scope.items[position + 1 :]
    has_right = any(item.source.join_type in ("RIGHT", "FULL") for item in later)
    return has_right and any(folded in item.using for item in later)


def _merged(scope: Scope, folded: str) -> BoundExpression:
    found = find_in_items(scope, None, None, folded, -1)[0]
    if found is None:
        raise SqlError(ERROR, f"ambiguous column name: {folded}")
    return found


def _refuse_equal_name(entries: Sequence[InnerName], name: str, star: AstStar) -> None:
    """Where a parenthesised join is all of FROM, `*` has its columns by their names alone."""
    if sum(entry.column == name and not entry.is_hidden for entry in entries) > 1:
        raise SqlError(ERROR, f"ambiguous column name: {name}", star.start)


def _expand_inner(
    context: BindContext,
    item: ScopeItem,
    wanted: str | None,
    scope: Scope,
    found: list[BoundResultColumn],
    star: AstStar,
) -> bool:
    """Expand `*` or `inner.*` over a parenthesised join. With `alias.*` SQLite finds no table."""
    assert item.entries is not None
    is_known = wanted is None
    for entry in item.entries:
        if entry.column == "":
            continue
        if wanted is None:
            if entry.is_hidden or (wanted is None and entry.column in item.using):
                continue
        elif entry.table != wanted or entry.is_merged:
            continue
        else:
            is_known = True
        if len(scope.items) == 1:
            _refuse_equal_name(item.entries, entry.column, star)
        name = item.source.column_names[entry.position]
        found.append(_star_column(context, item.column(entry.position), name))
    return is_known


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names with `:1`, `:2`, ... added to those that were there before."""
    taken: set[str] = set()
    found: list[str] = []
    counter = 0
    for number, name in enumerate(names):
        if fold_name(name) in ("true", "false"):
            name = f"column{number + 1}"
        counter = 0
        while fold_name(name) in taken:
            counter += 1
            name = f"{_without_counter(name)}:{counter}"
        taken.add(fold_name(name))
        found.append(name)
    return tuple(found)


def _without_counter(name: str) -> str:
    """The name without the `:12` that an earlier round gave it."""
    place = len(name) - 1
    while place > 0 and "0" <= name[place] <= "9":
        place -= 1
    return name[:place] if place >= 0 and name[place] == ":" else name
