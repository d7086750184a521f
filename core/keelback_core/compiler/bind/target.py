"""The table that a data-changing statement names: found, and allowed to be changed.

Must not know: registers.
"""

from __future__ import annotations

from keelback_core.compiler.bind.common_tables import bind_view
from keelback_core.compiler.bind.context import BindContext
from keelback_core.compiler.catalog.catalog import Catalog
from keelback_core.compiler.catalog.model import fold_name
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.sql.ast import AstAssignment, AstTarget


def assigned_names(assignments: tuple[AstAssignment, ...]) -> frozenset[str]:
    """The names of the columns that an UPDATE sets, folded."""
    return frozenset([fold_name(name) for assignment in assignments for name in assignment.columns])


def bind_target(
    context: BindContext, target: AstTarget, event: str, assignments: tuple[AstAssignment, ...] = ()
) -> Table:
    """The table, checked for what SQLite and we refuse to change. event: as for `triggers_for`; assignments: of an
    UPDATE."""
    catalog = context.catalog
    table = catalog.find_usable(target.name, target.schema)
    if table is None:
        raise SqlError(ERROR, "no such table: " + catalog.shown_name(target.name, target.schema))
    if table.kind == "table":
        if table.column_facts.is_schema_table and not catalog.settings.writable_schema:
            raise SqlError(ERROR, f"table {table.name} may not be modified")
        if catalog.settings.defensive and catalog.protects(table.name, catalog.schema_name(table.database)):
            raise SqlError(ERROR, f"table {table.name} may not be modified")
        return table
    if table.kind == "view":
        if not catalog.triggers_for(table, event, assigned_names(assignments)):
            # What is wrong inside of the view is told first.
            unasked = Catalog(catalog.schemas, catalog.settings, catalog.finder)
            bind_view(BindContext(unasked, "", None, context.bind_select), table)
            raise SqlError(ERROR, f"cannot modify {table.name} because it is a view")
        return table
    if catalog.protects(table.name, catalog.schema_name(table.database)):
        raise SqlError(ERROR, f"table {table.name} may not be modified")
    if table.kind == "virtual" and (table.module is None or not table.module.is_writable):
        raise SqlError(ERROR, f"table {table.name} may not be modified")
    if catalog.trigger_name is not None and table.module is not None:
        if table.module.risk > int(catalog.settings.trusted_schema):
            raise SqlError(ERROR, f'unsafe use of virtual table "{table.name}"')
    return table


def refuse_returning(table: Table, event: str) -> None:
    """SqlError for RETURNING of rows that no trigger of ours sees."""
    if table.kind == "virtual":
        raise SqlError(ERROR, f"{event} RETURNING is not available on virtual tables")
