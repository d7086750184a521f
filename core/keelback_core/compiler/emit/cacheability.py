"""Which programs may be kept for other connections and for later: those that depend on nothing but their text, the
schemas and the settings.

What a module answers to the planner may depend on anything, so that programs on virtual tables are compiled each time,
but for the tables that come with us. DDL and pragmas show or change what is no part of a key.

Must not know: the cache. Twin: none; core/kernel/cache keeps what it is told to.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast import (
    AstBegin,
    AstCommit,
    AstDelete,
    AstExplain,
    AstInsert,
    AstRelease,
    AstRollback,
    AstSavepoint,
    AstSelect,
    AstUpdate,
)
from keelback_core.program.opcodes import OP_V_BEGIN, OP_V_OPEN
from keelback_core.program.program import Program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.sql.ast import AstStatement

KEPT_STATEMENTS: Final = (
    AstSelect,
    AstInsert,
    AstUpdate,
    AstDelete,
    AstBegin,
    AstCommit,
    AstRollback,
    AstSavepoint,
    AstRelease,
)


def is_kept_statement(ast: AstStatement) -> bool:
    """Whether a statement is of a kind whose programs may be kept."""
    return isinstance(ast.statement if isinstance(ast, AstExplain) else ast, KEPT_STATEMENTS)


def is_kept_program(program: Program) -> bool:
    """Whether a program of such a statement asked no module that others brought."""
    seen = [program]
    # The list grows while it is walked: sub-programs may name each other.
    for one in seen:
        for instruction in one.instructions:
            opcode = instruction.opcode
            if opcode == OP_V_BEGIN or (opcode == OP_V_OPEN and not instruction.p5):
                return False
            p4 = instruction.p4
            if p4 is not None and isinstance(p4, Program) and not any(known is p4 for known in seen):
                seen.append(p4)
    return True
