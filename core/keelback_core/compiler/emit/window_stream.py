"""StreamEmitter: the calls of a level whose value for a row is known as soon as the row comes.

So it is with places (row_number, rank, dense_rank), the value of the row before or of the partition's first one, and
with aggregates over the partition's rows so far: nothing of the partition is kept, and rows are handed on as they come.

1. A frame of RANGE or GROUPS that ends with the current row takes in its peers, which are to come; where a term of the
   order is the rowid of the only source there are none.
2. An aggregate's state lives from one row to the next; it is let go when its partition ends. Where the frame begins a
   number of rows before, rows are kept for what they have to give back when they leave it, and for nothing else.

Must not know: how rows come, who gets them.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundColumn
from keelback_core.compiler.bind.windows import WINDOW_FUNCTIONS
from keelback_core.compiler.catalog.model import ROWID
from keelback_core.compiler.emit.calls import call_collation
from keelback_core.compiler.emit.dispatch import without_wrappers
from keelback_core.compiler.emit.subtypes import reads_subtypes
from keelback_core.compiler.emit.window_rules import MOVING_FORMS, emit_offset
from keelback_core.program.opcodes import (
    OP_ADD_IMM,
    OP_AGG_FINAL,
    OP_AGG_INVERSE,
    OP_AGG_STEP,
    OP_AGG_VALUE,
    OP_COLUMN,
    OP_COPY,
    OP_GE,
    OP_GOTO,
    OP_IF_NOT,
    OP_INSERT,
    OP_INTEGER,
    OP_MAKE_RECORD,
    OP_NE,
    OP_NULL,
    OP_OPEN_DUP,
    OP_OPEN_EPHEMERAL,
    OP_RESET_SORTER,
    OP_SEEK_ROWID,
    OP_SUBTRACT,
)
from keelback_core.program.program import COPY_CLEARS_SUBTYPE, WRITE_APPEND, FunctionReference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSelectCore, BoundWindow
    from keelback_core.compiler.emit.context import EmitContext

PLACES: Final = ("row_number", "rank", "dense_rank")


def can_stream(core: BoundSelectCore, calls: Sequence[BoundWindow]) -> bool:
    """Whether no call of the level needs rows behind the one at hand, or more than one before it."""
    for call in calls:
        name = call.signature.name
        if reads_subtypes(name):
            return False
        if name in PLACES or (name == "lag" and len(call.arguments) == 1):
            continue
        frame = call.frame
        if frame.exclude or frame.end != "CURRENT ROW":
            return False
        if frame.unit == "ROWS" and frame.start == "PRECEDING" and name not in WINDOW_FUNCTIONS:
            continue
        if frame.start != "UNBOUNDED PRECEDING":
            return False
        if name == "first_value":
            continue
        if name in WINDOW_FUNCTIONS and name != "last_value":
            return False
        if frame.unit != "ROWS" and not _has_no_peers(core, call):
            return False
    return True


def _has_no_peers(core: BoundSelectCore, call: BoundWindow) -> bool:
    if len(core.sources) != 1 or core.flattened or core.group_by or core.aggregates:
        return False
    source = core.sources[0]
    if source.table is None or source.table.kind == "virtual":
        return False
    for term in call.order_by:
        e = without_wrappers(term.expression)
        if isinstance(e, BoundColumn) and e.source is source and e.column == ROWID:
            return True
    return False


class StreamEmitter:
    """See the module. row: the first register of a row; arguments, filters: by call, their registers (-1: no filter).
    number, group, first_peer: the row's number, that of its peers among the partition's, and the first peer's."""

    __slots__ = (
        "context",
        "calls",
        "arguments",
        "filters",
        "number",
        "group",
        "first_peer",
        "states",
        "results",
        "needs_peers",
        "first_argument",
        "width",
        "offset",
        "low",
        "kept",
        "leaving",
        "record",
    )

    def __init__(self, context: EmitContext, calls: Sequence[BoundWindow], first_argument: int) -> None:
        builder = context.builder
        self.first_argument = first_argument
        # Of a frame that begins some rows before: its offset and first row, the rows kept, a cursor for what they give
        # back.
        self.offset = calls[0].frame.start_offset if calls[0].frame.start == "PRECEDING" else None
        self.low = builder.register()
        self.kept = builder.cursor()
        self.leaving = builder.cursor()
        self.record = builder.register()
        self.context = context
        self.calls = calls
        self.arguments: list[int] = []
        self.filters: list[int] = []
        register = first_argument
        for call in calls:
            self.arguments.append(register)
            register += len(call.arguments)
            self.filters.append(register if call.filter is not None else -1)
            if call.filter is not None:
                register += 1
        self.width = register - first_argument
        self.number = builder.register()
        self.group = builder.register()
        self.first_peer = builder.register()
        self.needs_peers = any(call.signature.name in ("rank", "dense_rank") for call in calls)
        self.states = [builder.register() for _ in calls]
        self.results = [self._result(call, state) for call, state in zip(calls, self.states, strict=True)]

    def _result(self, call: BoundWindow, state: int) -> int:
        """Where the call's value stands."""
        name = call.signature.name
        if name == "row_number":
            return self.number
        if name == "rank":
            return self.first_peer
        if name == "dense_rank":
            return self.group
        return state if name in ("lag", "first_value", "last_value") else self.context.builder.register()

    def _is_aggregate(self, call: BoundWindow) -> bool:
        return call.signature.name not in WINDOW_FUNCTIONS

    def open(self) -> None:
        """Open the table of the rows that are kept."""
        if self.offset is not None:
            self.context.builder.emit(OP_OPEN_EPHEMERAL, self.kept, max(self.width, 1))
        self.begin()

    def begin(self) -> None:
        """Begin a partition."""
        builder = self.context.builder
        if self.offset is not None:
            builder.emit(OP_RESET_SORTER, self.kept)
            builder.emit(OP_OPEN_DUP, self.leaving, self.kept)
            builder.emit(OP_INTEGER, 1, self.low)
        builder.emit(OP_INTEGER, 0, self.number)
        if self.needs_peers:
            builder.emit(OP_INTEGER, 0, self.group)
        for state in self.states:
            builder.emit(OP_NULL, 0, state)

    def let_go(self) -> None:
        """The partition is over."""
        for call, state in zip(self.calls, self.states, strict=True):
            if self._is_aggregate(call):
                count = len(call.arguments)
                self.context.builder.emit(OP_AGG_FINAL, state, count, 0, self._reference(call), 1)

    def emit_values(self, emit_changed: Callable[[int, int], None] | None, order: tuple[int, int, int]) -> None:
        """Compute the values of the row in the registers. emit_changed: compare the terms of the order with those of
        the row before, None without any; order: their first register, where they are kept, their number."""
        builder = self.context.builder
        builder.emit(OP_ADD_IMM, self.number, 1)
        if self.needs_peers:
            changed = builder.label()
            same = builder.label()
            builder.emit(OP_IF_NOT, self.group, changed)
            if emit_changed is None:
                builder.emit(OP_GOTO, 0, same)
            else:
                emit_changed(changed, same)
            builder.place(changed)
            builder.emit(OP_ADD_IMM, self.group, 1)
            builder.emit(OP_COPY, self.number, self.first_peer)
            if emit_changed is not None:
                builder.emit(OP_COPY, order[0], order[1], order[2] - 1)
            builder.place(same)
        if self.offset is not None:
            self._let_rows_leave(self.offset)
        for position, call in enumerate(self.calls):
            if self._is_aggregate(call):
                self._step(position, call)
            elif call.signature.name == "first_value":
                past = builder.label()
                builder.emit(OP_NE, self.context.constant(1), past, self.number)
                self._keep_argument(position)
                builder.place(past)
            elif call.signature.name == "last_value":
                self._keep_argument(position)

    def _let_rows_leave(self, offset: BoundExpression) -> None:
        """A row that leaves the frame gives back what it has; this one is kept for its turn."""
        builder = self.context.builder
        known = builder.label()
        builder.emit(OP_NE, self.context.constant(1), known, self.number)
        register = emit_offset(self.context, offset, "starting", "ROWS")
        builder.place(known)
        stays = builder.label()
        target = builder.register()
        builder.emit(OP_SUBTRACT, register, self.number, target)
        builder.emit(OP_GE, target, stays, self.low)
        if self.width:
            builder.emit(OP_SEEK_ROWID, self.leaving, stays, self.low)
        for position, call in enumerate(self.calls):
            self._invert(position, call)
        builder.emit(OP_ADD_IMM, self.low, 1)
        builder.place(stays)
        if self.width:
            builder.emit(OP_MAKE_RECORD, self.first_argument, self.width, self.record)
            builder.emit(OP_INSERT, self.kept, self.record, self.number, None, WRITE_APPEND)

    def _invert(self, position: int, call: BoundWindow) -> None:
        builder = self.context.builder
        past = builder.label()
        if self.filters[position] >= 0:
            condition = builder.register()
            builder.emit(OP_COLUMN, self.leaving, self.filters[position] - self.first_argument, condition)
            builder.emit(OP_IF_NOT, condition, past, 1)
        count = len(call.arguments)
        first = builder.registers(max(count, 1))
        for number in range(count):
            place = self.arguments[position] + number - self.first_argument
            builder.emit(OP_COLUMN, self.leaving, place, first + number)
        builder.emit(OP_AGG_INVERSE, 0, first, self.states[position], self._reference(call), count)
        builder.place(past)

    def _keep_argument(self, position: int) -> None:
        argument, state = self.arguments[position], self.states[position]
        self.context.builder.emit(OP_COPY, argument, state, 0, None, COPY_CLEARS_SUBTYPE)

    def _step(self, position: int, call: BoundWindow) -> None:
        builder = self.context.builder
        past = builder.label()
        count = len(call.arguments)
        if self.filters[position] >= 0:
            builder.emit(OP_IF_NOT, self.filters[position], past, 1)
        reference = self._reference(call)
        builder.emit(OP_AGG_STEP, 0, self.arguments[position], self.states[position], reference, count)
        builder.place(past)
        builder.emit(OP_AGG_VALUE, self.states[position], count, self.results[position], reference)

    def keep_row(self) -> None:
        """The row has been handed on: keep what the next one asks of it."""
        for position, call in enumerate(self.calls):
            if call.signature.name == "lag":
                self._keep_argument(position)

    def _reference(self, call: BoundWindow) -> FunctionReference:
        collation = call_collation(self.context, call.arguments, call.signature.needs_collation)
        name = call.signature.name
        if self.offset is not None and call.signature.is_built_in:
            name = MOVING_FORMS.get(name, name)
        return FunctionReference(name, len(call.arguments), collation)
