"""KeyChecks: what a change of a row means for foreign keys, of the row as a child and as a parent.

1. Violations are counted, up and down: in the statement's counter, or in the transaction's for a deferred key. An
   INSERT of one row that nothing can mend later is refused at once instead.
2. Rows are given as registers: the rowid, then the columns.
3. Actions are triggers on the parent that nobody wrote (bind/key_actions.py).

Must not know: how rows are written. Source: https://sqlite.org/foreignkeys.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.foreign_keys import (
    bind_key,
    child_numbers,
    find_key,
    find_parent,
    is_child_changed,
    is_parent_changed,
    keys_to,
)
from keelback_core.compiler.bind.from_clause import bind_table_expressions, table_item
from keelback_core.compiler.bind.key_actions import action_trigger
from keelback_core.compiler.bind.nodes import BoundBinary, BoundUnary
from keelback_core.compiler.bind.scope import column_of
from keelback_core.compiler.bind.table_rules import table_source
from keelback_core.compiler.catalog.model import ROWID, fold_name
from keelback_core.compiler.emit.loops import LoopEmitter
from keelback_core.compiler.emit.row_key import index_key_info
from keelback_core.compiler.emit.triggers import emit_fire
from keelback_core.compiler.plan.planner import plan_loops
from keelback_core.program.opcodes import (
    OP_AFFINITY,
    OP_CLOSE,
    OP_COPY,
    OP_EQ,
    OP_FK_COUNTER,
    OP_FK_IF_ZERO,
    OP_FOUND,
    OP_GOTO,
    OP_HALT,
    OP_IS_NULL,
    OP_MUST_BE_INT,
    OP_NE,
    OP_NOT_EXISTS,
    OP_OPEN_READ,
)
from keelback_core.program.program import COMPARE_JUMP_IF_NULL, CONFLICT_ABORT, HALT_FOREIGN_KEY
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import CONSTRAINT_FOREIGNKEY, ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.bind.foreign_keys import BoundForeignKey
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.catalog.model import Index, Table, Trigger
    from keelback_core.compiler.emit.builder import ProgramBuilder
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstForeignKey


class KeyChecks:
    """changed: the columns an UPDATE sets, None for INSERT and DELETE; rowid_changes: whether it may set the rowid.

    required: 0 if no key is concerned, 2 if the row must be deleted before it is written anew, else 1.
    """

    __slots__ = ("context", "builder", "table", "changed", "rowid_changes", "own", "others", "required")

    def __init__(self, context: StatementContext, table: Table, changed: set[int] | None, rowid_changes: bool) -> None:
        self.context = context
        self.builder = context.builder
        self.table = table
        self.changed = changed
        self.rowid_changes = rowid_changes
        self.own: Sequence[AstForeignKey] = ()
        self.others: Sequence[tuple[Table, AstForeignKey]] = ()
        self.required = 0
        if context.catalog.settings.foreign_keys and table.kind == "table":
            self._find()

    def _find(self) -> None:
        table, changed = self.table, self.changed
        name = fold_name(table.name)
        if changed is None:
            self.own = list(reversed(table.foreign_keys))
            self.others = keys_to(self.context.catalog, table)
            self.required = 1 if self.own or self.others else 0
            return
        own: list[AstForeignKey] = []
        others: list[tuple[Table, AstForeignKey]] = []
        for key in reversed(table.foreign_keys):
            is_own_parent = fold_name(key.parent_table) == name
            is_changed = is_child_changed(table, key, changed, self.rowid_changes)
            if is_changed or is_own_parent:
                own.append(key)
            if is_changed:
                self.required = max(self.required, 2 if is_own_parent else 1)
        for child, key in keys_to(self.context.catalog, table):
            if is_parent_changed(table, key, changed, self.rowid_changes):
                others.append((child, key))
                self.required = max(self.required, 2 if self._acts(key, True) else 1)
        self.own = own
        self.others = others

    def emit_check(self, old: int, new: int) -> None:
        """Count what the row from register `old` that goes, or the one from `new` that comes (0: none), means."""
        if not self.required:
            return
        for key in self.own:
            self._check_child(key, old, new)
        for child, key in self.others:
            self._check_parent(child, key, old, new)

    def emit_actions(self, old: int) -> None:
        """Do what the keys that refer to the changed row ask for; the new row stands behind the old one."""
        if not self.required:
            return
        context = self.context
        is_update = self.changed is not None
        for child, key in self.others:
            # One action is one sub-program, also where it leads back to itself.
            cached = context.root.actions
            place = (key, "UPDATE" if is_update else "DELETE")
            if place not in cached:
                cached[place] = self._action(child, key, is_update)
            action = cached[place]
            if action is not None:
                done = self.builder.label()
                emit_fire(context, action, self.table, old, "ABORT", done)
                self.builder.place(done)

    def _acts(self, key: AstForeignKey, is_update: bool) -> bool:
        """Whether a key asks for more than that its parent be there."""
        action = key.on_update if is_update else key.on_delete
        return action not in ("", "NO ACTION") and self.context.catalog.settings.fires_key_actions

    def _action(self, child: Table, key: AstForeignKey, is_update: bool) -> Trigger | None:
        if not self._acts(key, is_update):
            return None
        bound = find_key(child, key, self.table) if self._ignores_errors else bind_key(child, key, self.table)
        if bound is None:
            return None
        return action_trigger(bound, is_update, self.context.catalog.settings.defer_foreign_keys)

    @property
    def _ignores_errors(self) -> bool:
        """While a table is dropped its keys need not be in order."""
        return not self.context.root.fires_triggers

    # The row as a child.

    def _check_child(self, key: AstForeignKey, old: int, new: int) -> None:
        context, table = self.context, self.table
        parent = find_parent(context.catalog, table, key)
        if parent is None:
            if not self._ignores_errors:
                schema = context.catalog.schema_name(table.database)
                raise SqlError(ERROR, f"no such table: {schema}.{key.parent_table}")
            self._count_orphan(key, old)
            return
        bound = find_key(table, key, parent) if self._ignores_errors else bind_key(table, key, parent)
        if bound is None:
            return
        is_hidden = self._is_parent_hidden(bound)
        if old:
            self._look_up(bound, old, -1, is_hidden)
        trigger = context.trigger
        if new and (trigger is None or trigger.set_null_key is not key):
            self._look_up(bound, new, 1, is_hidden)

    def _is_parent_hidden(self, bound: BoundForeignKey) -> bool:
        """Whether the authorizer has the parent's columns read as NULL."""
        catalog, parent = self.context.catalog, bound.parent
        if catalog.authorizer is None:
            return False
        schema = catalog.schema_name(parent.database)
        is_hidden = False
        for number in bound.parent_columns:
            name = parent.columns[parent.rowid_column if number == ROWID else number].name
            is_hidden = not catalog.authorize_read(parent.name, name, schema)
        return is_hidden

    def _count_orphan(self, key: AstForeignKey, old: int) -> None:
        """A row whose parent table does not exist goes: that mends a violation."""
        builder = self.builder
        done = builder.label()
        for number in child_numbers(self.table, key):
            builder.emit(OP_IS_NULL, old + 1 + number, done)
        builder.emit(OP_FK_COUNTER, int(key.is_deferred), -1)
        builder.place(done)

    def _look_up(self, bound: BoundForeignKey, row: int, count: int, is_hidden: bool) -> None:
        """Add `count` to the violations if the row has no parent."""
        context, builder, key = self.context, self.builder, bound.key
        found = builder.label()
        if count < 0:
            builder.emit(OP_FK_IF_ZERO, int(key.is_deferred), found)
        for number in bound.child_columns:
            builder.emit(OP_IS_NULL, row + 1 + number, found)
        if not is_hidden:
            context.need_read(bound.parent.database)
            self._find_parent_row(bound, row, count, found)
        defers = context.catalog.settings.defer_foreign_keys
        if key.is_deferred or defers or context.is_subprogram or context.is_multi_write or count < 0:
            if count > 0 and not key.is_deferred:
                context.note_multi_write()
            builder.emit(OP_FK_COUNTER, int(key.is_deferred), count)
        else:
            emit_halt(builder)
        builder.place(found)

    def _find_parent_row(self, bound: BoundForeignKey, row: int, count: int, found: int) -> None:
        """Jump to `found` if the parent is there."""
        builder = self.builder
        children, parent = bound.child_columns, bound.parent
        is_own_parent = parent is self.table and count > 0
        cursor = builder.cursor()
        missing = builder.label()
        first = builder.registers(len(children))
        for place, number in enumerate(children):
            builder.emit(OP_COPY, row + 1 + number, first + place)
        if bound.index is None:
            builder.emit(OP_MUST_BE_INT, first, missing)
            if is_own_parent:
                builder.emit(OP_EQ, row, found, first)
        elif is_own_parent:
            other = builder.label()
            for number, parent_number in zip(children, bound.parent_columns, strict=True):
                builder.emit(OP_NE, row + 1 + number, other, row + 1 + parent_number, None, COMPARE_JUMP_IF_NULL)
            builder.emit(OP_GOTO, 0, found)
            builder.place(other)
        emit_find_parent(builder, bound, cursor, first, missing)
        builder.emit(OP_CLOSE, cursor)
        builder.emit(OP_GOTO, 0, found)
        builder.place(missing)

    # The row as a parent.

    def _check_parent(self, child: Table, key: AstForeignKey, old: int, new: int) -> None:
        context = self.context
        defers = context.catalog.settings.defer_foreign_keys
        if not key.is_deferred and not defers and not context.is_subprogram and not context.is_multi_write and not old:
            # One new row can neither break nor mend an immediate key to it.
            return
        bound = find_key(child, key, self.table) if self._ignores_errors else bind_key(child, key, self.table)
        if bound is None:
            return
        if new:
            self._count_children(bound, new, -1)
        if old:
            context.note_multi_write()
            self._count_children(bound, old, 1)

    def _count_children(self, bound: BoundForeignKey, row: int, count: int) -> None:
        """Add `count` to the violations for every child of the row."""
        context, builder, key = self.context, self.builder, bound.key
        done = builder.label()
        if count < 0:
            builder.emit(OP_FK_IF_ZERO, int(key.is_deferred), done)
        schema = context.catalog.schema_name(bound.child.database)
        item = table_item(bound.child, None, "", schema)
        for name in key.columns:
            context.catalog.authorize_read(bound.child.name, name, schema)
        bind_table_expressions(context.bind_context, item)
        parent = table_source(bound.parent)
        context.bind_registers(parent, row + 1, row)
        where: BoundExpression | None = None
        for child_number, parent_number in zip(bound.child_columns, bound.parent_columns, strict=True):
            # The parent's value stands on the left, so that its affinity and collation count.
            equal = BoundBinary("=", column_of(parent, parent_number), column_of(item.source, child_number))
            where = equal if where is None else BoundBinary("AND", where, equal)
        if bound.child is bound.parent and count > 0:
            other = self._is_other_row(parent, item.source)
            where = BoundBinary("AND", where, other) if where is not None else other
        loops = LoopEmitter(context, plan_loops((item.source,), where))
        loops.begin()
        builder.emit(OP_FK_COUNTER, int(key.is_deferred), count)
        loops.end()
        builder.place(done)

    def _is_other_row(self, row: BoundSource, child: BoundSource) -> BoundExpression:
        """That a child is not the parent itself."""
        if self.table.key_index is None:
            return BoundBinary("<>", column_of(row, ROWID), column_of(child, ROWID))
        same: BoundExpression | None = None
        for number in self.table.row_key:
            equal = BoundBinary("IS", column_of(row, number), column_of(child, number))
            same = equal if same is None else BoundBinary("AND", same, equal)
        assert same is not None
        return BoundUnary("NOT", same)


