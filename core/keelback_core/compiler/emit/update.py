"""UPDATE: rows found first, then each row's new values computed, checked and written.

1. Rowids are collected in the order in which the rows are found, so that a row that moves is met once.
2. New values are computed from the stored row before anything of it changes.
3. Only indexes over changed columns are touched, all of them when the rowid may change.

Must not know: how rows are found, how constraints are checked. Source: https://sqlite.org/lang_update.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundColumn, BoundSubquery
from keelback_core.compiler.bind.update import BoundUpdate, bind_update
from keelback_core.compiler.catalog.model import ROWID
from keelback_core.compiler.emit.constraints import ConstraintEmitter, RowWrite
from keelback_core.compiler.emit.expression import emit_expression
from keelback_core.compiler.emit.loops import LoopEmitter
from keelback_core.compiler.emit.subquery import emit_row_subquery
from keelback_core.compiler.emit.table_writer import TableWriter
from keelback_core.compiler.plan.planner import plan_loops
from keelback_core.program.opcodes import (
    OP_COLUMN,
    OP_COPY,
    OP_HALT,
    OP_INSERT,
    OP_MAKE_RECORD,
    OP_MUST_BE_INT,
    OP_NEW_ROWID,
    OP_NEXT,
    OP_NOT_EXISTS,
    OP_OPEN_EPHEMERAL,
    OP_REWIND,
    OP_SOFT_NULL,
)
from keelback_core.program.program import WRITE_APPEND, WRITE_COUNT_CHANGE, WRITE_IS_UPDATE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstUpdate


def emit_update(context: StatementContext, ast: AstUpdate) -> None:
    """The program of an UPDATE."""
    UpdateEmitter(context, bind_update(context.bind_context, ast)).emit()


class UpdateEmitter:
    """See the module."""

    __slots__ = ("context", "builder", "bound", "writer", "old_rowid", "new_rowid", "first_column")

    def __init__(self, context: StatementContext, bound: BoundUpdate) -> None:
        self.context = context
        self.builder = context.builder
        self.bound = bound
        self.writer = TableWriter(context, bound.stored, bound.new)
        self.old_rowid = 0
        self.new_rowid = 0
        self.first_column = 0

    def emit(self) -> None:
        """The whole statement."""
        context, builder, bound = self.context, self.builder, self.bound
        table = bound.table
        context.need_write(table.database)
        context.counts_changes = True
        context.is_multi_write = True
        buffer = self._collect()
        self.old_rowid = builder.register()
        first = builder.registers(len(table.columns) + 1)
        self.first_column = first + 1
        rowid_changes = ROWID in bound.values
        self.new_rowid = first if rowid_changes else self.old_rowid
        self.writer.open()
        # WHERE and the new values read the row under the writer's cursor from now on.
        context.bind_cursor(bound.source, self.writer.table_cursor)
        context.bind_registers(bound.new.source, self.first_column, self.new_rowid)
        done = builder.label()
        following = builder.label()
        builder.emit(OP_REWIND, buffer, done)
        top = builder.address
        builder.emit(OP_COLUMN, buffer, 0, self.old_rowid)
        builder.emit(OP_NOT_EXISTS, self.writer.table_cursor, following, self.old_rowid)
        context.loop_depth += 1
        self._new_values()
        self._write(rowid_changes, following)
        context.loop_depth -= 1
        builder.place(following)
        builder.emit(OP_NEXT, buffer, top)
        builder.place(done)
        builder.emit(OP_HALT)

    def _collect(self) -> int:
        """The rowids of the rows to change, in an ephemeral table; its cursor."""
        builder, bound = self.builder, self.bound
        buffer = builder.cursor()
        rowid = builder.register()
        record = builder.register()
        key = builder.register()
        builder.emit(OP_OPEN_EPHEMERAL, buffer, 1)
        loops = LoopEmitter(self.context, plan_loops((bound.source,), bound.where, is_write=True))
        loops.begin()
        emit_expression(self.context, BoundColumn(bound.source, ROWID), rowid)
        builder.emit(OP_MAKE_RECORD, rowid, 1, record)
        builder.emit(OP_NEW_ROWID, buffer, key)
        builder.emit(OP_INSERT, buffer, record, key, None, WRITE_APPEND)
        loops.end()
        return buffer

    def _new_values(self) -> None:
        """All columns of the new row: computed where assigned, else as stored."""
        builder, bound = self.builder, self.bound
        subqueries: dict[int, int] = {}
        for value in bound.values.values():
            if isinstance(value, tuple) and id(value[0]) not in subqueries:
                subqueries[id(value[0])] = emit_row_subquery(self.context, value[0])
        if ROWID in bound.values:
            self._value(ROWID, self.new_rowid, subqueries)
            builder.emit(OP_MUST_BE_INT, self.new_rowid, 0)
        for number in range(len(bound.table.columns)):
            register = self.first_column + number
            if number == bound.table.rowid_column:
                builder.emit(OP_SOFT_NULL, register)
            elif number in bound.values:
                self._value(number, register, subqueries)
            else:
                emit_expression(self.context, bound.stored.column(number), register)

    def _value(self, column: int, register: int, subqueries: dict[int, int]) -> None:
        value = self.bound.values[column]
        if isinstance(value, tuple):
            self.builder.emit(OP_COPY, subqueries[id(value[0])] + value[1], register, 0)
        else:
            emit_expression(self.context, value, register)

    def _write(self, rowid_changes: bool, ignore_label: int) -> None:
        builder = self.builder
        changed = {number for number in self.bound.values if number != ROWID}
        row = RowWrite(
            self.new_rowid,
            self.first_column,
            self.old_rowid,
            changed,
            rowid_changes,
            self.bound.conflict,
            ignore_label,
        )
        checks = ConstraintEmitter(self.writer, row)
        checks.emit()
        if checks.replaces or rowid_changes:
            # Looking for rows in the way has moved the table's cursor.
            builder.emit(OP_NOT_EXISTS, self.writer.table_cursor, ignore_label, self.old_rowid)
        concerned = {position for position, (record, _) in enumerate(checks.records) if record}
        self.writer.emit_delete_entries(concerned)
        if rowid_changes:
            self.writer.emit_delete_row(False, True, is_update=True)
        self.writer.emit_insert_entries(checks.records)
        self.writer.emit_insert_row(self.first_column, self.new_rowid, WRITE_COUNT_CHANGE | WRITE_IS_UPDATE)
