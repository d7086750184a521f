"""Machine: runs one Program.

    begin -> running <-> paused on a row -> ended (done, or an error)

1. `registers`, `cursors` and `once` belong to the running frame; register 0 is never used.
2. An instruction is a call `handler(machine, instruction)`. `address` is by then that of the next instruction; a jump
   sets it. The handler returns None to go on, or one of the signals below to leave the inner loop.
3. Whatever way a run ends, it ends once, through `statement_end`.
4. Only SqlError leaves `step` and `reset`, and what a user's function raises. A wrong Program may raise AssertionError
   or IndexError; that is the compiler's mistake. The run is over in each case.

Must not know: what any opcode does. Twin: core/kernel/vm/machine.
"""

from __future__ import annotations

from operator import length_hint

from keelback_core.program.opcodes import OP_AUTO_COMMIT, OP_COLUMN, OP_SAVEPOINT, OP_TRANSACTION
from keelback_core.program.program import CONFLICT_ABORT, COUNT_STEP, STATEMENT_COUNT_END
from keelback_core.reference.vm.aborted_cursor import AbortedCursor
from keelback_core.reference.vm.dispatch import HANDLERS
from keelback_core.reference.vm.failure import failure
from keelback_core.reference.vm.signals import SIGNAL_DONE, SIGNAL_ROW
from keelback_core.reference.vm.statement_end import begin_statement, end_statement
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import INTERNAL, INTERRUPT, NOMEM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from keelback_core.program.host import Host
    from keelback_core.program.program import Instruction, Program
    from keelback_core.reference.vm.cursor import Cursor
    from keelback_core.reference.vm.frame import Frame
    from keelback_core.reference.vm.session import Session
    from keelback_core.value import Value
    from keelback_core.value.key import Collation
    from keelback_core.value.key_info import KeyInfo

    Handler = Callable[["Machine", Instruction], int | None]
    Code = list[tuple[Handler, Instruction]]

# How many instructions may pass before the machine looks for an interrupt, if there is no progress handler.
_INTERRUPT_PERIOD = 500


