"""RowUpdater: the new values of one stored row computed, checked and written; for UPDATE and for ON CONFLICT DO UPDATE.

1. New values are computed from the row under the writer's table cursor before anything of it changes.
2. Only indexes over changed columns are touched, all of them when the rowid may change.

Must not know: how the row was found.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundSubquery
from keelback_core.compiler.catalog.model import ROWID
from keelback_core.compiler.emit.constraints import ConstraintEmitter, RowWrite
from keelback_core.compiler.emit.expression import emit_expression
from keelback_core.compiler.emit.subquery import emit_row_subquery
from keelback_core.program.opcodes import OP_COLUMN, OP_COPY, OP_MUST_BE_INT, OP_NOT_EXISTS, OP_SOFT_NULL
from keelback_core.program.program import WRITE_COUNT_CHANGE, WRITE_IS_UPDATE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias, Union

    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.emit.context import EmitContext
    from keelback_core.compiler.emit.table_writer import TableWriter

    NewValue: TypeAlias = Union[BoundExpression, tuple[BoundSubquery, int], "BufferedValue"]


class BufferedValue:
    """A new value that was computed before: column `place` of the row under `cursor`."""

    __slots__ = ("cursor", "place")

    def __init__(self, cursor: int, place: int) -> None:
        self.cursor = cursor
        self.place = place


class RowUpdater:
    """values: column number (ROWID for the rowid) to its new value. The new row stands in registers afterwards:
    its columns from `first_column`, its rowid in `new_rowid`."""

    __slots__ = ("context", "builder", "writer", "values", "conflict", "old_rowid", "new_rowid", "first_column")

    def __init__(
        self, context: EmitContext, writer: TableWriter, values: dict[int, NewValue], conflict: str, old_rowid: int
    ) -> None:
        self.context = context
        self.builder = context.builder
        self.writer = writer
        self.values = values
        self.conflict = conflict
        self.old_rowid = old_rowid
        first = self.builder.registers(len(writer.table.columns) + 1)
        self.first_column = first + 1
        self.new_rowid = first if ROWID in values else old_rowid
        assert writer.new is not None
        context.bind_registers(writer.new.source, self.first_column, self.new_rowid)

    def emit(self, ignore_label: int) -> None:
        """Update the row under the table's cursor; on IGNORE go to `ignore_label`."""
        self._new_values()
        self._write(ignore_label)

    def _new_values(self) -> None:
        """All columns of the new row: computed where assigned, else as stored."""
        builder, table = self.builder, self.writer.table
        subqueries: dict[int, int] = {}
        for value in self.values.values():
            if isinstance(value, tuple) and id(value[0]) not in subqueries:
                subqueries[id(value[0])] = emit_row_subquery(self.context, value[0])
        if ROWID in self.values:
            self._value(ROWID, self.new_rowid, subqueries)
            builder.emit(OP_MUST_BE_INT, self.new_rowid, 0)
        for number in range(len(table.columns)):
            register = self.first_column + number
            if number == table.rowid_column:
                builder.emit(OP_SOFT_NULL, register)
            elif number in self.values:
                self._value(number, register, subqueries)
            else:
                emit_expression(self.context, self.writer.stored.column(number), register)

    def _value(self, column: int, register: int, subqueries: dict[int, int]) -> None:
        value = self.values[column]
        if isinstance(value, tuple):
            self.builder.emit(OP_COPY, subqueries[id(value[0])] + value[1], register, 0)
        elif isinstance(value, BufferedValue):
            self.builder.emit(OP_COLUMN, value.cursor, value.place, register)
        else:
            emit_expression(self.context, value, register)

    def _write(self, ignore_label: int) -> None:
        builder, writer = self.builder, self.writer
        rowid_changes = ROWID in self.values
        changed = {number for number in self.values if number != ROWID}
        row = RowWrite(
            self.new_rowid, self.first_column, self.old_rowid, changed, rowid_changes, self.conflict, ignore_label
        )
        checks = ConstraintEmitter(writer, row)
        checks.emit()
        if checks.replaces or rowid_changes:
            # Looking for rows in the way has moved the table's cursor.
            builder.emit(OP_NOT_EXISTS, writer.table_cursor, ignore_label, self.old_rowid)
        concerned = {position for position, (record, _) in enumerate(checks.records) if record}
        writer.emit_delete_entries(concerned)
        if rowid_changes:
            writer.emit_delete_row(False, True, is_update=True)
        writer.emit_insert_entries(checks.records)
        writer.emit_insert_row(self.first_column, self.new_rowid, WRITE_COUNT_CHANGE | WRITE_IS_UPDATE)
