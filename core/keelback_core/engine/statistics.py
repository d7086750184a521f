"""Reading sqlite_stat1 into the tables and indexes of a schema that has just been loaded.

Source: https://sqlite.org/fileformat2.html#the_sqlite_stat1_table
"""

from __future__ import annotations

from keelback_core.compiler.catalog.model import fold_name
from keelback_core.value.errors import SqlError
from keelback_core.value.record import decode_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.catalog.model import Schema
    from keelback_core.reference.storage.database import Database

STATISTICS_TABLE = "sqlite_stat1"


def load_statistics(database: Database, schema: Schema) -> None:
    """Give the tables their row counts and the indexes their statistics. What cannot be read is left out."""
    stored = schema.tables.get(STATISTICS_TABLE)
    if stored is None or stored.kind != "table" or stored.is_without_rowid or len(stored.columns) < 3:
        return
    was_idle = database.transaction_state == 0
    database.begin_read()
    try:
        cursor = database.open_table_cursor(stored.root, False)
        try:
            found = cursor.first()
            while found:
                row = decode_record(cursor.payload(), schema.encoding)
                if len(row) >= 3 and isinstance(row[0], str) and row[2] is not None:
                    _apply(schema, row[0], row[1] if isinstance(row[1], str) else None, str(row[2]))
                found = cursor.next()
        finally:
            cursor.close()
    except SqlError:
        return
    finally:
        if was_idle and database.transaction_state == 1:
            database.end_read()


def _apply(schema: Schema, table_name: str, index_name: str | None, stat: str) -> None:
    table = schema.tables.get(fold_name(table_name))
    if table is None or table.kind != "table":
        return
    counts = []
    for word in stat.split(" "):
        if not word.isascii() or not word.isdigit() or len(word) > 18:
            break
        counts.append(int(word))
    if not counts:
        return
    if index_name is None:
        table.row_count = counts[0]
        return
    for index in table.indexes:
        is_key = table.is_without_rowid and index.origin == "pk" and fold_name(index_name) == fold_name(table.name)
        if is_key or fold_name(index.name) == fold_name(index_name):
            index.statistics = tuple(counts)
            if index.where is None:
                table.row_count = counts[0]
