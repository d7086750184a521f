"""LIMIT and OFFSET: registers that count down, and the code around a row that obeys them.

A negative LIMIT is none, a negative OFFSET is 0; what is no integer is "datatype mismatch".

Must not know: where rows come from. Source: https://sqlite.org/lang_select.html#the_limit_clause
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundBinary, BoundLiteral
from keelback_core.compiler.emit.destination import Destination
from keelback_core.compiler.emit.dispatch import emit_expression
from keelback_core.compiler.plan.nodes import PlanStored
from keelback_core.compiler.plan.wish import WishedLimit
from keelback_core.program.opcodes import (
    OP_DECR_JUMP_ZERO,
    OP_IF_NOT,
    OP_IF_POS,
    OP_MUST_BE_INT,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSelect
    from keelback_core.compiler.emit.context import EmitContext


class RowLimit:
    """limit, offset: registers, 0 where there is none. wanted: rows that a sorter must keep, 0 if not known. stated:
    the limit if the text states it as a number, -1 otherwise; the plan depends on it. select, row_limit: what states
    it: a LIMIT, rows that the destination takes, or both."""

    __slots__ = ("limit", "offset", "wanted", "stated", "select", "row_limit")

    def __init__(
        self,
        limit: int = 0,
        offset: int = 0,
        wanted: int = 0,
        stated: int = -1,
        select: BoundSelect | None = None,
        row_limit: int = 0,
    ) -> None:
        self.select = select
        self.row_limit = row_limit
        self.limit = limit
        self.offset = offset
        self.wanted = wanted
        self.stated = stated


NO_LIMIT: Final = RowLimit()


def emit_limit(context: EmitContext, select: BoundSelect, row_limit: int, end_label: int) -> RowLimit:
    """Compute LIMIT and OFFSET; jump to `end_label` for LIMIT 0. row_limit: rows the destination takes, 0 all."""
    if select.limit is None:
        return RowLimit(0, 0, row_limit, row_limit or -1, None, row_limit)
    builder = context.builder
    limit = builder.register()
    emit_expression(context, select.limit, limit)
    builder.emit(OP_MUST_BE_INT, limit)
    builder.emit(OP_IF_NOT, limit, end_label)
    offset = 0
    if select.offset is not None:
        offset = builder.register()
        emit_expression(context, select.offset, offset)
        builder.emit(OP_MUST_BE_INT, offset)
    wanted = _wanted(select.limit, select.offset, row_limit)
    return RowLimit(limit, offset, wanted, _stated(select.limit, row_limit), select, row_limit)


def wished_limit(limit: RowLimit) -> WishedLimit | None:
    """What a virtual table hears of a LIMIT; None if there is none."""
    select = limit.select
    if select is None or select.limit is None:
        return WishedLimit(BoundLiteral(limit.row_limit), None, 0) if limit.row_limit else None
    is_compound = len(select.cores) > 1
    if is_compound and limit.offset:
        return None
    skipped = _told(select.offset, limit.offset) if select.offset is not None else None
    wanted: BoundExpression | PlanStored = _told(select.limit, limit.limit)
    if limit.row_limit and not (isinstance(wanted, BoundLiteral) and wanted.value in (0, 1)):
        # One row at most is wanted, and SQLite computes whether it is.
        wanted = BoundBinary("<>", select.limit, BoundLiteral(0))
    return WishedLimit(wanted, skipped, limit.offset)


def _told(count: BoundExpression, register: int) -> BoundExpression | PlanStored:
    """A count as such if the text states it, else its register."""
    value = count.value if isinstance(count, BoundLiteral) else None
    return count if isinstance(value, int) and 0 <= value <= 0x7FFFFFFF else PlanStored(register)


def _stated(limit: BoundExpression, row_limit: int) -> int:
    """The limit that the text states, unless the destination has one of its own too."""
    if row_limit or not isinstance(limit, BoundLiteral) or not isinstance(limit.value, int):
        return -1
    return limit.value


def _wanted(limit: BoundExpression, offset: BoundExpression | None, row_limit: int) -> int:
    """The rows to keep when both are literals."""
    skipped = 0
    if offset is not None:
        if not isinstance(offset, BoundLiteral) or not isinstance(offset.value, int):
            return 0
        skipped = max(offset.value, 0)
    kept = limit.value if isinstance(limit, BoundLiteral) and isinstance(limit.value, int) else 0
    if row_limit and (kept <= 0 or row_limit < kept):
        kept = row_limit
    wanted = kept + skipped
    return wanted if kept > 0 and wanted <= 0x7FFFFFFF else 0


def emit_limited_row(
    context: EmitContext,
    limit: RowLimit,
    destination: Destination,
    first: int,
    count: int,
    skip_label: int,
    end_label: int,
    is_past_offset: bool = False,
) -> None:
    """Hand the row on if OFFSET lets it pass, unless that is known; leave for `end_label` when LIMIT is reached."""
    builder = context.builder
    if limit.offset and not is_past_offset:
        builder.emit(OP_IF_POS, limit.offset, skip_label, 1)
    destination.emit_row(context, first, count, end_label)
    if limit.limit:
        builder.emit(OP_DECR_JUMP_ZERO, limit.limit, end_label)


class LimitedOutput(Destination):
    """A destination behind the LIMIT and OFFSET that several SELECTs share."""

    __slots__ = ("limit", "inner", "end_label")

    def __init__(self, limit: RowLimit, inner: Destination, end_label: int) -> None:
        super().__init__(inner.row_limit)
        self.reads_row = inner.reads_row
        self.limit = limit
        self.inner = inner
        self.end_label = end_label

    def emit_row(self, context: EmitContext, first: int, count: int, stop_label: int) -> None:
        skip = context.builder.label()
        emit_limited_row(context, self.limit, self.inner, first, count, skip, self.end_label)
        context.builder.place(skip)

    def note_rows(self, context: EmitContext) -> None:
        self.inner.note_rows(context)

    def row_registers(self, context: EmitContext, count: int) -> int:
        return self.inner.row_registers(context, count)
