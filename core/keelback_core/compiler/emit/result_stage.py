"""ResultStage: the way of a row from the loops to the destination: result columns, DISTINCT, ORDER BY, LIMIT.

`open` before the loops, `emit_row` where a row stands, `finish` after the loops.

Must not know: where rows come from.
"""

from __future__ import annotations

from keelback_core.compiler.bind.types import sort_collation
from keelback_core.compiler.emit.dispatch import emit_expressions
from keelback_core.compiler.emit.limit import emit_limited_row
from keelback_core.compiler.emit.partial_sort import PartialSorter
from keelback_core.compiler.emit.sort import ResultSorter
from keelback_core.program.opcodes import (
    OP_COPY,
    OP_EQ,
    OP_FOUND,
    OP_IDX_INSERT,
    OP_IF_POS,
    OP_MAKE_RECORD,
    OP_NE,
    OP_NULL,
    OP_OPEN_EPHEMERAL,
)
from keelback_core.program.program import COMPARE_NULL_EQUAL
from keelback_core.value.key_info import KeyInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundOrderTerm, BoundSelectCore
    from keelback_core.compiler.emit.context import EmitContext
    from keelback_core.compiler.emit.destination import Destination
    from keelback_core.compiler.emit.limit import RowLimit


def note_sort(context: EmitContext, count: int, ordered_terms: int) -> None:
    """Say in EXPLAIN QUERY PLAN that the last terms of an order are sorted for."""
    missing = count - ordered_terms
    if missing <= 0:
        return
    what = "" if missing == count else "LAST TERM OF " if missing == 1 else f"LAST {missing} TERMS OF "
    context.builder.note(f"USE TEMP B-TREE FOR {what}ORDER BY")


class ResultStage:
    """See the module. order_by: what must be sorted for, of which the first `ordered` terms are given. end_label: where
    a full LIMIT goes."""

    __slots__ = (
        "context",
        "core",
        "sorter",
        "ordered",
        "limit",
        "destination",
        "end_label",
        "distinct_cursor",
        "previous_row",
    )

    def __init__(
        self,
        context: EmitContext,
        core: BoundSelectCore,
        order_by: tuple[BoundOrderTerm, ...],
        limit: RowLimit,
        destination: Destination,
        end_label: int,
        ordered: int = 0,
    ) -> None:
        self.context = context
        self.core = core
        self.ordered = ordered
        self.sorter: ResultSorter | None = None
        if order_by:
            count = len(core.columns)
            if ordered:
                self.sorter = PartialSorter(context, order_by, ordered, count)
            else:
                self.sorter = ResultSorter(context, order_by, count)
        self.limit = limit
        self.destination = destination
        self.end_label = end_label
        self.distinct_cursor = context.builder.cursor() if core.is_distinct else -1
        # For DISTINCT over rows that come in order: where the row before is kept.
        self.previous_row = 0

    def open(self) -> None:
        """Open the temporary trees."""
        if self.sorter is not None:
            self.sorter.open(self.limit.wanted)
        if self.distinct_cursor >= 0:
            columns = self.core.columns
            collations = tuple(self.context.collation(sort_collation(column.expression)) for column in columns)
            key = KeyInfo(collations, (0,) * len(columns), len(columns))
            self.context.builder.emit(OP_OPEN_EPHEMERAL, self.distinct_cursor, len(columns), 0, key)
        if self.previous_row:
            last = self.previous_row + len(self.core.columns) - 1
            self.context.builder.emit(OP_NULL, 1, self.previous_row, last)

    def note(self) -> None:
        """Add what the stage needs to EXPLAIN QUERY PLAN."""
        if self.distinct_cursor >= 0:
            self.context.builder.note("USE TEMP B-TREE FOR DISTINCT")
        if self.sorter is not None:
            note_sort(self.context, self.ordered + len(self.sorter.terms), self.ordered)

    def emit_row(self, skip_label: int) -> None:
        """Compute the result columns of the row at hand and pass them on; a row that is not wanted goes to
        `skip_label`."""
        columns = self.core.columns
        count = len(columns)
        is_passed_on = self.sorter is None and self.distinct_cursor < 0 and not self.previous_row
        if is_passed_on and self.limit.offset:
            # Nothing is computed of a row that OFFSET leaves out: it may be dear, or an error.
            self.context.builder.emit(OP_IF_POS, self.limit.offset, skip_label, 1)
        if self.ordered:
            # Rows are handed out while this one waits for its place in the sorter.
            row = self.context.builder.registers(count)
        else:
            row = self.destination.row_registers(self.context, count)
        if self.destination.reads_row or not is_passed_on:
            emit_expressions(self.context, [column.expression for column in columns], row)
        self.pass_row(row, skip_label, is_passed_on)

    def pass_row(self, row: int, skip_label: int, is_past_offset: bool = False) -> None:
        """Pass a computed row on; is_past_offset: OFFSET has been looked at."""
        count = len(self.core.columns)
        if self.distinct_cursor >= 0:
            self._emit_distinct(row, count, skip_label)
        elif self.previous_row:
            self._emit_changed(row, count, skip_label)
        if self.sorter is not None:
            self.sorter.insert(row)
        else:
            limit = self.limit
            emit_limited_row(
                self.context, limit, self.destination, row, count, skip_label, self.end_label, is_past_offset
            )

    def _emit_distinct(self, row: int, count: int, skip_label: int) -> None:
        builder = self.context.builder
        record = builder.register()
        builder.emit(OP_FOUND, self.distinct_cursor, skip_label, row, count)
        builder.emit(OP_MAKE_RECORD, row, count, record)
        builder.emit(OP_IDX_INSERT, self.distinct_cursor, record, row, count)

    def _emit_changed(self, row: int, count: int, skip_label: int) -> None:
        """Leave out the row if it equals the one before."""
        builder = self.context.builder
        changed = builder.label()
        for position, column in enumerate(self.core.columns):
            collation = self.context.collation(sort_collation(column.expression))
            previous = self.previous_row + position
            if position < count - 1:
                builder.emit(OP_NE, row + position, changed, previous, collation, COMPARE_NULL_EQUAL)
            else:
                builder.emit(OP_EQ, row + position, skip_label, previous, collation, COMPARE_NULL_EQUAL)
        builder.place(changed)
        builder.emit(OP_COPY, row, self.previous_row, count - 1)

    def finish(self) -> None:
        """Hand out the sorted rows, if there is a sorter."""
        if self.sorter is not None:
            self.sorter.emit_sorted(self.limit, self.destination, self.end_label)
