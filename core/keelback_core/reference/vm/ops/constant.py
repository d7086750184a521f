"""Opcodes of the family constant: constants, parameters, and moves between registers."""

from __future__ import annotations

from keelback_core.program.opcodes import (
    OP_BLOB,
    OP_COPY,
    OP_INT64,
    OP_INT_COPY,
    OP_INTEGER,
    OP_MOVE,
    OP_NULL,
    OP_REAL,
    OP_S_COPY,
    OP_SOFT_NULL,
    OP_STRING8,
    OP_VARIABLE,
)
from keelback_core.program.program import COPY_CLEARS_SUBTYPE
from keelback_core.reference.vm.failure import check_length
from keelback_core.reference.vm.functions.subtype import without_subtype
from keelback_core.reference.vm.pointer_registers import copy_mark, put_given
from keelback_core.reference.vm.record import CLEARED_NULL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.program.program import Instruction
    from keelback_core.reference.vm.machine import Handler, Machine


def integer(machine: Machine, instruction: Instruction) -> None:
    machine.registers[instruction.p2] = instruction.p1


def constant_p4(machine: Machine, instruction: Instruction) -> None:
    machine.registers[instruction.p2] = instruction.p4


def constant_bytes(machine: Machine, instruction: Instruction) -> None:
    value = instruction.p4
    check_length(value, machine.host.limit_length)
    machine.registers[instruction.p2] = value


def null(machine: Machine, instruction: Instruction) -> None:
    value = CLEARED_NULL if instruction.p1 else None
    registers = machine.registers
    first = instruction.p2
    for register in range(first, max(first, instruction.p3) + 1):
        registers[register] = value


def soft_null(machine: Machine, instruction: Instruction) -> None:
    machine.registers[instruction.p1] = None


def variable(machine: Machine, instruction: Instruction) -> None:
    value = machine.parameters[instruction.p1 - 1]
    if isinstance(value, (str, bytes)):
        check_length(value, machine.host.limit_length)
    put_given(machine, instruction.p2, value)


def move(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    source = instruction.p1
    target = instruction.p2
    for _ in range(instruction.p3):
        registers[target] = registers[source]
        copy_mark(registers, source, target)
        registers[source] = None
        source += 1
        target += 1


def copy(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    source = instruction.p1
    target = instruction.p2
    for offset in range(instruction.p3 + 1):
        registers[target + offset] = registers[source + offset]
        copy_mark(registers, source + offset, target + offset)
    if instruction.p5 & COPY_CLEARS_SUBTYPE and machine.has_subtypes:
        registers[target] = without_subtype(registers[target])


def copy_one(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    registers[instruction.p2] = registers[instruction.p1]
    copy_mark(registers, instruction.p1, instruction.p2)


CONSTANT_HANDLERS: dict[int, Handler] = {
    OP_INTEGER: integer,
    OP_INT64: constant_p4,
    OP_REAL: constant_p4,
    OP_STRING8: constant_bytes,
    OP_BLOB: constant_bytes,
    OP_NULL: null,
    OP_SOFT_NULL: soft_null,
    OP_VARIABLE: variable,
    OP_MOVE: move,
    OP_COPY: copy,
    OP_S_COPY: copy_one,
    OP_INT_COPY: copy_one,
}
