"""Opcodes of the family control: jumps, subroutines, coroutines, sub-programs, halting.

An address kept in a register is that of the instruction that stored it, as in SQLite; execution goes on after it.
"""

from __future__ import annotations

from keelback_core.program.opcodes import (
    OP_BEGIN_SUBROUTINE,
    OP_END_COROUTINE,
    OP_EXPLAIN,
    OP_GOSUB,
    OP_GOTO,
    OP_HALT,
    OP_HALT_IF_NULL,
    OP_INIT,
    OP_INIT_COROUTINE,
    OP_NOOP,
    OP_ONCE,
    OP_PARAM,
    OP_PROGRAM,
    OP_RETURN,
    OP_YIELD,
)
from keelback_core.program.program import (
    CONFLICT_ABORT,
    CONFLICT_IGNORE,
    HALT_CHECK,
    HALT_FOREIGN_KEY,
    HALT_MESSAGE,
    HALT_NOT_NULL,
    HALT_UNIQUE,
    Program,
)
from keelback_core.reference.vm.failure import failure
from keelback_core.reference.vm.frame import Frame
from keelback_core.reference.vm.pointer_registers import given_values, put_given
from keelback_core.reference.vm.signals import SIGNAL_FRAME
from keelback_core.value.cast import to_text
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.program.program import Instruction
    from keelback_core.reference.vm.machine import Handler, Machine

_CONSTRAINT_KINDS = {
    HALT_NOT_NULL: "NOT NULL",
    HALT_UNIQUE: "UNIQUE",
    HALT_CHECK: "CHECK",
    HALT_FOREIGN_KEY: "FOREIGN KEY",
}


def jump_to_p2(machine: Machine, instruction: Instruction) -> None:
    machine.address = instruction.p2


def gosub(machine: Machine, instruction: Instruction) -> None:
    machine.registers[instruction.p1] = machine.address - 1
    machine.address = instruction.p2


def return_after(machine: Machine, instruction: Instruction) -> None:
    address = machine.registers[instruction.p1]
    if isinstance(address, int):
        machine.address = address + 1
    else:
        assert instruction.p3, "Return without an address"


def init_coroutine(machine: Machine, instruction: Instruction) -> None:
    machine.registers[instruction.p1] = instruction.p3 - 1
    machine.address = instruction.p2


def end_coroutine(machine: Machine, instruction: Instruction) -> None:
    caller = machine.registers[instruction.p1]
    machine.registers[instruction.p1] = machine.address - 2
    machine.address = machine.running_program.instructions[caller].p2


def yield_control(machine: Machine, instruction: Instruction) -> None:
    target = machine.registers[instruction.p1]
    machine.registers[instruction.p1] = machine.address - 1
    machine.address = target + 1


def halt_if_null(machine: Machine, instruction: Instruction) -> int | None:
    if machine.registers[instruction.p3] is None:
        return halt(machine, instruction)
    return None


def halt(machine: Machine, instruction: Instruction) -> int:
    code = instruction.p1
    if code == 0:
        if machine.frame is None:
            return machine.finish()
        machine.host.changes = machine.change_count
        machine.host.total_changes += machine.change_count
        frame = machine.leave_frame()
        if instruction.p2 == CONFLICT_IGNORE or instruction.p3:
            machine.address = frame.ignore_address
        return SIGNAL_FRAME
    machine.error_action = instruction.p2 or CONFLICT_ABORT
    detail = instruction.p4
    assert detail is None or isinstance(detail, str)
    if instruction.p5 != HALT_MESSAGE:
        message = _CONSTRAINT_KINDS[instruction.p5] + " constraint failed"
        raise SqlError(code, f"{message}: {detail}" if detail is not None else message)
    if detail is None:
        if instruction.p3:
            text = to_text(machine.registers[instruction.p3])
            raise SqlError(code, "" if text is None else text)
        raise failure(code)
    raise SqlError(code, detail)


def once(machine: Machine, instruction: Instruction) -> None:
    here = machine.address
    if here in machine.once:
        machine.address = instruction.p2
    else:
        machine.once.add(here)


def begin_subroutine(machine: Machine, instruction: Instruction) -> None:
    machine.registers[instruction.p2] = None


def run_program(machine: Machine, instruction: Instruction) -> int | None:
    program = instruction.p4
    assert isinstance(program, Program)
    number = instruction.p5 >> 1
    if not instruction.p5 & 1 and _is_active(machine, program, number):
        return None
    if machine.frame_count >= machine.session.trigger_depth_limit:
        raise SqlError(ERROR, "triggers nested too deep")
    frame = Frame(
        machine.frame,
        machine.running_program,
        machine.code,
        machine.address,
        machine.registers,
        machine.cursors,
        machine.once,
        instruction.p1,
        instruction.p2,
    )
    frame.trigger_number = number
    frame.change_count = machine.change_count
    frame.host_changes = machine.host.changes
    frame.last_insert_rowid = machine.host.last_insert_rowid
    machine.frame = frame
    machine.frame_count += 1
    machine.running_program = program
    machine.code, machine.wanted_columns = machine.bind(program)
    machine.registers = [None] * (program.register_count + 1)
    machine.cursors = [None] * program.cursor_count
    machine.once = set()
    machine.change_count = 0
    machine.address = 0
    return SIGNAL_FRAME


def _is_active(machine: Machine, program: Program, number: int) -> bool:
    """Whether the trigger of this number runs, as one program or another, or (number 0) the program itself."""
    running = machine.running_program
    frame = machine.frame
    while frame is not None:
        if frame.trigger_number == number if number else running is program:
            return True
        running = frame.program
        frame = frame.parent
    return False


def param(machine: Machine, instruction: Instruction) -> None:
    frame = machine.frame
    assert frame is not None, "Param outside of a sub-program"
    put_given(machine, instruction.p2, given_values(frame.registers, frame.first_parameter + instruction.p1, 1)[0])


def noop(machine: Machine, instruction: Instruction) -> None:
    pass


CONTROL_HANDLERS: dict[int, Handler] = {
    OP_INIT: jump_to_p2,
    OP_GOTO: jump_to_p2,
    OP_GOSUB: gosub,
    OP_RETURN: return_after,
    OP_INIT_COROUTINE: init_coroutine,
    OP_END_COROUTINE: end_coroutine,
    OP_YIELD: yield_control,
    OP_HALT_IF_NULL: halt_if_null,
    OP_HALT: halt,
    OP_ONCE: once,
    OP_BEGIN_SUBROUTINE: begin_subroutine,
    OP_PROGRAM: run_program,
    OP_PARAM: param,
    OP_NOOP: noop,
    OP_EXPLAIN: noop,
}
