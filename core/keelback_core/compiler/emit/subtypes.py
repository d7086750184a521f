"""Subtypes end where a query ends: what a JSON function is given by a subquery or view is plain text.

Only the functions that look at subtypes mind, so only their arguments get the instruction that clears it.

Must not know: what JSON is. Source: https://sqlite.org/c3ref/c_deterministic.html (SQLITE_SUBTYPE).
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundAlias, BoundCollate, BoundColumn, BoundSubquery
from keelback_core.program.opcodes import OP_COPY
from keelback_core.program.program import COPY_CLEARS_SUBTYPE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.emit.context import EmitContext


def reads_subtypes(name: str) -> bool:
    """Whether the function of this name (lower case) looks at the subtypes of its arguments."""
    return name.startswith("json") or name in ("->", "->>", "subtype")


def _comes_from_a_query(e: BoundExpression) -> bool:
    while isinstance(e, BoundCollate):
        e = e.operand
    if isinstance(e, BoundColumn):
        return e.source.select is not None
    return isinstance(e, (BoundAlias, BoundSubquery))


def clear_subtypes(context: EmitContext, name: str, arguments: Sequence[BoundExpression], first_register: int) -> None:
    """Clear the subtype of the arguments, computed into consecutive registers, that another query made."""
    if reads_subtypes(name):
        for position, argument in enumerate(arguments):
            if _comes_from_a_query(argument):
                register = first_register + position
                context.builder.emit(OP_COPY, register, register, 0, None, COPY_CLEARS_SUBTYPE)
