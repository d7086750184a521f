"""What happens when a statement ends: commit, rollback, statement rollback, change counters.

1. Without an open transaction the last writing statement commits when it succeeds and rolls back when it fails.
2. Inside a transaction an error undoes the statement (ABORT), nothing (FAIL) or everything (ROLLBACK). A full disk,
   an I/O error or an interrupted writer undo everything, unless a statement journal can undo less.
3. In a transaction in which a statement has failed with CORRUPT nothing more is written, and its COMMIT undoes it.
4. Counters: changes() is set only by statements that count, and not after a statement rollback.

Spec: https://sqlite.org/lang_conflict.html, https://sqlite.org/lang_transaction.html section 3.
"""

from __future__ import annotations

from keelback_core.program.program import CONFLICT_ABORT, CONFLICT_FAIL
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import (
    BUSY,
    CONSTRAINT,
    CONSTRAINT_FOREIGNKEY,
    CORRUPT,
    FULL,
    INTERRUPT,
    IOERR,
    MESSAGES,
    NOMEM,
    SCHEMA,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.reference.vm.machine import Machine
    from keelback_core.reference.vm.session import Session

_NOTHING = 0
_RELEASE = 1
_ROLLBACK = 2


def begin_statement(machine: Machine) -> None:
    """Count the statement among the running ones."""
    session = machine.session
    if not session.running:
        session.host.is_interrupted = False
    session.running.append(machine)
    if machine.is_reader:
        session.reader_count += 1
    if machine.is_writer:
        session.writer_count += 1


def end_statement(machine: Machine, error: SqlError | None) -> SqlError | None:
    """End the statement that fails with `error`, or succeeds (None).

    Returns the error that the statement ends with. A COMMIT that meets SQLITE_BUSY leaves the transaction open: the
    caller restores the autocommit flag and ends the statement once more, with that error.
    """
    session = machine.session
    if machine.is_reader:
        busy, error = _end_transaction_work(machine, error)
        if busy:
            return error
    session.running.remove(machine)
    if machine.is_reader:
        session.reader_count -= 1
    if machine.is_writer:
        session.writer_count -= 1
    if error is not None and error.code == CORRUPT and not session.autocommit:
        session.is_damaged = True
    return error


def _end_transaction_work(machine: Machine, error: SqlError | None) -> tuple[bool, SqlError | None]:
    """Returns whether a COMMIT is busy, and the error."""
    session = machine.session
    operation = _NOTHING
    is_special = error is not None and _undoes_everything(machine, error)
    if is_special:
        assert error is not None
        if error.primary_code in (NOMEM, FULL) and machine.program.needs_statement_journal:
            operation = _ROLLBACK
        else:
            _rollback_transaction(machine)
    keeps = error is None or (machine.error_action == CONFLICT_FAIL and not is_special)
    if keeps and machine.constraint_count:
        error = SqlError(CONSTRAINT_FOREIGNKEY, "FOREIGN KEY constraint failed")
        machine.error_action = CONFLICT_ABORT
        keeps = False
    if session.autocommit and session.writer_count == int(machine.is_writer):
        failed = _end_autocommit(session, machine, error, keeps)
        if failed is not None:
            if failed.primary_code == BUSY and not machine.is_writer:
                return True, failed
            error = failed
        session.statement_count = 0
    elif operation == _NOTHING:
        if keeps:
            operation = _RELEASE
        elif machine.error_action == CONFLICT_ABORT:
            operation = _ROLLBACK
        else:
            _rollback_transaction(machine)
    if operation != _NOTHING:
        try:
            session.close_statement(machine, operation == _ROLLBACK)
        except SqlError as failed:
            if error is None or error.primary_code == CONSTRAINT:
                error = failed
            _rollback_transaction(machine)
    if machine.program.counts_changes and (error is None or error.code != SCHEMA):
        _report_changes(machine, machine.change_count if operation != _ROLLBACK else 0)
    return False, error


def _undoes_everything(machine: Machine, error: SqlError) -> bool:
    code = error.primary_code
    if code == INTERRUPT:
        return machine.is_writer
    return code in (NOMEM, IOERR, FULL)


def _rollback_transaction(machine: Machine) -> None:
    session = machine.session
    machine.change_count = 0
    try:
        session.rollback_all(machine, True)
    except SqlError:
        # The statement already has the error that led here.
        pass
    session.end_transaction()


def _end_autocommit(session: Session, machine: Machine, error: SqlError | None, keeps: bool) -> SqlError | None:
    """Commit or roll back at the end of the last writing statement; returns a new error."""
    if keeps:
        try:
            session.check_deferred_constraints()
            if session.is_damaged:
                raise SqlError(CORRUPT, MESSAGES[CORRUPT])
            session.commit()
            return None
        except SqlError as failed:
            if failed.primary_code == BUSY and not machine.is_writer:
                return failed
            # A statement that has failed (FAIL) and cannot commit what it did keeps its message, as in SQLite, unless
            # it is a deferred foreign key that forbids it.
            keeps_message = error is not None and failed.code != CONSTRAINT_FOREIGNKEY
            new_error: SqlError | None = SqlError(failed.code, error.message) if error and keeps_message else failed
    else:
        new_error = None
        if error is not None and error.primary_code == SCHEMA and len(session.running) > 1:
            machine.change_count = 0
            return None
    machine.change_count = 0
    try:
        session.rollback_all(machine, False)
    except SqlError as failed:
        new_error = new_error or failed
    return new_error


def _report_changes(machine: Machine, count: int) -> None:
    host = machine.host
    host.changes = count
    host.total_changes += count
    machine.change_count = 0
