"""What a schema holds: tables, indexes, triggers; exported here from their files."""

from keelback_core.compiler.catalog.model.index import ROWID_SUFFIX, Column, Index, IndexColumn
from keelback_core.compiler.catalog.model.names import EXPRESSION, ROWID, ROWID_NAMES, fold_name
from keelback_core.compiler.catalog.model.schema import FunctionSignature, Schema, Trigger
from keelback_core.compiler.catalog.model.table import BARE_ROW, ColumnFacts, Table

__all__ = [
    "BARE_ROW",
    "Column",
    "ColumnFacts",
    "EXPRESSION",
    "FunctionSignature",
    "Index",
    "IndexColumn",
    "ROWID",
    "ROWID_NAMES",
    "ROWID_SUFFIX",
    "Schema",
    "Table",
    "Trigger",
    "fold_name",
]
