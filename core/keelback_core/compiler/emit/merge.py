"""MergeEmitter: SELECTs that come in order are merged into one, two at a time, as co-routines.

1. The left side is all SELECTs before the last, merged in turn, the right side the last one; each hands out its rows
   in the same order, which for a set names all columns.
2. The lesser row goes first. Of two that are equal UNION ALL hands on the left one first; UNION drops the left one,
   EXCEPT drops it for good, INTERSECT hands it on.
3. What a set hands on is compared with the row before: of rows that compare equal but differ the first stays.

Must not know: what is done with the rows.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundCollate, BoundOrderTerm
from keelback_core.compiler.bind.types import compound_collation, sort_collation
from keelback_core.compiler.bind.union_flatten import split_core
from keelback_core.compiler.catalog.actions import ACTION_SELECT
from keelback_core.compiler.emit.destination import CoroutineOutput
from keelback_core.compiler.emit.limit import NO_LIMIT, RowLimit
from keelback_core.compiler.emit.select_core import emit_core
from keelback_core.compiler.emit.sort import key_flags
from keelback_core.program.opcodes import (
    OP_COMPARE,
    OP_COPY,
    OP_END_COROUTINE,
    OP_GOSUB,
    OP_GOTO,
    OP_IF_NOT,
    OP_INIT_COROUTINE,
    OP_INTEGER,
    OP_JUMP,
    OP_PERMUTATION,
    OP_RETURN,
    OP_YIELD,
)
from keelback_core.value.key_info import KeyInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from keelback_core.compiler.bind.nodes import BoundSelect, BoundSelectCore
    from keelback_core.compiler.emit.context import EmitContext
    from keelback_core.compiler.emit.destination import Destination


class MergeOrder:
    """One column of the order in which rows are merged."""

    __slots__ = ("column", "is_descending", "nulls_first", "collation")

    def __init__(self, column: int, is_descending: bool, nulls_first: bool, collation: str) -> None:
        self.column = column
        self.is_descending = is_descending
        self.nulls_first = nulls_first
        self.collation = collation


class MergeEmitter:
    """One compound."""

    __slots__ = ("context", "builder", "select", "count")

    def __init__(self, context: EmitContext, select: BoundSelect) -> None:
        self.context = context
        self.builder = context.builder
        self.select = select
        self.count = len(select.columns)

    def emit(self, last: int, order: Sequence[MergeOrder], output: Destination, wanted: int = 0) -> None:
        """The rows of the SELECTs 0 ... last, in this order. wanted: how many of them at most, 0 for all."""
        if last == 0:
            self._emit_one(0, order, output, wanted)
            return
        builder = self.builder
        operator = self.select.operators[last - 1]
        is_set = operator != "UNION ALL"
        if is_set:
            order = self._of_all_columns(order)
            wanted = 0
        done = builder.label()
        builder.push_note(f"MERGE ({operator})")
        left = _Side(self, "LEFT", lambda one: self.emit(last - 1, order, one, wanted))
        right = _Side(self, "RIGHT", lambda one: self._emit_one(last, order, one, wanted))
        previous = builder.registers(self.count + 1) if is_set else 0
        if is_set:
            builder.emit(OP_INTEGER, 0, previous)
        start = builder.label()
        builder.emit(OP_GOTO, 0, start)
        left.emit_output(output, previous, done)
        if operator in ("UNION", "UNION ALL"):
            right.emit_output(output, previous, done)
        builder.pop_note()
        self._emit_steps(operator, order, left, right, start, done)
        builder.place(done)

    def _emit_steps(
        self, operator: str, order: Sequence[MergeOrder], left: _Side, right: _Side, start: int, done: int
    ) -> None:
        """What is done with the rows at the heads of both sides."""
        builder = self.builder
        compare = builder.label()
        less = builder.label()
        equal = builder.label()
        greater = builder.label()
        left_over = builder.label()
        right_over = builder.label()
        keeps_right = operator in ("UNION", "UNION ALL")
        # One side is over.
        builder.place(left_over)
        if keeps_right:
            top = builder.address
            right.hand_on()
            right.step(done)
            builder.emit(OP_GOTO, 0, top)
        else:
            builder.emit(OP_GOTO, 0, done)
        builder.place(right_over)
        if operator == "INTERSECT":
            builder.emit(OP_GOTO, 0, done)
        else:
            top = builder.address
            left.hand_on()
            left.step(done)
            builder.emit(OP_GOTO, 0, top)
        # Both have a row.
        if operator == "UNION ALL" or operator == "INTERSECT":
            builder.place(equal)
        if operator == "INTERSECT":
            left.hand_on()
            builder.place(less)
        else:
            builder.place(less)
            left.hand_on()
        if operator == "UNION" or operator == "EXCEPT":
            builder.place(equal)
        left.step(left_over)
        builder.emit(OP_GOTO, 0, compare)
        builder.place(greater)
        if keeps_right:
            right.hand_on()
        right.step(right_over)
        builder.emit(OP_GOTO, 0, compare)
        # The first rows.
        builder.place(start)
        both = builder.label()
        empty = builder.label()
        left.step(empty)
        builder.emit(OP_GOTO, 0, both)
        builder.place(empty)
        if keeps_right:
            right.step(done)
        builder.emit(OP_GOTO, 0, left_over)
        builder.place(both)
        right.step(right_over)
        builder.place(compare)
        columns = tuple([one.column for one in order])
        is_permuted = columns != tuple(range(len(columns)))
        if is_permuted:
            builder.emit(OP_PERMUTATION, 0, 0, 0, columns)
        names = tuple([self.context.collation(one.collation) for one in order])
        flags = tuple([key_flags(one.is_descending, one.nulls_first) for one in order])
        key = KeyInfo(names, flags, len(order))
        builder.emit(OP_COMPARE, left.first, right.first, len(order), key, 1 if is_permuted else 0)
        builder.emit(OP_JUMP, less, equal, greater)

    def _of_all_columns(self, order: Sequence[MergeOrder]) -> list[MergeOrder]:
        """The order, and behind it the columns that it does not name."""
        known = {one.column for one in order}
        rest = [number for number in range(self.count) if number not in known]
        return [
            *order,
            *[MergeOrder(number, False, True, compound_collation(self.select, number)) for number in rest],
        ]

    def _emit_one(self, position: int, order: Sequence[MergeOrder], output: Destination, wanted: int) -> None:
        """One SELECT in order."""
        core = self.select.cores[position]
        if position:
            self.context.catalog.authorize(ACTION_SELECT, None, None, None)
        if core.arm is not None:
            core.arm.enter()
        terms = _terms_of(core, order)
        split = split_core(core, None, terms)
        if split is not None:
            MergeEmitter(self.context, split).emit(len(split.cores) - 1, order, output, wanted)
            return
        limit = RowLimit(0, 0, wanted) if wanted else NO_LIMIT
        done = self.builder.label()
        emit_core(self.context, core, terms, limit, output, done, True)
        self.builder.place(done)

    def emit_unless_repeated(self, first: int, previous: int, skip: int) -> None:
        """Jump to `skip` for a row that was handed on before; previous: a flag, then the row before."""
        builder = self.builder
        is_new = builder.label()
        names = tuple([self.context.collation(compound_collation(self.select, i)) for i in range(self.count)])
        builder.emit(OP_IF_NOT, previous, is_new)
        builder.emit(OP_COMPARE, first, previous + 1, self.count, KeyInfo(names, (0,) * self.count, self.count))
        builder.emit(OP_JUMP, is_new, skip, is_new)
        builder.place(is_new)
        builder.emit(OP_COPY, first, previous + 1, self.count - 1)
        builder.emit(OP_INTEGER, 1, previous)


class _Side:
    """One side of a merge: a co-routine, its row, and the subroutine that hands it on."""

    __slots__ = ("merge", "builder", "routine", "first", "return_register", "entry")

    def __init__(self, merge: MergeEmitter, name: str, emit_rows: Callable[[Destination], None]) -> None:
        self.merge = merge
        self.builder = merge.builder
        builder = self.builder
        self.routine = builder.register()
        self.first = builder.registers(merge.count)
        self.return_register = builder.register()
        self.entry = builder.label()
        past = builder.label()
        top = builder.label()
        builder.push_note(name)
        builder.emit(OP_INIT_COROUTINE, self.routine, past, top)
        builder.place(top)
        emit_rows(CoroutineOutput(self.routine, self.first))
        builder.emit(OP_END_COROUTINE, self.routine)
        builder.place(past)
        builder.pop_note()

    def emit_output(self, output: Destination, previous: int, done: int) -> None:
        """The subroutine that hands a row on, unless it is the one before once more."""
        builder = self.builder
        skip = builder.label()
        builder.place(self.entry)
        if previous:
            self.merge.emit_unless_repeated(self.first, previous, skip)
        output.emit_row(self.merge.context, self.first, self.merge.count, done)
        builder.place(skip)
        builder.emit(OP_RETURN, self.return_register)

    def hand_on(self) -> None:
        """Hand on the row at the head."""
        self.builder.emit(OP_GOSUB, self.return_register, self.entry)

    def step(self, over: int) -> None:
        """Fetch the next row, or go to `over`."""
        self.builder.emit(OP_YIELD, self.routine, over)


def _terms_of(core: BoundSelectCore, order: Sequence[MergeOrder]) -> tuple[BoundOrderTerm, ...]:
    """The order in terms of one SELECT."""
    terms = []
    for one in order:
        expression = core.columns[one.column].expression
        if sort_collation(expression) != one.collation:
            expression = BoundCollate(expression, one.collation)
        terms.append(BoundOrderTerm(expression, one.is_descending, one.nulls_first, one.column))
    return tuple(terms)
