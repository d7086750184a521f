"""Opcodes of the family compare: comparisons with affinity and collation, logic, counters of LIMIT.

A comparison never changes its registers: affinities act on copies. Eq to Ge compare r[p3] (left) with r[p1] (right).
"""

from __future__ import annotations

from keelback_core.program.opcodes import (
    OP_AND,
    OP_COMPARE,
    OP_DECR_JUMP_ZERO,
    OP_ELSE_EQ,
    OP_EQ,
    OP_GE,
    OP_GT,
    OP_IF,
    OP_IF_NOT,
    OP_IF_NOT_ZERO,
    OP_IF_POS,
    OP_IS_NULL,
    OP_IS_TRUE,
    OP_JUMP,
    OP_LE,
    OP_LT,
    OP_NE,
    OP_NOT,
    OP_NOT_NULL,
    OP_OFFSET_LIMIT,
    OP_OR,
    OP_PERMUTATION,
    OP_ZERO_OR_NULL,
)
from keelback_core.program.program import COMPARE_AFFINITY_MASK, COMPARE_JUMP_IF_NULL, COMPARE_NULL_EQUAL
from keelback_core.reference.vm.record import CLEARED_NULL
from keelback_core.value.affinity import apply_comparison_affinity
from keelback_core.value.arithmetic import logical_and, logical_not, logical_or
from keelback_core.value.cast import is_true
from keelback_core.value.key import KeyComparator, compare_binary, compare_values
from keelback_core.value.key_info import KeyInfo
from keelback_core.value.numeric_text import LARGEST_INTEGER, SMALLEST_INTEGER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from keelback_core.program.program import Instruction
    from keelback_core.reference.vm.machine import Handler, Machine

# The outcome of a comparison with a NULL.
_UNKNOWN = 2
_TEXT_CODE = ord("B")


def _order(machine: Machine, instruction: Instruction) -> int:
    """-1, 0, 1 as r[p3] is to r[p1], or _UNKNOWN; remembers equality for ElseEq."""
    registers = machine.registers
    left = registers[instruction.p3]
    right = registers[instruction.p1]
    if type(left) is int and type(right) is int:
        order = -1 if left < right else 1 if left > right else 0
    elif left is None or right is None or left is CLEARED_NULL or right is CLEARED_NULL:
        order = _order_of_nulls(left, right, instruction.p5)
    else:
        flags = instruction.p5
        if flags & COMPARE_AFFINITY_MASK >= _TEXT_CODE and (isinstance(left, str) or isinstance(right, str)):
            left, right = apply_comparison_affinity(left, right, chr(flags & COMPARE_AFFINITY_MASK))
        if isinstance(left, str) and isinstance(right, str):
            name = instruction.p4
            assert name is None or isinstance(name, str)
            order = compare_values(left, right, machine.collation(name or "BINARY"))
        else:
            order = compare_values(left, right, compare_binary)
    machine.compare_equal = order == 0
    return order


def _order_of_nulls(left: Any, right: Any, flags: int) -> int:
    if not flags & COMPARE_NULL_EQUAL:
        return _UNKNOWN
    if left is None and right is None:
        return 0
    return -1 if left is None or left is CLEARED_NULL else 1


def jump_if_equal(machine: Machine, instruction: Instruction) -> None:
    order = _order(machine, instruction)
    if order == 0 or (order == _UNKNOWN and instruction.p5 & COMPARE_JUMP_IF_NULL):
        machine.address = instruction.p2


def jump_if_not_equal(machine: Machine, instruction: Instruction) -> None:
    order = _order(machine, instruction)
    if order == 0 or (order == _UNKNOWN and not instruction.p5 & COMPARE_JUMP_IF_NULL):
        return
    machine.address = instruction.p2


def jump_if_less(machine: Machine, instruction: Instruction) -> None:
    order = _order(machine, instruction)
    if order < 0 or (order == _UNKNOWN and instruction.p5 & COMPARE_JUMP_IF_NULL):
        machine.address = instruction.p2


def jump_if_less_or_equal(machine: Machine, instruction: Instruction) -> None:
    order = _order(machine, instruction)
    if order <= 0 or (order == _UNKNOWN and instruction.p5 & COMPARE_JUMP_IF_NULL):
        machine.address = instruction.p2


def jump_if_greater(machine: Machine, instruction: Instruction) -> None:
    order = _order(machine, instruction)
    if order == 1 or (order == _UNKNOWN and instruction.p5 & COMPARE_JUMP_IF_NULL):
        machine.address = instruction.p2


def jump_if_greater_or_equal(machine: Machine, instruction: Instruction) -> None:
    order = _order(machine, instruction)
    if order == 0 or order == 1 or (order == _UNKNOWN and instruction.p5 & COMPARE_JUMP_IF_NULL):
        machine.address = instruction.p2


def jump_if_was_equal(machine: Machine, instruction: Instruction) -> None:
    if machine.compare_equal:
        machine.address = instruction.p2


