"""RETURNING: rows kept while the statement changes the table, and handed out when it is done.

With PRAGMA count_changes a statement without RETURNING hands out one row: how many rows it has changed.

Source: https://sqlite.org/lang_returning.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.types import REAL_AFFINITY, expression_affinity
from keelback_core.compiler.emit.expression import emit_expression
from keelback_core.program.opcodes import (
    OP_ADD_IMM,
    OP_COLUMN,
    OP_INSERT,
    OP_INTEGER,
    OP_MAKE_RECORD,
    OP_NEW_ROWID,
    OP_NEXT,
    OP_OPEN_EPHEMERAL,
    OP_REAL_AFFINITY,
    OP_RESULT_ROW,
    OP_REWIND,
)
from keelback_core.program.program import WRITE_APPEND, OutputColumn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from keelback_core.compiler.bind.nodes import BoundResultColumn
    from keelback_core.compiler.emit.statement_context import StatementContext


class ReturningRows:
    """The rows of RETURNING, or their count; does nothing when neither is wanted. counter: its register, 0 for none.
    done: what count_changes says of the rows ("inserted"), "" where it never counts."""

    __slots__ = ("context", "builder", "columns", "cursor", "first", "counter")

    def __init__(self, context: StatementContext, columns: tuple[BoundResultColumn, ...], done: str) -> None:
        self.context = context
        self.builder = context.builder
        self.columns = columns
        self.cursor = -1
        self.first = 0
        self.counter = 0
        if columns:
            context.output = tuple(
                OutputColumn(column.name, column.declared_type, column.database, column.table, column.origin)
                for column in columns
            )
        elif done and context.catalog.settings.count_changes and not context.is_subprogram:
            context.output = (OutputColumn("rows " + done),)
            self.counter = context.builder.register()

    @property
    def is_wanted(self) -> bool:
        """Whether rows are handed out or counted."""
        return len(self.columns) > 0 or self.counter > 0

    def emit_open(self) -> None:
        """Make the place where rows are kept."""
        if self.columns:
            self.cursor = self.builder.cursor()
            self.first = self.builder.registers(len(self.columns))
            self.builder.emit(OP_OPEN_EPHEMERAL, self.cursor, len(self.columns))
        elif self.counter:
            self.builder.emit(OP_INTEGER, 0, self.counter)

    def emit_count(self) -> None:
        """Count one row, where rows are counted."""
        if self.counter:
            self.builder.emit(OP_ADD_IMM, self.counter, 1)

    def emit_row(self) -> None:
        """Keep the row that the sources of the columns stand on, or count it."""
        if not self.columns:
            self.emit_count()
            return
        builder = self.builder
        record = builder.register()
        key = builder.register()
        for place, column in enumerate(self.columns):
            emit_expression(self.context, column.expression, self.first + place)
            if expression_affinity(column.expression) == REAL_AFFINITY:
                # A view's column holds what was given for it.
                builder.emit(OP_REAL_AFFINITY, self.first + place)
        builder.emit(OP_MAKE_RECORD, self.first, len(self.columns), record)
        builder.emit(OP_NEW_ROWID, self.cursor, key)
        builder.emit(OP_INSERT, self.cursor, record, key, None, WRITE_APPEND)

    def row_emitter(self) -> Callable[[], None] | None:
        """`emit_row`, None where it would do nothing."""
        return self.emit_row if self.is_wanted else None

    def emit_output(self) -> None:
        """Hand out all rows, or their count."""
        if not self.columns:
            if self.counter:
                self.builder.emit(OP_RESULT_ROW, self.counter, 1)
            return
        builder = self.builder
        done = builder.label()
        builder.emit(OP_REWIND, self.cursor, done)
        top = builder.address
        for place in range(len(self.columns)):
            builder.emit(OP_COLUMN, self.cursor, place, self.first + place)
        builder.emit(OP_RESULT_ROW, self.first, len(self.columns))
        builder.emit(OP_NEXT, self.cursor, top)
        builder.place(done)
