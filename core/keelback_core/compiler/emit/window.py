"""WindowStage: calls with OVER, between the rows of a query and its result.

1. Calls that see the same partitions, order and frames make one level. Levels lie inside each other: the innermost gets
   the query's rows, the outermost, that of the first call in the text, hands rows to the result stage.
2. A level sorts its rows by partition and order (unless they come so), collects one partition at a time and hands its
   rows on in order, each with the values of the level's calls; columns, aggregates and the values of inner levels that
   are wanted later travel along in registers.
3. A level whose calls need no row but the one at hand keeps no partition (window_stream).
4. The stage stands in for a ResultStage: `open`, `emit_row`, `note`, `finish`.

Must not know: how rows come (loops, groups), how a frame is walked (window_frame).
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundAggregate, BoundColumn, BoundOrderTerm, BoundWindow
from keelback_core.compiler.bind.types import sort_collation
from keelback_core.compiler.bind.walk import children, equal_expressions, same_window, subquery_of, walk
from keelback_core.compiler.emit.dispatch import emit_expressions
from keelback_core.compiler.emit.result_stage import ResultStage, note_sort
from keelback_core.compiler.emit.sort import sort_flags
from keelback_core.compiler.emit.subtypes import reads_subtypes
from keelback_core.compiler.emit.window_frame import FrameEmitter, LevelRow
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
from keelback_core.value.key import KeyInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSelectCore
    from keelback_core.compiler.emit.context import EmitContext
    from keelback_core.compiler.emit.destination import Destination
    from keelback_core.compiler.emit.limit import RowLimit


def make_stage(
    context: EmitContext,
    core: BoundSelectCore,
    order_by: tuple[BoundOrderTerm, ...],
    limit: RowLimit,
    destination: Destination,
    end_label: int,
) -> ResultStage | WindowStage:
    """What the rows of a core go through: its windows, if it has any, and the result stage."""
    if core.windows:
        return WindowStage(context, core, order_by, limit, destination, end_label)
    return ResultStage(context, core, order_by, limit, destination, end_label)


def window_groups(windows: Sequence[BoundWindow]) -> list[list[BoundWindow]]:
    """The calls by level, outermost first."""
    groups: list[list[BoundWindow]] = []
    for window in windows:
        for group in groups:
            if same_window(group[0], window):
                group.append(window)
                break
        else:
            groups.append([window])
    return groups


def window_terms(window: BoundWindow) -> tuple[BoundOrderTerm, ...]:
    """The order that a window wants its rows in."""
    return tuple(BoundOrderTerm(term, False, True) for term in window.partition_by) + window.order_by


def innermost_terms(core: BoundSelectCore) -> tuple[BoundOrderTerm, ...]:
    """The order that the first level to get rows wants them in."""
    return window_terms(window_groups(core.windows)[-1][0])


def wanted_of(
    expressions: Sequence[BoundExpression], core: BoundSelectCore, inner: set[BoundWindow], own: set[BoundWindow]
) -> list[BoundExpression]:
    """What a level must carry so that `expressions` can be computed behind it: columns, aggregates and calls of inner
    levels, each once."""
    sources = {*core.sources, *core.flattened}
    found: dict[object, BoundExpression] = {}
    stack = list(reversed(expressions))
    while stack:
        node = stack.pop()
        if isinstance(node, BoundColumn):
            if node.source in sources:
                found.setdefault((node.source, node.column), node)
            continue
        if isinstance(node, BoundAggregate) and node.level is core.level:
            found.setdefault(node, node)
            continue
        if isinstance(node, BoundWindow) and node in own:
            continue
        if isinstance(node, BoundWindow) and node in inner:
            found.setdefault(node, node)
            continue
        select = subquery_of(node)
        if select is not None:
            stack.extend(select.outer_references)
        stack.extend(reversed(children(node)))
    return list(found.values())


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
            self.stream.begin()
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
        builder.emit(OP_ADD_IMM, self.count, 1)
        record = builder.register()
        builder.emit(OP_MAKE_RECORD, self.group, self.width + 1, record, None, self.record_flags)
        builder.emit(OP_INSERT, self.buffer, record, self.count, None, WRITE_APPEND)

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
                context.column_registers[(item.source, item.column)] = values + position
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
                context.column_registers.pop((item.source, item.column), None)
            elif isinstance(item, BoundAggregate):
                context.aggregate_registers.pop(item, None)
            elif isinstance(item, BoundWindow):
                context.window_registers.pop(item, None)
        for call in self.calls:
            context.window_registers.pop(call, None)


class WindowStage:
    """See the module."""

    __slots__ = ("context", "core", "result", "levels", "numbers", "is_told_twice")

    def __init__(
        self,
        context: EmitContext,
        core: BoundSelectCore,
        order_by: tuple[BoundOrderTerm, ...],
        limit: RowLimit,
        destination: Destination,
        end_label: int,
    ) -> None:
        self.context = context
        self.core = core
        groups = window_groups(core.windows)
        expressions = [column.expression for column in core.columns]
        expressions.extend(term.expression for term in order_by)
        self.levels: list[WindowLevel] = []
        inner: set[BoundWindow] = set()
        for calls in reversed(groups):
            self.levels.append(WindowLevel(context, core, calls, wanted_of(expressions, core, inner, set(calls))))
            inner.update(calls)
        for within, level in zip(self.levels, self.levels[1:], strict=False):
            # Rows leave a level in its order.
            level.is_sorted = _is_prefix(level.terms, within.terms)
        # A call of the outermost level that ORDER BY names once more has a level of its own in SQLite, and in plans.
        self.is_told_twice = _names_one_of(order_by, groups[0])
        if _is_prefix(order_by, window_terms(groups[0][0])):
            order_by = ()
        self.result = ResultStage(context, core, order_by, limit, destination, end_label)
        self.numbers: list[int] = []

    def expect_order(self) -> None:
        """The rows come in the order of the innermost level."""
        self.levels[0].is_sorted = True

    def open(self) -> None:
        """Open the temporary trees."""
        self.result.open()
        for level in self.levels:
            level.open()
            self.context.window_count += 1
            self.numbers.append(self.core.select_count + self.context.window_count)
        if self.is_told_twice:
            self.context.window_count += 1
            self.numbers.append(self.core.select_count + self.context.window_count)
        for number in self.numbers:
            self.context.builder.push_note(f"CO-ROUTINE (subquery-{number})")

    def emit_row(self, skip_label: int) -> None:
        """Take the row at hand in."""
        self.levels[0].take_row()

    def note(self, ordered_terms: int = 0) -> None:
        """Add sorters and subqueries to EXPLAIN QUERY PLAN. ordered_terms: of the innermost level, by which its rows
        come in order."""
        builder = self.context.builder
        numbers = self.numbers[::-1]
        sorted_levels = [level for level in self.levels if level.terms and not level.is_sorted]
        if self.is_told_twice:
            self._note_sort(self.levels[-1], sorted_levels, ordered_terms)
            sorted_levels = [level for level in sorted_levels if level is not self.levels[-1]]
            builder.pop_note()
            builder.note(f"SCAN (subquery-{numbers.pop(0)})")
        for level, number in zip(self.levels, numbers, strict=True):
            self._note_sort(level, sorted_levels, ordered_terms)
            builder.pop_note()
            builder.note(f"SCAN (subquery-{number})")
        self.result.note()

    def _note_sort(self, level: WindowLevel, sorted_levels: list[WindowLevel], ordered_terms: int) -> None:
        if level in sorted_levels:
            note_sort(self.context, len(level.terms), ordered_terms if level is self.levels[0] else 0)

    def finish(self) -> None:
        """Let every level hand on what it has, innermost first."""
        for position, level in enumerate(self.levels):
            if position + 1 < len(self.levels):
                following = self.levels[position + 1]
                level.finish(lambda _skip, following=following: following.take_row())  # type: ignore[misc]
            else:
                level.finish(self.result.emit_row)
        self.result.finish()


def _names_one_of(order_by: tuple[BoundOrderTerm, ...], calls: Sequence[BoundWindow]) -> bool:
    return any(node in calls for term in order_by for node in walk(term.expression))


def _is_prefix(order_by: tuple[BoundOrderTerm, ...], terms: tuple[BoundOrderTerm, ...]) -> bool:
    """Whether rows in the order of `terms` are in the wanted order."""
    if len(order_by) > len(terms):
        return False
    return all(
        one.is_descending == other.is_descending
        and one.nulls_first == other.nulls_first
        and equal_expressions(one.expression, other.expression)
        for one, other in zip(order_by, terms, strict=False)
    )
