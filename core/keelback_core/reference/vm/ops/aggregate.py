"""Opcodes of the family aggregate: aggregate functions, tables of groups, row sets.

The state of an aggregate is an object in a register; it is made at its first step.
"""

from __future__ import annotations

from keelback_core.program.opcodes import (
    OP_AGG_FINAL,
    OP_AGG_INVERSE,
    OP_AGG_STEP,
    OP_AGG_VALUE,
    OP_FILTER,
    OP_FILTER_ADD,
    OP_GROUP_DEFER,
    OP_GROUP_FIND,
    OP_GROUP_NEXT,
    OP_GROUP_OPEN,
    OP_GROUP_ROOM,
    OP_GROUP_ROW,
    OP_GROUP_SORT,
    OP_GROUP_TAKE,
    OP_ROW_SET_ADD,
    OP_ROW_SET_READ,
    OP_ROW_SET_TEST,
    OP_SAMPLE_NEXT,
    OP_SAMPLE_OPEN,
    OP_SAMPLE_PUSH,
)
from keelback_core.program.program import COUNT_FILTER_HIT, COUNT_FILTER_MISS, FunctionReference
from keelback_core.reference.vm.bloom_filter import filter_place
from keelback_core.reference.vm.failure import check_length
from keelback_core.reference.vm.frame_values import FRAME_VALUES
from keelback_core.reference.vm.functions import FunctionContext, find_aggregate
from keelback_core.reference.vm.functions.subtype import JsonText
from keelback_core.reference.vm.groups import GroupCursor
from keelback_core.reference.vm.pointer_registers import PointerRegisters, given_values, put_given
from keelback_core.reference.vm.row_set import RowSet
from keelback_core.reference.vm.samples import SampleCursor
from keelback_core.value.errors import SqlError
from keelback_core.value.key_info import KeyInfo
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from keelback_core.program.program import Instruction
    from keelback_core.reference.vm.machine import Handler, Machine


def _new_state(machine: Machine, instruction: Instruction) -> Any:
    reference = instruction.p4
    assert isinstance(reference, FunctionReference)
    factory = machine.host.find_aggregate(reference.name, reference.argument_count)
    if factory is not None:
        return factory()
    frame_value = FRAME_VALUES.get(reference.name)
    if frame_value is not None:
        return frame_value(FunctionContext(machine.host, machine.collation(reference.collation_name)))
    builtin = find_aggregate(reference.name, reference.argument_count)
    if builtin is None:
        raise SqlError(ERROR, f"no such function: {reference.name}")
    return builtin(FunctionContext(machine.host, machine.collation(reference.collation_name)))


