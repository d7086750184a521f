"""StatementContext: an EmitContext with what only whole statements have: output, counters, triggers, read-only or not.

1. A statement and the sub-programs of its triggers make one tree of contexts. What belongs to the whole statement
   (transactions, AUTOINCREMENT counters, compiled triggers) is in its root.
2. Sub-programs are compiled when the statement itself is done, one after the other, so chains of triggers do not
   nest; until then a caller holds the empty Program that `finish` fills.
"""

from __future__ import annotations

from keelback_core.compiler.bind.context import BindContext
from keelback_core.compiler.bind.select import bind_select
from keelback_core.compiler.catalog.settings import LIMIT_LENGTH, LIMIT_VDBE_OP
from keelback_core.compiler.emit.autoincrement import AutoincrementCounter
from keelback_core.compiler.emit.full_context import FullContext
from keelback_core.program.opcodes import OP_HALT, OP_PARAM, OP_REAL_AFFINITY
from keelback_core.program.program import Program
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import MESSAGES, NOMEM, TOOBIG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    from keelback_core.compiler.bind.nodes import BoundSource
    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.catalog.model import Table, Trigger
    from keelback_core.compiler.sql.ast import AstStatement
    from keelback_core.program.program import OutputColumn

    # Emits a statement of a trigger's body, without ending the program.
    StepEmitter = Callable[["StatementContext", Any], object]


NO_STEPS: Final[dict[type, StepEmitter]] = {}
# The instructions that SQLite makes room for at first.
FIRST_ROOM: Final = 42
LONGEST_NAME: Final = 100_000


