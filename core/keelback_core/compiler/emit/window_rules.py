"""What all levels of windows hold to: which functions look at places, whose peers matter, what an offset may be.

Must not know: how rows are kept. Source: https://sqlite.org/windowfunctions.html
"""

from __future__ import annotations

from keelback_core.compiler.emit.dispatch import emit_expression
from keelback_core.program.opcodes import (
    OP_GE,
    OP_HALT,
    OP_IS_NULL,
    OP_MUST_BE_INT,
)
from keelback_core.program.program import CONFLICT_ABORT
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundWindow
    from keelback_core.compiler.emit.context import EmitContext

# Built-in functions that another one computes where rows leave the frame.
MOVING_FORMS: Final = {"min": "min of a frame", "max": "max of a frame"}
NUMERIC: Final = ord("C")
# Functions that need the row's place in its partition, not the frame.
OF_PLACES: Final = ("row_number", "rank", "dense_rank", "ntile", "lag", "lead")


def emit_offset(context: EmitContext, offset: BoundExpression | None, which: str, unit: str) -> int:
    """Compute the offset of a frame's end and check it; its register, 0 without one."""
    if offset is None:
        return 0
    builder = context.builder
    register = builder.register()
    emit_expression(context, offset, register)
    good = builder.label()
    bad = builder.label()
    zero = context.constant(0)
    if unit == "RANGE":
        kind = "number"
        builder.emit(OP_IS_NULL, register, bad)
        # Texts that are no numbers are greater than all numbers, and so is the empty text.
        builder.emit(OP_GE, context.constant(""), bad, register, "BINARY", NUMERIC)
    else:
        kind = "integer"
        builder.emit(OP_MUST_BE_INT, register, bad)
    builder.emit(OP_GE, zero, good, register, "BINARY", NUMERIC)
    builder.place(bad)
    builder.emit(OP_HALT, ERROR, CONFLICT_ABORT, 0, f"frame {which} offset must be a non-negative {kind}")
    builder.place(good)
    return register


def needs_peers(calls: Sequence[BoundWindow]) -> bool:
    """Whether it matters to the calls of a level which rows are peers."""
    return calls[0].frame.unit != "ROWS" or calls[0].frame.exclude not in ("", "NO OTHERS", "CURRENT ROW")
