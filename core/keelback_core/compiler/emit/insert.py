"""INSERT: rows from VALUES, a SELECT or the defaults, each checked and written.

1. One row of VALUES is computed in line; other sources are coroutines that yield rows. A SELECT that reads the table
   it fills is first collected in an ephemeral table.
2. Columns are computed in the order of the table, then the rowid, then the constraints.

Must not know: how constraints are checked. Source: https://sqlite.org/lang_insert.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.insert import BoundInsert, bind_insert
from keelback_core.compiler.bind.nodes import BoundLiteral, BoundParameter
from keelback_core.compiler.catalog.virtual import virtual_key
from keelback_core.compiler.emit.constraints import ConstraintEmitter, RowWrite
from keelback_core.compiler.emit.destination import CoroutineOutput
from keelback_core.compiler.emit.expression import emit_expression, emit_jump_if_false
from keelback_core.compiler.emit.foreign_keys import KeyChecks
from keelback_core.compiler.emit.returning import ReturningRows
from keelback_core.compiler.emit.row_delete import RowDeleter
from keelback_core.compiler.emit.row_update import RowUpdater
from keelback_core.compiler.emit.select import emit_select
from keelback_core.compiler.emit.table_writer import TableWriter, emit_generated
from keelback_core.compiler.emit.triggers import RowTriggers
from keelback_core.compiler.emit.virtual_write import emit_virtual_begin, emit_virtual_insert
from keelback_core.program.opcodes import (
    OP_AFFINITY,
    OP_CLOSE,
    OP_COLUMN,
    OP_COPY,
    OP_END_COROUTINE,
    OP_GOTO,
    OP_HALT,
    OP_INIT_COROUTINE,
    OP_INSERT,
    OP_INTEGER,
    OP_MAKE_RECORD,
    OP_MUST_BE_INT,
    OP_NEW_ROWID,
    OP_NEXT,
    OP_NOT_NULL,
    OP_NULL,
    OP_OPEN_EPHEMERAL,
    OP_OPEN_READ,
    OP_OPEN_WRITE,
    OP_REWIND,
    OP_SOFT_NULL,
    OP_V_OPEN,
    OP_VARIABLE,
    OP_YIELD,
)
from keelback_core.program.program import WRITE_APPEND, WRITE_COUNT_CHANGE, WRITE_LAST_ROWID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.bind.upsert import BoundUpsert
    from keelback_core.compiler.emit.autoincrement import AutoincrementCounter
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstInsert


def emit_insert(context: StatementContext, ast: AstInsert) -> None:
    """The program of an INSERT or REPLACE."""
    returning = emit_insert_step(context, ast)
    context.end_statement()
    returning.emit_output()
    context.builder.emit(OP_HALT)


def emit_insert_step(context: StatementContext, ast: AstInsert) -> ReturningRows:
    """An INSERT without the end of its program, as in the body of a trigger."""
    bound = bind_insert(context.bind_context, ast)
    context.bind_context.raise_late_error()
    emitter = InsertEmitter(context, bound)
    emitter.emit()
    return emitter.returning


class InsertEmitter:
    """See the module. rowid: register of the new rowid; the columns follow it, and before it stands the place of an
    OLD that triggers never read. deleter: of the rows that REPLACE deletes."""

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
        "deleter",
    )

    def __init__(self, context: StatementContext, bound: BoundInsert) -> None:
        self.context = context
        self.builder = context.builder
        self.bound = bound
        self.writer = TableWriter(context, bound.stored, bound.new)
        self.rowid = 0
        self.first_column = 0
        self.counter: AutoincrementCounter | None = None
        self.returning = ReturningRows(context, bound.returning, "inserted")
        self.conflict = context.conflict or bound.conflict
        self.triggers = RowTriggers(context, bound.table, "INSERT")
        self.keys = KeyChecks(context, bound.table, None, True)
        self.deleter = RowDeleter(context, self.writer, "REPLACE", True)

    def emit(self) -> None:
        """The whole statement but for its end."""
        context, builder, bound = self.context, self.builder, self.bound
        table = bound.table
        context.need_write(table.database)
        context.counts_changes = True
        if table.is_autoincrement:
            self.counter = context.autoincrement_counter(table)
        self.returning.emit_open()
        if self.triggers.any or bound.returning:
            # RETURNING counts as a trigger, as in SQLite.
            context.is_multi_write = True
        width = len(table.columns) + 1
        self.rowid = builder.registers(2 * width) + width
        self.first_column = self.rowid + 1
        context.bind_registers(bound.new.source, self.first_column, self.rowid)
        if bound.select is None:
            self._open_writer()
            done = builder.label()
            self._row_from_expressions()
            self._write(done)
            builder.place(done)
        else:
            context.is_multi_write = True
            self._rows_from_select()

    def _open_writer(self) -> None:
        """Open the table; a view has none."""
        if self.bound.table.kind == "virtual":
            emit_virtual_begin(self.context, self.bound.table)
        elif self.bound.table.kind != "view":
            self.writer.open()

    # Where rows come from.

    def _row_from_expressions(self) -> None:
        """The values of VALUES with one row, or the defaults."""
        values = self.bound.single_row
        for number, place in enumerate(self.bound.places):
            register = self.first_column + number
            if number == self.bound.table.rowid_column:
                self.builder.emit(OP_SOFT_NULL, register)
            elif place < 0 or values is None:
                self._default(number, register)
            else:
                self._value(values[place], register)
        if values is not None and self.bound.rowid_place >= 0:
            self._value(values[self.bound.rowid_place], self.rowid)

    def _value(self, e: BoundExpression, register: int) -> None:
        """Compute a value of the only row; what is known at once goes straight to its place."""
        if isinstance(e, BoundLiteral):
            self.context.emit_literal(e, register)
        elif isinstance(e, BoundParameter):
            self.builder.emit(OP_VARIABLE, e.index, register)
        else:
            emit_expression(self.context, e, register)

    def _default(self, number: int, register: int) -> None:
        default = self.bound.new.default(number)
        if default is None:
            self.builder.emit(OP_NULL, 0, register)
        else:
            emit_expression(self.context, default, register)

    def _rows_from_select(self) -> None:
        """Rows of a coroutine, by way of an ephemeral table where the SELECT reads what is being changed."""
        builder, bound = self.builder, self.bound
        select = bound.select
        assert select is not None
        count = len(select.columns)
        yield_register = builder.register()
        first = builder.registers(count)
        after = builder.label()
        entry = builder.emit(OP_INIT_COROUTINE, yield_register, after, 0)
        builder.instructions[entry].p3 = builder.address
        start = builder.address
        emit_select(self.context, select, CoroutineOutput(yield_register, first))
        builder.emit(OP_END_COROUTINE, yield_register)
        builder.place(after)
        done = builder.label()
        following = builder.label()
        self.context.loop_depth += 1
        if self._reads_target(start):
            buffer = self._collect(yield_register, first, count)
            self._open_writer()
            builder.emit(OP_REWIND, buffer, done)
            top = builder.address
            self._row_from_buffer(buffer)
            self._write(following)
            builder.place(following)
            builder.emit(OP_NEXT, buffer, top)
            builder.place(done)
            builder.emit(OP_CLOSE, buffer)
            self.context.loop_depth -= 1
            return
        self._open_writer()
        top = builder.address
        builder.emit(OP_YIELD, yield_register, done)
        self._row_from_registers(first)
        self._write(following)
        builder.place(following)
        builder.emit(OP_GOTO, 0, top)
        builder.place(done)
        self.context.loop_depth -= 1

    def _reads_target(self, start: int) -> bool:
        """Whether the instructions from `start` on open the table or one of its indexes, or triggers might."""
        if self.triggers.any or self.bound.returning:
            # RETURNING counts as a trigger here too.
            return True
        table = self.bound.table
        roots = {table.root} | {index.root for index in table.indexes}
        for instruction in self.builder.instructions[start:]:
            if instruction.opcode == OP_V_OPEN and instruction.p4 == virtual_key(table):
                return True
            if instruction.opcode in (OP_OPEN_READ, OP_OPEN_WRITE) and instruction.p3 == table.database:
                if instruction.p2 in roots:
                    return True
        return False

    def _collect(self, yield_register: int, first: int, count: int) -> int:
        """Put all rows of the coroutine into an ephemeral table; its cursor."""
        builder = self.builder
        buffer = builder.cursor()
        record = builder.register()
        key = builder.register()
        builder.emit(OP_OPEN_EPHEMERAL, buffer, count)
        top = builder.address
        end = builder.label()
        builder.emit(OP_YIELD, yield_register, end)
        builder.emit(OP_MAKE_RECORD, first, count, record)
        builder.emit(OP_NEW_ROWID, buffer, key)
        builder.emit(OP_INSERT, buffer, record, key, None, WRITE_APPEND)
        builder.emit(OP_GOTO, 0, top)
        builder.place(end)
        return buffer

    def _row_from_buffer(self, buffer: int) -> None:
        for number, place in enumerate(self.bound.places):
            register = self.first_column + number
            if number == self.bound.table.rowid_column:
                self.builder.emit(OP_SOFT_NULL, register)
            elif place < 0:
                self._default(number, register)
            else:
                self.builder.emit(OP_COLUMN, buffer, place, register)
        if self.bound.rowid_place >= 0:
            self.builder.emit(OP_COLUMN, buffer, self.bound.rowid_place, self.rowid)

    def _row_from_registers(self, first: int) -> None:
        for number, place in enumerate(self.bound.places):
            register = self.first_column + number
            if number == self.bound.table.rowid_column:
                self.builder.emit(OP_SOFT_NULL, register)
            elif place < 0:
                self._default(number, register)
            else:
                self.builder.emit(OP_COPY, first + place, register, 0)
        if self.bound.rowid_place >= 0:
            self.builder.emit(OP_COPY, first + self.bound.rowid_place, self.rowid, 0)

    # What happens to a row.

    def _write(self, ignore_label: int) -> None:
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
            self.deleter,
            not is_given,
            self.bound.upserts,
            lambda clause: self._update_conflicting(clause, ignore_label),
            self.writer.may_be_late() and not self.keys.required and not self.bound.upserts,
        )
        checks = ConstraintEmitter(self.writer, row)
        checks.emit()
        self.keys.emit_check(0, self.rowid)
        self.writer.emit_insert_entries(checks.records)
        flags = WRITE_COUNT_CHANGE | WRITE_LAST_ROWID
        self.writer.emit_insert_row(self.first_column, self.rowid, flags, row.has_late_affinities)
        width = len(self.bound.table.columns) + 1
        self.triggers.emit_after(self.rowid - width, self.conflict, ignore_label, self.returning.emit_row)

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
        if affinities.strip("A") and table.kind != "view":
            builder.emit(OP_AFFINITY, new + 1, len(affinities), 0, affinities)
        self.triggers.emit_before(first, self.conflict, ignore_label)
        values = self.bound.single_row
        if values is not None and self.bound.rowid_place >= 0 and table.kind != "view":
            # As in SQLite the rowid is computed once more, after what the triggers did.
            emit_expression(self.context, values[self.bound.rowid_place], self.rowid)

    def _update_conflicting(self, clause: BoundUpsert, following: int) -> None:
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
        if updater.triggers.any or updater.keys.required:
            context.is_multi_write = True
        context.bind_registers(self.bound.new.source, updater.first_column, updater.new_rowid)
        updater.emit(following, self.returning if self.returning.columns else None)
        context.bind_registers(self.bound.new.source, self.first_column, self.rowid)
