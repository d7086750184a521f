"""The tables of a schema in the order in which SQLite goes through them, its schema table among them."""

from __future__ import annotations

from keelback_core.compiler.catalog.catalog import schema_table
from keelback_core.compiler.catalog.listing_order import listing_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.catalog.model import Schema, Table


def listed_tables(schema: Schema) -> list[Table]:
    """All tables, views and virtual tables; the schema table is the one that `schema_table` gives."""
    own = schema_table(schema.database)
    known = {own.name: own, **{table.name: table for table in schema.tables.values()}}
    return [known[name] for name in listing_order(list(known))]
