"""UPDATE: each row changed by a RowUpdater, as it is found, or after all have been found.

1. A walk through the table that no change disturbs changes the rows on its way. Elsewhere keys are collected first, so
   that a row that moves is met once; rows are changed in the order in which SQLite would: as found where it changes
   them during the scan, else by key.
2. With FROM the new values are collected too, one set a row of the target: the last one found.

Must not know: how rows are found, how constraints are checked. Source: https://sqlite.org/lang_update.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundColumn
from keelback_core.compiler.bind.table_rules import with_generated
from keelback_core.compiler.bind.update import BoundUpdate, bind_update
from keelback_core.compiler.bind.walk import has_subquery, walk
from keelback_core.compiler.catalog.model import ROWID
from keelback_core.compiler.emit.destination import KeyedOutput
from keelback_core.compiler.emit.expression import emit_expression
from keelback_core.compiler.emit.foreign_keys import KeyChecks
from keelback_core.compiler.emit.instead_of import emit_update_of_view
from keelback_core.compiler.emit.loops import LoopEmitter
from keelback_core.compiler.emit.one_pass import tell_of_the_table, walks_table
from keelback_core.compiler.emit.plain_table import is_plain
from keelback_core.compiler.emit.returning import ReturningRows
from keelback_core.compiler.emit.row_update import BufferedValue, RowUpdater
from keelback_core.compiler.emit.subquery import emit_row_subquery
from keelback_core.compiler.emit.table_writer import TableWriter
from keelback_core.compiler.emit.triggers import RowTriggers
from keelback_core.compiler.emit.virtual_write import emit_virtual_update
from keelback_core.compiler.plan.nodes import PlanIndexSeek, PlanScan, PlanUnion
from keelback_core.compiler.plan.planner import plan_loops
from keelback_core.program.opcodes import (
    OP_COLUMN,
    OP_COPY,
    OP_DELETE,
    OP_HALT,
    OP_IDX_INSERT,
    OP_INSERT,
    OP_MAKE_RECORD,
    OP_NEW_ROWID,
    OP_NEXT,
    OP_NOT_FOUND,
    OP_OPEN_EPHEMERAL,
    OP_REWIND,
    OP_ROWID,
)
from keelback_core.program.program import WRITE_APPEND

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.catalog.model import Index
    from keelback_core.compiler.emit.row_update import NewValue
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.plan.nodes import PlanLoops
    from keelback_core.compiler.sql.ast import AstUpdate


def emit_update(context: StatementContext, ast: AstUpdate) -> None:
    """The program of an UPDATE."""
    returning = emit_update_step(context, ast)
    context.end_statement()
    returning.emit_output()
    context.builder.emit(OP_HALT)


def emit_update_step(context: StatementContext, ast: AstUpdate) -> ReturningRows:
    """An UPDATE without the end of its program, as in the body of a trigger."""
    bound = bind_update(context.bind_context, ast)
    context.bind_context.raise_late_error()
    returning = ReturningRows(context, bound.returning, "" if bound.table.kind == "virtual" else "updated")
    returning.emit_open()
    if bound.table.kind == "view":
        emit_update_of_view(context, bound, returning)
    elif bound.table.kind == "virtual":
        emit_virtual_update(context, bound)
    else:
        UpdateEmitter(context, bound).emit(returning)
    return returning


class UpdateEmitter:
    """See the module."""

    __slots__ = ("context", "builder", "bound", "writer", "conflict", "is_plain")

    def __init__(self, context: StatementContext, bound: BoundUpdate) -> None:
        self.context = context
        self.builder = context.builder
        self.bound = bound
        self.is_plain = is_plain(context, bound.table)
        self.writer = TableWriter(context, bound.stored, None if self.is_plain and not bound.returning else bound.new)
        self.conflict = context.conflict or bound.conflict

    def emit(self, returning: ReturningRows) -> None:
        """The whole statement but for its end."""
        context, builder, bound = self.context, self.builder, self.bound
        context.need_write(bound.table.database)
        context.counts_changes = True
        context.is_multi_write = True
        has_from = len(bound.sources) > 1
        if not has_from and self.writer.key.is_rowid:
            plan = plan_loops(bound.sources, bound.where, is_write=True)
            if walks_table(plan) and self._keeps_scan_order(plan):
                self._emit_one_pass(LoopEmitter(context, plan), returning)
                return
        buffer = builder.cursor()
        values: dict[int, NewValue]
        if has_from:
            values = self._collect_values(buffer)
        else:
            self._collect_keys(buffer)
            values = dict(bound.values)
        key = self.writer.key
        old_key = builder.registers(key.width)
        self.writer.open()
        # The new values read the row under the writer's cursor from now on.
        context.bind_cursor(bound.source, self.writer.table_cursor)
        updater = RowUpdater(context, self.writer, values, bound.changed, self.conflict, old_key, self.is_plain)
        done = builder.label()
        following = builder.label()
        builder.emit(OP_REWIND, buffer, done)
        top = builder.address
        context.loop_depth += 1
        if has_from and key.is_rowid:
            builder.emit(OP_ROWID, buffer, old_key)
        else:
            for place in range(key.width):
                builder.emit(OP_COLUMN, buffer, place, old_key + place)
        key.emit_seek(context, self.writer.table_cursor, following, old_key)
        updater.emit(following, returning)
        context.loop_depth -= 1
        builder.place(following)
        builder.emit(OP_NEXT, buffer, top)
        builder.place(done)

    def _emit_one_pass(self, loops: LoopEmitter, returning: ReturningRows) -> None:
        """Change each row as it is found."""
        context, bound = self.context, self.bound
        key = self.writer.key
        rowid = self.builder.registers(key.width)
        self.writer.open()
        loops.walk_by(self.writer.table_cursor)
        values: dict[int, NewValue] = dict(bound.values)
        updater = RowUpdater(context, self.writer, values, bound.changed, self.conflict, rowid, self.is_plain)
        loops.begin()
        key.emit_read(context, bound.source, rowid)
        updater.emit(loops.continue_label, returning)
        loops.end()

    def _collect_keys(self, buffer: int) -> None:
        """The keys of the rows to change, as rows of the ephemeral table or index `buffer`."""
        builder, bound, key = self.builder, self.bound, self.writer.key
        first = builder.registers(key.width)
        record = builder.register()
        plan = plan_loops(bound.sources, bound.where, is_write=True)
        keeps_order = self._keeps_scan_order(plan)
        if key.is_rowid and len(bound.sources) == 1 and plan.loops:
            tell_of_the_table(plan, self._changes_at_once())
        info = None if key.is_rowid or keeps_order else key.info()
        builder.emit(OP_OPEN_EPHEMERAL, buffer, key.width, 0, info)
        loops = LoopEmitter(self.context, plan)
        loops.begin()
        key.emit_read(self.context, bound.source, first)
        builder.emit(OP_MAKE_RECORD, first, key.width, record)
        if keeps_order:
            place = builder.register()
            builder.emit(OP_NEW_ROWID, buffer, place)
            builder.emit(OP_INSERT, buffer, record, place, None, WRITE_APPEND)
        elif key.is_rowid:
            builder.emit(OP_INSERT, buffer, record, first)
        else:
            builder.emit(OP_IDX_INSERT, buffer, record, first, key.width)
        loops.end()

    def _keeps_scan_order(self, plan: PlanLoops) -> bool:
        """Whether SQLite would change rows while it scans, and so in the order of the scan; else it is rowid order."""
        if not self._changes_at_once():
            return False
        access = plan.loops[0].access if plan.loops else None
        if isinstance(access, PlanUnion):
            return False
        index = access.index if isinstance(access, (PlanScan, PlanIndexSeek)) else None
        return index is None or index.is_table or not self._touches(index)

    def _changes_at_once(self) -> bool:
        """Whether nothing but the walk itself could be disturbed by changing rows as they are found."""
        bound = self.bound
        if self.writer.key.is_changed(bound.values) or bound.returning or self._may_replace():
            return False
        if self.is_plain:
            return not has_subquery(bound.where)
        if RowTriggers(self.context, bound.table, "UPDATE", bound.changed).any:
            return False
        if KeyChecks(self.context, bound.table, set(bound.values), False).required:
            return False
        return not has_subquery(bound.where)

    def _touches(self, index: Index) -> bool:
        """Whether the UPDATE changes entries of the index."""
        rules = self.bound.new
        changed = with_generated(rules, set(self.bound.values), ROWID in self.bound.values)
        for position, known in enumerate(self.bound.table.indexes):
            if known.name == index.name:
                if any(column.column in changed for column in known.columns):
                    return True
                expressions = [e for e in rules.index_expressions[position] if e is not None]
                condition = rules.index_conditions[position]
                return any(
                    isinstance(node, BoundColumn) and node.column in changed
                    for expression in [*expressions, *([] if condition is None else [condition])]
                    for node in walk(expression)
                )
        return False

    def _may_replace(self) -> bool:
        """Whether a changed index may have other rows deleted to make room."""
        for index in self.bound.table.indexes:
            if (self.conflict or index.conflict) == "REPLACE" and self._touches(index):
                return True
        return False

    def _collect_values(self, buffer: int) -> dict[int, NewValue]:
        """The new values of UPDATE ... FROM, by the key of the row to change; a row met again gets the newer ones."""
        builder, bound, key = self.builder, self.bound, self.writer.key
        columns = list(bound.values)
        key_count = 0 if key.is_rowid else key.width
        count = key_count + len(columns)
        rowid = builder.register()
        first = builder.registers(count)
        record = builder.register()
        builder.emit(OP_OPEN_EPHEMERAL, buffer, count, 0, None if key.is_rowid else key.info(len(columns)))
        collected: dict[int, NewValue] = {
            column: BufferedValue(buffer, key_count + place) for place, column in enumerate(columns)
        }
        if bound.joined is not None:
            self.context.emit_select(bound.select_of(key.columns), KeyedOutput(buffer, key.width, key.is_rowid))
            return collected
        # An automatic index holds only the columns that are read, and the table behind it is not opened.
        bound.source.used_columns.update(key.columns)
        allows_automatic = self.context.catalog.settings.automatic_index
        plan = plan_loops(bound.sources, bound.where, allows_automatic=allows_automatic)
        loops = LoopEmitter(self.context, plan)
        loops.begin()
        key.emit_read(self.context, bound.source, rowid if key.is_rowid else first)
        subqueries: dict[int, int] = {}
        for place, column in enumerate(columns, first + key_count):
            value = bound.values[column]
            if isinstance(value, tuple):
                if id(value[0]) not in subqueries:
                    subqueries[id(value[0])] = emit_row_subquery(self.context, value[0])
                builder.emit(OP_COPY, subqueries[id(value[0])] + value[1], place, 0)
            else:
                emit_expression(self.context, value, place)
        builder.emit(OP_MAKE_RECORD, first, count, record)
        if key.is_rowid:
            builder.emit(OP_INSERT, buffer, record, rowid)
        else:
            fresh = builder.label()
            builder.emit(OP_NOT_FOUND, buffer, fresh, first, key_count)
            builder.emit(OP_DELETE, buffer)
            builder.place(fresh)
            builder.emit(OP_IDX_INSERT, buffer, record, first, count)
        loops.end()
        return collected
