"""LiteralLoads: where a Program loads the literals of its text, while it is not known yet which of them are free.

1. Only literals of the statement's own text that SQLite's grammar spells in one way per value are lifted: decimal
   integers of 64 bits, reals, strings. NULL, blobs, hexadecimal and separated numbers stay in the text.
2. A literal is free if nothing looked at its value (AstLiteral.is_examined) from the tree to the last instruction. That
   is known at the end: until then a load has the value itself, and `lift` turns it into the load of a parameter.

Must not know: statements, the catalog. Who uses it: emit/lifting.py.
"""

from __future__ import annotations

from keelback_core.program.opcodes import OP_VARIABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundLiteral
    from keelback_core.compiler.sql.ast import AstLiteral
    from keelback_core.program.program import Instruction


# How a literal is loaded; 0: not yet.
LOADED_PLAIN: Final = 1
LOADED_NEGATED: Final = -1


class LiteralLoad:
    """An instruction that puts a literal into `register`, with the minus before it if `is_negated`."""

    __slots__ = ("instruction", "literal", "is_negated", "register")

    def __init__(self, instruction: Instruction, literal: AstLiteral, is_negated: bool, register: int) -> None:
        self.instruction = instruction
        self.literal = literal
        self.is_negated = is_negated
        self.register = register


class LiteralLoads:
    """See the module. The literals of the statement that can be lifted are marked: AstLiteral.may_be_free."""

    __slots__ = ("loads",)

    def __init__(self) -> None:
        self.loads: list[LiteralLoad] = []

    def may_lift(self, e: BoundLiteral) -> bool:
        """Whether, as far as is known, the literal may have another value in another text."""
        literal = e.literal
        return literal is not None and literal.may_be_free and not literal.is_examined

    def note(self, instruction: Instruction, e: BoundLiteral, register: int) -> None:
        """The instruction puts the literal into the register."""
        assert e.literal is not None
        self.loads.append(LiteralLoad(instruction, e.literal, e.is_negated, register))

    def find_signs(self) -> None:
        """Tell each literal whether it is loaded negated; one that is loaded both ways is not free."""
        for load in self.loads:
            literal = load.literal
            sign = LOADED_NEGATED if load.is_negated else LOADED_PLAIN
            if literal.loaded_sign == 0:
                literal.loaded_sign = sign
            elif literal.loaded_sign != sign:
                literal.is_examined = True

    def lift(self) -> None:
        """Let the loads of the literals that have hidden parameters take those."""
        for load in self.loads:
            number = load.literal.hidden_parameter
            if number:
                instruction = load.instruction
                instruction.opcode = OP_VARIABLE
                instruction.p1 = number
                instruction.p2 = load.register
                instruction.p4 = None


def is_liftable(literal: AstLiteral) -> bool:
    """Whether the native lexer lifts this literal; core/kernel/cache/lifted_text.cpp decides by the same rule."""
    kind = literal.kind
    spelling = literal.spelling
    if kind == "string":
        return True
    if kind == "integer" or kind == "float":
        # Shorter than its source: it had separators.
        return literal.end - literal.start == len(spelling) and spelling[1:2] not in ("x", "X")
    return False
