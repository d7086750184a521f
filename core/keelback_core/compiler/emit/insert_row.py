"""RowInserter: what happens to a row that INSERT has computed: rowid, triggers, constraints, and that it is written.

Must not know: where rows come from, how constraints are checked. Source: https://sqlite.org/lang_insert.html
"""

from __future__ import annotations

from keelback_core.compiler.emit.constraints import ConstraintEmitter
from keelback_core.compiler.emit.expression import emit_expression, emit_jump_if_false
from keelback_core.compiler.emit.foreign_keys import KeyChecks
from keelback_core.compiler.emit.row_update import RowUpdater
from keelback_core.compiler.emit.row_write import ConflictUpdater, RowWrite
from keelback_core.compiler.emit.table_writer import TableWriter, emit_generated
from keelback_core.compiler.emit.triggers import RowTriggers
from keelback_core.compiler.emit.type_check import emit_row_check
from keelback_core.compiler.emit.virtual_write import emit_virtual_begin, emit_virtual_insert
from keelback_core.program.opcodes import (
    OP_AFFINITY,
    OP_COPY,
    OP_GOTO,
    OP_INTEGER,
    OP_MUST_BE_INT,
    OP_NEW_ROWID,
    OP_NOT_NULL,
)
from keelback_core.program.program import WRITE_COUNT_CHANGE, WRITE_LAST_ROWID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.insert import BoundInsert
    from keelback_core.compiler.bind.upsert import BoundUpsert
    from keelback_core.compiler.emit.autoincrement import AutoincrementCounter
    from keelback_core.compiler.emit.returning import ReturningRows
    from keelback_core.compiler.emit.statement_context import StatementContext