class StatementContext(FullContext):
    """output: columns of ResultRow. counts_changes: the statement sets changes(). is_readonly: False if it changes
    anything although it opens no write transaction. steps: how statements of triggers are emitted, by type.

    Of the root: counters of AUTOINCREMENT by (database, table), programs of triggers by (trigger, conflict action), the
    number of each trigger, pending: what is still to be compiled, fires_triggers: False for what DROP TABLE deletes. Of
    a sub-program: the trigger, the conflict action of the statement that fires it ("" for none), and the rows NEW and
    OLD with the place of each among the parameters.
    """

    __slots__ = (
        "bind_context",
        "output",
        "counts_changes",
        "is_readonly",
        "steps",
        "_root",
        "counters",
        "_programs",
        "_trigger_numbers",
        "pending",
        "_actions",
        "trigger",
        "trigger_depth",
        "conflict",
        "rows",
        "fires_triggers",
    )

    def __init__(
        self,
        catalog: Catalog,
        ast: AstStatement,
        sql: str,
        steps: dict[type, StepEmitter] | None = None,
        root: StatementContext | None = None,
    ) -> None:
        super().__init__(catalog)
        self.bind_context = BindContext(catalog, sql, ast if root is None else None, bind_select)
        self.bind_context.defers_errors = True
        self.output: tuple[OutputColumn, ...] = ()
        self.counts_changes = False
        self.is_readonly = True
        self.steps = steps if steps is not None else NO_STEPS
        # None in the root itself: a circle would outlive the compilation until the garbage is collected.
        self._root = root
        self.counters: dict[tuple[int, str], AutoincrementCounter] | None = None
        self._programs: dict[tuple[Trigger, str], Program] | None = None
        self._trigger_numbers: dict[Trigger, int] | None = None
        self.pending: list[Callable[[], None]] | None = None
        self._actions: dict[tuple[object, str], Trigger | None] | None = None
        self.trigger: Trigger | None = None
        # How many triggers are around it, counted along the way on which it was first met.
        self.trigger_depth = 0
        self.conflict = ""
        self.rows: list[tuple[BoundSource, int, int, frozenset[int]]] | None = None
        self.fires_triggers = True

    @property
    def root(self) -> StatementContext:
        """The context of the whole statement."""
        return self if self._root is None else self._root

    @property
    def programs(self) -> dict[tuple[Trigger, str], Program]:
        if self._programs is None:
            self._programs = {}
        return self._programs

    @property
    def trigger_numbers(self) -> dict[Trigger, int]:
        if self._trigger_numbers is None:
            self._trigger_numbers = {}
        return self._trigger_numbers

    @property
    def actions(self) -> dict[tuple[object, str], Trigger | None]:
        """The actions of foreign keys, by key and event."""
        if self._actions is None:
            self._actions = {}
        return self._actions

    @property
    def is_subprogram(self) -> bool:
        return self._root is not None

    def need_read(self, database: int) -> None:
        """The statement reads this database."""
        if self.is_subprogram:
            self.root.need_read(database)
        else:
            super().need_read(database)

    def need_write(self, database: int) -> None:
        """The statement writes to this database."""
        if self.is_subprogram:
            self.root.need_write(database)
        else:
            super().need_write(database)

    def note_module(self) -> None:
        """The statement depends on what a module says."""
        self.root.asks_module = True

    def note_multi_write(self) -> None:
        """The statement may have changed something when it fails."""
        self.is_multi_write = True
        self.root.is_multi_write = True

    def autoincrement_counter(self, table: Table) -> AutoincrementCounter:
        """The counter of a table; it counts in registers of the root, from any sub-program."""
        key = (table.database, table.name)
        root = self.root
        if root.counters is None:
            root.counters = {}
        known = root.counters.get(key)
        if known is None:
            known = root.counters[key] = AutoincrementCounter(root, table)
        return known

    def end_statement(self) -> None:
        """Write the AUTOINCREMENT counters back; the root knows them only when all triggers are compiled."""
        while self.pending:
            self.pending.pop(0)()
        if self.counters:
            for counter in reversed(self.counters.values()):
                counter.emit_end()

    def emit_initial(self) -> None:
        """The part that Init jumps to: transactions, constants, counters or the rows of a trigger."""
        builder = self.builder
        super().emit_initial()
        if not self.counters and not self.rows:
            return
        # What comes after the constants goes in front of the jump back.
        jump = builder.instructions.pop()
        for source, first_register, first_parameter, reals in self.rows or ():
            for column in sorted(source.used_columns):
                builder.emit(OP_PARAM, first_parameter + 1 + column, first_register + 1 + column)
                if column in reals:
                    # A view's NEW holds what was given for it.
                    builder.emit(OP_REAL_AFFINITY, first_register + 1 + column)
        if self.counters:
            for counter in self.counters.values():
                counter.emit_begin()
        builder.instructions.append(jump)

    def finish(self) -> Program:
        """The initial part, then the Program."""
        self.bind_context.raise_late_error()
        self.bind_context.number_all_parameters()
        self.emit_initial()
        self._check_size()
        self._check_names()
        self.bind_context.forget_joins()
        program = self.builder.finish(
            tuple(self.bind_context.parameters),
            self.output,
            self.is_readonly and self.written == 0,
            self.is_multi_write,
            self.counts_changes,
            self.schema_cookies(),
        )
        program.asks_module = self.asks_module
        return program

    def _check_size(self) -> None:
        """SqlError NOMEM for more instructions than SQLITE_LIMIT_VDBE_OP.

        SQLite compares the room it makes, which begins at FIRST_ROOM and doubles, not the instructions.
        """
        room = FIRST_ROOM
        while room < len(self.builder.instructions):
            room *= 2
        if room > self.catalog.settings.limits[LIMIT_VDBE_OP]:
            raise SqlError(NOMEM, MESSAGES[NOMEM])

    def _check_names(self) -> None:
        """SqlError TOOBIG for a column's name that is longer than a value may be."""
        limit = self.catalog.settings.limits[LIMIT_LENGTH]
        # Nobody lowers the limit that little.
        if limit < LONGEST_NAME:
            for column in self.output:
                if len(column.name.encode("utf-8", "surrogateescape")) > limit:
                    raise SqlError(TOOBIG, MESSAGES[TOOBIG])

    def finish_into(self, program: Program) -> None:
        """Fill the Program that the callers of this sub-program hold."""
        self.bind_context.raise_late_error()
        self.builder.emit(OP_HALT)
        self.emit_initial()
        made = self.builder.finish()
        self.bind_context.forget_joins()
        program.instructions = made.instructions
        program.register_count = made.register_count
        program.cursor_count = made.cursor_count
        self.root.is_multi_write = self.root.is_multi_write or self.is_multi_write
