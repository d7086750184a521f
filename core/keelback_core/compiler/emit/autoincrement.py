"""AutoincrementCounter: the largest rowid ever used, kept in sqlite_sequence.

Read when a statement begins, written when it ends; triggers count in the registers of their statement. Source: https://sqlite.org/autoinc.html
"""

from __future__ import annotations

from keelback_core.program.opcodes import (
    OP_CLOSE,
    OP_COLUMN,
    OP_COPY,
    OP_GOTO,
    OP_INSERT,
    OP_INTEGER,
    OP_LE,
    OP_MAKE_RECORD,
    OP_MEM_MAX,
    OP_NE,
    OP_NEW_ROWID,
    OP_NEXT,
    OP_NOT_NULL,
    OP_NULL,
    OP_OPEN_WRITE,
    OP_REWIND,
    OP_ROWID,
    OP_STRING8,
)
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import CORRUPT_SEQUENCE, MESSAGES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.emit.builder import ProgramBuilder
    from keelback_core.compiler.emit.context import EmitContext

SEQUENCE_TABLE: Final = "sqlite_sequence"


class AutoincrementCounter:
    """register: the largest rowid so far; the name of the table stands before it, its row in sqlite_sequence after.
    first_register: what the row said at first, NULL if there was none."""

    __slots__ = ("context", "builder", "table", "root", "register", "row_register", "first_register", "cursor")

    def __init__(self, context: EmitContext, table: Table) -> None:
        self.context = context
        self.builder = context.builder
        self.table = table
        sequence = context.catalog.schema(table.database).tables.get(SEQUENCE_TABLE)
        if sequence is None or sequence.kind != "table" or sequence.is_without_rowid or len(sequence.columns) != 2:
            raise SqlError(CORRUPT_SEQUENCE, MESSAGES[CORRUPT_SEQUENCE & 0xFF])
        self.root = sequence.root
        first = self.builder.registers(4)
        self.register = first + 1
        self.row_register = first + 2
        self.first_register = first + 3
        self.cursor = self.builder.cursor()

    def emit_begin(self) -> None:
        """Find the table's row; the cursor stays, for the end."""
        builder = self.builder
        cursor = self.cursor
        value = builder.register()
        name = self.register - 1
        done = builder.label()
        following = builder.label()
        builder.emit(OP_STRING8, 0, name, 0, self.table.name)
        builder.emit(OP_INTEGER, 0, self.register)
        builder.emit(OP_NULL, 0, self.row_register, self.first_register)
        builder.emit(OP_OPEN_WRITE, cursor, self.root, self.table.database, 2)
        builder.emit(OP_REWIND, cursor, done)
        top = builder.address
        builder.emit(OP_COLUMN, cursor, 0, value)
        builder.emit(OP_NE, name, following, value, "BINARY", 0x10)
        builder.emit(OP_ROWID, cursor, self.row_register)
        builder.emit(OP_COLUMN, cursor, 1, self.register)
        # Makes an integer of whatever stands there.
        builder.emit(OP_MEM_MAX, self.register, self.register)
        builder.emit(OP_COPY, self.register, self.first_register)
        builder.emit(OP_GOTO, 0, done)
        builder.place(following)
        builder.emit(OP_NEXT, cursor, top)
        builder.place(done)

    def emit_step(self, builder: ProgramBuilder, rowid: int) -> None:
        """Take a new rowid into account, in the statement or in a trigger of it."""
        builder.emit(OP_MEM_MAX, self.register, rowid)

    def emit_end(self) -> None:
        """Write the row back, unless there is nothing new."""
        builder = self.builder
        cursor = self.cursor
        record = builder.register()
        known = builder.label()
        same = builder.label()
        builder.emit(OP_LE, self.first_register, same, self.register, "BINARY")
        builder.emit(OP_NOT_NULL, self.row_register, known)
        builder.emit(OP_NEW_ROWID, cursor, self.row_register)
        builder.place(known)
        builder.emit(OP_MAKE_RECORD, self.register - 1, 2, record)
        builder.emit(OP_INSERT, cursor, record, self.row_register)
        builder.place(same)
        builder.emit(OP_CLOSE, cursor)
