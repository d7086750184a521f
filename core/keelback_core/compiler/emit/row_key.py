"""RowKey: what tells the rows of a table apart and finds one again: the rowid, or, WITHOUT ROWID, the primary key.

1. A key stands in `width` consecutive registers, with the values as they are stored.
2. The tree of a table WITHOUT ROWID is that of its key index; `table_operand` says how either kind is opened.

Must not know: which statement it serves. Source: https://sqlite.org/withoutrowid.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundColumn
from keelback_core.compiler.catalog.model import ROWID
from keelback_core.compiler.emit.dispatch import emit_expression
from keelback_core.program.opcodes import (
    OP_COLUMN,
    OP_COPY,
    OP_EQ,
    OP_IDX_ROWID,
    OP_NE,
    OP_NOT_EXISTS,
    OP_NOT_FOUND,
    OP_OPEN_READ,
    OP_OPEN_WRITE,
)
from keelback_core.value.key_info import KeyInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from keelback_core.compiler.bind.nodes import BoundSource
    from keelback_core.compiler.catalog.model import Index, Table
    from keelback_core.compiler.emit.builder import ProgramBuilder
    from keelback_core.compiler.emit.context import EmitContext


def index_key_info(index: Index) -> KeyInfo:
    """The order of an index's entries: its columns, then its suffix; of a key index its columns alone."""
    if index.key is not None:
        return index.key
    entry = index.entry_columns
    ordering = index.columns if index.is_table else entry
    names = tuple(column.collation for column in ordering)
    flags = tuple(1 if column.is_descending else 0 for column in ordering)
    key = index.key = KeyInfo(names, flags, len(entry))
    key.is_kept = True
    return key


def table_operand(table: Table) -> KeyInfo | int:
    """The p4 with which a table is opened: its number of columns, or the order of its key."""
    return len(table.columns) if table.key_index is None else index_key_info(table.key_index)


def open_table_cursor(builder: ProgramBuilder, table: Table, cursor: int, is_writable: bool = False) -> None:
    """Open a cursor on the rows of a table."""
    opcode = OP_OPEN_WRITE if is_writable else OP_OPEN_READ
    builder.emit(opcode, cursor, table.root, table.database, table_operand(table), 0, table.name)


class RowKey:
    """See the module. columns: their numbers, or ROWID alone."""

    __slots__ = ("table", "columns", "width")

    def __init__(self, table: Table) -> None:
        self.table = table
        self.columns = table.row_key
        self.width = len(self.columns)

    @property
    def is_rowid(self) -> bool:
        return self.table.key_index is None

    def info(self, more: int = 0) -> KeyInfo:
        """The order of keys, as that of an ephemeral index with `more` columns behind them."""
        index = self.table.key_index
        if index is None:
            names: tuple[str, ...] = ("BINARY",)
            flags: tuple[int, ...] = (0,)
        else:
            names = tuple(column.collation for column in index.columns)
            flags = tuple(1 if column.is_descending else 0 for column in index.columns)
        return KeyInfo(names + ("BINARY",) * more, flags + (0,) * more, self.width + more)

    def is_changed(self, values: dict[int, Any]) -> bool:
        """Whether setting these columns (ROWID among them for the rowid) changes the key."""
        return any(column in values for column in self.columns)

    def emit_read(self, context: EmitContext, source: BoundSource, first: int) -> None:
        """The key of the row on which `source` stands."""
        for place, column in enumerate(self.columns):
            emit_expression(context, BoundColumn(source, column), first + place)

    def emit_read_entry(self, context: EmitContext, index: Index, cursor: int, first: int) -> None:
        """The key of the row whose index entry is under the cursor of the index."""
        if self.is_rowid:
            context.builder.emit(OP_IDX_ROWID, cursor, first)
            return
        numbers = [column.column for column in index.entry_columns]
        for place, column in enumerate(self.columns):
            context.builder.emit(OP_COLUMN, cursor, numbers.index(column), first + place)

    def emit_copy_new(self, context: EmitContext, first_column: int, rowid: int, first: int) -> None:
        """The key of a new row, whose columns and rowid are in registers."""
        for place, column in enumerate(self.columns):
            register = rowid if column == ROWID else first_column + column
            context.builder.emit(OP_COPY, register, first + place)

    def emit_seek(self, context: EmitContext, cursor: int, missing: int, first: int) -> None:
        """Move a cursor on the table to the row of a key; go to `missing` if there is none."""
        if self.is_rowid:
            context.builder.emit(OP_NOT_EXISTS, cursor, missing, first)
        else:
            context.builder.emit(OP_NOT_FOUND, cursor, missing, first, self.width)

    def emit_jump_if_same(self, context: EmitContext, left: int, right: int, same: int) -> None:
        """Go to `same` if two keys are those of one row."""
        builder = context.builder
        if self.is_rowid:
            builder.emit(OP_EQ, left, same, right, None, 0)
            return
        names = self.info().collation_names
        differs = builder.label()
        for place in range(self.width - 1):
            builder.emit(OP_NE, left + place, differs, right + place, names[place], 0)
        last = self.width - 1
        builder.emit(OP_EQ, left + last, same, right + last, names[last], 0)
        builder.place(differs)
