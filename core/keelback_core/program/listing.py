"""The text of a Program: rows of EXPLAIN, and a listing for golden tests.

Must not know: storage, the VM, the compiler.
"""

from __future__ import annotations

from keelback_core.program.opcodes import NAMES
from keelback_core.program.program import FunctionReference, Instruction, Program
from keelback_core.value.key_info import KeyInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.program.program import Operand4


def operand4_text(operand: Operand4) -> str | None:
    """p4 as EXPLAIN prints it; None if there is none."""
    if operand is None:
        return None
    if isinstance(operand, str):
        return operand
    if isinstance(operand, KeyInfo):
        return key_text(operand)
    if isinstance(operand, FunctionReference):
        return f"{operand.name}({operand.argument_count})"
    if isinstance(operand, Program):
        return "program"
    if isinstance(operand, tuple):
        return "[" + ",".join(str(item) for item in operand) + "]"
    if isinstance(operand, bytes):
        return "x'" + operand.hex() + "'"
    return repr(operand)


def key_text(key: KeyInfo) -> str:
    """k(2,-B,NOCASE): the number of key columns, then each collation, with `-` for DESC and `N.` for swapped NULLs."""
    parts = []
    for name, flags in zip(key.collation_names, key.sort_flags, strict=False):
        shown = "B" if name == "BINARY" else name
        parts.append(("-" if flags & 1 else "") + ("N." if flags & 2 else "") + shown)
    return f"k({len(key.sort_flags)}," + ",".join(parts) + ")"


def explain_rows(program: Program) -> list[list[int | str | None]]:
    """Rows of EXPLAIN: addr, opcode, p1, p2, p3, p4, p5, comment; sub-programs follow in the order of their calls."""
    rows = []
    programs = [program]
    for listed in programs:
        for address, instruction in enumerate(listed.instructions):
            rows.append(_row(address, instruction))
            called = instruction.p4
            if isinstance(called, Program) and not any(known is called for known in programs):
                programs.append(called)
    return rows


def _row(address: int, instruction: Instruction) -> list[int | str | None]:
    return [
        address,
        NAMES[instruction.opcode],
        instruction.p1,
        instruction.p2,
        instruction.p3,
        operand4_text(instruction.p4),
        instruction.p5,
        instruction.comment or None,
    ]


def listing(program: Program) -> str:
    """The Program as aligned text, one instruction a line."""
    lines = []
    for row in explain_rows(program):
        address, name, p1, p2, p3, p4, p5, comment = row
        text = f"{address:>4}  {name:<15} {p1:>4} {p2:>4} {p3:>4}  {p4 or '':<16} {p5}"
        lines.append((text + (f"  ; {comment}" if comment else "")).rstrip())
    return "\n".join(lines)
