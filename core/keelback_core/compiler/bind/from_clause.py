"""FROM: tables, views, common tables, subqueries and parenthesised joins, and what ON, USING and NATURAL make of them.

1. USING and NATURAL become equations in the right source's `on`; the scope remembers the merged names.
2. A parenthesised join at the head of FROM is spliced in; elsewhere it is a subquery whose inner names stay visible.
3. A subquery of FROM sees the enclosing queries, never its neighbours.

Must not know: plans, registers. Source: https://sqlite.org/lang_select.html#the_from_clause
"""

from __future__ import annotations

from keelback_core.compiler.bind.common_tables import bind_common_table, bind_view, check_view_access, find_common_table
from keelback_core.compiler.bind.context import BindContext
from keelback_core.compiler.bind.error_offsets import is_joined_by
from keelback_core.compiler.bind.expressions import bind_scalar, spelling_of_operator
from keelback_core.compiler.bind.nodes import (
    BoundBinary,
    BoundFunction,
    BoundIndex,
    BoundResultColumn,
    BoundSelect,
    BoundSelectCore,
    BoundSource,
)
from keelback_core.compiler.bind.result_columns import column_name, make_result_column, unique_names
from keelback_core.compiler.bind.scope import InnerName, Scope, ScopeItem, find_in_items
from keelback_core.compiler.bind.types import MERGED_COLUMN
from keelback_core.compiler.bind.walk import source_references
from keelback_core.compiler.catalog.model import ROWID, fold_name
from keelback_core.compiler.sql.ast import AstJoinSource, AstSelectSource, AstTableFunction, AstTableSource
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.catalog.model import Index, Table
    from keelback_core.compiler.sql.ast import AstExpression, AstFromItem

JOIN_TYPES: Final = {"": "", ",": "INNER", "JOIN": "INNER", "INNER": "INNER", "CROSS": "CROSS"}
LARGEST_JOIN: Final = 64


def bind_from(context: BindContext, items: tuple[AstFromItem, ...], scope: Scope, outer: Scope) -> None:
    """Bind the items into `scope`, with USING and NATURAL; `outer` is what a subquery of FROM sees."""
    items = _spliced(items)
    for position, ast in enumerate(items):
        join_type = "" if position == 0 else JOIN_TYPES.get(ast.join_type, ast.join_type)
        scope.items.append(_bind_item(context, ast, join_type, outer))
    if len(items) > LARGEST_JOIN:
        raise SqlError(ERROR, f"at most {LARGEST_JOIN} tables in a join")
    for position, ast in enumerate(items):
        item = scope.items[position]
        if ast.is_natural:
            if ast.on is not None or ast.using:
                raise SqlError(ERROR, "a NATURAL join may not have an ON or USING clause")
            if position > 0:
                _join_natural(context, item, scope, position)
        elif ast.using:
            _require_join(position)
            _join_using(context, item, ast.using, scope, position)


def bind_join_conditions(context: BindContext, items: tuple[AstFromItem, ...], scope: Scope, before: int = 0) -> None:
    """Bind the ON conditions, which SQLite looks at after WHERE. before: how many items of the scope are not of it."""
    items = _spliced(items)
    for position, ast in enumerate(items):
        item = scope.items[before + position]
        if ast.on is not None:
            _require_join(position)
            condition = _bind_on(context, ast.on, scope)
            on = item.source.on
            item.source.on = condition if on is None else BoundBinary("AND", on, condition)
            context.note_join(item.source)
        if isinstance(ast.source, AstTableFunction):
            _bind_arguments(context, item, ast.source, scope)
    _check_outer_conditions(scope)


def _bind_on(context: BindContext, ast: AstExpression, scope: Scope) -> BoundExpression:
    """A condition of ON. What SQLite marks as part of the join has lost its place in the text."""
    try:
        return bind_scalar(context, ast, scope)
    except SqlError as error:
        sql = context.sql
        if error.offset >= 0 and is_joined_by(ast, error.offset, lambda like: spelling_of_operator(sql, like)[1]):
            error.offset = -1
        raise


