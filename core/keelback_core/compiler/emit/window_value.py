"""The window functions that look at places only: their values from the row's number, its peers and the frame's ends.

Must not know: how the frame moves. Source: https://sqlite.org/windowfunctions.html#built_in_window_functions
"""

from __future__ import annotations

from keelback_core.compiler.emit.subtypes import reads_subtypes
from keelback_core.program.opcodes import (
    OP_ADD,
    OP_ADD_IMM,
    OP_CAST,
    OP_COLUMN,
    OP_COPY,
    OP_DIVIDE,
    OP_GOTO,
    OP_GT,
    OP_HALT,
    OP_IF_NOT,
    OP_LT,
    OP_MULTIPLY,
    OP_MUST_BE_INT,
    OP_NULL,
    OP_REMAINDER,
    OP_SEEK_ROWID,
    OP_SUBTRACT,
)
from keelback_core.program.program import CONFLICT_ABORT, COPY_CLEARS_SUBTYPE
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundWindow
    from keelback_core.compiler.emit.window_frame import FrameEmitter

INTEGER: Final = ord("D")


def emit_place_value(frame: FrameEmitter, call: BoundWindow, argument: int, target: int) -> None:
    """The value of a call for the row at hand; argument: the column of its first argument."""
    builder = frame.builder
    name = call.signature.name
    if name == "row_number":
        builder.emit(OP_COPY, frame.number, target)
    elif name == "rank":
        builder.emit(OP_COPY, frame.first_peer, target)
    elif name == "dense_rank":
        builder.emit(OP_COPY, frame.group, target)
    elif name in ("percent_rank", "cume_dist"):
        _emit_share(frame, target, 1 if name == "percent_rank" else 0)
    elif name == "ntile":
        _emit_tile(frame, argument, target)
    elif name in ("lag", "lead"):
        _emit_neighbour(frame, call, argument, target)
    else:
        _emit_row_of_frame(frame, name, argument, target)
    if any(reads_subtypes(other.signature.name) for other in frame.row.calls):
        # The rows keep subtypes for those, and for no others.
        builder.emit(OP_COPY, target, target, 0, None, COPY_CLEARS_SUBTYPE)


def _emit_share(frame: FrameEmitter, target: int, less: int) -> None:
    """(low - 1) / (count - less) as a real, 0.0 if that divides by zero."""
    builder = frame.builder
    done = builder.label()
    divisor = builder.register()
    builder.emit(OP_COPY, frame.row.count, divisor)
    builder.emit(OP_ADD_IMM, divisor, -less)
    builder.emit(OP_COPY, frame.context.constant(0.0), target)
    builder.emit(OP_IF_NOT, divisor, done)
    before = builder.register()
    builder.emit(OP_COPY, frame.low, before)
    builder.emit(OP_ADD_IMM, before, -1)
    builder.emit(OP_MULTIPLY, frame.context.constant(1.0), before, target)
    builder.emit(OP_DIVIDE, divisor, target, target)
    builder.place(done)


def _emit_tile(frame: FrameEmitter, argument: int, target: int) -> None:
    """ntile(n): the first (count % n) tiles have one row more than the others."""
    builder = frame.builder
    constant = frame.context.constant
    tiles = builder.register()
    good = builder.label()
    builder.emit(OP_SEEK_ROWID, frame.value_cursor, good, constant(1))
    builder.emit(OP_COLUMN, frame.value_cursor, argument, tiles)
    builder.emit(OP_CAST, tiles, INTEGER)
    builder.emit(OP_GT, constant(0), good, tiles)
    _emit_error(frame, "argument of ntile must be a positive integer")
    builder.place(good)
    small = builder.register()
    large_count = builder.register()
    large_rows = builder.register()
    place = builder.register()
    large = builder.register()
    builder.emit(OP_DIVIDE, tiles, frame.row.count, small)
    builder.emit(OP_REMAINDER, tiles, frame.row.count, large_count)
    builder.emit(OP_COPY, small, large)
    builder.emit(OP_ADD_IMM, large, 1)
    builder.emit(OP_MULTIPLY, large_count, large, large_rows)
    builder.emit(OP_COPY, frame.number, place)
    builder.emit(OP_ADD_IMM, place, -1)
    is_large = builder.label()
    done = builder.label()
    builder.emit(OP_LT, large_rows, is_large, place)
    builder.emit(OP_SUBTRACT, large_rows, place, place)
    builder.emit(OP_DIVIDE, small, place, target)
    builder.emit(OP_ADD, large_count, target, target)
    builder.emit(OP_GOTO, 0, done)
    builder.place(is_large)
    builder.emit(OP_DIVIDE, large, place, target)
    builder.place(done)
    builder.emit(OP_ADD_IMM, target, 1)


def _emit_error(frame: FrameEmitter, message: str) -> None:
    frame.builder.emit(OP_HALT, ERROR, CONFLICT_ABORT, 0, message)


def _emit_neighbour(frame: FrameEmitter, call: BoundWindow, argument: int, target: int) -> None:
    """lag and lead: the value of the row so many before or behind, whatever the frame."""
    builder = frame.builder
    count = len(call.arguments)
    place = builder.register()
    none = builder.label()
    done = builder.label()
    if count < 2:
        builder.emit(OP_COPY, frame.context.constant(1), place)
    else:
        builder.emit(OP_COLUMN, frame.current, argument + 1, place)
    is_lag = call.signature.name == "lag"
    builder.emit(OP_SUBTRACT if is_lag else OP_ADD, place, frame.number, place)
    builder.emit(OP_SEEK_ROWID, frame.value_cursor, none, place)
    builder.emit(OP_COLUMN, frame.value_cursor, argument, target)
    builder.emit(OP_GOTO, 0, done)
    builder.place(none)
    if count < 3:
        builder.emit(OP_NULL, 0, target)
    else:
        builder.emit(OP_COLUMN, frame.current, argument + 2, target)
    builder.place(done)


def _emit_row_of_frame(frame: FrameEmitter, name: str, argument: int, target: int) -> None:
    """first_value, last_value, nth_value: of a row in the frame, NULL if the frame has no such row."""
    builder = frame.builder
    none = builder.label()
    done = builder.label()
    place = builder.register()
    if name == "nth_value":
        good = builder.label()
        bad = builder.label()
        builder.emit(OP_COLUMN, frame.current, argument + 1, place)
        builder.emit(OP_MUST_BE_INT, place, bad)
        builder.emit(OP_GT, frame.context.constant(0), good, place)
        builder.place(bad)
        _emit_error(frame, "second argument to nth_value must be a positive integer")
        builder.place(good)
        builder.emit(OP_ADD, frame.low, place, place)
        builder.emit(OP_ADD_IMM, place, -1)
    else:
        builder.emit(OP_COPY, frame.low if name == "first_value" else frame.high, place)
    builder.emit(OP_GT, frame.high, none, place)
    # An empty frame may have its end before its start.
    builder.emit(OP_LT, frame.low, none, place)
    builder.emit(OP_SEEK_ROWID, frame.value_cursor, none, place)
    builder.emit(OP_COLUMN, frame.value_cursor, argument, target)
    builder.emit(OP_GOTO, 0, done)
    builder.place(none)
    builder.emit(OP_NULL, 0, target)
    builder.place(done)
