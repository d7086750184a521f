"""Instructions for values that are known when the statement is compiled."""

from __future__ import annotations

from keelback_core.program.opcodes import (
    OP_BLOB,
    OP_INT64,
    OP_INTEGER,
    OP_NULL,
    OP_REAL,
    OP_RESULT_ROW,
    OP_STRING8,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.emit.builder import ProgramBuilder
    from keelback_core.value import Value


def emit_value(builder: ProgramBuilder, value: Value, register: int) -> None:
    """Put a value into a register."""
    if value is None:
        builder.emit(OP_NULL, 0, register)
    elif isinstance(value, str):
        builder.emit(OP_STRING8, 0, register, 0, value)
    elif isinstance(value, int):
        if -(1 << 31) <= value < 1 << 31:
            builder.emit(OP_INTEGER, value, register)
        else:
            builder.emit(OP_INT64, 0, register, 0, value)
    elif isinstance(value, float):
        builder.emit(OP_REAL, 0, register, 0, value)
    else:
        builder.emit(OP_BLOB, 0, register, 0, value)


def emit_value_rows(builder: ProgramBuilder, rows: Sequence[Sequence[Value]]) -> None:
    """Hand out rows of constants."""
    if not rows:
        return
    first = builder.registers(len(rows[0]))
    for row in rows:
        for position, value in enumerate(row):
            emit_value(builder, value, first + position)
        builder.emit(OP_RESULT_ROW, first, len(row))
