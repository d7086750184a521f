"""Opcodes of the family txn: transactions, savepoints, counters. The rules are in session and statement_end."""

from __future__ import annotations

from keelback_core.program.opcodes import (
    OP_AUTO_COMMIT,
    OP_FK_COUNTER,
    OP_FK_IF_ZERO,
    OP_MEM_MAX,
    OP_RESET_COUNT,
    OP_SAVEPOINT,
    OP_TRANSACTION,
)
from keelback_core.reference.vm.failure import failure
from keelback_core.reference.vm.ops.cursor_write import outermost_registers
from keelback_core.value.cast import to_integer
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import BUSY, CORRUPT, ERROR, SCHEMA

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.program.program import Instruction
    from keelback_core.reference.vm.machine import Handler, Machine

_SAVEPOINT_BEGIN = 0
_SAVEPOINT_RELEASE = 1
# Transaction's p5.
_CHECKS_COOKIE = 1
_READS_WHAT_IS_READ_ONLY = 2
_META_SCHEMA_COOKIE = 1
_MASK32 = 0xFFFFFFFF


def transaction(machine: Machine, instruction: Instruction) -> None:
    session = machine.session
    index = instruction.p1
    is_read = instruction.p5 == _READS_WHAT_IS_READ_ONLY and session.database(index).is_readonly
    session.begin(machine, index, 0 if is_read else instruction.p2)
    if instruction.p5 == _CHECKS_COOKIE:
        cookie = session.database(index).get_meta(_META_SCHEMA_COOKIE)
        if cookie & _MASK32 != instruction.p3 & _MASK32:
            machine.host.schema_changed(index)
            raise failure(SCHEMA)


def auto_commit(machine: Machine, instruction: Instruction) -> int:
    session = machine.session
    wanted = bool(instruction.p1)
    is_rollback = bool(instruction.p2)
    if wanted == session.autocommit:
        if not wanted:
            raise SqlError(ERROR, "cannot start a transaction within a transaction")
        what = "rollback" if is_rollback else "commit"
        raise SqlError(ERROR, f"cannot {what} - no transaction is active")
    if is_rollback:
        session.rollback_all(machine, True)
        session.autocommit = True
    elif wanted and session.writer_count > 0:
        raise SqlError(BUSY, "cannot commit transaction - SQL statements in progress")
    else:
        session.check_deferred_constraints()
        session.autocommit = wanted
    signal = _finish(machine, not wanted)
    session.close_savepoints()
    return signal


def _finish(machine: Machine, autocommit_if_busy: bool) -> int:
    """End the statement, committing; if another connection's lock forbids that the transaction stays open."""
    try:
        return machine.finish()
    except SqlError as error:
        if machine.is_running:
            machine.session.autocommit = autocommit_if_busy
        elif error.primary_code != BUSY:
            machine.session.close_savepoints()
        raise


def savepoint(machine: Machine, instruction: Instruction) -> int | None:
    session = machine.session
    name = instruction.p4
    assert isinstance(name, str)
    if instruction.p1 == _SAVEPOINT_BEGIN:
        session.open_savepoint(name)
        return None
    depth = session.find_savepoint(name)
    is_release = instruction.p1 == _SAVEPOINT_RELEASE
    if session.writer_count > 0 and is_release:
        raise SqlError(BUSY, "cannot release savepoint - SQL statements in progress")
    if not is_release:
        session.rollback_to_savepoint(depth, machine)
        return None
    if depth > 0 or not session.has_transaction_savepoint:
        session.release_savepoint(depth)
        return None
    # The outermost savepoint began the transaction: its release is a commit.
    session.check_deferred_constraints()
    session.autocommit = True
    try:
        signal = machine.finish()
    except SqlError as error:
        # What could not be committed is undone, and yet the transaction and its savepoints stay until somebody ends it.
        session.autocommit = False
        session.is_damaged |= error.primary_code == CORRUPT
        raise
    session.close_savepoints()
    return signal


def reset_count(machine: Machine, instruction: Instruction) -> None:
    machine.host.changes = machine.change_count
    machine.host.total_changes += machine.change_count
    machine.change_count = 0


def mem_max(machine: Machine, instruction: Instruction) -> None:
    # The counter of AUTOINCREMENT is one of the statement, also from within a trigger.
    counters = outermost_registers(machine)
    used = to_integer(machine.registers[instruction.p2])
    counters[instruction.p1] = max(to_integer(counters[instruction.p1]), used)


def count_constraint(machine: Machine, instruction: Instruction) -> None:
    session = machine.session
    if session.defers_foreign_keys:
        session.deferred_immediate_constraints += instruction.p2
    elif instruction.p1:
        session.deferred_constraints += instruction.p2
    else:
        machine.constraint_count += instruction.p2


def jump_if_no_constraint(machine: Machine, instruction: Instruction) -> None:
    session = machine.session
    count = session.deferred_constraints if instruction.p1 else machine.constraint_count
    if count == 0 and session.deferred_immediate_constraints == 0:
        machine.address = instruction.p2


TXN_HANDLERS: dict[int, Handler] = {
    OP_TRANSACTION: transaction,
    OP_AUTO_COMMIT: auto_commit,
    OP_SAVEPOINT: savepoint,
    OP_RESET_COUNT: reset_count,
    OP_MEM_MAX: mem_max,
    OP_FK_COUNTER: count_constraint,
    OP_FK_IF_ZERO: jump_if_no_constraint,
}
