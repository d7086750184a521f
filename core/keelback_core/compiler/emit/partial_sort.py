"""Sorting where the rows come in order of the first terms already: only rows that are equal in these are sorted, and
handed out when the next ones come.

So a LIMIT stops the loops early, and no more rows are kept than are equal. Ties keep the order of insertion.

Must not know: where rows come from. Source: https://sqlite.org/queryplanner.html#partial_sorting_by_index
"""

from __future__ import annotations

from keelback_core.compiler.bind.types import sort_collation
from keelback_core.compiler.emit.dispatch import emit_expression
from keelback_core.compiler.emit.sort import ResultSorter
from keelback_core.program.opcodes import (
    OP_COPY,
    OP_GOSUB,
    OP_GOTO,
    OP_IF_NOT,
    OP_INTEGER,
    OP_NE,
    OP_RESET_SORTER,
    OP_RETURN,
)
from keelback_core.program.program import COMPARE_NULL_EQUAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundOrderTerm
    from keelback_core.compiler.emit.context import EmitContext
    from keelback_core.compiler.emit.destination import Destination
    from keelback_core.compiler.emit.limit import RowLimit


class PartialSorter(ResultSorter):
    """A ResultSorter for the terms behind the first `ordered` ones. given: those; previous: the registers of their
    values in the row before; has_rows: whether there is one; flush_label, flush_return: the subroutine that hands the
    equal rows out."""

    __slots__ = ("given", "previous", "has_rows", "flush_label", "flush_return")

    def __init__(
        self, context: EmitContext, order_by: tuple[BoundOrderTerm, ...], ordered: int, column_count: int
    ) -> None:
        super().__init__(context, order_by[ordered:], column_count)
        builder = context.builder
        self.given = order_by[:ordered]
        self.previous = builder.registers(ordered)
        self.has_rows = builder.register()
        self.flush_label = builder.label()
        self.flush_return = builder.register()

    def open(self, wanted: int) -> None:
        """Open the sorter; wanted: rows that matter, 0 for all."""
        super().open(wanted)
        self.context.builder.emit(OP_INTEGER, 0, self.has_rows)

    def insert(self, row: int) -> None:
        """Put the row in the registers from `row` into the sorter, after handing out those that come before it."""
        builder = self.context.builder
        count = len(self.given)
        values = builder.registers(count)
        changed, fresh, same = builder.label(), builder.label(), builder.label()
        for place, term in enumerate(self.given):
            if term.result_column >= 0:
                builder.emit(OP_COPY, row + term.result_column, values + place)
            else:
                emit_expression(self.context, term.expression, values + place)
        builder.emit(OP_IF_NOT, self.has_rows, fresh)
        for place, term in enumerate(self.given):
            collation = self.context.collation(sort_collation(term.expression))
            builder.emit(OP_NE, values + place, changed, self.previous + place, collation, COMPARE_NULL_EQUAL)
        builder.emit(OP_GOTO, 0, same)
        builder.place(changed)
        builder.emit(OP_GOSUB, self.flush_return, self.flush_label)
        builder.place(fresh)
        builder.emit(OP_INTEGER, 1, self.has_rows)
        builder.emit(OP_COPY, values, self.previous, count - 1)
        builder.place(same)
        super().insert(row)

    def emit_sorted(
        self, limit: RowLimit, destination: Destination, end_label: int, empty_label: int | None = None
    ) -> None:
        """Hand the last rows out; and the subroutine that does so for all."""
        builder = self.context.builder
        done = builder.label()
        builder.emit(OP_GOSUB, self.flush_return, self.flush_label)
        builder.emit(OP_GOTO, 0, end_label)
        builder.place(self.flush_label)
        super().emit_sorted(limit, destination, end_label, done)
        builder.place(done)
        builder.emit(OP_RESET_SORTER, self.cursor)
        builder.emit(OP_RETURN, self.flush_return)
