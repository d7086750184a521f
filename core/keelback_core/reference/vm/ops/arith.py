"""Opcodes of the family arith: arithmetic, bits, concatenation, casts. The operators themselves are value/arithmetic.

Operands stand as SQLite has them: r[p2] is the left one, r[p1] the right one.
"""

from __future__ import annotations

from keelback_core.program.opcodes import (
    OP_ADD,
    OP_ADD_IMM,
    OP_BIT_AND,
    OP_BIT_NOT,
    OP_BIT_OR,
    OP_CAST,
    OP_CONCAT,
    OP_DIVIDE,
    OP_MULTIPLY,
    OP_MUST_BE_INT,
    OP_REAL_AFFINITY,
    OP_REMAINDER,
    OP_SHIFT_LEFT,
    OP_SHIFT_RIGHT,
    OP_SUBTRACT,
)
from keelback_core.reference.vm.failure import failure
from keelback_core.value.affinity import NUMERIC, apply_affinity, real_as_rowid
from keelback_core.value.arithmetic import (
    add,
    bit_and,
    bit_not,
    bit_or,
    concat,
    divide,
    multiply,
    remainder,
    shift_left,
    shift_right,
    subtract,
)
from keelback_core.value.cast import cast_utf16, cast_value, to_integer
from keelback_core.value.result_codes import MISMATCH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.program.program import Instruction
    from keelback_core.reference.vm.machine import Handler, Machine

_MASK64 = 0xFFFFFFFFFFFFFFFF
_SIGN64 = 1 << 63


def add_registers(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    registers[instruction.p3] = add(registers[instruction.p2], registers[instruction.p1])


def subtract_registers(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    registers[instruction.p3] = subtract(registers[instruction.p2], registers[instruction.p1])


def multiply_registers(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    registers[instruction.p3] = multiply(registers[instruction.p2], registers[instruction.p1])


def divide_registers(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    registers[instruction.p3] = divide(registers[instruction.p2], registers[instruction.p1])


def remainder_registers(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    registers[instruction.p3] = remainder(registers[instruction.p2], registers[instruction.p1])


def concat_registers(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    registers[instruction.p3] = concat(registers[instruction.p2], registers[instruction.p1], machine.host.limit_length)


def bit_and_registers(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    registers[instruction.p3] = bit_and(registers[instruction.p2], registers[instruction.p1])


def bit_or_registers(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    registers[instruction.p3] = bit_or(registers[instruction.p2], registers[instruction.p1])


def shift_left_registers(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    registers[instruction.p3] = shift_left(registers[instruction.p2], registers[instruction.p1])


def shift_right_registers(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    registers[instruction.p3] = shift_right(registers[instruction.p2], registers[instruction.p1])


def add_immediate(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    total = to_integer(registers[instruction.p1]) + instruction.p2
    # Wraps around as the 64-bit register of SQLite does.
    total &= _MASK64
    registers[instruction.p1] = total - (1 << 64) if total & _SIGN64 else total


def must_be_int(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    value = registers[instruction.p1]
    if isinstance(value, int):
        return
    value = real_as_rowid(value) if isinstance(value, float) else apply_affinity(value, NUMERIC)
    if isinstance(value, int):
        registers[instruction.p1] = value
    elif instruction.p2:
        machine.address = instruction.p2
    else:
        raise failure(MISMATCH)


def real_affinity(machine: Machine, instruction: Instruction) -> None:
    value = machine.registers[instruction.p1]
    if isinstance(value, int):
        machine.registers[instruction.p1] = float(value)


def cast(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    affinity = chr(instruction.p2)
    if registers[instruction.p1] is None or (instruction.p5 & 4 and not isinstance(registers[instruction.p1], str)):
        return
    if instruction.p5:
        registers[instruction.p1] = cast_utf16(registers[instruction.p1], affinity, instruction.p5 & 3)
    else:
        registers[instruction.p1] = cast_value(registers[instruction.p1], affinity)


def bit_not_register(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    registers[instruction.p2] = bit_not(registers[instruction.p1])


ARITH_HANDLERS: dict[int, Handler] = {
    OP_ADD: add_registers,
    OP_SUBTRACT: subtract_registers,
    OP_MULTIPLY: multiply_registers,
    OP_DIVIDE: divide_registers,
    OP_REMAINDER: remainder_registers,
    OP_CONCAT: concat_registers,
    OP_BIT_AND: bit_and_registers,
    OP_BIT_OR: bit_or_registers,
    OP_SHIFT_LEFT: shift_left_registers,
    OP_SHIFT_RIGHT: shift_right_registers,
    OP_ADD_IMM: add_immediate,
    OP_MUST_BE_INT: must_be_int,
    OP_REAL_AFFINITY: real_affinity,
    OP_CAST: cast,
    OP_BIT_NOT: bit_not_register,
}
