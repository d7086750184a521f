"""Reading sqlite_stat1 and sqlite_stat4 into the tables and indexes of a schema that has just been loaded.

Source: https://sqlite.org/fileformat2.html#the_sqlite_stat1_table and #the_sqlite_stat4_table
"""

from __future__ import annotations

from keelback_core.compiler.catalog.index_samples import IndexSamples
from keelback_core.compiler.catalog.model import fold_name
from keelback_core.value.errors import SqlError
from keelback_core.value.record import decode_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.catalog.model import Index, Schema
    from keelback_core.engine.run_tower import DatabaseLike, RunTower
    from keelback_core.value import Value

STATISTICS_TABLE = "sqlite_stat1"
SAMPLES_TABLE = "sqlite_stat4"


def load_statistics(tower: RunTower, database: DatabaseLike, schema: Schema) -> None:
    """Give the tables their row counts and the indexes their statistics. What cannot be read is left out."""
    for row in _rows_of(tower, database, schema, STATISTICS_TABLE, 3):
        if isinstance(row[0], str) and row[2] is not None:
            _apply(schema, row[0], row[1] if isinstance(row[1], str) else None, str(row[2]))
    for row in _rows_of(tower, database, schema, SAMPLES_TABLE, 6):
        if isinstance(row[1], str) and isinstance(row[5], bytes):
            _add_sample(schema, row[1], [str(counts) for counts in row[2:5]], row[5])


def _rows_of(tower: RunTower, database: DatabaseLike, schema: Schema, name: str, columns: int) -> list[Sequence[Value]]:
    """The rows of a table of statistics, as far as they can be read."""
    stored = schema.tables.get(name)
    if stored is None or stored.kind != "table" or stored.is_without_rowid or len(stored.columns) < columns:
        return []
    was_idle = database.transaction_state == 0
    database.begin_read()
    found: list[Sequence[Value]] = []
    try:
        for _, payload in tower.known_rows(database, stored.root):
            row = decode_record(payload, schema.encoding)
            if len(row) >= columns:
                found.append(row)
    except SqlError:
        return found
    finally:
        if was_idle and database.transaction_state == 1:
            database.end_read()
    return found


def _add_sample(schema: Schema, name: str, counts: list[str], sample: bytes) -> None:
    """Note a sample of an index, or of the table WITHOUT ROWID of this name."""
    folded = fold_name(name)
    index = schema.indexes.get(folded)
    if index is None:
        table = schema.tables.get(folded)
        index = None if table is None else table.key_index
    if index is None:
        return
    if index.samples is None:
        width = len(index.columns) if index.is_table else len(index.entry_columns)
        index.samples = IndexSamples(width, len(index.columns), schema.encoding)
        index.samples.counts = index.statistics
    index.samples.add(counts[0], counts[1], counts[2], sample)


def _apply(schema: Schema, table_name: str, index_name: str | None, stat: str) -> None:
    table = schema.tables.get(fold_name(table_name))
    if table is None or table.kind != "table":
        return
    words = stat.split(" ")
    counts = []
    for word in words:
        if not word.isascii() or not word.isdigit() or len(word) > 18:
            break
        counts.append(int(word))
    if not counts:
        return
    if index_name is None:
        table.row_count = counts[0]
        table.statistics_width = _stated_width(words)
        return
    for index in table.indexes:
        is_key = table.is_without_rowid and index.origin == "pk" and fold_name(index_name) == fold_name(table.name)
        if is_key or fold_name(index.name) == fold_name(index_name):
            _apply_to_index(index, counts, words)
            if index.where is None:
                table.row_count = counts[0]


def _apply_to_index(index: Index, counts: list[int], words: list[str]) -> None:
    index.statistics = tuple(counts)
    index.statistics_width = _stated_width(words)
    index.is_unordered = any(word.startswith("unordered") for word in words)
    index.is_no_skip_scan = any(word.startswith("noskipscan") for word in words)


def _stated_width(words: list[str]) -> int:
    """The bytes of an entry that `sz=N` states, 0 without it."""
    for word in words:
        digits = word[3:]
        if word.startswith("sz=") and digits.isascii() and digits.isdigit() and len(digits) < 10:
            return max(2, int(digits))
    return 0