class Machine:
    """A run of `program` on the databases of `session`; a program can be run again after it ended.

    parameters: the bound values, one a parameter of the program, hidden ones last; set by the engine before the run.
    row: the values of the last ResultRow.
    """

    __slots__ = (
        "_collations",
        "_ticks",
        "_tick_count",
        "_bound",
        "address",
        "change_count",
        "code",
        "compare_equal",
        "compare_order",
        "constraint_count",
        "counts",
        "cursors",
        "deferred_constraints_before",
        "deferred_immediate_constraints_before",
        "error_action",
        "frame",
        "frame_count",
        "functions",
        "has_subtypes",
        "host",
        "is_reader",
        "is_running",
        "is_writer",
        "once",
        "parameters",
        "permutation",
        "program",
        "registers",
        "resolved",
        "row",
        "running_program",
        "seen_serial",
        "session",
        "statement_depth",
        "subprograms",
        "wanted_columns",
    )

    def __init__(self, program: Program, session: Session, host: Host) -> None:
        self.program = program
        self.session = session
        self.host = host
        self.parameters: list[Value] = [None] * (len(program.parameters) + program.hidden_parameter_count)
        self.row: list[Value] = []
        self.is_reader = False
        self.is_writer = False
        for instruction in program.instructions:
            if instruction.opcode == OP_TRANSACTION:
                self.is_reader = True
                if instruction.p2:
                    self.is_writer = True
            elif instruction.opcode in (OP_AUTO_COMMIT, OP_SAVEPOINT):
                self.is_reader = True
        self._bound: dict[int, tuple[Program, Code, dict[int, int]]] = {}
        self.is_running = False
        self._ticks: Iterator[int] = iter(range(0))
        self._tick_count = 0
        # What runs have counted since the last `take_counts`, by StatementCount.
        self.counts = [0] * STATEMENT_COUNT_END
        self._set_initial_state()

    def _set_initial_state(self) -> None:
        program = self.program
        self.running_program = program
        self.code, self.wanted_columns = self.bind(program)
        self.registers: list[Any] = [None] * (program.register_count + 1)
        self.cursors: list[Cursor | None] = [None] * program.cursor_count
        self.once: set[int] = set()
        self.address = 0
        self.frame: Frame | None = None
        self.frame_count = 0
        self.change_count = 0
        self.constraint_count = 0
        self.compare_order = 0
        self.compare_equal = False
        self.permutation: tuple[int, ...] | None = None
        self.error_action = CONFLICT_ABORT
        self.statement_depth = -1
        self.deferred_constraints_before = 0
        self.deferred_immediate_constraints_before = 0
        self.seen_serial = 0
        # What handlers look up once a run, by the identity of the instruction.
        self.resolved: dict[int, object] = {}
        # Whether a register may hold a text with a subtype, so that rows and records must look.
        self.has_subtypes = False
        self.functions: dict[int, Callable[[list[Value]], Value]] = {}
        self._collations: dict[str, Collation] = {}

    def bind(self, program: Program) -> tuple[Code, dict[int, int]]:
        """The program (or sub-program) with its handlers, and how many columns of each cursor it reads; made once."""
        bound = self._bound.get(id(program))
        if bound is None:
            code = [(HANDLERS[instruction.opcode], instruction) for instruction in program.instructions]
            wanted: dict[int, int] = {}
            for instruction in program.instructions:
                if instruction.opcode == OP_COLUMN:
                    wanted[instruction.p1] = max(wanted.get(instruction.p1, 0), instruction.p2 + 1)
            bound = self._bound[id(program)] = (program, code, wanted)
        return bound[1], bound[2]

    def step(self) -> bool:
        """Run to the next row (True; it is in `row`) or to the end (False). Raises SqlError; the run is then over."""
        if not self.is_running:
            self._set_initial_state()
            self.is_running = True
            self._refill_ticks()
            begin_statement(self)
        elif self.seen_serial != self.session.change_serial:
            self._forget_rows()
        try:
            if self.host.is_interrupted:
                raise failure(INTERRUPT)
            return self._run()
        except SqlError as error:
            raise self._fail(error) from None
        except MemoryError:
            raise self._fail(failure(NOMEM)) from None
        except BaseException:
            # Whatever else comes out of a user's function: locks and counters are not left behind.
            self._fail(failure(INTERNAL))
            raise

    def _run(self) -> bool:
        while True:
            code = self.code
            signal: int | None = None
            for _ in self._ticks:
                handler, instruction = code[self.address]
                self.address += 1
                signal = handler(self, instruction)
                if signal:
                    break
            else:
                self._tick()
                continue
            if signal == SIGNAL_ROW:
                self.seen_serial = self.session.change_serial
                return True
            if signal == SIGNAL_DONE:
                return False

    def _tick(self) -> None:
        """A period of instructions is over: look for an interrupt, call the progress handler."""
        host = self.host
        if host.is_interrupted or (host.progress_period and host.progress()):
            raise failure(INTERRUPT)
        self._refill_ticks()

    def _refill_ticks(self) -> None:
        self.counts[COUNT_STEP] += self._tick_count - length_hint(self._ticks)
        self._tick_count = self.host.progress_period or _INTERRUPT_PERIOD
        self._ticks = iter(range(self._tick_count))

    def take_counts(self) -> list[int]:
        """What was counted since the last time, by StatementCount."""
        left = length_hint(self._ticks)
        self.counts[COUNT_STEP] += self._tick_count - left
        self._tick_count = left
        taken = self.counts
        self.counts = [0] * STATEMENT_COUNT_END
        return taken

    def _forget_rows(self) -> None:
        for cursor in self.cursors:
            if cursor is not None:
                cursor.forget_row()

    def finish(self) -> int:
        """End the run with success, as Halt does. Raises SqlError if it cannot be committed."""
        self.close_cursors()
        error = end_statement(self, None)
        if error is not None:
            if self in self.session.running:
                # A COMMIT met SQLITE_BUSY; whoever set the autocommit flag sets it back.
                raise error
            self.is_running = False
            raise error
        self.is_running = False
        return SIGNAL_DONE

    def _fail(self, error: SqlError) -> SqlError:
        if not self.is_running:
            return error
        self.close_cursors()
        ended = end_statement(self, error)
        self.is_running = False
        return ended if ended is not None else error

    def reset(self) -> None:
        """End the run: what a statement has done so far stays and is committed if it was the last one to write.

        Raises SqlError if that commit fails. Does nothing if the machine is not running.
        """
        if not self.is_running:
            return
        try:
            self.finish()
        except SqlError as error:
            raise self._fail(error) from None

    def end_failed(self, error: SqlError) -> None:
        """End a run that is paused as if it had failed with `error`. Raises what it ends with."""
        if self.is_running:
            raise self._fail(error)

    def close_cursors(self) -> None:
        """Close all cursors of all frames and leave the sub-programs."""
        while self.frame is not None:
            self.leave_frame()
        for index, cursor in enumerate(self.cursors):
            if cursor is not None:
                cursor.close()
                self.cursors[index] = None

    def leave_frame(self) -> Frame:
        """Go back to the caller of the running sub-program; returns what was kept of it."""
        frame = self.frame
        assert frame is not None
        for cursor in self.cursors:
            if cursor is not None:
                cursor.close()
        self.frame = frame.parent
        self.frame_count -= 1
        self.running_program = frame.program
        self.code = frame.code
        self.wanted_columns = self.bind(frame.program)[1]
        self.address = frame.address
        self.registers = frame.registers
        self.cursors = frame.cursors
        self.once = frame.once
        self.change_count = frame.change_count
        self.host.changes = frame.host_changes
        self.host.last_insert_rowid = frame.last_insert_rowid
        return frame

    def abort_cursors(self, only_writing: bool) -> None:
        """Make every further use of the cursors on stored trees (only_writing: of those that write) fail."""
        frame = self.frame
        cursors = self.cursors
        while True:
            for index, cursor in enumerate(cursors):
                if cursor is not None and cursor.database >= 0 and (cursor.is_writable or not only_writing):
                    cursor.close()
                    cursors[index] = AbortedCursor(cursor.is_table)
            if frame is None:
                return
            cursors = frame.cursors
            frame = frame.parent

    def collation(self, name: str) -> Collation:
        """The collation of that name. Raises SqlError "no such collation sequence: name"."""
        found = self._collations.get(name)
        if found is None:
            found = self._collations[name] = self.host.find_collation(name)
        return found

    def collations_of(self, key_info: KeyInfo) -> list[Collation]:
        """The collations of the columns of a key."""
        return [self.collation(name) for name in key_info.collation_names]

    def cursor(self, index: int) -> Cursor:
        """The open cursor of that number."""
        cursor = self.cursors[index]
        assert cursor is not None, f"cursor {index} is not open"
        return cursor

    def open_cursor(self, index: int, cursor: Cursor) -> None:
        """Put a cursor in its place; one that was there is closed."""
        old = self.cursors[index]
        if old is not None:
            old.close()
        self.cursors[index] = cursor
