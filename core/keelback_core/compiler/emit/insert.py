"""INSERT: rows from VALUES, a SELECT or the defaults, each checked and written.

1. One row of VALUES is computed in line; other sources are coroutines that yield rows. A SELECT that reads the table
   it fills is first collected in an ephemeral table.
2. Columns are computed in the order of the table, then the rowid, then the constraints.

Must not know: how constraints are checked. Source: https://sqlite.org/lang_insert.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.insert import BoundInsert, bind_insert
from keelback_core.compiler.emit.autoincrement import AutoincrementCounter
from keelback_core.compiler.emit.constraints import ConstraintEmitter, RowWrite
from keelback_core.compiler.emit.destination import CoroutineOutput
from keelback_core.compiler.emit.expression import emit_expression, emit_jump_if_false
from keelback_core.compiler.emit.returning import ReturningRows
from keelback_core.compiler.emit.row_update import RowUpdater
from keelback_core.compiler.emit.select import emit_select
from keelback_core.compiler.emit.table_writer import TableWriter
from keelback_core.program.opcodes import (
    OP_CLOSE,
    OP_COLUMN,
    OP_COPY,
    OP_END_COROUTINE,
    OP_GOTO,
    OP_HALT,
    OP_INIT_COROUTINE,
    OP_INSERT,
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
    OP_ROWID,
    OP_SOFT_NULL,
    OP_YIELD,
)
from keelback_core.program.program import WRITE_APPEND, WRITE_COUNT_CHANGE, WRITE_LAST_ROWID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.upsert import BoundUpsert
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstInsert


def emit_insert(context: StatementContext, ast: AstInsert) -> None:
    """The program of an INSERT or REPLACE."""
    InsertEmitter(context, bind_insert(context.bind_context, ast)).emit()


class InsertEmitter:
    """See the module. first: register of the new rowid; the columns follow it."""

    __slots__ = ("context", "builder", "bound", "writer", "rowid", "first_column", "counter", "returning")

    def __init__(self, context: StatementContext, bound: BoundInsert) -> None:
        self.context = context
        self.builder = context.builder
        self.bound = bound
        self.writer = TableWriter(context, bound.stored, bound.new)
        self.rowid = 0
        self.first_column = 0
        self.counter: AutoincrementCounter | None = None
        self.returning = ReturningRows(context, bound.returning)

    def emit(self) -> None:
        """The whole statement."""
        context, builder, bound = self.context, self.builder, self.bound
        table = bound.table
        context.need_write(table.database)
        context.counts_changes = True
        if table.is_autoincrement:
            self.counter = AutoincrementCounter(context, table)
            self.counter.emit_begin()
        self.returning.emit_open()
        self.rowid = builder.registers(len(table.columns) + 1)
        self.first_column = self.rowid + 1
        context.bind_registers(bound.new.source, self.first_column, self.rowid)
        if bound.select is None:
            self.writer.open()
            done = builder.label()
            self._row_from_expressions()
            self._write(done)
            builder.place(done)
        else:
            context.is_multi_write = True
            self._rows_from_select()
        if self.counter is not None:
            self.counter.emit_end()
        self.returning.emit_output()
        builder.emit(OP_HALT)

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
                emit_expression(self.context, values[place], register)
        if values is not None and self.bound.rowid_place >= 0:
            emit_expression(self.context, values[self.bound.rowid_place], self.rowid)

    def _default(self, number: int, register: int) -> None:
        default = self.bound.new.defaults[number]
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
            self.writer.open()
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
        self.writer.open()
        top = builder.address
        builder.emit(OP_YIELD, yield_register, done)
        self._row_from_registers(first)
        self._write(following)
        builder.place(following)
        builder.emit(OP_GOTO, 0, top)
        builder.place(done)
        self.context.loop_depth -= 1

    def _reads_target(self, start: int) -> bool:
        """Whether the instructions from `start` on open the table or one of its indexes."""
        table = self.bound.table
        roots = {table.root} | {index.root for index in table.indexes}
        for instruction in self.builder.instructions[start:]:
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
        sequence = 0 if self.counter is None else self.counter.register
        if is_given:
            given = builder.label()
            known = builder.label()
            builder.emit(OP_NOT_NULL, self.rowid, given)
            builder.emit(OP_NEW_ROWID, self.writer.table_cursor, self.rowid, sequence)
            builder.emit(OP_GOTO, 0, known)
            builder.place(given)
            builder.emit(OP_MUST_BE_INT, self.rowid, 0)
            builder.place(known)
        else:
            builder.emit(OP_NEW_ROWID, self.writer.table_cursor, self.rowid, sequence)
        if self.counter is not None:
            self.counter.emit_step(self.rowid)
        row = RowWrite(
            self.rowid,
            self.first_column,
            0,
            None,
            True,
            self.bound.conflict,
            ignore_label,
            not is_given,
            self.bound.upserts,
            lambda clause: self._update_conflicting(clause, ignore_label),
        )
        checks = ConstraintEmitter(self.writer, row)
        checks.emit()
        self.writer.emit_insert_entries(checks.records)
        self.writer.emit_insert_row(self.first_column, self.rowid, WRITE_COUNT_CHANGE | WRITE_LAST_ROWID)
        self.returning.emit_row()

    def _update_conflicting(self, clause: BoundUpsert, following: int) -> None:
        """DO UPDATE: change the row under the table's cursor instead."""
        context, builder = self.context, self.builder
        assert clause.values is not None
        context.is_multi_write = True
        context.bind_registers(clause.excluded, self.first_column, self.rowid)
        writer = self.writer.sharing(clause.source, clause.new)
        if clause.where is not None:
            emit_jump_if_false(context, clause.where, following, True)
        old_rowid = builder.register()
        builder.emit(OP_ROWID, writer.table_cursor, old_rowid)
        updater = RowUpdater(context, writer, dict(clause.values), "", old_rowid)
        updater.emit(following)
        context.bind_registers(self.bound.new.source, updater.first_column, updater.new_rowid)
        self.returning.emit_row()
        context.bind_registers(self.bound.new.source, self.first_column, self.rowid)
