"""Opcodes of the family virtual: scans of virtual tables and writes to them.

The tables themselves belong to the host, under "database:name". Twin: core/kernel/vm/ops/virtual.
"""

from __future__ import annotations

from keelback_core.program.opcodes import (
    OP_LIST_APPEND,
    OP_V_BEGIN,
    OP_V_CHECK,
    OP_V_COLUMN,
    OP_V_CREATE,
    OP_V_DESTROY,
    OP_V_FILTER,
    OP_V_NEXT,
    OP_V_OPEN,
    OP_V_RENAME,
    OP_V_UPDATE,
)
from keelback_core.program.program import CONFLICT_IGNORE, CONFLICT_REPLACE, UPDATE_HANDLES_CONFLICTS
from keelback_core.reference.vm.failure import check_length
from keelback_core.reference.vm.functions.subtype import JsonText, without_subtype
from keelback_core.reference.vm.pointer_registers import given_values, put_given
from keelback_core.reference.vm.virtual_cursor import VirtualCursor
from keelback_core.value.cast import to_integer
from keelback_core.value.errors import SqlError
from keelback_core.value.record import encode_record
from keelback_core.value.result_codes import CONSTRAINT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.program.program import Instruction
    from keelback_core.reference.vm.machine import Handler, Machine


def _text(instruction: Instruction) -> str:
    assert isinstance(instruction.p4, str), "no table named"
    return instruction.p4


def _cursor(machine: Machine, index: int) -> VirtualCursor:
    cursor = machine.cursors[index]
    assert isinstance(cursor, VirtualCursor), "not a virtual table"
    return cursor


def open_virtual(machine: Machine, instruction: Instruction) -> None:
    if isinstance(machine.cursors[instruction.p1], VirtualCursor):
        # A subquery has opened it in an earlier run.
        return
    table = machine.host.virtual_table(_text(instruction))
    machine.open_cursor(instruction.p1, VirtualCursor(table.open()))


def filter_rows(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    first = instruction.p3
    text = instruction.p4
    assert text is None or isinstance(text, str)
    cursor = _cursor(machine, instruction.p1)
    if cursor.takes_pointers:
        arguments = given_values(registers, first + 1, instruction.p5)
    else:
        arguments = registers[first + 1 : first + 1 + instruction.p5]
    number = to_integer(registers[first])
    lists = 0
    if number >= 1 << 32:
        lists = number >> 32
        number = (number & 0xFFFFFFFF ^ 0x80000000) - 0x80000000
    if not cursor.filter(number, text, arguments, lists):
        machine.address = instruction.p2


def next_row(machine: Machine, instruction: Instruction) -> None:
    if _cursor(machine, instruction.p1).next():
        machine.address = instruction.p2


def column(machine: Machine, instruction: Instruction) -> None:
    cursor = _cursor(machine, instruction.p1)
    value = cursor.column_to_keep(instruction.p2) if instruction.p5 else cursor.column(instruction.p2, None)
    if isinstance(value, (str, bytes)):
        check_length(value, machine.host.limit_length)
        if type(value) is JsonText:
            machine.has_subtypes = True
    put_given(machine, instruction.p3, value)


def list_append(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    known = registers[instruction.p2]
    record = encode_record([without_subtype(registers[instruction.p1])])
    registers[instruction.p2] = known + record if isinstance(known, bytes) else record


def begin(machine: Machine, instruction: Instruction) -> None:
    table = machine.host.virtual_table(_text(instruction))
    machine.session.begin_virtual(table)


def update(machine: Machine, instruction: Instruction) -> None:
    host = machine.host
    table = host.virtual_table(_text(instruction))
    first = instruction.p3
    values = given_values(machine.registers, first, instruction.p2)
    arguments = [without_subtype(value) for value in values]
    action = instruction.p5 & ~UPDATE_HANDLES_CONFLICTS
    try:
        rowid = table.update(arguments, action)
    except SqlError as error:
        if error.primary_code == CONSTRAINT and action != instruction.p5:
            if action == CONFLICT_IGNORE:
                return
            if action != CONFLICT_REPLACE:
                machine.error_action = action
        raise
    machine.session.change_serial += 1
    machine.change_count += 1
    if instruction.p1 and rowid is not None:
        host.last_insert_rowid = rowid


def create(machine: Machine, instruction: Instruction) -> None:
    session = machine.session
    session.begin_virtual(machine.host.create_virtual(instruction.p1, _text(instruction)), True)


def destroy(machine: Machine, instruction: Instruction) -> None:
    session = machine.session
    session.destroying_count += 1
    try:
        machine.host.destroy_virtual(_text(instruction))
    finally:
        session.destroying_count -= 1


def rename(machine: Machine, instruction: Instruction) -> None:
    name = machine.registers[instruction.p1]
    assert isinstance(name, str)
    machine.host.rename_virtual(_text(instruction), name)


def check(machine: Machine, instruction: Instruction) -> None:
    found = machine.host.check_virtual_table(_text(instruction), bool(instruction.p3))
    machine.registers[instruction.p2] = found


VIRTUAL_HANDLERS: dict[int, Handler] = {
    OP_V_OPEN: open_virtual,
    OP_V_FILTER: filter_rows,
    OP_V_NEXT: next_row,
    OP_V_COLUMN: column,
    OP_V_BEGIN: begin,
    OP_V_UPDATE: update,
    OP_V_CREATE: create,
    OP_V_DESTROY: destroy,
    OP_V_RENAME: rename,
    OP_V_CHECK: check,
    OP_LIST_APPEND: list_append,
}