def _spliced(items: tuple[AstFromItem, ...]) -> tuple[AstFromItem, ...]:
    """FROM with a parenthesised join at its head written without the parentheses."""
    while items and items[0].alias is None and isinstance(items[0].source, AstJoinSource):
        items = (*items[0].source.items, *items[1:])
    return items


def _require_join(position: int) -> None:
    if position == 0:
        raise SqlError(ERROR, "a JOIN clause is required before ON")


def _check_outer_conditions(scope: Scope) -> None:
    """The ON of an outer join may only read what stands to its left."""
    if not any(item.source.join_type in ("LEFT", "RIGHT", "FULL") for item in scope.items):
        return
    has_right = any(item.source.join_type in ("RIGHT", "FULL") for item in scope.items)
    later = {item.source for item in scope.items}
    for item in scope.items:
        later.discard(item.source)
        on = item.source.on
        if on is not None and (has_right or item.source.join_type == "LEFT"):
            if source_references(on) & later:
                raise SqlError(ERROR, "ON clause references tables to its right")


def _bind_item(context: BindContext, ast: AstFromItem, join_type: str, outer: Scope) -> ScopeItem:
    source = ast.source
    if isinstance(source, AstTableSource):
        return _bind_table(context, source, ast.alias, join_type, outer)
    if isinstance(source, AstSelectSource):
        select = context.bind_select(context, source.select, outer)
        name = ast.alias if ast.alias is not None else f"(subquery-{select.number})"
        return select_item(select, name, ast.alias, join_type, "", written_names(select))
    if isinstance(source, AstJoinSource):
        return _bind_join(context, source, ast.alias, join_type, outer)
    assert isinstance(source, AstTableFunction)
    return _bind_table_function(context, source, ast.alias, join_type)


def _bind_table_function(context: BindContext, ast: AstTableFunction, alias: str | None, join_type: str) -> ScopeItem:
    found = context.catalog.find_table(ast.name, ast.schema)
    if found is not None and found.kind != "virtual":
        raise SqlError(ERROR, f"'{ast.name}' is not a function")
    table = context.catalog.find_usable(ast.name, ast.schema)
    if table is None:
        raise SqlError(ERROR, f"no such table: {context.catalog.shown_name(ast.name, ast.schema)}")
    check_trust(context.catalog, table)
    return table_item(table, alias, join_type, context.catalog.schema_name(0))


def hidden_columns(table: Table) -> list[int]:
    """The numbers of the columns that stand for arguments."""
    return [number for number, column in enumerate(table.columns) if column.is_hidden]


def check_trust(catalog: Catalog, table: Table) -> None:
    """SqlError for a virtual table that a stored view or trigger may not use."""
    if table.module is not None and catalog.only_schema is not None:
        if table.module.risk > int(catalog.settings.trusted_schema):
            raise SqlError(ERROR, f'unsafe use of virtual table "{table.name}"')


def _bind_arguments(context: BindContext, item: ScopeItem, ast: AstTableFunction, scope: Scope) -> None:
    """Add `hidden column = argument` for every argument to the item's ON."""
    table = item.source.table
    assert table is not None
    item.source.argument_count = len(ast.arguments)
    hidden = hidden_columns(table)
    for place, argument in enumerate(ast.arguments):
        value = bind_scalar(context, argument, scope)
        if place >= len(hidden):
            # The planner tells of it, when all names are known to be right.
            continue
        equation = BoundBinary("=", item.column(hidden[place]), value)
        on = item.source.on
        item.source.on = equation if on is None else BoundBinary("AND", on, equation)
        context.note_join(item.source)


def written_names(select: BoundSelect) -> tuple[str, ...]:
    """The names of the columns of a subquery of FROM."""
    return unique_names([column.written_name for column in select.columns])


def select_item(
    select: BoundSelect, name: str, alias: str | None, join_type: str, schema: str, names: tuple[str, ...]
) -> ScopeItem:
    """A SELECT as an item of FROM."""
    source = BoundSource(name, alias, None, select, join_type, None)
    source.column_names = names
    return ScopeItem(source, schema, names, False)


