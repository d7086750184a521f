"""The triggers of a change: which fire, when, and the sub-programs that they are.

1. A sub-program reads OLD and NEW as parameters: the caller lays out rowid and columns of OLD, then those of NEW, in
   consecutive registers; INSERT leaves OLD empty, DELETE has no NEW.
2. One sub-program serves all places of a statement that fire the trigger under the same conflict action.
3. The OR clause of the statement that fires a trigger counts inside instead of those written there.

Must not know: how the statements of a body are emitted. Source: https://sqlite.org/lang_createtrigger.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.expressions import bind_scalar
from keelback_core.compiler.bind.scope import Scope, ScopeItem
from keelback_core.compiler.bind.table_rules import table_source
from keelback_core.compiler.bind.types import REAL_AFFINITY
from keelback_core.compiler.catalog.actions import ACTION_SELECT
from keelback_core.compiler.catalog.load import as_trigger_row
from keelback_core.compiler.catalog.settings import LIMIT_TRIGGER_DEPTH
from keelback_core.compiler.emit.destination import Destination
from keelback_core.compiler.emit.expression import emit_jump_if_false
from keelback_core.compiler.emit.statement_context import StatementContext
from keelback_core.compiler.sql.ast import AstSelect
from keelback_core.program.opcodes import OP_PROGRAM, OP_RESET_COUNT
from keelback_core.program.program import Program
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from keelback_core.compiler.catalog.model import Table, Trigger
    from keelback_core.compiler.emit.context import EmitContext

# As deep as triggers are compiled inside of each other; those below wait until the statement is done.
COMPILED_AT_ONCE: Final = 8


class DiscardOutput(Destination):
    """Rows of a SELECT in a trigger: computed, and forgotten."""

    __slots__ = ()

    def emit_row(self, context: EmitContext, first: int, count: int, stop_label: int) -> None:
        pass


class RowTriggers:
    """The triggers that one kind of change fires. changed: the folded names of the columns an UPDATE sets."""

    __slots__ = ("context", "table", "before", "after")

    def __init__(
        self, context: StatementContext, table: Table, event: str, changed: frozenset[str] = frozenset()
    ) -> None:
        self.context = context
        self.table = table
        self.before: tuple[Trigger, ...] = ()
        self.after: tuple[Trigger, ...] = ()
        found = context.catalog.triggers_for(table, event, changed) if context.root.fires_triggers else None
        if found:
            self.before = tuple([trigger for trigger in found if trigger.ast.time != "AFTER"])
            self.after = tuple([trigger for trigger in found if trigger.ast.time == "AFTER"])

    @property
    def any(self) -> bool:
        return bool(self.before or self.after)

    def emit_before(self, first: int, conflict: str, ignore_label: int) -> None:
        """Fire BEFORE and INSTEAD OF triggers on the rows from register `first`; RAISE(IGNORE) goes to the label."""
        for trigger in self.before:
            emit_fire(self.context, trigger, self.table, first, conflict, ignore_label)

    def emit_after(
        self, first: int, conflict: str, ignore_label: int, emit_returning: Callable[[], None] | None = None
    ) -> None:
        """Fire the AFTER triggers. RETURNING is SQLite's newest trigger in temp: it comes behind those of temp for
        a table of another schema, and before those of the table's own."""
        if not self.after:
            if emit_returning is not None:
                emit_returning()
            return
        foreign = [trigger for trigger in self.after if trigger.database != self.table.database]
        for trigger in foreign:
            emit_fire(self.context, trigger, self.table, first, conflict, ignore_label)
        if emit_returning is not None:
            emit_returning()
        for trigger in self.after[len(foreign) :]:
            emit_fire(self.context, trigger, self.table, first, conflict, ignore_label)


