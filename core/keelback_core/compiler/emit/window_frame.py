"""FrameEmitter: walks the rows of one partition, moves the frame along, and computes the calls of a level.

    rows 1 ... n of the partition's table:   [removed .. low-1] [low .. high] [not yet taken in]
                                                                    ^ frame

1. For each row first the frame's ends are moved, both only ever forward. `low` is the first row of the frame, `high`
   the last that was reached; the frame is empty if low > high.
2. An aggregate that can give rows back is stepped as `high` moves and inverted as `low` moves. Any other, and all of
   them with EXCLUDE, is computed anew from the rows of the frame.
3. RANGE with an offset adds it to the value of the earlier of the two rows compared; peers are rows of one group.
4. The functions that only look at places (row_number, rank, lag, ...) are computed from the row's number.

Must not know: where rows come from or go to. Source: https://sqlite.org/windowfunctions.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.types import sort_collation
from keelback_core.compiler.bind.windows import WINDOW_FUNCTIONS
from keelback_core.compiler.emit.calls import call_collation
from keelback_core.compiler.emit.sort import sort_flags
from keelback_core.compiler.emit.window_rules import MOVING_FORMS, OF_PLACES, emit_offset, needs_peers
from keelback_core.compiler.emit.window_value import emit_place_value
from keelback_core.program.opcodes import (
    OP_ADD,
    OP_ADD_IMM,
    OP_AGG_FINAL,
    OP_AGG_INVERSE,
    OP_AGG_STEP,
    OP_AGG_VALUE,
    OP_COLUMN,
    OP_COMPARE,
    OP_COPY,
    OP_EQ,
    OP_GE,
    OP_GOTO,
    OP_GT,
    OP_IF_NOT,
    OP_INTEGER,
    OP_JUMP,
    OP_LT,
    OP_NE,
    OP_NULL,
    OP_OPEN_DUP,
    OP_SEEK_ROWID,
    OP_SUBTRACT,
)
from keelback_core.program.program import FunctionReference
from keelback_core.value.key_info import SORT_DESCENDING, KeyInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundWindow
    from keelback_core.compiler.emit.context import EmitContext


class LevelRow:
    """The table of a partition: column 0 is the number of the row's peer group, where that matters, then partition
    terms, order terms, and for each call its arguments and its filter. count: the register with the number of rows."""

    __slots__ = ("calls", "buffer", "count", "first_order", "arguments", "filters")

    def __init__(self, calls: list[BoundWindow], buffer: int, count: int, partitions: int, terms: int) -> None:
        self.calls = calls
        self.buffer = buffer
        self.count = count
        self.first_order = 1 + partitions
        place = 1 + terms
        self.arguments: list[int] = []
        self.filters: list[int] = []
        for call in calls:
            self.arguments.append(place)
            place += len(call.arguments)
            self.filters.append(place if call.filter is not None else -1)
            if call.filter is not None:
                place += 1


class FrameEmitter:
    """See the module. current: the cursor on the row at hand; results: per call the register of its value."""

    __slots__ = (
        "context",
        "builder",
        "row",
        "frame",
        "current",
        "start_cursor",
        "end_cursor",
        "value_cursor",
        "results",
        "states",
        "number",
        "low",
        "high",
        "group",
        "first_peer",
        "start_offset",
        "end_offset",
        "moving",
        "scanned",
        "top",
        "done_label",
        "following",
    )

    def __init__(self, context: EmitContext, row: LevelRow) -> None:
        builder = context.builder
        self.context = context
        self.builder = builder
        self.row = row
        self.frame = row.calls[0].frame
        self.current = builder.cursor()
        self.start_cursor = builder.cursor()
        self.end_cursor = builder.cursor()
        self.value_cursor = builder.cursor()
        self.results = [builder.register() for _ in row.calls]
        self.states = [builder.register() for _ in row.calls]
        self.number = builder.register()
        self.low = builder.register()
        self.high = builder.register()
        self.group = builder.register()
        self.first_peer = builder.register()
        self.start_offset = 0
        self.end_offset = 0
        # The calls that are stepped and inverted as the frame moves, and those computed from the whole frame.
        self.moving: list[int] = []
        self.scanned: list[int] = []
        for position, call in enumerate(row.calls):
            if self.frame.exclude and call.signature.name in ("first_value", "last_value", "nth_value"):
                self.scanned.append(position)
            elif call.signature.name in WINDOW_FUNCTIONS:
                continue
            elif self.frame.exclude:
                # EXCLUDE NO OTHERS, too: SQLite computes such frames anew for every row, which sums of reals show.
                self.scanned.append(position)
            else:
                self.moving.append(position)
        self.top = 0
        self.done_label = builder.label()
        self.following = builder.label()

    def _is_frame_used(self) -> bool:
        """Whether any call asks where the frame begins or ends."""
        return any(call.signature.name not in OF_PLACES for call in self.row.calls)

    def _start_moves(self) -> bool:
        return self.frame.start != "UNBOUNDED PRECEDING"

    def begin(self) -> int:
        """Emit all up to where a row stands with the values of its calls; the label that goes on to the next row."""
        builder = self.builder
        for cursor in (self.current, self.start_cursor, self.end_cursor, self.value_cursor):
            builder.emit(OP_OPEN_DUP, cursor, self.row.buffer)
        self.start_offset = self._emit_offset(self.frame.start_offset, "starting")
        self.end_offset = self._emit_offset(self.frame.end_offset, "ending")
        builder.emit(OP_INTEGER, 0, self.number)
        builder.emit(OP_INTEGER, 1, self.low)
        builder.emit(OP_INTEGER, 0, self.high)
        builder.emit(OP_INTEGER, 0, self.first_peer)
        for position in self.moving:
            builder.emit(OP_NULL, 0, self.states[position])
        last_group = builder.register()
        has_peers = needs_peers(self.row.calls)
        if has_peers:
            builder.emit(OP_INTEGER, 0, last_group)
        self.top = builder.address
        builder.emit(OP_ADD_IMM, self.number, 1)
        builder.emit(OP_SEEK_ROWID, self.current, self.done_label, self.number)
        if has_peers:
            builder.emit(OP_COLUMN, self.current, 0, self.group)
            same = builder.label()
            builder.emit(OP_EQ, last_group, same, self.group)
            builder.emit(OP_COPY, self.group, last_group)
            builder.emit(OP_COPY, self.number, self.first_peer)
            builder.place(same)
        if not self._is_frame_used():
            self._emit_values()
            return self.following
        frame = self.frame
        is_behind = frame.unit == "RANGE" and frame.start == frame.end == "PRECEDING"
        if frame.start == "FOLLOWING" or is_behind:
            # Rows that the frame leaps over come in before they go: a sum remembers that one was a real.
            self._move_end()
            self._move_start()
        else:
            self._move_start()
            self._move_end()
        self._emit_values()
        return self.following

    def end(self) -> None:
        """Go on to the next row; behind this the partition is done."""
        builder = self.builder
        builder.place(self.following)
        builder.emit(OP_GOTO, 0, self.top)
        builder.place(self.done_label)
        for position in self.moving:
            call = self.row.calls[position]
            count = len(call.arguments)
            builder.emit(OP_AGG_FINAL, self.states[position], count, 0, self._reference(call), 1)

    # Offsets.

    def _emit_offset(self, offset: BoundExpression | None, which: str) -> int:
        return emit_offset(self.context, offset, which, self.frame.unit)

    # The ends of the frame.

    def _move_start(self) -> None:
        """Let go of the rows before the frame."""
        frame = self.frame
        if not self._start_moves():
            return
        builder = self.builder
        done = builder.label()
        kept = builder.label()
        target = self._row_target(frame.start, self.start_offset)
        top = builder.address
        builder.emit(OP_GT, self.row.count, done, self.low)
        if frame.unit == "ROWS":
            builder.emit(OP_GE, target, done, self.low)
        if frame.unit != "ROWS" or self.moving:
            builder.emit(OP_SEEK_ROWID, self.start_cursor, done, self.low)
        if frame.unit != "ROWS":
            self._test_start(done)
        if self.moving:
            builder.emit(OP_GT, self.high, kept, self.low)
            for position in self.moving:
                self._feed(OP_AGG_INVERSE, position, self.start_cursor)
        builder.place(kept)
        builder.emit(OP_ADD_IMM, self.low, 1)
        builder.emit(OP_GOTO, 0, top)
        builder.place(done)

    def _move_end(self) -> None:
        """Take in the rows up to the frame's end."""
        frame = self.frame
        builder = self.builder
        done = builder.label()
        following = builder.register()
        target = self.row.count
        if frame.unit == "ROWS" and frame.end != "UNBOUNDED FOLLOWING":
            target = self._row_target(frame.end, self.end_offset)
        top = builder.address
        builder.emit(OP_GE, self.row.count, done, self.high)
        if target != self.row.count:
            builder.emit(OP_GE, target, done, self.high)
        builder.emit(OP_ADD, self.context.constant(1), self.high, following)
        builder.emit(OP_SEEK_ROWID, self.end_cursor, done, following)
        if frame.unit != "ROWS" and frame.end != "UNBOUNDED FOLLOWING":
            self._test_end(done)
        builder.emit(OP_COPY, following, self.high)
        if self.moving:
            if self._start_moves():
                builder.emit(OP_LT, self.low, top, self.high)
            for position in self.moving:
                self._feed(OP_AGG_STEP, position, self.end_cursor)
        builder.emit(OP_GOTO, 0, top)
        builder.place(done)

    def _row_target(self, kind: str, offset: int) -> int:
        """For ROWS: the number of the row at this end."""
        if kind == "CURRENT ROW" or not offset:
            return self.number
        builder = self.builder
        target = builder.register()
        if kind == "PRECEDING":
            builder.emit(OP_SUBTRACT, offset, self.number, target)
        else:
            builder.emit(OP_ADD, offset, self.number, target)
        return target

    def _has_offset(self) -> bool:
        return self.frame.unit == "RANGE" and (self.start_offset != 0 or self.end_offset != 0)

    def _keys(self, kind: str, offset: int, cursor: int) -> tuple[int, int, KeyInfo]:
        """The registers to be compared for the row of `cursor` and the current one, and how."""
        builder = self.builder
        other = builder.register()
        mine = builder.register()
        if self._has_offset() and offset:
            term = self.row.calls[0].order_by[0]
            flags = sort_flags(term)
            key = KeyInfo((self.context.collation(sort_collation(term.expression)),), (flags,), 1)
            column = self.row.first_order
            is_descending = bool(flags & SORT_DESCENDING)
        else:
            key = KeyInfo(("BINARY",), (0,), 1)
            column = 0
            is_descending = False
        builder.emit(OP_COLUMN, cursor, column, other)
        builder.emit(OP_COLUMN, self.current, column, mine)
        if offset:
            earlier = other if kind == "PRECEDING" else mine
            no_number = builder.label()
            builder.emit(OP_GE, self.context.constant(""), no_number, earlier)
            builder.emit(OP_SUBTRACT if is_descending else OP_ADD, offset, earlier, earlier)
            builder.place(no_number)
        return other, mine, key

    def _test_start(self, done: int) -> None:
        """Jump to `done` unless the row of the start cursor lies before the frame."""
        other, mine, key = self._keys(self.frame.start, self.start_offset, self.start_cursor)
        before = self.builder.label()
        self.builder.emit(OP_COMPARE, other, mine, 1, key)
        self.builder.emit(OP_JUMP, before, done, done)
        self.builder.place(before)

    def _test_end(self, done: int) -> None:
        """Jump to `done` if the row of the end cursor lies behind the frame."""
        other, mine, key = self._keys(self.frame.end, self.end_offset, self.end_cursor)
        within = self.builder.label()
        self.builder.emit(OP_COMPARE, other, mine, 1, key)
        self.builder.emit(OP_JUMP, within, within, done)
        self.builder.place(within)

    # Values.

    def _feed(self, opcode: int, position: int, cursor: int) -> None:
        """Step or invert an aggregate with the row of a cursor, if its filter lets it."""
        builder = self.builder
        call = self.row.calls[position]
        past = builder.label()
        if self.row.filters[position] >= 0:
            condition = builder.register()
            builder.emit(OP_COLUMN, cursor, self.row.filters[position], condition)
            builder.emit(OP_IF_NOT, condition, past, 1)
        count = len(call.arguments)
        first = builder.registers(max(count, 1))
        for number in range(count):
            builder.emit(OP_COLUMN, cursor, self.row.arguments[position] + number, first + number)
        builder.emit(opcode, 0, first, self.states[position], self._reference(call), count)
        builder.place(past)

    def _reference(self, call: BoundWindow) -> FunctionReference:
        collation = call_collation(self.context, call.arguments, call.signature.needs_collation)
        name = call.signature.name
        if call.signature.is_built_in and not self.frame.exclude and self._start_moves():
            name = MOVING_FORMS.get(name, name)
        return FunctionReference(name, len(call.arguments), collation)

    def _emit_values(self) -> None:
        """Compute the value of every call for the row at hand."""
        if self.scanned:
            self._scan_frame()
        for position, call in enumerate(self.row.calls):
            count = len(call.arguments)
            state = self.states[position]
            if position in self.moving:
                self.builder.emit(OP_AGG_VALUE, state, count, self.results[position], self._reference(call))
            elif position in self.scanned:
                self.builder.emit(OP_AGG_FINAL, state, count, 0, self._reference(call))
                self.builder.emit(OP_COPY, state, self.results[position])
            else:
                emit_place_value(self, call, self.row.arguments[position], self.results[position])

    def _scan_frame(self) -> None:
        """Compute aggregates from the rows of the frame that are not excluded."""
        builder = self.builder
        for position in self.scanned:
            builder.emit(OP_NULL, 0, self.states[position])
        at = builder.register()
        done = builder.label()
        following = builder.label()
        builder.emit(OP_COPY, self.low, at)
        top = builder.address
        builder.emit(OP_GT, self.high, done, at)
        builder.emit(OP_SEEK_ROWID, self.value_cursor, done, at)
        if self.frame.exclude == "CURRENT ROW":
            builder.emit(OP_EQ, self.number, following, at)
        elif self.frame.exclude in ("GROUP", "TIES"):
            group = builder.register()
            other = builder.label()
            builder.emit(OP_COLUMN, self.value_cursor, 0, group)
            builder.emit(OP_NE, self.group, other, group)
            if self.frame.exclude == "GROUP":
                builder.emit(OP_GOTO, 0, following)
            else:
                builder.emit(OP_NE, self.number, following, at)
            builder.place(other)
        for position in self.scanned:
            self._feed(OP_AGG_STEP, position, self.value_cursor)
        builder.place(following)
        builder.emit(OP_ADD_IMM, at, 1)
        builder.emit(OP_GOTO, 0, top)
        builder.place(done)
