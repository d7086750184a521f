"""WindowLevel: one level of calls with OVER: its rows on their way from a sorter into partitions, and out with values.

Must not know: how rows come to the level, where they go (window), how a frame is walked (window_frame).
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundAggregate, BoundColumn, BoundOrderTerm, BoundWindow
from keelback_core.compiler.bind.types import sort_collation
from keelback_core.compiler.emit.dispatch import emit_expressions
from keelback_core.compiler.emit.sort import sort_flags
from keelback_core.compiler.emit.subtypes import reads_subtypes
from keelback_core.compiler.emit.window_frame import FrameEmitter, LevelRow
from keelback_core.compiler.emit.window_rules import needs_peers
from keelback_core.compiler.emit.window_stream import StreamEmitter, can_stream
from keelback_core.program.opcodes import (
    OP_ADD_IMM,
    OP_COLUMN,
    OP_COMPARE,
    OP_COPY,
    OP_GOSUB,
    OP_GOTO,
    OP_IF_NOT,
    OP_INSERT,
    OP_INTEGER,
    OP_JUMP,
    OP_MAKE_RECORD,
    OP_NULL,
    OP_OPEN_EPHEMERAL,
    OP_OPEN_PSEUDO,
    OP_RESET_SORTER,
    OP_RETURN,
    OP_SORTER_DATA,
    OP_SORTER_INSERT,
    OP_SORTER_NEXT,
    OP_SORTER_OPEN,
    OP_SORTER_SORT,
)
from keelback_core.program.program import COPY_CLEARS_SUBTYPE, RECORD_KEEPS_SUBTYPES, WRITE_APPEND
from keelback_core.value.key_info import KeyInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSelectCore
    from keelback_core.compiler.emit.context import EmitContext


def window_terms(window: BoundWindow) -> tuple[BoundOrderTerm, ...]:
    """The order that a window wants its rows in."""
    return tuple(BoundOrderTerm(term, False, True) for term in window.partition_by) + window.order_by


class WindowLevel:
    """One level. carried: what travels through it. row: the first register of a row at its entrance: partition terms,
    order terms, arguments and filters of the calls, what is carried; in front of it stands the peer group's number."""

    __slots__ = (
        "context",
        "calls",
        "terms",
        "carried",
        "partition_count",
        "inputs",
        "group",
        "row",
        "width",
        "sorter",
        "buffer",
        "count",
        "previous",
        "flush_return",
        "flush_label",
        "is_sorted",
        "record_flags",
        "stream",
    )

    def __init__(
        self, context: EmitContext, core: BoundSelectCore, calls: list[BoundWindow], carried: list[BoundExpression]
    ) -> None:
        builder = context.builder
        self.context = context
        self.calls = calls
        self.terms = window_terms(calls[0])
        self.partition_count = len(calls[0].partition_by)
        self.carried = carried
        self.inputs: list[BoundExpression] = [term.expression for term in self.terms]
        for call in calls:
            self.inputs.extend(call.arguments)
            if call.filter is not None:
                self.inputs.append(call.filter)
        self.inputs.extend(carried)
        self.width = len(self.inputs)
        keeps = any(reads_subtypes(call.signature.name) for call in calls)
        self.record_flags = RECORD_KEEPS_SUBTYPES if keeps else 0
        self.group = builder.registers(self.width + 1)
        self.row = self.group + 1
        self.is_sorted = False
        self.sorter = builder.cursor()
        self.buffer = builder.cursor()
        self.count = builder.register()
        self.previous = builder.registers(len(self.terms)) if self.terms else 0
        self.flush_return = builder.register()
        self.flush_label = builder.label()
        self.stream: StreamEmitter | None = None
        if can_stream(core, calls):
            self.stream = StreamEmitter(context, calls, self.row + len(self.terms))

    def open(self) -> None:
        """Open the sorter and the table of one partition."""
        builder = self.context.builder
        if self.terms and not self.is_sorted:
            key = KeyInfo(self._collations(0, len(self.terms)), tuple(sort_flags(t) for t in self.terms), self.width)
            builder.emit(OP_SORTER_OPEN, self.sorter, self.width, 0, key)
        if self.stream is not None:
            self.stream.open()
        else:
            builder.emit(OP_OPEN_EPHEMERAL, self.buffer, self.width + 1)
            builder.emit(OP_INTEGER, 0, self.count)
            builder.emit(OP_INTEGER, 0, self.group)
        if self.previous:
            builder.emit(OP_NULL, 0, self.previous, self.previous + len(self.terms) - 1)

    def _collations(self, first: int, end: int) -> tuple[str, ...]:
        return tuple(self.context.collation(sort_collation(term.expression)) for term in self.terms[first:end])

    def take_row(self) -> None:
        """Take the row at hand in."""
        builder = self.context.builder
        looks = 1 if self.record_flags else 0
        self.context.subtype_readers += looks
        emit_expressions(self.context, self.inputs, self.row)
        self.context.subtype_readers -= looks
        if not self.terms or self.is_sorted:
            if self.stream is not None:
                self._clear_subtypes()
                builder.emit(OP_GOSUB, self.flush_return, self.flush_label)
            else:
                self._add()
            return
        record = builder.register()
        builder.emit(OP_MAKE_RECORD, self.row, self.width, record, None, self.record_flags)
        builder.emit(OP_SORTER_INSERT, self.sorter, record)

    def _clear_subtypes(self) -> None:
        """What is carried has no subtype behind the level, as if it had been in a record."""
        first = self.row + self.width - len(self.carried)
        for position, item in enumerate(self.carried):
            if isinstance(item, (BoundAggregate, BoundWindow)) and reads_subtypes(item.signature.name):
                self.context.builder.emit(OP_COPY, first + position, first + position, 0, None, COPY_CLEARS_SUBTYPE)

    def _emit_changed(self, first: int, end: int, changed: int, same: int) -> None:
        """Compare terms first ... end - 1 with those of the row before."""
        builder = self.context.builder
        count = end - first
        key = KeyInfo(self._collations(first, end), (0,) * count, count)
        builder.emit(OP_COMPARE, self.previous + first, self.row + first, count, key)
        builder.emit(OP_JUMP, changed, same, changed)

    def _add(self) -> None:
        """Put the row in the registers into its partition; the partition before is handed on when a new one begins."""
        builder = self.context.builder
        if self.partition_count:
            changed = builder.label()
            same = builder.label()
            self._emit_changed(0, self.partition_count, changed, same)
            builder.place(changed)
            builder.emit(OP_GOSUB, self.flush_return, self.flush_label)
            builder.emit(OP_COPY, self.row, self.previous, self.partition_count - 1)
            builder.place(same)
        if needs_peers(self.calls):
            self._count_groups()
        builder.emit(OP_ADD_IMM, self.count, 1)
        record = builder.register()
        builder.emit(OP_MAKE_RECORD, self.group, self.width + 1, record, None, self.record_flags)
        builder.emit(OP_INSERT, self.buffer, record, self.count, None, WRITE_APPEND)

    def _count_groups(self) -> None:
        """Count the groups of peers in the partition up to the row in the registers."""
        builder = self.context.builder
        first_order = self.partition_count
        new_group = builder.label()
        same_group = builder.label()
        builder.emit(OP_IF_NOT, self.count, new_group)
        if first_order < len(self.terms):
            self._emit_changed(first_order, len(self.terms), new_group, same_group)
        else:
            builder.emit(OP_GOTO, 0, same_group)
        builder.place(new_group)
        builder.emit(OP_ADD_IMM, self.group, 1)
        if first_order < len(self.terms):
            last = len(self.terms) - first_order - 1
            builder.emit(OP_COPY, self.row + first_order, self.previous + first_order, last)
        builder.place(same_group)

    def finish(self, emit_next: Callable[[int], None]) -> None:
        """All rows are in: sort them, and hand on the last partition; `emit_next` passes a row on."""
        context = self.context
        builder = context.builder
        context.loop_depth += 1
        is_to_be_sorted = bool(self.terms) and not self.is_sorted
        if self.stream is not None and is_to_be_sorted:
            self._emit_sorter_loop(emit_next)
            self.stream.let_go()
            context.loop_depth -= 1
            return
        if is_to_be_sorted:
            self._emit_sorter_loop(emit_next)
        done = builder.label()
        if self.stream is None:
            builder.emit(OP_GOSUB, self.flush_return, self.flush_label)
        else:
            self.stream.let_go()
        builder.emit(OP_GOTO, 0, done)
        builder.place(self.flush_label)
        if self.stream is None:
            self._emit_flush(emit_next)
        else:
            self._emit_stream(self.stream, emit_next)
        builder.emit(OP_RETURN, self.flush_return)
        builder.place(done)
        context.loop_depth -= 1

    def _emit_stream(self, stream: StreamEmitter, emit_next: Callable[[int], None]) -> None:
        """Hand on the row in the registers."""
        builder = self.context.builder
        if self.partition_count:
            changed = builder.label()
            same = builder.label()
            self._emit_changed(0, self.partition_count, changed, same)
            builder.place(changed)
            stream.let_go()
            stream.begin()
            builder.emit(OP_COPY, self.row, self.previous, self.partition_count - 1)
            builder.place(same)
        first = self.partition_count
        count = len(self.terms) - first
        order = (self.row + first, self.previous + first, count)
        if count:
            stream.emit_values(lambda new, same: self._emit_changed(first, len(self.terms), new, same), order)
        else:
            stream.emit_values(None, order)
        following = builder.label()
        self._show(self.row + self.width - len(self.carried), stream.results)
        emit_next(following)
        self._hide()
        builder.place(following)
        stream.keep_row()

    def _emit_sorter_loop(self, emit_next: Callable[[int], None]) -> None:
        builder = self.context.builder
        record = builder.register()
        pseudo = builder.cursor()
        empty = builder.label()
        builder.emit(OP_OPEN_PSEUDO, pseudo, record, self.width)
        builder.emit(OP_SORTER_SORT, self.sorter, empty)
        top = builder.address
        builder.emit(OP_SORTER_DATA, self.sorter, record, pseudo)
        for column in range(self.width):
            builder.emit(OP_COLUMN, pseudo, column, self.row + column)
        if self.stream is not None:
            self._emit_stream(self.stream, emit_next)
        else:
            self._add()
        builder.emit(OP_SORTER_NEXT, self.sorter, top)
        builder.place(empty)

    def _emit_flush(self, emit_next: Callable[[int], None]) -> None:
        """Hand on the rows of the partition, and empty it."""
        context = self.context
        builder = context.builder
        empty = builder.label()
        builder.emit(OP_IF_NOT, self.count, empty)
        layout = LevelRow(self.calls, self.buffer, self.count, self.partition_count, len(self.terms))
        frame = FrameEmitter(context, layout)
        values = builder.registers(len(self.carried)) if self.carried else 0
        first = self.width + 1 - len(self.carried)
        following = frame.begin()
        for position in range(len(self.carried)):
            builder.emit(OP_COLUMN, frame.current, first + position, values + position)
        self._show(values, frame.results)
        emit_next(following)
        self._hide()
        frame.end()
        builder.emit(OP_RESET_SORTER, self.buffer)
        builder.emit(OP_INTEGER, 0, self.count)
        builder.emit(OP_INTEGER, 0, self.group)
        builder.place(empty)

    def _show(self, values: int, results: list[int]) -> None:
        """From here on what was carried, and the level's calls, are read from registers."""
        context = self.context
        for position, item in enumerate(self.carried):
            if isinstance(item, BoundColumn):
                context.show_column(item.source, item.column, values + position)
            elif isinstance(item, BoundAggregate):
                context.aggregate_registers[item] = values + position
            elif isinstance(item, BoundWindow):
                context.window_registers[item] = values + position
        for call, register in zip(self.calls, results, strict=True):
            context.window_registers[call] = register

    def _hide(self) -> None:
        context = self.context
        for item in self.carried:
            if isinstance(item, BoundColumn):
                context.hide_column(item.source, item.column)
            elif isinstance(item, BoundAggregate):
                context.aggregate_registers.pop(item, None)
            elif isinstance(item, BoundWindow):
                context.window_registers.pop(item, None)
        for call in self.calls:
            context.window_registers.pop(call, None)
