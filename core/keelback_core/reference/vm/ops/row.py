"""Opcodes of the family row: columns, records, affinities, the result row."""

from __future__ import annotations

from keelback_core.program.opcodes import (
    OP_AFFINITY,
    OP_COLUMN,
    OP_COUNT,
    OP_IDX_ROWID,
    OP_MAKE_RECORD,
    OP_NULL_ROW,
    OP_RECORD_BLOB,
    OP_RESULT_ROW,
    OP_ROW_DATA,
    OP_ROWID,
    OP_SEQUENCE,
    OP_SEQUENCE_TEST,
    OP_TYPE_CHECK,
)
from keelback_core.program.program import RECORD_KEEPS_SUBTYPES
from keelback_core.reference.vm.functions.subtype import without_subtype
from keelback_core.reference.vm.pointer_registers import given_values
from keelback_core.reference.vm.record import Record, stored_value
from keelback_core.reference.vm.signals import SIGNAL_ROW
from keelback_core.value.affinity import BLOB, INTEGER, REAL, TEXT, apply_affinity
from keelback_core.value.errors import SqlError
from keelback_core.value.record import encode_record
from keelback_core.value.result_codes import CONSTRAINT_DATATYPE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.program.program import Instruction
    from keelback_core.reference.vm.machine import Handler, Machine
    from keelback_core.value import Value

_STRICT_AFFINITIES = {"INT": INTEGER, "INTEGER": INTEGER, "REAL": REAL, "TEXT": TEXT, "BLOB": BLOB, "ANY": BLOB}
_STRICT_TYPES = {"INT": "INT", "INTEGER": "INT", "REAL": "REAL", "TEXT": "TEXT", "BLOB": "BLOB"}


def column(machine: Machine, instruction: Instruction) -> None:
    cursor = machine.cursors[instruction.p1]
    assert cursor is not None, "Column of a closed cursor"
    machine.registers[instruction.p3] = cursor.column(instruction.p2, instruction.p4)  # type: ignore[arg-type]


def type_check(machine: Machine, instruction: Instruction) -> None:
    """p4: the table's name, then type and name of each column, all joined by NUL characters."""
    assert isinstance(instruction.p4, str)
    words = instruction.p4.split("\0")
    registers = machine.registers
    for offset in range(instruction.p2):
        register = instruction.p1 + offset
        column_type = words[1 + 2 * offset]
        value = apply_affinity(registers[register], _STRICT_AFFINITIES[column_type])
        registers[register] = value
        if value is None or column_type == "ANY" or _type_name(value) == _STRICT_TYPES[column_type]:
            continue
        place = f"{words[0]}.{words[2 + 2 * offset]}"
        raise SqlError(CONSTRAINT_DATATYPE, f"cannot store {_type_name(value)} value in {column_type} column {place}")


def _type_name(value: Value) -> str:
    if isinstance(value, int):
        return "INT"
    if isinstance(value, float):
        return "REAL"
    return "TEXT" if isinstance(value, str) else "BLOB"


def affinity(machine: Machine, instruction: Instruction) -> None:
    affinities = instruction.p4
    assert isinstance(affinities, str)
    registers = machine.registers
    register = instruction.p1
    for code in affinities[: instruction.p2]:
        registers[register] = apply_affinity(registers[register], code)
        register += 1


def make_record(machine: Machine, instruction: Instruction) -> None:
    """The registers take the affinities too, as in SQLite; the record has the values in stored form."""
    registers = machine.registers
    first = instruction.p1
    values = registers[first : first + instruction.p2]
    if machine.has_subtypes and not instruction.p5 & RECORD_KEEPS_SUBTYPES:
        values = [without_subtype(value) for value in values]
    affinities = instruction.p4
    if affinities is not None:
        assert isinstance(affinities, str)
        for offset, code in enumerate(affinities[: instruction.p2]):
            value = values[offset]
            if value is None or code <= BLOB:
                continue
            values[offset] = stored_value(value, code)
            registers[first + offset] = apply_affinity(value, code)
    registers[instruction.p3] = Record(values)


def record_blob(machine: Machine, instruction: Instruction) -> None:
    first = instruction.p1
    values = [without_subtype(value) for value in machine.registers[first : first + instruction.p2]]
    machine.registers[instruction.p3] = encode_record(values, instruction.p5)


def result_row(machine: Machine, instruction: Instruction) -> int:
    first = instruction.p1
    machine.row = given_values(machine.registers, first, instruction.p2)
    if machine.has_subtypes:
        machine.row = [without_subtype(value) for value in machine.row]
    return SIGNAL_ROW


def rowid(machine: Machine, instruction: Instruction) -> None:
    machine.registers[instruction.p2] = machine.cursor(instruction.p1).rowid()


def row_data(machine: Machine, instruction: Instruction) -> None:
    machine.registers[instruction.p2] = machine.cursor(instruction.p1).record()


def null_row(machine: Machine, instruction: Instruction) -> None:
    machine.cursor(instruction.p1).set_null_row()


def count(machine: Machine, instruction: Instruction) -> None:
    machine.registers[instruction.p2] = machine.cursor(instruction.p1).count()


def sequence(machine: Machine, instruction: Instruction) -> None:
    cursor = machine.cursor(instruction.p1)
    machine.registers[instruction.p2] = cursor.sequence
    cursor.sequence += 1


def sequence_test(machine: Machine, instruction: Instruction) -> None:
    cursor = machine.cursor(instruction.p1)
    if cursor.sequence == 0:
        machine.address = instruction.p2
    cursor.sequence += 1


ROW_HANDLERS: dict[int, Handler] = {
    OP_COLUMN: column,
    OP_TYPE_CHECK: type_check,
    OP_AFFINITY: affinity,
    OP_MAKE_RECORD: make_record,
    OP_RECORD_BLOB: record_blob,
    OP_RESULT_ROW: result_row,
    OP_ROWID: rowid,
    OP_IDX_ROWID: rowid,
    OP_ROW_DATA: row_data,
    OP_NULL_ROW: null_row,
    OP_COUNT: count,
    OP_SEQUENCE: sequence,
    OP_SEQUENCE_TEST: sequence_test,
}
