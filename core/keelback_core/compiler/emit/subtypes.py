"""Subtypes end where a query ends: what a JSON function is given by a subquery or view is plain text.

Only the functions that look at subtypes mind, so only inside of their arguments a value that another query made gets
the instruction that clears its subtype (dispatch.py).

Must not know: what JSON is. Source: https://sqlite.org/c3ref/c_deterministic.html (SQLITE_SUBTYPE).
"""

from __future__ import annotations

from keelback_core.compiler.emit.dispatch import emit_expressions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.emit.context import EmitContext


def reads_subtypes(name: str) -> bool:
    """Whether the function of this name (lower case) looks at the subtypes of its arguments."""
    return name.startswith("json") or name in ("->", "->>", "subtype")


def emit_arguments(context: EmitContext, name: str, arguments: Sequence[BoundExpression], first_register: int) -> None:
    """Compute the arguments of a call into consecutive registers, without the subtypes that another query made."""
    if not reads_subtypes(name):
        emit_expressions(context, arguments, first_register)
        return
    context.subtype_readers += 1
    emit_expressions(context, arguments, first_register)
    context.subtype_readers -= 1
