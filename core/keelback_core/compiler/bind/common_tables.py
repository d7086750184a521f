"""WITH and views: a name that stands for a SELECT is bound anew, as a subquery, wherever it is used.

Must not know: plans, registers. Source: https://sqlite.org/lang_with.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.context import BindContext, not_supported
from keelback_core.compiler.bind.result_columns import unique_names
from keelback_core.compiler.bind.scope import CommonTables, Scope
from keelback_core.compiler.catalog.model import fold_name
from keelback_core.compiler.sql.ast import AstTableSource, AstValues
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundSelect
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.sql.ast import AstCommonTable, AstSelectCore, AstWith


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
    if table in context.active_views:
        if len(table.select.cores) > 1 and _reads(table.select.cores[-1], table.name):
            raise not_supported("recursive common tables")
        raise SqlError(ERROR, f"circular reference: {table.name}")
    context.active_views.append(table)
    scope = Scope(outer)
    scope.common_tables = home
    select = context.bind_select(context, table.select, scope)
    context.active_views.pop()
    count = len(select.columns)
    if table.columns is None:
        return select, unique_names([column.written_name for column in select.columns])
    if len(table.columns) != count:
        raise SqlError(ERROR, f"table {table.name} has {count} values for {len(table.columns)} columns")
    return select, unique_names(table.columns)


def _reads(core: AstSelectCore | AstValues, name: str) -> bool:
    if isinstance(core, AstValues):
        return False
    wanted = fold_name(name)
    return any(isinstance(i.source, AstTableSource) and fold_name(i.source.name) == wanted for i in core.from_items)


def bind_view(context: BindContext, table: Table) -> tuple[BoundSelect, tuple[str, ...]]:
    """The SELECT of a view and the names of its columns."""
    assert table.select is not None
    if table in context.active_views:
        raise SqlError(ERROR, f"view {table.name} is circularly defined")
    inner = BindContext(context.catalog, table.sql or "", None, context.bind_select)
    inner.depth = context.depth
    inner.active_views = [*context.active_views, table]
    try:
        select = context.bind_select(inner, table.select, None)
    except SqlError as error:
        raise SqlError(error.code, error.message) from None
    count = len(select.columns)
    if not table.view_columns:
        return select, unique_names([column.name for column in select.columns])
    if len(table.view_columns) != count:
        raise SqlError(ERROR, f"expected {len(table.view_columns)} columns for '{table.name}' but got {count}")
    return select, unique_names(table.view_columns)
