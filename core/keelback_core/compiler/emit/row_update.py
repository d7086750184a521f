"""RowUpdater: the new values of one stored row computed, checked and written; for UPDATE and for ON CONFLICT DO UPDATE.

1. New values are computed from the row under the writer's table cursor before anything of it changes.
2. Only indexes over changed columns are touched, all of them when the row's key may change.
3. With triggers or foreign keys the old row stands in registers, the new one right behind it. BEFORE triggers may
   change the row; then what the statement does not assign is read again.
4. What is read of the old row of a plain table, and what becomes of the new one, depends on which columns are assigned
   and on the conflict action alone: that code is kept (kept_code.py).

Must not know: how the row was found.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundSubquery
from keelback_core.compiler.bind.table_rules import plain_rules, with_generated
from keelback_core.compiler.catalog.model import ROWID
from keelback_core.compiler.emit.constraints import ConstraintEmitter
from keelback_core.compiler.emit.expression import emit_expression
from keelback_core.compiler.emit.foreign_keys import KeyChecks
from keelback_core.compiler.emit.kept_code import UPDATING, CodeStart, KeptCode, keep_code, kept_since, key_of_code
from keelback_core.compiler.emit.preupdate import show_update
from keelback_core.compiler.emit.row_write import RowWrite
from keelback_core.compiler.emit.subquery import emit_row_subquery
from keelback_core.compiler.emit.table_writer import emit_generated
from keelback_core.compiler.emit.triggers import RowTriggers
from keelback_core.compiler.emit.type_check import emit_row_check
from keelback_core.program.opcodes import (
    OP_AFFINITY,
    OP_COLUMN,
    OP_COPY,
    OP_MUST_BE_INT,
    OP_SOFT_NULL,
)
from keelback_core.program.program import WRITE_COUNT_CHANGE, WRITE_IS_UPDATE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, TypeAlias, Union

    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.emit.returning import ReturningRows
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.emit.table_writer import TableWriter

    NewValue: TypeAlias = Union[BoundExpression, tuple[BoundSubquery, int], "BufferedValue"]


# Nobody adds to it.
NO_COLUMNS: Final[set[int]] = set()


class BufferedValue:
    """A new value that was computed before: column `place` of the row under `cursor`."""

    __slots__ = ("cursor", "place")

    def __init__(self, cursor: int, place: int) -> None:
        self.cursor = cursor
        self.place = place


class UpdateCode:
    """What all UPDATEs that assign the same columns of a plain table have alike: `head` reads the columns that stay,
    `tail` writes the new row."""

    __slots__ = ("head", "tail")

    def __init__(self, head: KeptCode, tail: KeptCode) -> None:
        self.head = head
        self.tail = tail


class RowUpdater:
    """values: column number (ROWID for the rowid) to its new value; names: the folded names that were assigned. The new
    row stands in registers afterwards: its columns from `first_column`, its rowid in `new_rowid`. old_key: registers of
    the key of the row. old: the first of the registers of the old row, 0 if nobody asks for it. is_plain: of the table
    of an UPDATE (plain_table.py); triggers and keys are None then."""

    __slots__ = (
        "context",
        "builder",
        "writer",
        "values",
        "conflict",
        "old_key",
        "new_rowid",
        "first_column",
        "triggers",
        "keys",
        "old",
        "changed",
        "is_plain",
    )

    def __init__(
        self,
        context: StatementContext,
        writer: TableWriter,
        values: dict[int, NewValue],
        names: frozenset[str],
        conflict: str,
        old_key: int,
        is_plain: bool = False,
    ) -> None:
        self.context = context
        self.builder = context.builder
        self.writer = writer
        self.values = values
        self.conflict = conflict
        self.old_key = old_key
        table = writer.table
        self.is_plain = is_plain
        self.triggers: RowTriggers | None = None
        self.keys: KeyChecks | None = None
        self.changed = NO_COLUMNS
        width = len(table.columns) + 1
        self.old = 0
        if not is_plain:
            self.triggers = RowTriggers(context, table, "UPDATE", names)
            self._find_changed()
            self.keys = KeyChecks(context, table, self.changed, ROWID in values)
            if self.is_followed:
                self.old = self.builder.registers(width)
        first = self.builder.registers(width)
        self.first_column = first + 1
        is_rowid_kept = writer.key.is_rowid and ROWID not in values and not self.old
        self.new_rowid = old_key if is_rowid_kept else first
        if not is_plain:
            self._bind_new()

    def _find_changed(self) -> None:
        """Find out which columns change with those that are assigned."""
        assert self.writer.new is not None
        assigned = {number for number in self.values if number != ROWID}
        self.changed = with_generated(self.writer.new, assigned, ROWID in self.values)

    def _bind_new(self) -> None:
        assert self.writer.new is not None
        self.context.bind_registers(self.writer.new.source, self.first_column, self.new_rowid)

    @property
    def is_followed(self) -> bool:
        """Whether triggers or foreign keys look at the change."""
        return (self.triggers is not None and self.triggers.any) or (self.keys is not None and self.keys.required > 0)

    def emit(self, ignore_label: int, returning: ReturningRows | None = None) -> None:
        """Update the row under the table's cursor; on IGNORE go to `ignore_label`."""
        subqueries = self._begin_values()
        if self.is_plain:
            self._emit_plainly(ignore_label, subqueries)
        else:
            self._stored_values()
            self._assigned_values(subqueries)
            if self.triggers is not None and self.triggers.before:
                self._fire_before(ignore_label, self.triggers)
            self._write(ignore_label)
        emit_returning = None if returning is None else returning.row_emitter()
        if self.triggers is not None:
            self.triggers.emit_after(self.old, self.conflict, ignore_label, emit_returning)
        elif emit_returning is not None:
            if self.writer.new is not None:
                self._bind_new()
            emit_returning()

    def _emit_plainly(self, ignore_label: int, subqueries: dict[int, int]) -> None:
        """The new row of a plain table, by the code that is kept for it."""
        writer = self.writer
        facts = 0
        for number in self.values:
            facts |= 2 << number if number != ROWID else 1
        key = key_of_code(UPDATING, self.conflict, facts)
        row, cursor = self.first_column - 1, writer.table_cursor
        known = writer.table.kept_code.get(key)
        if isinstance(known, UpdateCode):
            known.head.repeat(self.context, row, cursor, ignore_label, self.old_key)
            self._assigned_values(subqueries)
            known.tail.repeat(self.context, row, cursor, ignore_label, self.old_key)
            return
        width = len(writer.table.columns) + 1
        start = CodeStart(self.context, row, width, cursor, ignore_label, self.old_key, writer.key.width)
        self._stored_values()
        head = kept_since(self.context, start)
        self._assigned_values(subqueries)
        start = CodeStart(self.context, row, width, cursor, ignore_label, self.old_key, writer.key.width)
        if writer.new is None:
            writer.new = plain_rules(writer.table)
        self._find_changed()
        self._bind_new()
        self._write(ignore_label)
        tail = kept_since(self.context, start)
        if head is not None and tail is not None:
            keep_code(writer.table, key, UpdateCode(head, tail))

    def _begin_values(self) -> dict[int, int]:
        """The old row, if it is needed, and what stands before all columns: the new rowid, and subqueries that give
        several columns, whose registers are returned."""
        builder, table = self.builder, self.writer.table
        subqueries: dict[int, int] = {}
        for value in self.values.values():
            if isinstance(value, tuple) and id(value[0]) not in subqueries:
                subqueries[id(value[0])] = emit_row_subquery(self.context, value[0])
        if ROWID in self.values:
            self._value(ROWID, self.new_rowid, subqueries)
            builder.emit(OP_MUST_BE_INT, self.new_rowid, 0)
        if self.old:
            if self.writer.key.is_rowid:
                builder.emit(OP_COPY, self.old_key, self.old)
            for number in range(len(table.columns)):
                emit_expression(self.context, self.writer.stored.column(number), self.old + 1 + number)
            if self.writer.key.is_rowid and ROWID not in self.values:
                builder.emit(OP_COPY, self.old_key, self.new_rowid)
        return subqueries

    def _stored_values(self) -> None:
        """The columns that stay as they are stored. They go first: columns that are read behind one another are read
        together."""
        builder, table = self.builder, self.writer.table
        for number in range(len(table.columns)):
            register = self.first_column + number
            if number == table.rowid_column:
                builder.emit(OP_SOFT_NULL, register)
            elif number not in self.values and not table.columns[number].generated:
                emit_expression(self.context, self.writer.stored.column(number), register)

    def _assigned_values(self, subqueries: dict[int, int]) -> None:
        """The columns that are assigned, and those that are computed of others."""
        for number in self.values:
            if number != ROWID:
                self._value(number, self.first_column + number, subqueries)
        self._generated()

    def _generated(self) -> None:
        if not self.is_plain:
            assert self.writer.new is not None
            emit_generated(self.context, self.writer.new, self.first_column)

    def _value(self, column: int, register: int, subqueries: dict[int, int]) -> None:
        value = self.values[column]
        if isinstance(value, tuple):
            self.builder.emit(OP_COPY, subqueries[id(value[0])] + value[1], register, 0)
        elif isinstance(value, BufferedValue):
            self.builder.emit(OP_COLUMN, value.cursor, value.place, register)
        else:
            emit_expression(self.context, value, register)

    def _fire_before(self, ignore_label: int, triggers: RowTriggers) -> None:
        """Fire the BEFORE triggers, and read again what they may have changed."""
        builder, table = self.builder, self.writer.table
        affinities = "".join(column.affinity for column in table.columns)
        if table.is_strict:
            # What the table refuses no trigger sees.
            emit_row_check(builder, table, self.first_column, True)
        elif affinities.strip("A"):
            builder.emit(OP_AFFINITY, self.first_column, len(affinities), 0, affinities)
        triggers.emit_before(self.old, self.conflict, ignore_label)
        self.writer.key.emit_seek(self.context, self.writer.table_cursor, ignore_label, self.old_key)
        for number in range(len(table.columns)):
            if number != table.rowid_column and number not in self.values and not table.columns[number].generated:
                emit_expression(self.context, self.writer.stored.column(number), self.first_column + number)
        self._generated()

    def _write(self, ignore_label: int) -> None:
        writer = self.writer
        key_changes = writer.key.is_changed(self.values)
        row = RowWrite(
            self.new_rowid,
            self.first_column,
            self.old_key,
            self.changed,
            key_changes,
            self.conflict,
            ignore_label,
            has_late_affinities=writer.may_be_late() and (self.keys is None or not self.keys.required),
        )
        checks = ConstraintEmitter(self.context, writer, row)
        checks.emit()
        if checks.replaces or key_changes:
            # Looking for rows in the way has moved the table's cursor.
            writer.key.emit_seek(self.context, writer.table_cursor, ignore_label, self.old_key)
        if self.keys is not None:
            self.keys.emit_check(self.old, 0)
        concerned = {position for position, (record, _) in enumerate(checks.records) if record}
        writer.emit_delete_entries(concerned)
        show_update(writer, self.new_rowid, self.first_column)
        if key_changes or (self.keys is not None and self.keys.required > 1):
            writer.emit_delete_row(False, True, is_update=True)
        if self.keys is not None:
            self.keys.emit_check(0, self.new_rowid)
        writer.emit_insert_entries(checks.records)
        flags = WRITE_COUNT_CHANGE | WRITE_IS_UPDATE
        writer.emit_insert_row(self.first_column, self.new_rowid, flags, row.has_late_affinities)
        if self.keys is not None:
            self.keys.emit_actions(self.old)
