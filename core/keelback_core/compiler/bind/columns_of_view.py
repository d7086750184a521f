"""The columns of a view as pragmas show them: names, and types made of declarations or affinities.

Must not know: registers.
"""

from __future__ import annotations

from keelback_core.compiler.bind.result_columns import unique_names
from keelback_core.compiler.bind.types import subquery_column_affinity
from keelback_core.value.affinity import affinity_of_type
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.context import BindContext
    from keelback_core.compiler.catalog.model import Table

TYPE_OF_AFFINITY = {"A": "BLOB", "B": "TEXT", "C": "NUM", "D": "INT", "E": "REAL", "F": "NUM", "@": ""}


def view_columns(context: BindContext, view: Table) -> list[tuple[str, str]]:
    """(name, type) of each column of a view."""
    assert view.select is not None
    select = context.bind_select(context, view.select, None)
    names = view.view_columns
    if names and len(names) != len(select.columns):
        raise SqlError(ERROR, f"expected {len(names)} columns for '{view.name}' but got {len(select.columns)}")
    if not names:
        names = unique_names([column.name for column in select.columns])
    found = []
    for number, name in enumerate(names):
        declared = select.columns[number].declared_type
        affinity = subquery_column_affinity(select, number)
        if not declared or affinity_of_type(declared) != affinity:
            declared = TYPE_OF_AFFINITY[affinity]
        found.append((name, declared))
    return found
