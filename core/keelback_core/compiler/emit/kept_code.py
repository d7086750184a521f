"""KeptCode: instructions that all statements of a kind have alike, kept with the table that they are about.

1. They are emitted the long way once, behind a CodeStart. Other statements repeat them, with their own registers,
   cursors and labels in the place of those.
2. Beside what it takes itself such code names a row in registers, the key of one, the cursors of an open table and one
   label behind it, and nothing else: what loads constants or touches another database is not kept.
3. It is found by a key that says all it depends on but the table (`Table.kept_code`), and dies with the table: every
   change of a schema makes new tables.

Must not know: what the instructions do. Who uses it: insert.py, row_update.py, delete.py.
"""

from __future__ import annotations

from keelback_core.program.opcodes import OPERANDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.emit.builder import ProgramBuilder
    from keelback_core.compiler.emit.context import EmitContext
    from keelback_core.program.program import Instruction

# What an operand names: by its number the entry of the list of shifts that counts for it.
NOTHING: Final = 0
OWN_REGISTER: Final = 1
ROW_REGISTER: Final = 2
KEY_REGISTER: Final = 3
OWN_CURSOR: Final = 4
TABLE_CURSOR: Final = 5
OWN_LABEL: Final = 6
END_LABEL: Final = 7

# Who keeps code, for its keys; and what is the key of none.
INSERTING: Final = 0
UPDATING: Final = 1
DELETING: Final = 2
NOT_KEPT: Final = -1
# So much of one table at most: UPDATEs may set any of its columns together.
MOST_KEPT: Final = 100
CONFLICTS: Final = {"": 0, "ROLLBACK": 1, "ABORT": 2, "FAIL": 3, "IGNORE": 4, "REPLACE": 5}

REGISTERS: Final = ("in", "out", "inout", "range-in", "out+")


def key_of_code(kind: int, conflict: str, facts: int) -> int:
    """The key of code that depends on the conflict action of its statement, and on facts: a number from 0 on."""
    return (facts << 3 | CONFLICTS[conflict]) << 2 | kind


def keep_code(table: Table, key: int, code: object) -> None:
    """Keep code under its key; where there is much already, all of that is forgotten."""
    if len(table.kept_code) >= MOST_KEPT:
        table.kept_code.clear()
    table.kept_code[key] = code


class CodeStart:
    """Where code begins. row, width: the first register of the row and how many there are; key, key_width: the same of
    the key; cursor: the first one of the table, -1 where it is not open yet; label: the one behind the code."""

    __slots__ = (
        "address",
        "registers",
        "cursors",
        "labels",
        "row",
        "width",
        "key",
        "key_width",
        "cursor",
        "label",
        "loads",
        "databases",
        "is_multi_write",
    )

    def __init__(
        self, context: EmitContext, row: int, width: int, cursor: int, label: int, key: int = 0, key_width: int = 0
    ) -> None:
        builder = context.builder
        self.address = len(builder.instructions)
        self.registers = builder.register_count
        self.cursors = builder.cursor_count
        self.labels = len(builder.labels)
        self.row = row
        self.width = width
        self.key = key
        self.key_width = key_width
        self.cursor = cursor
        self.label = label
        self.loads = _count_of_loads(context)
        self.databases = context.touched
        self.is_multi_write = context.is_multi_write


def _count_of_loads(context: EmitContext) -> int:
    return 0 if context.constant_loads is None else len(context.constant_loads)


class KeptInstruction:
    """An instruction, and what its p1 to p3 name."""

    __slots__ = ("opcode", "p1", "p2", "p3", "p4", "p5", "comment", "name1", "name2", "name3")

    def __init__(self, instruction: Instruction, names: list[int]) -> None:
        self.opcode: int = instruction.opcode
        self.p1: int = instruction.p1
        self.p2: int = instruction.p2
        self.p3: int = instruction.p3
        self.p4 = instruction.p4
        self.p5: int = instruction.p5
        self.comment = instruction.comment
        self.name1 = names[0]
        self.name2 = names[1]
        self.name3 = names[2]


class KeptCode:
    """See the module. places: where each of its own labels stands, counted from its first instruction."""

    __slots__ = ("start", "instructions", "places", "register_count", "cursor_count", "is_multi_write")

    def __init__(self, start: CodeStart, instructions: list[KeptInstruction], context: EmitContext) -> None:
        builder = context.builder
        self.start = start
        self.instructions = instructions
        self.places = [address - start.address for address in builder.labels[start.labels :]]
        self.register_count = builder.register_count - start.registers
        self.cursor_count = builder.cursor_count - start.cursors
        self.is_multi_write = context.is_multi_write and not start.is_multi_write

    def repeat(self, context: EmitContext, row: int, cursor: int, label: int, key: int = 0) -> None:
        """Emit the same once more, for another row, cursor, label and key (see CodeStart)."""
        builder = context.builder
        start = self.start
        own_register = builder.register_count - start.registers
        own_cursor = builder.cursor_count - start.cursors
        own_label = start.labels - len(builder.labels)
        builder.register_count += self.register_count
        builder.cursor_count += self.cursor_count
        if self.is_multi_write:
            context.is_multi_write = True
        row -= start.row
        cursor -= start.cursor
        label -= start.label
        key -= start.key
        emit_shifted(
            builder, self.instructions, self.places, own_register, row, key, own_cursor, cursor, own_label, label
        )


def emit_shifted(
    builder: ProgramBuilder,
    instructions: list[KeptInstruction],
    places: list[int],
    own_register: int,
    row: int,
    key: int,
    own_cursor: int,
    cursor: int,
    own_label: int,
    label: int,
) -> None:
    """Place new labels, counted from here, and emit instructions with the shift of what each operand names added to it.
    The compiled tower has it in C (tools/mypyc_runtime/shifted.h)."""
    base = len(builder.instructions)
    for place in places:
        builder.labels.append(base + place)
    shifts = [0, own_register, row, key, own_cursor, cursor, own_label, label]
    for one in instructions:
        builder.emit(
            one.opcode,
            one.p1 + shifts[one.name1],
            one.p2 + shifts[one.name2],
            one.p3 + shifts[one.name3],
            one.p4,
            one.p5,
            one.comment,
        )


def kept_since(context: EmitContext, start: CodeStart) -> KeptCode | None:
    """What has been emitted since, to be kept; None where it names what others need not have."""
    if _count_of_loads(context) != start.loads or context.touched != start.databases:
        return None
    found: list[KeptInstruction] = []
    for instruction in context.builder.instructions[start.address :]:
        kinds = OPERANDS[instruction.opcode]
        values: tuple[int, int, int] = (instruction.p1, instruction.p2, instruction.p3)
        names: list[int] = []
        for kind, value in zip(kinds[:3], values, strict=True):
            name = _named(start, kind, value)
            if name < 0:
                return None
            names.append(name)
        found.append(KeptInstruction(instruction, names))
    return KeptCode(start, found, context)


def _named(start: CodeStart, kind: str, value: int) -> int:
    """What an operand names; -1 if that is nothing that other statements have."""
    if kind == "cursor":
        if value >= start.cursors:
            return OWN_CURSOR
        return TABLE_CURSOR if start.cursor >= 0 and value >= start.cursor else -1
    if kind == "jump" and value != 0:
        if value < -start.labels:
            return OWN_LABEL
        return END_LABEL if value == start.label else -1
    if kind in REGISTERS and value != 0:
        if value > start.registers:
            return OWN_REGISTER
        if start.key <= value < start.key + start.key_width:
            return KEY_REGISTER
        return ROW_REGISTER if start.row <= value < start.row + start.width else -1
    return NOTHING