def _bind_table(
    context: BindContext, ast: AstTableSource, alias: str | None, join_type: str, outer: Scope
) -> ScopeItem:
    for recursion in context.recursions:
        if recursion.bound is not None and any(ast is direct for direct in recursion.direct):
            return recursion.item(alias, join_type)
    if ast.schema is None:
        common = find_common_table(outer, ast.name)
        if common is not None:
            select, names = bind_common_table(context, common[0], common[1], outer)
            return select_item(select, alias or common[0].name, alias, join_type, "", names)
    table = context.catalog.find_usable(ast.name, ast.schema)
    if table is None:
        raise SqlError(ERROR, f"no such table: {context.catalog.shown_name(ast.name, ast.schema)}")
    if context.mentions is not None:
        context.mentions.tables.append((ast, table))
    schema = context.catalog.schema_name(table.database)
    if table.kind == "view":
        if ast.indexed_by is not None:
            raise SqlError(ERROR, f"no such index: {ast.indexed_by}")
        select, names = bind_view(context, table)
        check_view_access(context.catalog, table)
        return select_item(select, alias or table.name, alias, join_type, schema, names)
    check_trust(context.catalog, table)
    item = table_item(table, alias, join_type, schema, ast.indexed_by, ast.is_not_indexed)
    item.source.schema = ast.schema if ast.schema is not None else context.catalog.only_schema
    bind_table_expressions(context, item)
    return item


def table_item(
    table: Table,
    alias: str | None,
    join_type: str = "",
    schema: str = "main",
    indexed_by: str | None = None,
    is_not_indexed: bool = False,
) -> ScopeItem:
    """A table as an item of FROM (or as the target of UPDATE, DELETE, a CHECK, an index)."""
    index = None if indexed_by is None else _find_index(table, indexed_by)
    source = BoundSource(alias or table.name, alias, table, None, join_type, None, index, is_not_indexed)
    facts = table.column_facts
    return ScopeItem(source, schema, facts.names, not table.is_without_rowid, None, facts.numbers)


def bind_table_expressions(context: BindContext, item: ScopeItem) -> None:
    """Bind what the table itself brings along: virtual generated columns, expression and partial indexes."""
    source = item.source
    table = source.table
    assert table is not None
    if table.column_facts.is_plain:
        return
    special = [index for index in table.indexes if index.where is not None or _has_expression(index)]
    virtual = [number for number, column in enumerate(table.columns) if column.generated == "VIRTUAL"]
    inner = BindContext(context.catalog, "", None, context.bind_select)
    scope = Scope(None, [item])
    used = set(source.used_columns)
    for number in virtual:
        expression = table.columns[number].generated_expression
        if expression is not None:
            source.generated[number] = bind_scalar(inner, expression, scope)
    for index in special:
        try:
            source.bound_indexes[index.name] = bind_index(inner, index, item, scope)
        except SqlError:
            continue
    source.used_columns = used


def _has_expression(index: Index) -> bool:
    return any(column.expression is not None for column in index.columns)


def bind_index(context: BindContext, index: Index, item: ScopeItem, scope: Scope) -> BoundIndex:
    """The key expressions and the condition of an index over the item."""
    expressions = tuple(
        item.column(column.column) if column.expression is None else bind_scalar(context, column.expression, scope)
        for column in index.columns
    )
    where = None if index.where is None else bind_scalar(context, index.where, scope)
    return BoundIndex(expressions, where)


def _find_index(table: Table, name: str) -> Index:
    wanted = fold_name(name)
    for index in table.indexes:
        if fold_name(index.name) == wanted:
            return index
    raise SqlError(ERROR, f"no such index: {name}")


def _join_natural(context: BindContext, item: ScopeItem, scope: Scope, position: int) -> None:
    names = []
    for name in _visible_names(item):
        left = _left_columns(scope, position, fold_name(name))
        if any(not _is_hidden(other, number) for other, number in left):
            names.append(name)
    if names:
        _join_using(context, item, names, scope, position)


def _visible_names(item: ScopeItem) -> list[str]:
    if item.entries is None:
        return [name for number, name in enumerate(item.column_names) if not _is_hidden(item, number)]
    return [entry.name for entry in item.entries if entry.column and not entry.is_hidden]


