"""The samples of an index for sqlite_stat4: rows of table, index, three lists of counts and the key of an entry.

1. An entry counts with all that tells it from others: its key, and the rowid or primary key behind it.
2. What makes entries differ is looked for in all columns but the last, which differs anyway; of a unique index without
   NULLs that is the last of its key.

Must not know: which entries are chosen (the VM's samples know).
Source: https://sqlite.org/fileformat2.html#the_sqlite_stat4_table
"""

from __future__ import annotations

from keelback_core.compiler.catalog.model import ROWID
from keelback_core.program.opcodes import (
    OP_COLUMN,
    OP_COPY,
    OP_GOTO,
    OP_INSERT,
    OP_MAKE_RECORD,
    OP_NEW_ROWID,
    OP_OPEN_PSEUDO,
    OP_REAL_AFFINITY,
    OP_RECORD_BLOB,
    OP_SAMPLE_NEXT,
    OP_SAMPLE_OPEN,
    OP_SAMPLE_PUSH,
    OP_STRING8,
)
from keelback_core.program.program import WRITE_APPEND

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.catalog.model import Index, Table
    from keelback_core.compiler.emit.statement_context import StatementContext


def sample_columns(index: Index) -> int:
    """How many columns of an entry tell it from all others."""
    return len(index.columns) if index.is_table else len(index.entry_columns)


def tested_columns(table: Table, index: Index) -> int:
    """In how many columns entries are compared with the one before."""
    if index.is_table:
        return len(index.columns) - 1
    is_unique = index.is_unique and all(
        key.column == ROWID or (key.column >= 0 and table.columns[key.column].not_null is not None)
        for key in index.columns
    )
    return len(index.columns) - 1 if is_unique else len(index.entry_columns) - 1


class IndexSamples:
    """See the module. cursor: of the index; rows: the register with the number of its entries."""

    __slots__ = ("context", "table", "index", "cursor", "samples")

    def __init__(self, context: StatementContext, table: Table, index: Index, cursor: int, rows: int) -> None:
        self.context = context
        self.table = table
        self.index = index
        self.cursor = cursor
        self.samples = context.builder.cursor()
        context.builder.emit(OP_SAMPLE_OPEN, self.samples, sample_columns(index), rows)

    def emit_push(self, same_columns: int) -> None:
        """Count the entry under the cursor; the register tells how many columns are those of the entry before."""
        self.context.builder.emit(OP_SAMPLE_PUSH, self.samples, same_columns, self.cursor)

    def emit_write(self, target: int, name: str) -> None:
        """Write the samples to sqlite_stat4, under the cursor `target`."""
        builder = self.context.builder
        width = sample_columns(self.index)
        entry = builder.registers(4)
        row = builder.registers(6)
        key = builder.registers(width)
        record, rowid = builder.register(), builder.register()
        pseudo = builder.cursor()
        done = builder.label()
        builder.emit(OP_STRING8, 0, row, 0, self.table.name)
        builder.emit(OP_STRING8, 0, row + 1, 0, name)
        builder.emit(OP_OPEN_PSEUDO, pseudo, entry, len(self.index.entry_columns))
        top = builder.address
        builder.emit(OP_SAMPLE_NEXT, self.samples, done, entry, 4)
        for place, column in enumerate(self.index.entry_columns[:width]):
            builder.emit(OP_COLUMN, pseudo, place, key + place)
            if column.column >= 0 and self.table.columns[column.column].affinity == "E":
                builder.emit(OP_REAL_AFFINITY, key + place)
        encoding = self.context.catalog.schema(self.table.database).encoding
        builder.emit(OP_RECORD_BLOB, key, width, row + 5, None, encoding)
        for place in range(3):
            builder.emit(OP_COPY, entry + 1 + place, row + 2 + place)
        builder.emit(OP_MAKE_RECORD, row, 6, record)
        builder.emit(OP_NEW_ROWID, target, rowid)
        builder.emit(OP_INSERT, target, record, rowid, None, WRITE_APPEND)
        builder.emit(OP_GOTO, 0, top)
        builder.place(done)