class RowInserter(ConflictUpdater):
    """See the module. rowid: register of the new rowid; the columns follow it, and before it stands the place of an OLD
    that triggers never read. Both are set before the first row."""

    __slots__ = (
        "context",
        "builder",
        "bound",
        "writer",
        "rowid",
        "first_column",
        "counter",
        "returning",
        "conflict",
        "triggers",
        "keys",
    )

    def __init__(self, context: StatementContext, bound: BoundInsert, conflict: str, returning: ReturningRows) -> None:
        self.context = context
        self.builder = context.builder
        self.bound = bound
        self.writer = TableWriter(context, bound.stored, bound.new)
        self.rowid = 0
        self.first_column = 0
        self.counter: AutoincrementCounter | None = None
        if bound.table.is_autoincrement:
            self.counter = context.autoincrement_counter(bound.table)
        self.returning = returning
        self.conflict = conflict
        self.triggers = RowTriggers(context, bound.table, "INSERT")
        self.keys = KeyChecks(context, bound.table, None, True)

    def expect_row(self, rowid: int) -> None:
        """The rowid will stand in this register, the columns behind it."""
        self.rowid = rowid
        self.first_column = rowid + 1
        self.context.bind_registers(self.bound.new.source, self.first_column, rowid)

    def open(self) -> None:
        """Open the table; a view has none."""
        if self.bound.table.kind == "virtual":
            emit_virtual_begin(self.context, self.bound.table)
        elif self.bound.table.kind != "view":
            self.writer.open()

    def emit_row(self, ignore_label: int) -> None:
        """Give the row its rowid, check it, write it."""
        builder = self.builder
        is_given = self.bound.rowid_place >= 0
        if self.triggers.before:
            self._fire_before(ignore_label)
        if self.bound.table.kind == "view":
            self.returning.emit_row()
            return
        if self.bound.table.kind == "virtual":
            conflict = self.conflict
            emit_virtual_insert(self.context, self.bound.table, self.rowid, is_given, self.first_column, conflict)
            if not is_given:
                # The module makes the rowid, and does not tell it to RETURNING.
                builder.emit(OP_INTEGER, -1, self.rowid)
            self.returning.emit_row()
            return
        if self.writer.key.is_rowid:
            self._rowid(is_given)
        if self.counter is not None:
            self.counter.emit_step(builder, self.rowid)
        emit_generated(self.context, self.bound.new, self.first_column)
        row = RowWrite(
            self.rowid,
            self.first_column,
            0,
            None,
            True,
            self.conflict,
            ignore_label,
            not is_given,
            self.bound.upserts,
            self,
            self.writer.may_be_late() and not self.keys.required and not self.bound.upserts,
        )
        checks = ConstraintEmitter(self.context, self.writer, row)
        checks.emit()
        self.keys.emit_check(0, self.rowid)
        self.writer.emit_insert_entries(checks.records)
        flags = WRITE_COUNT_CHANGE | WRITE_LAST_ROWID
        self.writer.emit_insert_row(self.first_column, self.rowid, flags, row.has_late_affinities)
        width = len(self.bound.table.columns) + 1
        self.triggers.emit_after(self.rowid - width, self.conflict, ignore_label, self.returning.row_emitter())

    def _rowid(self, is_given: bool) -> None:
        """Give the row its rowid."""
        builder = self.builder
        sequence = 0 if self.counter is None else self.counter.register
        if not is_given:
            builder.emit(OP_NEW_ROWID, self.writer.table_cursor, self.rowid, sequence)
            return
        given = builder.label()
        known = builder.label()
        builder.emit(OP_NOT_NULL, self.rowid, given)
        builder.emit(OP_NEW_ROWID, self.writer.table_cursor, self.rowid, sequence)
        builder.emit(OP_GOTO, 0, known)
        builder.place(given)
        builder.emit(OP_MUST_BE_INT, self.rowid, 0)
        builder.place(known)

    def _fire_before(self, ignore_label: int) -> None:
        """Fire the BEFORE triggers on a copy of the row; a rowid that is not known yet is -1 there."""
        builder, table = self.builder, self.bound.table
        width = len(table.columns) + 1
        first = builder.registers(2 * width)
        new = first + width
        known = builder.label()
        if self.bound.rowid_place >= 0:
            builder.emit(OP_COPY, self.rowid, new)
            builder.emit(OP_NOT_NULL, new, known)
            builder.emit(OP_INTEGER, -1, new)
            builder.place(known)
            builder.emit(OP_MUST_BE_INT, new, 0)
        else:
            builder.emit(OP_INTEGER, -1, new)
        if width > 1:
            builder.emit(OP_COPY, self.first_column, new + 1, width - 2)
        if self.bound.new.generated:
            self.context.bind_registers(self.bound.new.source, new + 1, new)
            emit_generated(self.context, self.bound.new, new + 1)
            self.context.bind_registers(self.bound.new.source, self.first_column, self.rowid)
        affinities = "".join(column.affinity for column in table.columns)
        if table.is_strict:
            # What the table refuses no trigger sees.
            emit_row_check(builder, table, new + 1, False)
        elif affinities.strip("A") and table.kind != "view":
            builder.emit(OP_AFFINITY, new + 1, len(affinities), 0, affinities)
        self.triggers.emit_before(first, self.conflict, ignore_label)
        values = self.bound.single_row
        if values is not None and self.bound.rowid_place >= 0 and table.kind != "view":
            # As in SQLite the rowid is computed once more, after what the triggers did.
            emit_expression(self.context, values[self.bound.rowid_place], self.rowid)

    def emit_update(self, clause: BoundUpsert, following: int) -> None:
        """DO UPDATE: change the row under the table's cursor instead."""
        context, builder = self.context, self.builder
        assert clause.values is not None
        context.bind_registers(clause.excluded, self.first_column, self.rowid)
        writer = self.writer.sharing(clause.source, clause.new)
        if clause.where is not None:
            emit_jump_if_false(context, clause.where, following, True)
        old_key = builder.registers(writer.key.width)
        writer.key.emit_read(context, clause.source, old_key)
        updater = RowUpdater(context, writer, dict(clause.values), clause.changed, "ABORT", old_key)
        if updater.is_followed:
            context.is_multi_write = True
        context.bind_registers(self.bound.new.source, updater.first_column, updater.new_rowid)
        updater.emit(following, self.returning if self.returning.columns else None)
        context.bind_registers(self.bound.new.source, self.first_column, self.rowid)
