"""Opcodes of the family sort: sorters and ephemeral trees."""

from __future__ import annotations

from keelback_core.program.opcodes import (
    OP_OPEN_EPHEMERAL,
    OP_RESET_SORTER,
    OP_SORT,
    OP_SORTER_COMPARE,
    OP_SORTER_DATA,
    OP_SORTER_INSERT,
    OP_SORTER_NEXT,
    OP_SORTER_OPEN,
    OP_SORTER_SORT,
)
from keelback_core.program.program import COUNT_SORT
from keelback_core.reference.vm.ephemeral import EphemeralIndexCursor, EphemeralStore, EphemeralTableCursor
from keelback_core.reference.vm.record import Record
from keelback_core.reference.vm.sorter import SorterCursor
from keelback_core.value.key_info import KeyInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.program.program import Instruction
    from keelback_core.reference.vm.machine import Handler, Machine


def open_ephemeral(machine: Machine, instruction: Instruction) -> None:
    key_info = instruction.p4
    if isinstance(key_info, KeyInfo):
        cursor = EphemeralIndexCursor.open(key_info, machine.collations_of(key_info))
        machine.open_cursor(instruction.p1, cursor)
    else:
        machine.open_cursor(instruction.p1, EphemeralTableCursor(EphemeralStore()))


def sorter_open(machine: Machine, instruction: Instruction) -> None:
    key_info = instruction.p4
    assert isinstance(key_info, KeyInfo)
    cursor = SorterCursor(key_info, machine.collations_of(key_info), instruction.p3, machine.host)
    machine.open_cursor(instruction.p1, cursor)


def _sorter(machine: Machine, index: int) -> SorterCursor:
    cursor = machine.cursors[index]
    assert isinstance(cursor, SorterCursor), "not a sorter"
    return cursor


def sorter_insert(machine: Machine, instruction: Instruction) -> None:
    record = machine.registers[instruction.p2]
    assert isinstance(record, Record)
    _sorter(machine, instruction.p1).add(record)


def sort(machine: Machine, instruction: Instruction) -> None:
    machine.counts[COUNT_SORT] += 1
    if not machine.cursor(instruction.p1).first():
        machine.address = instruction.p2


def sorter_data(machine: Machine, instruction: Instruction) -> None:
    machine.registers[instruction.p2] = _sorter(machine, instruction.p1).record()
    pseudo = machine.cursors[instruction.p3]
    if pseudo is not None:
        pseudo.is_null_row = False


def sorter_compare(machine: Machine, instruction: Instruction) -> None:
    record = machine.registers[instruction.p3]
    column_count = instruction.p4
    assert isinstance(record, Record) and isinstance(column_count, int)
    if not _sorter(machine, instruction.p1).is_same_key(record, column_count):
        machine.address = instruction.p2


def sorter_next(machine: Machine, instruction: Instruction) -> None:
    if _sorter(machine, instruction.p1).next():
        machine.address = instruction.p2


def reset_sorter(machine: Machine, instruction: Instruction) -> None:
    machine.cursor(instruction.p1).clear()


SORT_HANDLERS: dict[int, Handler] = {
    OP_OPEN_EPHEMERAL: open_ephemeral,
    OP_SORTER_OPEN: sorter_open,
    OP_SORTER_INSERT: sorter_insert,
    OP_SORTER_SORT: sort,
    OP_SORT: sort,
    OP_SORTER_DATA: sorter_data,
    OP_SORTER_COMPARE: sorter_compare,
    OP_SORTER_NEXT: sorter_next,
    OP_RESET_SORTER: reset_sorter,
}
