"""Opcodes of the family schema: roots, cookies, schema changes, integrity, and what the host knows."""

from __future__ import annotations

from keelback_core.program.opcodes import (
    OP_CLEAR,
    OP_CREATE_BTREE,
    OP_DESTROY,
    OP_INCR_VACUUM,
    OP_INTEGRITY_CK,
    OP_PAGE_COUNT,
    OP_PRAGMA_CALL,
    OP_READ_COOKIE,
    OP_SCHEMA_CHANGED,
    OP_SET_COOKIE,
)
from keelback_core.reference.vm.failure import failure
from keelback_core.value.cast import to_integer
from keelback_core.value.result_codes import LOCKED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.program.program import Instruction
    from keelback_core.reference.vm.machine import Handler, Machine

_META_SCHEMA_COOKIE = 1
_META_DATA_VERSION = 15
_META_FILE_FORMAT = 2
_IS_SCHEMA_CHANGE = 1
_VALUE_IN_REGISTER = 2
_TABLE_TREE = 1


def read_cookie(machine: Machine, instruction: Instruction) -> None:
    value = machine.session.database(instruction.p1).get_meta(instruction.p3)
    # Cookies are signed 32-bit numbers to SQL.
    if instruction.p3 != _META_DATA_VERSION and value & 0x80000000:
        value -= 1 << 32
    machine.registers[instruction.p2] = value


def set_cookie(machine: Machine, instruction: Instruction) -> None:
    value = instruction.p3
    if instruction.p5 & _VALUE_IN_REGISTER:
        value = to_integer(machine.registers[value])
    machine.session.database(instruction.p1).set_meta(instruction.p2, value & 0xFFFFFFFF)
    if instruction.p2 == _META_SCHEMA_COOKIE and instruction.p5 & _IS_SCHEMA_CHANGE:
        # A database without a format has no table: somebody has chosen the number.
        if machine.session.database(instruction.p1).get_meta(_META_FILE_FORMAT):
            machine.session.is_encoding_settled = True
        schema_changed(machine, instruction)


def schema_changed(machine: Machine, instruction: Instruction) -> None:
    machine.session.schema_changes.add(instruction.p1)
    machine.host.schema_changed(instruction.p1)


def create_btree(machine: Machine, instruction: Instruction) -> None:
    database = machine.session.database(instruction.p1)
    machine.registers[instruction.p2] = database.create_root(bool(instruction.p3 & _TABLE_TREE))


def destroy(machine: Machine, instruction: Instruction) -> None:
    session = machine.session
    if session.reader_count > session.destroying_count + 1:
        raise failure(LOCKED)
    session.change_serial += 1
    machine.registers[instruction.p2] = session.database(instruction.p3).drop_root(instruction.p1)


def incremental_vacuum(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    gone = machine.session.database(instruction.p1).give_back_pages(to_integer(registers[instruction.p3]))
    registers[instruction.p3] = gone
    if gone:
        machine.session.change_serial += 1
    else:
        machine.address = instruction.p2


def clear(machine: Machine, instruction: Instruction) -> None:
    session = machine.session
    session.change_serial += 1
    removed = session.database(instruction.p2).clear_root(instruction.p1)
    if instruction.p3:
        machine.change_count += removed
        if instruction.p3 > 0:
            registers = machine.registers
            registers[instruction.p3] = to_integer(registers[instruction.p3]) + removed


def integrity_check(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    roots = instruction.p4
    assert isinstance(roots, tuple)
    allowed = to_integer(registers[instruction.p3])
    messages = machine.session.database(instruction.p5).integrity_check(roots, allowed)
    registers[instruction.p3] = allowed - len(messages)
    registers[instruction.p1] = "\n".join(messages) if messages else None


def pragma_call(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    name = instruction.p4
    assert isinstance(name, str)
    first = instruction.p2
    arguments = registers[first : first + instruction.p5]
    registers[instruction.p3] = machine.host.pragma(instruction.p1, name, arguments)


def page_count(machine: Machine, instruction: Instruction) -> None:
    machine.registers[instruction.p2] = machine.session.database(instruction.p1).page_count


SCHEMA_HANDLERS: dict[int, Handler] = {
    OP_READ_COOKIE: read_cookie,
    OP_SET_COOKIE: set_cookie,
    OP_SCHEMA_CHANGED: schema_changed,
    OP_CREATE_BTREE: create_btree,
    OP_DESTROY: destroy,
    OP_INCR_VACUUM: incremental_vacuum,
    OP_CLEAR: clear,
    OP_INTEGRITY_CK: integrity_check,
    OP_PRAGMA_CALL: pragma_call,
    OP_PAGE_COUNT: page_count,
}