def emit_halt(builder: ProgramBuilder) -> None:
    """End with the foreign key error."""
    builder.emit(OP_HALT, CONSTRAINT_FOREIGNKEY, CONFLICT_ABORT, 0, None, HALT_FOREIGN_KEY)


def key_affinities(table: Table, index: Index) -> str:
    """The affinities of the columns of an index of the parent; numbers are NUMERIC, so that integers stay."""
    codes = ""
    for column in index.columns:
        code = "C" if column.column == ROWID else table.columns[column.column].affinity
        codes += min(code, "C")
    return codes


def emit_find_parent(builder: ProgramBuilder, bound: BoundForeignKey, cursor: int, first: int, missing: int) -> None:
    """Look for the parent of the key in the registers from `first`; fall through if it is there, else go to
    `missing`. A key that is the rowid is an integer by then."""
    parent, index = bound.parent, bound.index
    if index is None:
        builder.emit(OP_OPEN_READ, cursor, parent.root, parent.database, len(parent.columns), 0, parent.name)
        builder.emit(OP_NOT_EXISTS, cursor, missing, first)
        return
    count = len(index.columns)
    there = builder.label()
    builder.emit(OP_OPEN_READ, cursor, index.root, parent.database, index_key_info(index), 0, index.name)
    builder.emit(OP_AFFINITY, first, count, 0, key_affinities(parent, index))
    builder.emit(OP_FOUND, cursor, there, first, count)
    builder.emit(OP_GOTO, 0, missing)
    builder.place(there)
