"""ProgramBuilder: collects instructions, registers, cursors, labels and plan notes, and makes the Program.

1. Registers count from 1, cursors from 0; a label is a negative number until it is placed, and every jump operand
   may be a label.
2. Values that do not change during a run (`constant`) are computed once, in the part that Init jumps to.
3. One builder makes one Program; a sub-program has a builder of its own.

Must not know: the syntax tree, storage.
"""

from __future__ import annotations

from keelback_core.compiler.emit.may_fail import may_fail
from keelback_core.program.opcodes import JUMPS, OP_GOTO, OP_INIT
from keelback_core.program.program import Instruction, OutputColumn, PlanNote, Program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.program.program import Operand4


class ProgramBuilder:
    """See the module. Typical use: `begin()`, emit ..., `finish()`."""

    __slots__ = (
        "instructions",
        "register_count",
        "cursor_count",
        "labels",
        "notes",
        "note_parents",
        "takes_notes",
        "initial_label",
    )

    def __init__(self) -> None:
        self.instructions: list[Instruction] = []
        self.register_count = 0
        self.cursor_count = 0
        self.labels: list[int] = []
        # None while there are none.
        self.notes: list[PlanNote] | None = None
        self.note_parents: list[int] | None = None
        # Whether somebody may want to see the plan.
        self.takes_notes = True
        self.initial_label = 0

    def begin(self) -> None:
        """Emit Init; the initialising part is placed by `begin_initial`."""
        self.initial_label = self.label()
        self.emit(OP_INIT, 0, self.initial_label)

    def begin_initial(self) -> None:
        """From here on: transactions, constants; it must end with `end_initial`."""
        self.place(self.initial_label)

    def end_initial(self) -> None:
        """Jump back to the first instruction after Init."""
        self.emit(OP_GOTO, 0, 1)

    def emit(
        self, opcode: int, p1: int = 0, p2: int = 0, p3: int = 0, p4: Operand4 = None, p5: int = 0, comment: str = ""
    ) -> int:
        """Append an instruction; its address."""
        self.instructions.append(Instruction(opcode, p1, p2, p3, p4, p5, comment))
        return len(self.instructions) - 1

    @property
    def address(self) -> int:
        """The address of the next instruction."""
        return len(self.instructions)

    def label(self) -> int:
        """A new label, to be placed later; a negative number usable as a jump operand."""
        self.labels.append(-1)
        return -len(self.labels)

    def place(self, label: int) -> None:
        """The label means the next instruction."""
        self.labels[-label - 1] = len(self.instructions)

    def patch_jump(self, address: int) -> None:
        """Let p2 of the instruction at `address` be the next instruction."""
        self.instructions[address].p2 = len(self.instructions)

    def register(self) -> int:
        """A new register, never reused."""
        self.register_count += 1
        return self.register_count

    def registers(self, count: int) -> int:
        """The first of `count` new consecutive registers."""
        first = self.register_count + 1
        self.register_count += count
        return first

    def cursor(self) -> int:
        """A new cursor number."""
        self.cursor_count += 1
        return self.cursor_count - 1

    def note(self, text: str) -> None:
        """Add a line of EXPLAIN QUERY PLAN below the current parent."""
        if self.takes_notes:
            if self.notes is None:
                self.notes = []
            parent = self.note_parents[-1] if self.note_parents else 0
            self.notes.append(PlanNote(len(self.notes) + 1, parent, text))

    def push_note(self, text: str) -> None:
        """Add a line and make it the parent of those that follow, until `pop_note`."""
        if self.takes_notes:
            self.note(text)
            if self.note_parents is None:
                self.note_parents = []
            self.note_parents.append(0 if self.notes is None else len(self.notes))

    def pop_note(self) -> None:
        if self.note_parents:
            self.note_parents.pop()

    def finish(
        self,
        parameters: tuple[str | None, ...] = (),
        output: tuple[OutputColumn, ...] = (),
        is_readonly: bool = True,
        is_multi_write: bool = False,
        counts_changes: bool = False,
        schema_cookies: tuple[int, ...] = (),
    ) -> Program:
        """Resolve the labels and make the Program. is_multi_write: what it changes is to be undone if it fails then."""
        resolve_labels(self.instructions, self.labels)
        return Program(
            self.instructions,
            self.register_count,
            self.cursor_count,
            parameters,
            output,
            is_readonly,
            0,
            is_multi_write and may_fail(self.instructions),
            counts_changes,
            schema_cookies,
            () if self.notes is None else tuple(self.notes),
        )


def resolve_labels(instructions: list[Instruction], labels: list[int]) -> None:
    """Replace labels, which are negative, in the operands that are jumps. The compiled tower has it in C
    (tools/mypyc_runtime/labels.h)."""
    for instruction in instructions:
        if instruction.p2 < 0 or instruction.p1 < 0 or instruction.p3 < 0:
            jumps = JUMPS[instruction.opcode]
            if jumps & 1 != 0 and instruction.p1 < 0:
                instruction.p1 = _target(labels, instruction.p1)
            if jumps & 2 != 0 and instruction.p2 < 0:
                instruction.p2 = _target(labels, instruction.p2)
            if jumps & 4 != 0 and instruction.p3 < 0:
                instruction.p3 = _target(labels, instruction.p3)


def _target(labels: list[int], label: int) -> int:
    address = labels[-label - 1]
    assert address >= 0, "a label was used and never placed"
    return address
