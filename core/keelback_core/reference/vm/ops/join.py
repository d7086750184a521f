"""Opcodes of the family join: hash tables."""

from __future__ import annotations

from keelback_core.program.opcodes import OP_HASH_FIND, OP_HASH_INSERT, OP_HASH_NEXT, OP_HASH_OPEN
from keelback_core.reference.vm.hash_table import HashTableCursor
from keelback_core.value.key_info import KeyInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.program.program import Instruction
    from keelback_core.reference.vm.machine import Handler, Machine
    from keelback_core.value import Value


def hash_open(machine: Machine, instruction: Instruction) -> None:
    key_info = instruction.p4
    assert isinstance(key_info, KeyInfo)
    cursor = HashTableCursor(key_info, machine.collations_of(key_info), instruction.p3)
    machine.open_cursor(instruction.p1, cursor)


def _table(machine: Machine, index: int) -> HashTableCursor:
    cursor = machine.cursors[index]
    assert isinstance(cursor, HashTableCursor), "not a hash table"
    return cursor


def _values(machine: Machine, instruction: Instruction) -> list[Value]:
    first = instruction.p3
    count = instruction.p4
    assert isinstance(count, int)
    return machine.registers[first : first + count]


def hash_insert(machine: Machine, instruction: Instruction) -> None:
    _table(machine, instruction.p1).insert(_values(machine, instruction))


def hash_find(machine: Machine, instruction: Instruction) -> None:
    if not _table(machine, instruction.p1).find(_values(machine, instruction)):
        machine.address = instruction.p2


def hash_next(machine: Machine, instruction: Instruction) -> None:
    if _table(machine, instruction.p1).next():
        machine.address = instruction.p2


JOIN_HANDLERS: dict[int, Handler] = {
    OP_HASH_OPEN: hash_open,
    OP_HASH_INSERT: hash_insert,
    OP_HASH_FIND: hash_find,
    OP_HASH_NEXT: hash_next,
}
