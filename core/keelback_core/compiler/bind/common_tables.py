"""WITH and views: a name that stands for a SELECT is bound anew, as a subquery, wherever it is used.

A common table that reads nothing from outside and cannot be flattened is bound once and shared by its uses.

Must not know: plans, registers. Source: https://sqlite.org/lang_with.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.context import BindContext
from keelback_core.compiler.bind.flatten import may_flatten
from keelback_core.compiler.bind.recursion import common_table_names, recursive_table
from keelback_core.compiler.bind.result_columns import table_names, unique_names
from keelback_core.compiler.bind.scope import CommonTables, Scope
from keelback_core.compiler.catalog.model import fold_name
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundSelect
    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.sql.ast import AstCommonTable, AstWith


def open_with(with_clause: AstWith, outer: CommonTables | None) -> CommonTables:
    """The common tables of a WITH, in front of those outside."""
    tables: dict[str, AstCommonTable] = {}
    for table in with_clause.tables:
        key = fold_name(table.name)
        if key in tables:
            raise SqlError(ERROR, f"duplicate WITH table name: {table.name}")
        tables[key] = table
    return CommonTables(tables, outer)


def find_common_table(scope: Scope, name: str) -> tuple[AstCommonTable, CommonTables] | None:
    """The common table of this name that is visible, and the WITH it stands in."""
    key = fold_name(name)
    at = scope.common_tables
    while at is not None:
        found = at.tables.get(key)
        if found is not None:
            return found, at
        at = at.outer
    return None


def bind_common_table(
    context: BindContext, table: AstCommonTable, home: CommonTables, outer: Scope
) -> tuple[BoundSelect, tuple[str, ...]]:
    """The SELECT of a common table and the names of its columns. home: the WITH it stands in; outer: what a subquery
    sees at the place where it is used."""
    known = context.common_selects.get(table)
    if known is not None:
        known.uses += 1
        return known, common_table_names(table, known)
    if table in context.active_views:
        raise SqlError(ERROR, f"{_circle(context, table)}: {table.name}")
    scope = Scope(outer)
    scope.common_tables = home
    recursion = recursive_table(table)
    scope.recursion = recursion
    around = (context.active_views, context.recursions)
    context.active_views = (*context.active_views, table)
    if recursion is not None:
        context.recursions = (*context.recursions, recursion)
    reader = context.catalog.reader
    context.catalog.reader = table.name
    try:
        context.keeps_compound = True
        select = context.bind_select(context, table.select, scope)
    finally:
        context.catalog.reader = reader
    select.reader = table.name
    context.active_views, context.recursions = around
    select.common_table = table.name
    select.materialized = table.materialized
    select.uses = 1
    if not select.outer_references and not may_flatten(select, True):
        # It can be computed once for all its uses.
        context.common_selects[table] = select
        select.is_shared = context.count_of_tables(table.name) != 1
    return select, common_table_names(table, select)


def _circle(context: BindContext, table: AstCommonTable) -> str:
    """What is wrong with naming a common table inside itself."""
    for recursion in context.recursions:
        if recursion.ast is table and recursion.bound is not None:
            return "multiple recursive references"
    return "circular reference"


def check_view_access(catalog: Catalog, table: Table) -> None:
    """SqlError for a view outside of temp, where views are switched off."""
    if not catalog.settings.enables_views and table.database != 1:
        raise SqlError(ERROR, f'access to view "{table.name}" prohibited')


def bind_view(context: BindContext, table: Table) -> tuple[BoundSelect, tuple[str, ...]]:
    """The SELECT of a view and the names of its columns."""
    assert table.select is not None
    if table in context.active_views:
        raise SqlError(ERROR, f"view {table.name} is circularly defined")
    inner = BindContext(context.catalog.inside_schema(table.database), table.sql or "", None, context.bind_select)
    inner.catalog.reader = table.name
    inner.depth = context.depth
    inner.root_depth = context.depth
    inner.outer_height = context.outer_height
    inner.active_views = (*context.active_views, table)
    inner.number_view(context)
    try:
        inner.keeps_compound = True
        select = context.bind_select(inner, table.select, None)
    except SqlError as error:
        raise SqlError(error.code, error.message) from None
    select.reader = table.name
    select.view = table
    count = len(select.columns)
    if not table.view_columns:
        return select, table_names(select.columns)
    if len(table.view_columns) != count:
        raise SqlError(ERROR, f"expected {len(table.view_columns)} columns for '{table.name}' but got {count}")
    return select, unique_names(table.view_columns)
