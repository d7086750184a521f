"""Recursive common tables: a queue of rows; each row taken out is a result and may bring new rows into the queue.

1. The setup fills the queue. Then, until it is empty: the first row leaves it, goes to the destination through OFFSET
   and LIMIT, and stands in registers while every step runs and adds to the queue.
2. Without ORDER BY the queue is first in, first out; with it, the smallest row leaves first, of equal ones the oldest.
3. With UNION a row that was ever in the queue does not enter it again.

Must not know: how one SELECT is emitted, what the destination does.
"""

from __future__ import annotations

from keelback_core.compiler.bind.types import compound_collation, sort_collation
from keelback_core.compiler.catalog.actions import ACTION_RECURSIVE, ACTION_SELECT
from keelback_core.compiler.emit.compound import emit_compound
from keelback_core.compiler.emit.destination import Destination
from keelback_core.compiler.emit.limit import NO_LIMIT, emit_limit, emit_limited_row
from keelback_core.compiler.emit.select_core import emit_core
from keelback_core.compiler.emit.sort import sort_flags
from keelback_core.program.opcodes import (
    OP_COLUMN,
    OP_COPY,
    OP_DELETE,
    OP_FOUND,
    OP_GOTO,
    OP_IDX_INSERT,
    OP_INSERT,
    OP_MAKE_RECORD,
    OP_NEW_ROWID,
    OP_OPEN_EPHEMERAL,
    OP_REWIND,
    OP_SEQUENCE,
)
from keelback_core.program.program import WRITE_APPEND
from keelback_core.value.key_info import KeyInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundRecursion, BoundSelect
    from keelback_core.compiler.emit.context import EmitContext


class QueueOutput(Destination):
    """Rows into the queue. distinct: the index of all rows ever seen, -1 with UNION ALL. keys: of each ORDER BY term
    the number of its column."""

    __slots__ = ("queue", "distinct", "keys")

    def __init__(self, queue: int, distinct: int, keys: tuple[int, ...]) -> None:
        super().__init__()
        self.queue = queue
        self.distinct = distinct
        self.keys = keys

    def emit_row(self, context: EmitContext, first: int, count: int, stop_label: int) -> None:
        builder = context.builder
        known = builder.label()
        record = builder.register()
        if self.distinct >= 0:
            builder.emit(OP_FOUND, self.distinct, known, first, count)
            builder.emit(OP_MAKE_RECORD, first, count, record)
            builder.emit(OP_IDX_INSERT, self.distinct, record, first, count)
        if self.keys:
            self._emit_keyed(context, first, count, record)
        else:
            rowid = builder.register()
            builder.emit(OP_MAKE_RECORD, first, count, record)
            builder.emit(OP_NEW_ROWID, self.queue, rowid)
            builder.emit(OP_INSERT, self.queue, record, rowid, None, WRITE_APPEND)
        builder.place(known)

    def _emit_keyed(self, context: EmitContext, first: int, count: int, record: int) -> None:
        """Insert behind the keys and a number that keeps equal rows in order."""
        builder = context.builder
        width = len(self.keys) + 1 + count
        entry = builder.registers(width)
        for place, column in enumerate(self.keys):
            builder.emit(OP_COPY, first + column, entry + place)
        builder.emit(OP_SEQUENCE, self.queue, entry + len(self.keys))
        builder.emit(OP_COPY, first, entry + len(self.keys) + 1, count - 1)
        builder.emit(OP_MAKE_RECORD, entry, width, record)
        builder.emit(OP_IDX_INSERT, self.queue, record, entry, width)


def emit_recursive(context: EmitContext, select: BoundSelect, destination: Destination) -> None:
    """A SELECT with recursion."""
    recursion = select.recursion
    assert recursion is not None
    builder = context.builder
    end_label = builder.label()
    limit = emit_limit(context, select, destination.row_limit, end_label)
    count = len(select.columns)
    output = _open_queue(context, select, recursion, count)
    catalog = context.catalog
    catalog.authorize(ACTION_RECURSIVE, None, None, None)
    for _ in recursion.setup.cores:
        catalog.authorize(ACTION_SELECT, None, None, None)
    builder.push_note("SETUP")
    _emit_setup(context, recursion.setup, output)
    builder.pop_note()
    row = builder.registers(count)
    context.recursive_rows[recursion] = row
    top = builder.address
    skip = builder.label()
    builder.emit(OP_REWIND, output.queue, end_label)
    place = len(output.keys) + 1 if output.keys else 0
    for column in range(count):
        builder.emit(OP_COLUMN, output.queue, place + column, row + column)
    builder.emit(OP_DELETE, output.queue)
    emit_limited_row(context, limit, destination, row, count, skip, end_label)
    builder.place(skip)
    for _ in range(max(1, len(select.cores) - len(recursion.setup.cores))):
        catalog.authorize(ACTION_SELECT, None, None, None)
    context.loop_depth += 1
    _emit_steps(context, select, recursion, output)
    context.loop_depth -= 1
    builder.emit(OP_GOTO, 0, top)
    builder.place(end_label)


def _open_queue(context: EmitContext, select: BoundSelect, recursion: BoundRecursion, count: int) -> QueueOutput:
    builder = context.builder
    queue = builder.cursor()
    terms = select.order_by
    if terms:
        names = tuple(context.collation(sort_collation(term.expression)) for term in terms)
        flags = tuple(sort_flags(term) for term in terms)
        rest = 1 + count
        width = len(terms) + rest
        key = KeyInfo(names + ("BINARY",) * rest, flags + (0,) * rest, width)
        builder.emit(OP_OPEN_EPHEMERAL, queue, width, 0, key)
    else:
        builder.emit(OP_OPEN_EPHEMERAL, queue, count)
    distinct = -1
    if recursion.is_distinct:
        distinct = builder.cursor()
        collations = tuple(context.collation(compound_collation(select, column)) for column in range(count))
        builder.emit(OP_OPEN_EPHEMERAL, distinct, count, 0, KeyInfo(collations, (0,) * count, count))
    return QueueOutput(queue, distinct, tuple(term.result_column for term in terms))


def _emit_setup(context: EmitContext, setup: BoundSelect, output: Destination) -> None:
    if len(setup.cores) > 1:
        emit_compound(context, setup, output)
        return
    end_label = context.builder.label()
    emit_core(context, setup.cores[0], (), NO_LIMIT, output, end_label)
    context.builder.place(end_label)


def _emit_steps(context: EmitContext, select: BoundSelect, recursion: BoundRecursion, output: Destination) -> None:
    builder = context.builder
    builder.push_note("RECURSIVE STEP")
    steps = select.cores[recursion.first_step :]
    if len(steps) > 1:
        builder.push_note("COMPOUND QUERY")
    for position, core in enumerate(steps):
        if len(steps) > 1:
            builder.push_note("LEFT-MOST SUBQUERY" if position == 0 else "UNION ALL")
        end_label = builder.label()
        emit_core(context, core, (), NO_LIMIT, output, end_label)
        builder.place(end_label)
        if len(steps) > 1:
            builder.pop_note()
    if len(steps) > 1:
        builder.pop_note()
    builder.pop_note()