def aggregate_step(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    state = registers[instruction.p3]
    if state is None:
        state = registers[instruction.p3] = _new_state(machine, instruction)
    state.step(_arguments(state, registers, instruction))


def _arguments(state: Any, registers: list[Any], instruction: Instruction) -> list[Any]:
    """What a step is given; pointers only where the user has written it."""
    first = instruction.p2
    if type(registers) is PointerRegisters and getattr(state, "takes_pointers", False):
        return given_values(registers, first, instruction.p5)
    return registers[first : first + instruction.p5]


def aggregate_final(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    state = registers[instruction.p1]
    if instruction.p5:
        registers[instruction.p1] = None
        _let_go(state)
        return
    if state is None:
        state = _new_state(machine, instruction)
    result = state.final()
    check_length(result, machine.host.limit_length)
    if type(result) is JsonText:
        machine.has_subtypes = True
    put_given(machine, instruction.p1, result)


def _let_go(state: Any) -> None:
    """End an aggregate whose result nobody wants, so that what a user's function holds is freed."""
    if state is not None:
        try:
            state.final()
        except SqlError:
            return


def aggregate_inverse(machine: Machine, instruction: Instruction) -> None:
    registers = machine.registers
    state = registers[instruction.p3]
    if state is None:
        state = registers[instruction.p3] = _new_state(machine, instruction)
    state.inverse(_arguments(state, registers, instruction))


def aggregate_value(machine: Machine, instruction: Instruction) -> None:
    state = machine.registers[instruction.p1]
    if state is None:
        # Of no rows: a state that has seen none tells, and is not kept.
        result = _new_state(machine, instruction).final()
    else:
        result = state.value()
    check_length(result, machine.host.limit_length)
    if type(result) is JsonText:
        machine.has_subtypes = True
    put_given(machine, instruction.p3, result)


def group_open(machine: Machine, instruction: Instruction) -> None:
    key_info = instruction.p4
    assert isinstance(key_info, KeyInfo)
    cursor = GroupCursor(key_info, machine.collations_of(key_info), instruction.p2, instruction.p3)
    machine.open_cursor(instruction.p1, cursor)


def _groups(machine: Machine, index: int) -> GroupCursor:
    cursor = machine.cursors[index]
    assert isinstance(cursor, GroupCursor), "not a table of groups"
    return cursor


def group_find(machine: Machine, instruction: Instruction) -> None:
    first = instruction.p3
    count = instruction.p4
    assert isinstance(count, int)
    if _groups(machine, instruction.p1).go_to(machine.registers[first : first + count], machine.registers):
        machine.address = instruction.p2


def group_sort(machine: Machine, instruction: Instruction) -> None:
    if not _groups(machine, instruction.p1).sort(machine.registers):
        machine.address = instruction.p2


def group_next(machine: Machine, instruction: Instruction) -> None:
    if _groups(machine, instruction.p1).go_on(machine.registers):
        machine.address = instruction.p2


def group_room(machine: Machine, instruction: Instruction) -> None:
    # All groups are held in memory.
    machine.address = instruction.p2


def group_defer(machine: Machine, instruction: Instruction) -> None:
    raise AssertionError("no row is ever turned away")


def group_take(machine: Machine, instruction: Instruction) -> None:
    # Rows are read one by one.
    pass


def group_row(machine: Machine, instruction: Instruction) -> None:
    machine.address = instruction.p2


def sample_open(machine: Machine, instruction: Instruction) -> None:
    machine.open_cursor(instruction.p1, SampleCursor(instruction.p2, machine.registers[instruction.p3]))


def _samples(machine: Machine, index: int) -> SampleCursor:
    cursor = machine.cursors[index]
    assert isinstance(cursor, SampleCursor), "no samples"
    return cursor


def sample_push(machine: Machine, instruction: Instruction) -> None:
    record = machine.cursor(instruction.p3).record()
    _samples(machine, instruction.p1).push(machine.registers[instruction.p2], record)


def sample_next(machine: Machine, instruction: Instruction) -> None:
    sample = _samples(machine, instruction.p1).next_sample()
    if sample is None:
        machine.address = instruction.p2
        return
    texts = [" ".join(map(str, counts)) for counts in (sample.equal, sample.less, sample.distinct)]
    machine.registers[instruction.p3 : instruction.p3 + 4] = [sample.record, *texts]


def row_set_add(machine: Machine, instruction: Instruction) -> None:
    _row_set(machine, instruction.p1).add(machine.registers[instruction.p2])


def row_set_read(machine: Machine, instruction: Instruction) -> None:
    rowid = _row_set(machine, instruction.p1).take_smallest()
    if rowid is None:
        machine.registers[instruction.p1] = None
        machine.address = instruction.p2
    else:
        machine.registers[instruction.p3] = rowid


def row_set_test(machine: Machine, instruction: Instruction) -> None:
    row_set = _row_set(machine, instruction.p1)
    rowid = machine.registers[instruction.p3]
    if row_set.contains(rowid):
        machine.address = instruction.p2
    else:
        row_set.add(rowid)


def filter_add(machine: Machine, instruction: Instruction) -> None:
    count = instruction.p4
    assert isinstance(count, int)
    found = machine.registers[instruction.p1]
    if not isinstance(found, bytearray):
        found = machine.registers[instruction.p1] = bytearray(instruction.p2)
    first = instruction.p3
    place = filter_place(machine.registers[first : first + count], 8 * len(found))
    found[place >> 3] |= 1 << (place & 7)


def filter_test(machine: Machine, instruction: Instruction) -> None:
    count = instruction.p4
    assert isinstance(count, int)
    found = machine.registers[instruction.p1]
    first = instruction.p3
    if isinstance(found, bytearray):
        place = filter_place(machine.registers[first : first + count], 8 * len(found))
        if found[place >> 3] >> (place & 7) & 1:
            machine.counts[COUNT_FILTER_MISS] += 1
            return
    machine.counts[COUNT_FILTER_HIT] += 1
    machine.address = instruction.p2


def _row_set(machine: Machine, register: int) -> RowSet:
    row_set = machine.registers[register]
    if not isinstance(row_set, RowSet):
        row_set = machine.registers[register] = RowSet()
    return row_set


AGGREGATE_HANDLERS: dict[int, Handler] = {
    OP_AGG_STEP: aggregate_step,
    OP_AGG_FINAL: aggregate_final,
    OP_AGG_INVERSE: aggregate_inverse,
    OP_AGG_VALUE: aggregate_value,
    OP_GROUP_OPEN: group_open,
    OP_GROUP_FIND: group_find,
    OP_GROUP_SORT: group_sort,
    OP_GROUP_NEXT: group_next,
    OP_GROUP_ROOM: group_room,
    OP_GROUP_DEFER: group_defer,
    OP_GROUP_ROW: group_row,
    OP_GROUP_TAKE: group_take,
    OP_FILTER_ADD: filter_add,
    OP_FILTER: filter_test,
    OP_SAMPLE_OPEN: sample_open,
    OP_SAMPLE_PUSH: sample_push,
    OP_SAMPLE_NEXT: sample_next,
    OP_ROW_SET_ADD: row_set_add,
    OP_ROW_SET_READ: row_set_read,
    OP_ROW_SET_TEST: row_set_test,
}