def _is_hidden(item: ScopeItem, number: int) -> bool:
    """Whether it is a hidden column of a virtual table."""
    table = item.source.table
    return table is not None and table.columns[number].is_hidden


def _own_column(item: ScopeItem, name: str) -> int | None:
    """The number of the item's column of this (folded) name."""
    if item.entries is None:
        return item.columns.get(name)
    for entry in item.entries:
        if entry.column == name and not entry.is_hidden:
            return entry.position
    return None


def _left_columns(scope: Scope, position: int, name: str) -> list[tuple[ScopeItem, int]]:
    found = []
    for item in scope.items[:position]:
        number = _own_column(item, name)
        if number is not None:
            found.append((item, number))
    return found


def _join_using(context: BindContext, item: ScopeItem, names: Sequence[str], scope: Scope, position: int) -> None:
    """Add `left.name = item.name` for every name to the item's ON."""
    has_right = any(other.source.join_type in ("RIGHT", "FULL") for other in scope.items)
    condition = item.source.on
    for name in names:
        folded = fold_name(name)
        left = _left_columns(scope, position, folded)
        own = _own_column(item, folded)
        if own is None or not left:
            message = f"cannot join using column {name} - column not present in both tables"
            raise SqlError(ERROR, message)
        value: BoundExpression = left[0][0].column(left[0][1])
        if has_right and len(left) > 1:
            for other, _number in left[1:]:
                if folded not in other.using:
                    raise SqlError(ERROR, f"ambiguous reference to {name} in USING()")
            value = BoundFunction(MERGED_COLUMN, tuple(other.column(number) for other, number in left))
        equation = BoundBinary("=", value, item.column(own))
        condition = equation if condition is None else BoundBinary("AND", condition, equation)
    item.source.on = condition
    context.note_join(item.source)
    item.using = frozenset(fold_name(name) for name in names)


def _bind_join(context: BindContext, ast: AstJoinSource, alias: str | None, join_type: str, outer: Scope) -> ScopeItem:
    """A parenthesised join as a subquery of all columns of its tables."""
    select = BoundSelect()
    core = BoundSelectCore()
    select.cores = (core,)
    inner = Scope(outer, None, select, core)
    bind_from(context, ast.items, inner, outer)
    bind_join_conditions(context, ast.items, inner)
    columns: list[BoundResultColumn] = []
    entries: list[InnerName] = []
    merged = {name for item in inner.items for name in item.using}
    done: set[str] = set()
    for item in inner.items:
        _add_inner(context, item, inner, merged, done, columns, entries)
    core.columns = tuple(columns)
    core.sources = tuple(item.source for item in inner.items)
    source = BoundSource(alias or "(join)", alias, None, select, join_type, None)
    source.column_names = unique_names([column.name for column in columns])
    return ScopeItem(source, "", source.column_names, False, tuple(entries))


def _add_inner(
    context: BindContext,
    item: ScopeItem,
    inner: Scope,
    merged: set[str],
    done: set[str],
    columns: list[BoundResultColumn],
    entries: list[InnerName],
) -> None:
    """Add the columns of one table of a parenthesised join to its result."""

    def add(expression: BoundExpression, name: str) -> int:
        columns.append(make_result_column(context, expression, name, name))
        return len(columns) - 1

    names = item.entries
    if names is None:
        names = tuple(InnerName(item.schema, item.name, n, i) for i, n in enumerate(item.column_names))
    for name in names:
        if name.column and not name.is_hidden and name.column in merged and name.column not in done:
            done.add(name.column)
            found = find_in_items(inner, None, None, name.column, -1)[0]
            if found is not None:
                entries.append(InnerName("", "", name.name, add(found, name.name), True))
    for name in names:
        is_hidden = name.is_hidden or name.column in merged
        place = add(item.column(name.position), name.name)
        entries.append(InnerName(name.schema, name.table, name.name, place, name.is_merged, is_hidden))
    if item.has_rowid:
        rowid = item.column(ROWID)
        entries.append(InnerName(item.schema, item.name, "", add(rowid, column_name(rowid))))