def zero_or_null(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    is_null = registers[instruction.p1] is None or registers[instruction.p3] is None
    registers[instruction.p2] = None if is_null else 0


def permutation(machine: Machine, instruction: Instruction) -> None:
    offsets = instruction.p4
    assert isinstance(offsets, tuple)
    machine.permutation = offsets


def compare(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    first = instruction.p1
    second = instruction.p2
    offsets: Any = range(instruction.p3)
    if instruction.p5 & 1:
        offsets = machine.permutation
        assert offsets is not None, "Compare without its Permutation"
        offsets = offsets[: instruction.p3]
    left = [_plain_null(registers[first + offset]) for offset in offsets]
    right = [_plain_null(registers[second + offset]) for offset in offsets]
    machine.compare_order = _comparator(machine, instruction).compare(left, right)


def _plain_null(value: Any) -> Any:
    return None if value is CLEARED_NULL else value


def _comparator(machine: Machine, instruction: Instruction) -> KeyComparator:
    comparator = machine.resolved.get(id(instruction))
    if comparator is None:
        key_info = instruction.p4
        assert isinstance(key_info, KeyInfo)
        comparator = machine.resolved[id(instruction)] = KeyComparator(key_info, machine.collations_of(key_info))
    assert isinstance(comparator, KeyComparator)
    return comparator


def jump_by_order(machine: Machine, instruction: Instruction) -> None:
    order = machine.compare_order
    machine.address = instruction.p1 if order < 0 else instruction.p2 if order == 0 else instruction.p3


def and_registers(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    registers[instruction.p3] = logical_and(registers[instruction.p1], registers[instruction.p2])


def or_registers(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    registers[instruction.p3] = logical_or(registers[instruction.p1], registers[instruction.p2])


def not_register(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    registers[instruction.p2] = logical_not(registers[instruction.p1])


def test_truth(machine: Machine, instruction: Instruction) -> None:
    truth = is_true(machine.registers[instruction.p1])
    value = instruction.p3 if truth is None else int(truth)
    flip = instruction.p4
    machine.registers[instruction.p2] = value ^ (flip if isinstance(flip, int) else 0)


def jump_if_true(machine: Machine, instruction: Instruction) -> None:
    truth = is_true(machine.registers[instruction.p1])
    if truth or (truth is None and instruction.p3):
        machine.address = instruction.p2


def jump_if_false(machine: Machine, instruction: Instruction) -> None:
    truth = is_true(machine.registers[instruction.p1])
    if truth is False or (truth is None and instruction.p3):
        machine.address = instruction.p2


def jump_if_null(machine: Machine, instruction: Instruction) -> None:
    value = machine.registers[instruction.p1]
    if value is None or value is CLEARED_NULL:
        machine.address = instruction.p2


def jump_if_not_null(machine: Machine, instruction: Instruction) -> None:
    value = machine.registers[instruction.p1]
    if value is not None and value is not CLEARED_NULL:
        machine.address = instruction.p2


def jump_if_positive(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    value = registers[instruction.p1]
    if value > 0:
        registers[instruction.p1] = value - instruction.p3
        machine.address = instruction.p2


def jump_if_not_zero(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    value = registers[instruction.p1]
    if value:
        if value > 0:
            registers[instruction.p1] = value - 1
        machine.address = instruction.p2


def decrement_and_jump_if_zero(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    value = registers[instruction.p1]
    if value > SMALLEST_INTEGER:
        registers[instruction.p1] = value - 1
    if value == 1:
        machine.address = instruction.p2


def offset_limit(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    limit = registers[instruction.p1]
    total = limit + max(0, registers[instruction.p3])
    registers[instruction.p2] = -1 if limit <= 0 or total > LARGEST_INTEGER else total


COMPARE_HANDLERS: dict[int, Handler] = {
    OP_EQ: jump_if_equal,
    OP_NE: jump_if_not_equal,
    OP_LT: jump_if_less,
    OP_LE: jump_if_less_or_equal,
    OP_GT: jump_if_greater,
    OP_GE: jump_if_greater_or_equal,
    OP_ELSE_EQ: jump_if_was_equal,
    OP_ZERO_OR_NULL: zero_or_null,
    OP_PERMUTATION: permutation,
    OP_COMPARE: compare,
    OP_JUMP: jump_by_order,
    OP_AND: and_registers,
    OP_OR: or_registers,
    OP_NOT: not_register,
    OP_IS_TRUE: test_truth,
    OP_IF: jump_if_true,
    OP_IF_NOT: jump_if_false,
    OP_IS_NULL: jump_if_null,
    OP_NOT_NULL: jump_if_not_null,
    OP_IF_POS: jump_if_positive,
    OP_IF_NOT_ZERO: jump_if_not_zero,
    OP_DECR_JUMP_ZERO: decrement_and_jump_if_zero,
    OP_OFFSET_LIMIT: offset_limit,
}
