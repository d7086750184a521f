"""Whether a program may fail in the middle of its changes, so that it needs a journal of its own to be undone.

Full disks, broken files and interrupts are no reason: they undo the whole transaction. Everything not known to be
harmless counts as a reason. Must not know: what a program is for.
"""

from __future__ import annotations

from keelback_core.program import opcodes
from keelback_core.program.opcodes import OP_HALT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.program.program import Instruction

HARMLESS: Final = frozenset(
    (
        *(opcodes.OP_INIT, opcodes.OP_GOTO, opcodes.OP_TRANSACTION, opcodes.OP_NOOP, opcodes.OP_EXPLAIN),
        *(opcodes.OP_INTEGER, opcodes.OP_INT64, opcodes.OP_REAL, opcodes.OP_STRING8, opcodes.OP_BLOB, opcodes.OP_NULL),
        *(opcodes.OP_SOFT_NULL, opcodes.OP_VARIABLE, opcodes.OP_COPY, opcodes.OP_S_COPY),
        *(opcodes.OP_ADD, opcodes.OP_SUBTRACT, opcodes.OP_MULTIPLY, opcodes.OP_DIVIDE, opcodes.OP_REMAINDER),
        *(opcodes.OP_AND, opcodes.OP_OR, opcodes.OP_NOT, opcodes.OP_IS_TRUE, opcodes.OP_CAST),
        *(opcodes.OP_EQ, opcodes.OP_NE, opcodes.OP_LT, opcodes.OP_LE, opcodes.OP_GT, opcodes.OP_GE),
        *(opcodes.OP_IF, opcodes.OP_IF_NOT, opcodes.OP_IS_NULL, opcodes.OP_NOT_NULL),
        *(opcodes.OP_REAL_AFFINITY, opcodes.OP_AFFINITY, opcodes.OP_MAKE_RECORD),
        *(opcodes.OP_OPEN_READ, opcodes.OP_OPEN_WRITE, opcodes.OP_COLUMN, opcodes.OP_ROWID),
        *(opcodes.OP_REWIND, opcodes.OP_LAST, opcodes.OP_NEXT, opcodes.OP_PREV, opcodes.OP_SEEK_ROWID),
        *(opcodes.OP_SEEK_LT, opcodes.OP_SEEK_LE, opcodes.OP_SEEK_GE, opcodes.OP_SEEK_GT, opcodes.OP_NOT_EXISTS),
        *(opcodes.OP_INSERT, opcodes.OP_DELETE, opcodes.OP_IDX_INSERT, opcodes.OP_IDX_DELETE),
    )
)


# The same by the number of the opcode.
IS_HARMLESS: Final = bytes([1 if opcode in HARMLESS else 0 for opcode in range(256)])


def may_fail(instructions: list[Instruction]) -> bool:
    """Whether any of the instructions may end the program with an error that its statement can survive."""
    for instruction in instructions:
        if instruction.opcode == OP_HALT:
            if instruction.p1:
                return True
        elif not IS_HARMLESS[instruction.opcode]:
            return True
    return False
