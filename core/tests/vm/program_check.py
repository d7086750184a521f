"""Checks a Program against the operand kinds of core/spec/opcodes.toml: a list of complaints, empty if it is sound.

Jumps go to instructions, registers are 1 to register_count, cursors are below cursor_count, p4 has the type of its
kind, and a program neither runs off its end nor asks for an affinity that does not exist.
"""

from __future__ import annotations

from keelback_core.program.opcodes import NAMES, OPERANDS
from keelback_core.program.program import FunctionReference, Instruction, Program
from keelback_core.value.key_info import KeyInfo

# Operands that are 0 where there is none.
_OPTIONAL_REGISTERS = {
    ("Null", 3),
    ("NewRowid", 3),
    ("Halt", 3),
    ("Clear", 3),
    ("IntegrityCk", 3),
    ("DeferredSeek", 3),
    ("SorterData", 3),
    ("IdxInsert", 3),
    ("PreUpdate", 2),
    ("PreUpdate", 3),
}
_OPTIONAL_JUMPS = {"Yield", "MustBeInt", "Last", "Rewind", "InitCoroutine"}
_ENDS = {"Halt", "Goto", "Return", "EndCoroutine", "AutoCommit", "Jump", "Noop"}
# A Found with p4=0 reads one record register instead of a range.
_P4_TYPES: dict[str, tuple[type, ...]] = {
    "collation": (str, type(None)),
    "function": (FunctionReference,),
    "key": (KeyInfo, int, type(None)),
    "affinity": (str, type(None)),
    "text": (str, type(None)),
    "integer": (int, type(None)),
    "real": (float,),
    "blob": (bytes, str, int, float, type(None)),
    "program": (Program,),
    "integers": (tuple, type(None)),
    "table": (str,),
    "count": (int, type(None)),
}


# Of a sub-program these are registers of the outermost one, where the largest AUTOINCREMENT rowids are kept.
_OUTERMOST_REGISTERS = (("NewRowid", 3), ("MemMax", 1))


def complaints(program: Program, outermost: Program | None = None) -> list[str]:
    """What is wrong with the program and its sub-programs."""
    outermost = program if outermost is None else outermost
    found: list[str] = []
    for address, instruction in enumerate(program.instructions):
        for problem in _instruction_problems(program, instruction, outermost):
            found.append(f"{address} {NAMES[instruction.opcode]}: {problem}")
    if not program.instructions or NAMES[program.instructions[-1].opcode] not in _ENDS:
        found.append("the program runs off its end")
    return found


def _instruction_problems(program: Program, instruction: Instruction, outermost: Program) -> list[str]:
    name = NAMES[instruction.opcode]
    kinds = OPERANDS[instruction.opcode]
    operands = (instruction.p1, instruction.p2, instruction.p3)
    problems = []
    for place, (kind, operand) in enumerate(zip(kinds[:3], operands, strict=True), start=1):
        if not isinstance(operand, int):
            problems.append(f"p{place} is {operand!r}")
        elif kind == "jump":
            is_absent = operand == 0 and name in _OPTIONAL_JUMPS
            if not is_absent and not 0 <= operand < len(program.instructions):
                problems.append(f"p{place}: no instruction {operand}")
        elif kind == "cursor":
            if not 0 <= operand < program.cursor_count and (name, place) not in _OPTIONAL_REGISTERS:
                problems.append(f"p{place}: no cursor {operand}")
        elif kind in ("in", "out", "inout", "range-in", "out+"):
            is_absent = operand <= 0 and (name, place) in _OPTIONAL_REGISTERS
            length = max(1, _range_length(name, kind, instruction))
            if kind == "range-in" and _range_length(name, kind, instruction) == 0 and name not in ("Found", "NotFound"):
                continue
            count = (outermost if (name, place) in _OUTERMOST_REGISTERS else program).register_count
            if not is_absent and not 1 <= operand <= operand + length - 1 <= count:
                problems.append(f"p{place}: registers {operand}..{operand + length - 1} of {count}")
    kind = kinds[3]
    if kind and not isinstance(instruction.p4, _P4_TYPES[kind]):
        problems.append(f"p4 is {instruction.p4!r}, not {kind}")
    if kind == "affinity" and isinstance(instruction.p4, str) and not set(instruction.p4) <= set("@ABCDEF"):
        problems.append(f"affinities {instruction.p4!r}")
    if isinstance(instruction.p4, Program) and instruction.p4 is not program:
        problems.extend(f"in its program: {problem}" for problem in complaints(instruction.p4, outermost))
    return problems


def _range_length(name: str, kind: str, instruction: Instruction) -> int:
    if kind not in ("range-in", "out+"):
        return 1
    if name in ("Move", "Compare"):
        return instruction.p3
    if name == "Copy":
        return instruction.p3 + 1
    if name in ("Function", "AggStep", "PragmaCall"):
        return instruction.p5
    if name in ("VFilter", "PreUpdate"):
        return instruction.p5 + 1
    if name in ("MakeRecord", "ResultRow", "Affinity", "TypeCheck", "VUpdate"):
        return instruction.p2
    if name in ("IdxDelete", "GroupOpen"):
        return instruction.p3
    if isinstance(instruction.p4, int):
        return instruction.p4
    return 1
