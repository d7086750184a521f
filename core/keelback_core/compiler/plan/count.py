"""count(*) of a whole table: the tree with the narrowest entries is the quickest to count.

Must not know: what counts the entries.
"""

from __future__ import annotations

from keelback_core.compiler.plan.table_sizes import index_width, table_width

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.catalog.model import Index, Table


def counted_index(table: Table) -> Index | None:
    """The index to count, None for the table itself."""
    narrowest: Index | None = None
    width = table_width(table)
    for index in table.indexes:
        if index.is_table or index.where is not None or index.is_unordered:
            continue
        own = index_width(table, index)
        if own < width:
            narrowest = index
            width = own
    return narrowest
