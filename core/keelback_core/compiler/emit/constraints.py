"""Constraint checks of one new row: NOT NULL, CHECK, rowid, unique indexes, each with its conflict action.

The order is SQLite's: NOT NULL by column, CHECK by constraint, the rowid, then the indexes in the order of
`Table.indexes` (those that REPLACE last). A rowid whose own constraint says REPLACE is looked at after the indexes,
so that no row is lost for an insert that another constraint stops.

Must not know: which statement it serves. Source: https://sqlite.org/lang_conflict.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundColumn
from keelback_core.compiler.bind.upsert import TARGET_ANY, TARGET_ROWID
from keelback_core.compiler.bind.walk import walk
from keelback_core.compiler.catalog.model import EXPRESSION, ROWID
from keelback_core.compiler.emit.expression import emit_expression, emit_jump_if_true
from keelback_core.compiler.emit.row_delete import RowDeleter
from keelback_core.compiler.emit.table_writer import emit_generated
from keelback_core.compiler.emit.type_check import emit_row_check
from keelback_core.program.opcodes import (
    OP_AFFINITY,
    OP_EQ,
    OP_GOTO,
    OP_HALT,
    OP_HALT_IF_NULL,
    OP_IS_NULL,
    OP_NO_CONFLICT,
    OP_NOT_EXISTS,
    OP_NOT_NULL,
)
from keelback_core.program.program import (
    CONFLICT_ABORT,
    CONFLICT_FAIL,
    CONFLICT_IGNORE,
    CONFLICT_REPLACE,
    CONFLICT_ROLLBACK,
    HALT_CHECK,
    HALT_NOT_NULL,
    HALT_UNIQUE,
)
from keelback_core.value.result_codes import (
    CONSTRAINT_CHECK,
    CONSTRAINT_NOTNULL,
    CONSTRAINT_PRIMARYKEY,
    CONSTRAINT_ROWID,
    CONSTRAINT_UNIQUE,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.upsert import BoundUpsert
    from keelback_core.compiler.catalog.model import Index, Table
    from keelback_core.compiler.emit.row_write import RowWrite
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.emit.table_writer import TableWriter

ACTIONS: Final = {
    "": CONFLICT_ABORT,
    "ABORT": CONFLICT_ABORT,
    "ROLLBACK": CONFLICT_ROLLBACK,
    "FAIL": CONFLICT_FAIL,
    "IGNORE": CONFLICT_IGNORE,
    "REPLACE": CONFLICT_REPLACE,
}


def unique_message(table: Table, index: Index) -> str:
    """What a UNIQUE message names: the columns, or an index of expressions."""
    if any(column.column == EXPRESSION for column in index.columns):
        return f"index '{index.name}'"
    numbers = [table.rowid_column if column.column == ROWID else column.column for column in index.columns]
    return ", ".join(f"{table.name}.{table.columns[number].name}" for number in numbers)


class ConstraintEmitter:
    """Emits the checks of one row; `records` has per index the (record, key) registers, (0, 0) if not concerned."""

    __slots__ = ("context", "writer", "row", "builder", "table", "key", "records", "replaces", "replaced", "_deleter")

    def __init__(self, context: StatementContext, writer: TableWriter, row: RowWrite) -> None:
        self.context = context
        self.writer = writer
        self.row = row
        self.builder = writer.builder
        self.table = writer.table
        self.key = writer.key
        self.records: list[tuple[int, int]] = []
        self.replaces = False
        # The constraints for which rows may be deleted with triggers firing.
        self.replaced: list[int] = []
        self._deleter: RowDeleter | None = None

    def emit(self) -> None:
        """All checks, in order."""
        order = self._order()
        are_types_late = bool(order) and order[0] == TARGET_ROWID and self._may_types_be_late()
        if are_types_late:
            self._not_null()
        else:
            self.emit_values()
        self.records = [(0, 0)] * len(self.table.indexes)
        for position in order:
            if position == TARGET_ROWID:
                self._rowid()
                if are_types_late:
                    self._affinity()
            else:
                self._index(position)
        if self.replaced and self.key.is_rowid and TARGET_ROWID not in self.replaced and self.row.key_changes:
            self.replaced.append(TARGET_ROWID)
        for position in self.replaced:
            self._check_again(position)

    def emit_values(self) -> None:
        """What asks for no other row: NOT NULL, the types, CHECK."""
        self._not_null()
        self._affinity()
        self._check()

    def _may_types_be_late(self) -> bool:
        """Whether a STRICT table looks at its types after the rowid, as in SQLite if nothing asks for them before."""
        table = self.table
        if not table.is_strict or any(column.generated for column in table.columns):
            return False
        return not table.checks or self.writer.context.catalog.settings.ignore_check_constraints

    def _order(self) -> list[int]:
        """The uniqueness checks in order: those of ON CONFLICT clauses, the rowid, the indexes."""
        order: list[int] = []
        is_rowid_late = self.key.is_rowid and self._is_rowid_late()
        if self.key.is_rowid and not is_rowid_late:
            order.append(TARGET_ROWID)
        for position in range(len(self.table.indexes)):
            order.append(position)
        if is_rowid_late:
            order.append(TARGET_ROWID)
        if not self.row.upserts:
            return order
        first = [upsert.target for upsert in self.row.upserts if upsert.target != TARGET_ANY]
        return list(dict.fromkeys([*first, *order]))

    def _clause(self, target: int) -> BoundUpsert | None:
        """The ON CONFLICT clause for a constraint."""
        for upsert in self.row.upserts:
            if upsert.target in (target, TARGET_ANY):
                return upsert
        return None

    def _upsert(self, clause: BoundUpsert) -> None:
        """What a clause does; the table's cursor stands on the row in the way if it is DO UPDATE."""
        if clause.values is not None and self.row.updater is not None:
            self.row.updater.emit_update(clause, self.row.ignore_label)
        self.builder.emit(OP_GOTO, 0, self.row.ignore_label)

    def _action(self, own: str | None) -> int:
        return ACTIONS[self.row.conflict or own or ""]

    def _halt(self, code: int, action: int, text: str, kind: int) -> None:
        self.builder.emit(OP_HALT, code, action, 0, text, kind)

    def _not_null(self) -> None:
        builder = self.builder
        rules = self.writer.new
        assert rules is not None
        replaced: list[tuple[int, str]] = []
        is_stale = False
        # Generated columns come last; they are computed again if a column that they may read got its default.
        columns = self.table.columns
        numbers = [number for number in range(len(columns)) if not columns[number].generated]
        if len(numbers) < len(columns):
            numbers += [number for number, column in enumerate(columns) if column.generated]
        for number in numbers:
            column = columns[number]
            if column.generated and is_stale:
                emit_generated(self.writer.context, rules, self.row.first_column)
                is_stale = False
            if column.not_null is None or number == self.table.rowid_column:
                continue
            if self.row.changed is not None and number not in self.row.changed:
                continue
            action = self._action(column.not_null)
            register = self.row.first_column + number
            name = f"{self.table.name}.{column.name}"
            if action == CONFLICT_REPLACE:
                default = rules.default(number)
                if default is None:
                    action = CONFLICT_ABORT
                else:
                    given = builder.label()
                    builder.emit(OP_NOT_NULL, register, given)
                    emit_expression(self.writer.context, default, register)
                    builder.place(given)
                    # A default that is NULL itself cannot help, which is found out after the other columns.
                    replaced.append((register, name))
                    is_stale = not column.generated
                    continue
            if action == CONFLICT_IGNORE:
                builder.emit(OP_IS_NULL, register, self.row.ignore_label)
                continue
            builder.emit(OP_HALT_IF_NULL, CONSTRAINT_NOTNULL, action, register, name, HALT_NOT_NULL)
        for register, name in replaced:
            builder.emit(OP_HALT_IF_NULL, CONSTRAINT_NOTNULL, CONFLICT_ABORT, register, name, HALT_NOT_NULL)

    def _affinity(self) -> None:
        """Bring the values into the form in which they are stored; a STRICT table refuses what does not fit."""
        table = self.table
        if table.is_strict:
            emit_row_check(self.builder, table, self.row.first_column, False)
            return
        affinities = table.column_facts.affinities
        if not self.row.has_late_affinities and affinities.strip("A"):
            self.builder.emit(OP_AFFINITY, self.row.first_column, len(affinities), 0, affinities)

    def _check(self) -> None:
        rules = self.writer.new
        assert rules is not None
        if self.writer.context.catalog.settings.ignore_check_constraints:
            return
        action = ACTIONS[self.row.conflict]
        if action == CONFLICT_REPLACE:
            action = CONFLICT_ABORT
        for text, expression in rules.checks:
            if self.row.changed is not None and not self._reads_changed(expression):
                continue
            passed = self.builder.label()
            emit_jump_if_true(self.writer.context, expression, passed, True)
            if action == CONFLICT_IGNORE:
                self.builder.emit(OP_GOTO, 0, self.row.ignore_label)
            else:
                self._halt(CONSTRAINT_CHECK, action, text, HALT_CHECK)
            self.builder.place(passed)

    def _reads_changed(self, expression: object) -> bool:
        """Whether an expression over the new row reads a column that the UPDATE sets."""
        changed = self.row.changed
        assert changed is not None and self.writer.new is not None
        for node in walk(expression):  # type: ignore[arg-type]
            if isinstance(node, BoundColumn) and node.source is self.writer.new.source:
                if node.column == ROWID:
                    if self.row.key_changes:
                        return True
                elif node.column in changed:
                    return True
        return False

    def _is_rowid_late(self) -> bool:
        """A PRIMARY KEY ON CONFLICT REPLACE waits until the other constraints have passed, unless a clause stands for
        it.
        """
        return (
            self._clause(TARGET_ROWID) is None
            and self.table.rowid_conflict == "REPLACE"
            and self._action(self.table.rowid_conflict) == CONFLICT_REPLACE
            and not self.row.conflict
            and bool(self.table.indexes)
        )

    def _rowid(self) -> None:
        row = self.row
        if row.is_rowid_new or not row.key_changes:
            return
        builder = self.builder
        passed = builder.label()
        if row.old_key:
            builder.emit(OP_EQ, row.old_key, passed, row.rowid, None, 0)
        builder.emit(OP_NOT_EXISTS, self.writer.table_cursor, passed, row.rowid)
        action = self._action(self.table.rowid_conflict)
        clause = self._clause(TARGET_ROWID)
        if clause is not None:
            self._upsert(clause)
        elif action == CONFLICT_IGNORE:
            builder.emit(OP_GOTO, 0, row.ignore_label)
        elif action == CONFLICT_REPLACE:
            self._delete_conflicting(TARGET_ROWID, row.rowid)
        else:
            self._halt_rowid(action)
        builder.place(passed)

    def _halt_rowid(self, action: int) -> None:
        if self.table.rowid_column >= 0:
            name = f"{self.table.name}.{self.table.columns[self.table.rowid_column].name}"
            self._halt(CONSTRAINT_PRIMARYKEY, action, name, HALT_UNIQUE)
        else:
            self._halt(CONSTRAINT_ROWID, action, self.table.name + ".rowid", HALT_UNIQUE)

    def _halt_index(self, position: int, action: int) -> None:
        index = self.table.indexes[position]
        code = CONSTRAINT_PRIMARYKEY if index.origin == "pk" else CONSTRAINT_UNIQUE
        self._halt(code, action, unique_message(self.table, index), HALT_UNIQUE)

    def _delete_conflicting(self, position: int, key: int) -> None:
        """Delete the row under the table's cursor, whose key is in registers, to make room."""
        self.replaces = True
        self.writer.context.is_multi_write = True
        if self._deleter is None:
            self._deleter = RowDeleter(self.context, self.writer, "REPLACE", True)
        self._deleter.emit(key)
        if self._deleter.is_complex:
            self.replaced.append(position)

    def _check_again(self, position: int) -> None:
        """A trigger that fired on the row put out of the way may have made another one like it."""
        builder, row = self.builder, self.row
        passed = builder.label()
        if position == TARGET_ROWID:
            if row.old_key:
                builder.emit(OP_EQ, row.old_key, passed, row.rowid, None, 0)
            builder.emit(OP_NOT_EXISTS, self.writer.table_cursor, passed, row.rowid)
            self._halt_rowid(CONFLICT_ABORT)
        else:
            index = self.table.indexes[position]
            record, first = self.records[position]
            cursor = self.writer.index_cursors[position]
            if index.where is not None:
                builder.emit(OP_IS_NULL, record, passed)
            builder.emit(OP_NO_CONFLICT, cursor, passed, first, len(index.columns))
            if row.old_key:
                conflicting = self._conflicting_key(position)
                self.key.emit_jump_if_same(self.writer.context, row.old_key, conflicting, passed)
            self._halt_index(position, CONFLICT_ABORT)
        builder.place(passed)

    def _conflicting_key(self, position: int) -> int:
        """The registers of the key of the row whose entry is under the cursor of an index."""
        index = self.table.indexes[position]
        first = self.builder.registers(self.key.width)
        self.key.emit_read_entry(self.writer.context, index, self.writer.index_cursors[position], first)
        return first

    def _is_index_concerned(self, position: int) -> bool:
        row = self.row
        index = self.table.indexes[position]
        if row.changed is None or row.key_changes or index.is_table:
            return True
        rules = self.writer.new
        assert rules is not None
        for number, column in enumerate(index.columns):
            if column.column == EXPRESSION:
                expression = rules.index_expressions[position][number]
                if expression is not None and self._reads_changed(expression):
                    return True
            elif column.column in row.changed:
                return True
        condition = rules.index_conditions[position]
        return condition is not None and self._reads_changed(condition)

    def _index(self, position: int) -> None:
        if not self._is_index_concerned(position):
            return
        builder = self.builder
        rules = self.writer.new
        assert rules is not None
        index = self.table.indexes[position]
        record, first = self.writer.emit_entry(rules, position)
        self.records[position] = (record, first)
        if not index.is_unique or (index.is_table and not self.row.key_changes):
            return
        context = self.writer.context
        cursor = self.writer.index_cursors[position]
        action = self._action(index.conflict)
        passed = builder.label()
        if index.where is not None:
            builder.emit(OP_IS_NULL, record, passed)
        builder.emit(OP_NO_CONFLICT, cursor, passed, first, len(index.columns))
        clause = self._clause(position)
        conflicting = 0
        if self.row.old_key or clause is not None or action == CONFLICT_REPLACE:
            conflicting = self._conflicting_key(position)
            if self.row.old_key:
                self.key.emit_jump_if_same(context, self.row.old_key, conflicting, passed)
        if clause is not None:
            if clause.values is not None and not index.is_table:
                self.key.emit_seek(context, self.writer.table_cursor, passed, conflicting)
            self._upsert(clause)
        elif action == CONFLICT_IGNORE:
            builder.emit(OP_GOTO, 0, self.row.ignore_label)
        elif action == CONFLICT_REPLACE:
            if not index.is_table:
                self.key.emit_seek(context, self.writer.table_cursor, passed, conflicting)
            self._delete_conflicting(position, conflicting)
        else:
            self._halt_index(position, action)
        builder.place(passed)
