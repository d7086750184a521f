"""RowDeleter: one stored row deleted with everything that hangs on it: triggers, foreign keys, index entries.

It serves DELETE and the rows that REPLACE puts out of the way. The order is SQLite's: BEFORE triggers, foreign key
checks, the entries and the row, foreign key actions, AFTER triggers and RETURNING.

Must not know: how the row was found.
"""

from __future__ import annotations

from keelback_core.compiler.emit.expression import emit_expression
from keelback_core.compiler.emit.foreign_keys import KeyChecks
from keelback_core.compiler.emit.triggers import RowTriggers
from keelback_core.program.opcodes import OP_COPY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from keelback_core.compiler.emit.returning import ReturningRows
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.emit.table_writer import TableWriter


class RowDeleter:
    """conflict: the conflict action under which triggers fire. is_counted: the row counts for changes()."""

    __slots__ = ("context", "builder", "writer", "triggers", "keys", "conflict", "is_counted")

    def __init__(self, context: StatementContext, writer: TableWriter, conflict: str, is_replace: bool = False) -> None:
        self.context = context
        self.builder = context.builder
        self.writer = writer
        self.triggers = RowTriggers(context, writer.table, "DELETE")
        if is_replace and not context.catalog.settings.recursive_triggers:
            self.triggers.before = ()
            self.triggers.after = ()
        self.keys = KeyChecks(context, writer.table, None, True)
        self.conflict = conflict
        self.is_counted = not is_replace

    @property
    def is_complex(self) -> bool:
        """Whether other rows may change with the row."""
        return self.triggers.any or self.keys.required > 0

    def emit(self, key: int, returning: ReturningRows | None = None) -> None:
        """Delete the row under the writer's table cursor, whose key is in the registers from `key`."""
        builder, writer = self.builder, self.writer
        gone = builder.label()
        old = 0
        if self.is_complex or returning is not None:
            old = builder.registers(len(writer.table.columns) + 1)
            if writer.key.is_rowid:
                builder.emit(OP_COPY, key, old)
            for number in range(len(writer.table.columns)):
                if self.is_complex or number in writer.stored.source.used_columns:
                    emit_expression(self.context, writer.stored.column(number), old + 1 + number)
            if self.triggers.before:
                self.triggers.emit_before(old, self.conflict, gone)
                writer.key.emit_seek(self.context, writer.table_cursor, gone, key)
            self.keys.emit_check(old, 0)
        writer.emit_delete_entries()
        writer.emit_delete_row(self.is_counted, self.is_counted)
        if old:
            self.keys.emit_actions(old)
            self.triggers.emit_after(
                old, self.conflict, gone, None if returning is None else self._return(returning, old)
            )
        builder.place(gone)

    def _return(self, returning: ReturningRows, old: int) -> Callable[[], None]:
        """What hands out the row as it was before triggers changed it."""

        def emit() -> None:
            source = self.writer.stored.source
            reading = source.reading
            self.context.bind_registers(source, old + 1, old)
            returning.emit_row()
            source.reading = reading

        return emit
