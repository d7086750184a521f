"""The opcodes of the family cursor that write: new rowids, insert, delete."""

from __future__ import annotations

from keelback_core.program.opcodes import (
    OP_DELETE,
    OP_IDX_DELETE,
    OP_IDX_INSERT,
    OP_INSERT,
    OP_NEW_ROWID,
    OP_PRE_UPDATE,
)
from keelback_core.program.program import (
    WRITE_APPEND,
    WRITE_COUNT_CHANGE,
    WRITE_IS_UPDATE,
    WRITE_KEEP_POSITION,
    WRITE_LAST_ROWID,
)
from keelback_core.reference.vm.failure import failure, too_big
from keelback_core.reference.vm.functions.subtype import without_subtype
from keelback_core.reference.vm.record import Record
from keelback_core.reference.vm.tree_cursor import TableTreeCursor
from keelback_core.value.cast import to_integer
from keelback_core.value.numeric_text import LARGEST_INTEGER
from keelback_core.value.result_codes import CORRUPT_INDEX, FULL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from keelback_core.program.program import Instruction
    from keelback_core.reference.vm.cursor import Cursor
    from keelback_core.reference.vm.machine import Handler, Machine

# The codes that sqlite3_update_hook hands out.
HOOK_DELETE = 9
HOOK_INSERT = 18
HOOK_UPDATE = 23

_RANDOM_TRIES = 100


def new_rowid(machine: Machine, instruction: Instruction) -> None:
    cursor = machine.cursor(instruction.p1)
    largest = cursor.rowid() if cursor.last() else 0
    assert largest is not None
    rowid = largest + 1
    if instruction.p3:
        registers = outermost_registers(machine)
        used = to_integer(registers[instruction.p3])
        if used == LARGEST_INTEGER or rowid > LARGEST_INTEGER:
            raise failure(FULL)
        rowid = registers[instruction.p3] = max(rowid, used + 1)
    elif rowid > LARGEST_INTEGER:
        rowid = _random_rowid(machine, cursor)
    machine.registers[instruction.p2] = rowid


def outermost_registers(machine: Machine) -> list[Any]:
    """AUTOINCREMENT counts in the registers of the statement, also from within a trigger."""
    frame = machine.frame
    if frame is None:
        return machine.registers
    while frame.parent is not None:
        frame = frame.parent
    return frame.registers


def _random_rowid(machine: Machine, cursor: Cursor) -> int:
    for _ in range(_RANDOM_TRIES):
        rowid = (int.from_bytes(machine.host.random_bytes(8), "little") & (LARGEST_INTEGER >> 1)) + 1
        if not cursor.find([rowid]):
            return rowid
    raise failure(FULL)


def insert(machine: Machine, instruction: Instruction) -> None:
    cursor = machine.cursor(instruction.p1)
    registers = machine.registers
    record = registers[instruction.p2]
    rowid = registers[instruction.p3]
    assert isinstance(record, Record) and isinstance(rowid, int)
    flags = instruction.p5
    if flags & WRITE_COUNT_CHANGE:
        machine.change_count += 1
        if flags & WRITE_LAST_ROWID:
            machine.host.last_insert_rowid = rowid
    elif flags & WRITE_LAST_ROWID:
        machine.host.last_insert_rowid = rowid
    if isinstance(cursor, TableTreeCursor):
        if len(record.data(cursor.encoding)) > machine.host.limit_length:
            raise too_big()
        machine.session.change_serial += 1
    cursor.insert_row(rowid, record, bool(flags & WRITE_KEEP_POSITION))
    if instruction.p4 is not None and cursor.database >= 0:
        operation = HOOK_UPDATE if flags & WRITE_IS_UPDATE else HOOK_INSERT
        machine.host.update_hook(operation, cursor.database, str(instruction.p4), rowid)


def delete(machine: Machine, instruction: Instruction) -> None:
    cursor = machine.cursor(instruction.p1)
    is_hooked = instruction.p4 is not None and cursor.database >= 0 and not instruction.p5 & WRITE_IS_UPDATE
    rowid = cursor.rowid() if is_hooked and cursor.is_table else None
    machine.session.change_serial += 1
    cursor.delete()
    if instruction.p2 & WRITE_COUNT_CHANGE:
        machine.change_count += 1
    if rowid is not None:
        machine.host.update_hook(HOOK_DELETE, cursor.database, str(instruction.p4), rowid)


def index_insert(machine: Machine, instruction: Instruction) -> None:
    record = machine.registers[instruction.p2]
    assert isinstance(record, Record)
    if instruction.p5 & WRITE_COUNT_CHANGE:
        machine.change_count += 1
    machine.session.change_serial += 1
    if instruction.p5 & WRITE_APPEND:
        machine.cursor(instruction.p1).append_entry(record)
        return
    key_count = instruction.p4
    assert key_count is None or isinstance(key_count, int)
    machine.cursor(instruction.p1).insert_entry(record, key_count or 0)


def index_delete(machine: Machine, instruction: Instruction) -> None:
    cursor = machine.cursor(instruction.p1)
    first = instruction.p2
    if cursor.find(machine.registers[first : first + instruction.p3]):
        machine.session.change_serial += 1
        cursor.delete()
    elif instruction.p5:
        raise failure(CORRUPT_INDEX)


def pre_update(machine: Machine, instruction: Instruction) -> None:
    old = _shown_row(machine, instruction.p2, instruction.p5)
    new = _shown_row(machine, instruction.p3, instruction.p5)
    operation = HOOK_INSERT if old is None else HOOK_DELETE if new is None else HOOK_UPDATE
    machine.host.preupdate_hook(operation, machine.frame_count, instruction.p1, str(instruction.p4), old, new)


def _shown_row(machine: Machine, first: int, count: int) -> list[Any] | None:
    """A rowid and the columns behind it; None without a first register."""
    if first <= 0:
        return None
    return [without_subtype(value) for value in machine.registers[first : first + count + 1]]


CURSOR_WRITE_HANDLERS: dict[int, Handler] = {
    OP_NEW_ROWID: new_rowid,
    OP_INSERT: insert,
    OP_DELETE: delete,
    OP_IDX_INSERT: index_insert,
    OP_IDX_DELETE: index_delete,
    OP_PRE_UPDATE: pre_update,
}
