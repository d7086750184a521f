"""Destinations: where the rows of a SELECT go.

`emit_row(context, first_register, count, stop_label)` is emitted where a row stands in consecutive registers; a
destination that wants no more rows jumps to `stop_label`.

Must not know: how the rows are made.
"""

from __future__ import annotations

from keelback_core.program.opcodes import (
    OP_COPY,
    OP_DELETE,
    OP_FILTER_ADD,
    OP_FOUND,
    OP_GOTO,
    OP_IDX_DELETE,
    OP_IDX_INSERT,
    OP_INSERT,
    OP_INTEGER,
    OP_IS_NULL,
    OP_MAKE_RECORD,
    OP_NEW_ROWID,
    OP_NOT_FOUND,
    OP_RESULT_ROW,
    OP_YIELD,
)
from keelback_core.program.program import WRITE_APPEND

FILTER_BYTES: Final = 10000

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.emit.context import EmitContext


class Destination:
    """Base of the destinations. row_limit: the rows it takes at most, 0 for any number. reads_row: False where it only
    counts that there is a row. is_sorted: the rows come out of a sorter."""

    __slots__ = ("row_limit", "reads_row", "is_sorted")

    def __init__(self, row_limit: int = 0) -> None:
        self.row_limit = row_limit
        self.reads_row = True
        self.is_sorted = False

    def emit_row(self, context: EmitContext, first: int, count: int, stop_label: int) -> None:
        """Take the row in registers first ... first + count - 1."""
        raise NotImplementedError

    def note_rows(self, context: EmitContext) -> None:
        """Tell EXPLAIN QUERY PLAN what becomes of rows, if that is worth telling."""

    def row_registers(self, context: EmitContext, count: int) -> int:
        """The first register where a row may best be put together."""
        return context.builder.registers(count)


class RowOutput(Destination):
    """Rows of the statement's result."""

    __slots__ = ()

    def emit_row(self, context: EmitContext, first: int, count: int, stop_label: int) -> None:
        context.builder.emit(OP_RESULT_ROW, first, count)


class CoroutineOutput(Destination):
    """Rows handed to the caller of a co-routine, in its registers. is_told: the plan of the caller tells what they
    are."""

    __slots__ = ("yield_register", "first_register", "is_told")

    def __init__(self, yield_register: int, first_register: int, is_told: bool = False) -> None:
        super().__init__()
        self.is_told = is_told
        self.yield_register = yield_register
        self.first_register = first_register

    def emit_row(self, context: EmitContext, first: int, count: int, stop_label: int) -> None:
        if first != self.first_register:
            context.builder.emit(OP_COPY, first, self.first_register, count - 1)
        context.builder.emit(OP_YIELD, self.yield_register)

    def row_registers(self, context: EmitContext, count: int) -> int:
        return self.first_register


class TableOutput(Destination):
    """Rows appended to an ephemeral table."""

    __slots__ = ("cursor",)

    def __init__(self, cursor: int) -> None:
        super().__init__()
        self.cursor = cursor

    def emit_row(self, context: EmitContext, first: int, count: int, stop_label: int) -> None:
        builder = context.builder
        record = builder.register()
        rowid = builder.register()
        builder.emit(OP_MAKE_RECORD, first, count, record)
        builder.emit(OP_NEW_ROWID, self.cursor, rowid)
        builder.emit(OP_INSERT, self.cursor, record, rowid, None, WRITE_APPEND)


class KeyedOutput(Destination):
    """Rows that begin with a key put into an ephemeral table, without the rowid that is the key, or into an ephemeral
    index, whose key has `width` columns; of rows with one key the last stays, and one without a rowid is left out."""

    __slots__ = ("cursor", "width", "is_rowid")

    def __init__(self, cursor: int, width: int, is_rowid: bool) -> None:
        super().__init__()
        self.cursor = cursor
        self.width = width
        self.is_rowid = is_rowid

    def emit_row(self, context: EmitContext, first: int, count: int, stop_label: int) -> None:
        builder = context.builder
        record = builder.register()
        past = builder.label()
        if self.is_rowid:
            builder.emit(OP_IS_NULL, first, past)
            builder.emit(OP_MAKE_RECORD, first + 1, count - 1, record)
            builder.emit(OP_INSERT, self.cursor, record, first)
        else:
            builder.emit(OP_MAKE_RECORD, first, count, record)
            builder.emit(OP_NOT_FOUND, self.cursor, past, first, self.width)
            builder.emit(OP_DELETE, self.cursor)
        builder.place(past)
        if not self.is_rowid:
            builder.emit(OP_IDX_INSERT, self.cursor, record, first, count)


class SetOutput(Destination):
    """Rows put into an ephemeral index, with affinities applied; of equal rows the first stays. filter_register: of a
    Bloom filter of the rows, 0 if there is none."""

    __slots__ = ("cursor", "affinities", "filter_register")

    def __init__(self, cursor: int, affinities: str | None, filter_register: int = 0) -> None:
        super().__init__()
        self.cursor = cursor
        self.affinities = affinities
        self.filter_register = filter_register

    def emit_row(self, context: EmitContext, first: int, count: int, stop_label: int) -> None:
        builder = context.builder
        record = builder.register()
        known = builder.label()
        builder.emit(OP_MAKE_RECORD, first, count, record, self.affinities)
        if self.filter_register:
            self.note_rows(context)
            builder.emit(OP_FILTER_ADD, self.filter_register, FILTER_BYTES, first, count)
        builder.emit(OP_FOUND, self.cursor, known, record, 0)
        builder.emit(OP_IDX_INSERT, self.cursor, record, first, count)
        builder.place(known)

    def note_rows(self, context: EmitContext) -> None:
        if self.filter_register and not self.is_sorted:
            context.builder.note("CREATE BLOOM FILTER")


class RemovalOutput(Destination):
    """Rows taken out of an ephemeral index (EXCEPT)."""

    __slots__ = ("cursor",)

    def __init__(self, cursor: int) -> None:
        super().__init__()
        self.cursor = cursor

    def emit_row(self, context: EmitContext, first: int, count: int, stop_label: int) -> None:
        context.builder.emit(OP_IDX_DELETE, self.cursor, first, count)


class ExistsOutput(Destination):
    """A register set to 1 by the first row."""

    __slots__ = ("register",)

    def __init__(self, register: int) -> None:
        super().__init__(1)
        self.register = register
        self.reads_row = False

    def emit_row(self, context: EmitContext, first: int, count: int, stop_label: int) -> None:
        context.builder.emit(OP_INTEGER, 1, self.register)
        context.builder.emit(OP_GOTO, 0, stop_label)


class ScalarOutput(Destination):
    """The first row, in registers."""

    __slots__ = ("first_register",)

    def __init__(self, first_register: int) -> None:
        super().__init__(1)
        self.first_register = first_register

    def emit_row(self, context: EmitContext, first: int, count: int, stop_label: int) -> None:
        if first != self.first_register:
            context.builder.emit(OP_COPY, first, self.first_register, count - 1)
        context.builder.emit(OP_GOTO, 0, stop_label)
