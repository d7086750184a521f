"""Which tables have nothing but constraints that looks at rows which are about to change.

Must not know: who changes the rows.
"""

from __future__ import annotations

from keelback_core.compiler.catalog.model import fold_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.emit.statement_context import StatementContext


def is_plain(context: StatementContext, table: Table) -> bool:
    """Whether nobody but the constraints of a table, which ask for no expressions, is asked about a change of its
    rows."""
    if table.kind != "table" or table.column_facts.has_rules or table.is_autoincrement:
        return False
    catalog = context.catalog
    settings = catalog.settings
    if settings.has_preupdate_hook or catalog.has_triggers(table):
        return False
    if not settings.foreign_keys:
        return True
    return not table.foreign_keys and fold_name(table.name) not in catalog.schema(table.database).parent_names
