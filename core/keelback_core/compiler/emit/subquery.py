"""Emission of subqueries in expressions: scalar, row, EXISTS.

A subquery that reads nothing from outside is computed the first time it is reached, and its value kept.

Must not know: how a SELECT is emitted (the context knows), plans.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundFieldRow
from keelback_core.compiler.bind.one_row import take_unions_as_all
from keelback_core.compiler.emit.destination import ExistsOutput, ScalarOutput
from keelback_core.program.opcodes import OP_COPY, OP_INTEGER, OP_NULL, OP_ONCE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundExists, BoundField, BoundSelect, BoundSubquery
    from keelback_core.compiler.emit.context import EmitContext


def note_subquery(context: EmitContext, select: BoundSelect, kind: str) -> int:
    """Open the line of EXPLAIN QUERY PLAN of a subquery; `pop_note` closes it. Its number."""
    context.subquery_count += 1
    prefix = "CORRELATED " if select.outer_references else ""
    number = select.number or context.subquery_count
    context.builder.push_note(f"{prefix}{kind} SUBQUERY {number}")
    return number


def emit_row_subquery(context: EmitContext, e: BoundSubquery) -> int:
    """The first of the registers with the first row of the subquery, NULLs if it has none."""
    builder = context.builder
    count = len(e.select.columns)
    first = builder.registers(count)
    done = builder.label()
    if not e.select.outer_references:
        builder.emit(OP_ONCE, 0, done)
    builder.emit(OP_NULL, 0, first, first + count - 1)
    number = note_subquery(context, e.select, "SCALAR")
    context.emit_select(e.select, ScalarOutput(first))
    builder.pop_note()
    builder.place(done)
    if isinstance(e, BoundFieldRow):
        context.row_fields[e] = (first, number)
    return first


def emit_whole_row(context: EmitContext, e: BoundSubquery) -> int:
    """The same for a comparison that is tested whole: fields of it may have been read already."""
    known = context.row_fields.get(e) if isinstance(e, BoundFieldRow) else None
    if known is None:
        return emit_row_subquery(context, e)
    context.builder.note(f"REUSE SUBQUERY {known[1]}")
    return known[0]


def emit_field(context: EmitContext, e: BoundField, target: int) -> None:
    """One column of a row, which is computed where one is wanted first: outside of all that comes later."""
    known = context.row_fields.get(e.row)
    first = emit_row_subquery(context, e.row) if known is None else known[0]
    context.builder.emit(OP_COPY, first + e.field, target)


def emit_subquery(context: EmitContext, e: BoundSubquery, target: int) -> None:
    """A scalar subquery."""
    context.builder.emit(OP_COPY, emit_row_subquery(context, e), target)


def emit_exists(context: EmitContext, e: BoundExists, target: int) -> None:
    """EXISTS."""
    builder = context.builder
    register = builder.register()
    done = builder.label()
    if not e.select.outer_references:
        builder.emit(OP_ONCE, 0, done)
    builder.emit(OP_INTEGER, 0, register)
    _simplify(e.select)
    note_subquery(context, e.select, "SCALAR")
    context.emit_select(e.select, ExistsOutput(register))
    builder.pop_note()
    builder.place(done)
    builder.emit(OP_COPY, register, target)


def _simplify(select: BoundSelect) -> None:
    """Whether rows exist depends on no order and on none that are equal. As in SQLite DISTINCT goes, even where an
    OFFSET could tell, from the last SELECT and from those before it as far as UNION ALL reaches."""
    select.order_by = ()
    take_unions_as_all(select)
    for position in range(len(select.cores) - 1, -1, -1):
        select.cores[position].is_distinct = False
        if position and select.operators[position - 1] != "UNION ALL":
            break