def emit_fire(
    context: StatementContext, trigger: Trigger, table: Table, first: int, conflict: str, ignore_label: int
) -> None:
    """Run the sub-program of a trigger (or foreign key action)."""
    context.note_multi_write()
    try:
        program = trigger_program(context, trigger, table, conflict)
    except SqlError as error:
        # SQLite goes on with the statement, and tells of a parent table that is missing instead.
        binding = context.bind_context
        binding.late_error = binding.late_error or error
        return
    # A trigger that fires itself does so only with PRAGMA recursive_triggers; an action always may.
    may_recur = not trigger.name or context.catalog.settings.recursive_triggers
    root, builder = context.root, context.builder
    if trigger not in root.trigger_numbers:
        root.trigger_numbers[trigger] = len(root.trigger_numbers) + 1
    flags = (1 if may_recur else 0) | root.trigger_numbers[trigger] << 1
    builder.emit(OP_PROGRAM, first, ignore_label, builder.register(), program, flags, "trigger " + trigger.name)


def trigger_program(context: StatementContext, trigger: Trigger, table: Table, conflict: str) -> Program:
    """The Program of a trigger; it is filled before the statement's own is finished."""
    root = context.root
    program = root.programs.get((trigger, conflict))
    if program is None:
        depth = context.trigger_depth + 1
        if depth > context.catalog.settings.limits[LIMIT_TRIGGER_DEPTH]:
            raise SqlError(ERROR, "triggers nested too deep")
        program = Program((), 0, 0)
        root.programs[(trigger, conflict)] = program
        if depth <= COMPILED_AT_ONCE:
            # Of several errors the first on the way is told.
            _compile(root, trigger, table, conflict, program, depth)
            return program
        if root.pending is None:
            root.pending = []
        root.pending.append(lambda: _compile(root, trigger, table, conflict, program, depth))
    return program


def _compile(
    root: StatementContext, trigger: Trigger, table: Table, conflict: str, program: Program, depth: int
) -> None:
    inner = StatementContext(root.catalog.inside_trigger(trigger), trigger.ast, trigger.sql, root.steps, root)
    inner.trigger = trigger
    inner.conflict = conflict
    inner.trigger_depth = depth
    inner.is_multi_write = True
    inner.builder.begin()
    try:
        _emit_body(inner, trigger, table)
    except SqlError as error:
        # The place of the error is one in the text of the trigger.
        raise SqlError(error.code, error.message) from None
    inner.finish_into(program)


def _emit_body(inner: StatementContext, trigger: Trigger, table: Table) -> None:
    builder = inner.builder
    scope = Scope()
    scope.needs_table_name = True
    row_table = as_trigger_row(table)
    names = tuple(column.name for column in table.columns)
    width = len(names) + 1
    is_view = table.kind == "view"
    reals = frozenset(n for n, column in enumerate(table.columns) if is_view and column.affinity == REAL_AFFINITY)
    for name, event, place in (("new", "DELETE", width), ("old", "INSERT", 0)):
        if trigger.ast.event != event:
            source = table_source(row_table, name)
            scope.items.append(ScopeItem(source, "", names, table.kind == "table" and not table.is_without_rowid))
            first = builder.registers(width)
            inner.bind_registers(source, first + 1, first)
            if inner.rows is None:
                inner.rows = []
            inner.rows.append((source, first, place, reals))
    inner.bind_context.trigger_scope = scope
    end = builder.label()
    if trigger.ast.when is not None:
        condition = bind_scalar(inner.bind_context, trigger.ast.when, scope)
        emit_jump_if_false(inner, condition, end, True)
    for step in trigger.ast.body:
        if isinstance(step, AstSelect):
            inner.catalog.authorize(ACTION_SELECT, None, None, None)
            select = inner.bind_context.bind_select(inner.bind_context, step, scope)
            select.is_asked = True
            inner.emit_select(select, DiscardOutput())
        else:
            inner.steps[type(step)](inner, step)
            inner.bind_context.raise_late_error()
            builder.emit(OP_RESET_COUNT)
    builder.place(end)
