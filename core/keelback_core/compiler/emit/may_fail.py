"""Whether a program may fail after it has changed something, so that it needs a journal of its own to be undone.

Full disks, broken files and interrupts are no reason: they undo the whole transaction. Everything not known to be
harmless counts as a change and as a reason. What fails before the first change has nothing to undo, unless a loop leads
back to it. Must not know: what a program is for.
"""

from __future__ import annotations

from keelback_core.program import opcodes
from keelback_core.program.opcodes import JUMPS

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
        *(opcodes.OP_OPEN_READ, opcodes.OP_OPEN_WRITE, opcodes.OP_COLUMN, opcodes.OP_ROWID, opcodes.OP_IDX_ROWID),
        *(opcodes.OP_REWIND, opcodes.OP_LAST, opcodes.OP_NEXT, opcodes.OP_PREV, opcodes.OP_SEEK_ROWID),
        *(opcodes.OP_SEEK_LT, opcodes.OP_SEEK_LE, opcodes.OP_SEEK_GE, opcodes.OP_SEEK_GT, opcodes.OP_NOT_EXISTS),
        *(opcodes.OP_FOUND, opcodes.OP_NOT_FOUND, opcodes.OP_NO_CONFLICT),
    )
)
CHANGES: Final = frozenset((opcodes.OP_INSERT, opcodes.OP_DELETE, opcodes.OP_IDX_INSERT, opcodes.OP_IDX_DELETE))
# They may end the program, but change nothing of a database.
FAILING: Final = frozenset(
    (
        *(opcodes.OP_HALT_IF_NULL, opcodes.OP_MUST_BE_INT, opcodes.OP_NEW_ROWID),
        *(opcodes.OP_CONCAT, opcodes.OP_FUNCTION, opcodes.OP_TYPE_CHECK),
    )
)

IS_HARMLESS: Final = 0
CHANGE: Final = 1
FAILURE: Final = 2
BOTH: Final = 3
# Halt without a code is the end of a program; with one it is a failure.
ENDING: Final = 4
# By the number of the opcode.
KINDS: Final = bytes(
    [
        IS_HARMLESS
        if opcode in HARMLESS
        else CHANGE
        if opcode in CHANGES
        else FAILURE
        if opcode in FAILING
        else ENDING
        if opcode == opcodes.OP_HALT
        else BOTH
        for opcode in range(256)
    ]
)


def may_fail(instructions: list[Instruction]) -> bool:
    """Whether any of the instructions may end the program, when it has changed something, with an error that its
    statement can survive. The compiled tower has it in C (tools/mypyc_runtime/may_fail.h).
    """
    # What the first instruction leads to runs before all others.
    body_end = instructions[0].p2
    last_failure = 0
    first_change = 0
    for position, instruction in enumerate(instructions):
        kind = KINDS[instruction.opcode]
        if kind == IS_HARMLESS or (kind == ENDING and instruction.p1 == 0):
            continue
        if kind == BOTH:
            return True
        if kind == CHANGE:
            first_change = first_change or position
        elif first_change == 0:
            last_failure = position
        elif position < body_end:
            return True
    if last_failure == 0 or first_change == 0:
        return False
    for position in range(first_change, body_end):
        if _leads_to(instructions[position], last_failure):
            return True
    return False


def _leads_to(instruction: Instruction, last: int) -> bool:
    """Whether it jumps to one of the instructions up to `last`."""
    jumps = JUMPS[instruction.opcode]
    return (
        (jumps & 2 != 0 and 0 < instruction.p2 <= last)
        or (jumps & 1 != 0 and 0 < instruction.p1 <= last)
        or (jumps & 4 != 0 and 0 < instruction.p3 <= last)
    )
