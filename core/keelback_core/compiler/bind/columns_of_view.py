"""The columns of a view as pragmas show them: names, and types made of declarations or affinities.

Must not know: registers.
"""

from __future__ import annotations

from keelback_core.compiler.bind.common_tables import bind_view
from keelback_core.compiler.bind.context import BindContext
from keelback_core.compiler.bind.types import expression_collation, subquery_column_affinity
from keelback_core.compiler.catalog.catalog import Catalog
from keelback_core.compiler.catalog.model import Column, Table
from keelback_core.value.affinity import affinity_of_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundSelect

TYPE_OF_AFFINITY: Final = {"A": "BLOB", "B": "TEXT", "C": "NUM", "D": "INT", "E": "REAL", "F": "NUM", "@": ""}


def _unasked(context: BindContext) -> BindContext:
    """A context in which nobody is asked whether columns may be read."""
    catalog = context.catalog
    unasked = Catalog(catalog.schemas, catalog.settings, catalog.finder)
    unasked.only_schema = catalog.only_schema
    return BindContext(unasked, context.sql, None, context.bind_select)


def view_columns(context: BindContext, view: Table) -> list[tuple[str, str]]:
    """(name, type) of each column of a view; nothing is read, so the authorizer is not asked."""
    select, names = bind_view(context if context.catalog.authorizer is None else _unasked(context), view)
    found = []
    for number, name in enumerate(names):
        found.append((name, _declared(select, number, subquery_column_affinity(select, number))))
    return found


def _declared(select: BoundSelect, number: int, affinity: str) -> str:
    declared = select.columns[number].declared_type
    if not declared or affinity_of_type(declared) != affinity:
        return TYPE_OF_AFFINITY[affinity]
    return declared


def view_as_table(context: BindContext, view: Table) -> Table:
    """The view with its columns, so that rows of it can be named as those of a table are."""
    # Nothing is read yet: the authorizer is not asked.
    select, names = bind_view(_unasked(context), view)
    columns = []
    for number, name in enumerate(names):
        collation, _ = expression_collation(select.columns[number].expression)
        affinity = subquery_column_affinity(select, number)
        declared = _declared(select, number, affinity)
        columns.append(Column(name, declared, "A" if affinity == "@" else affinity, collation or "BINARY"))
    return Table("view", view.name, view.database, 0, tuple(columns), sql=view.sql, select=view.select)
