"""RAISE in a trigger: leave the row alone (IGNORE), or end the statement with a message.

Source: https://sqlite.org/lang_createtrigger.html#raise
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundLiteral
from keelback_core.compiler.emit.dispatch import emit_expression
from keelback_core.program.opcodes import OP_HALT
from keelback_core.program.program import CONFLICT_ABORT, CONFLICT_FAIL, CONFLICT_IGNORE, CONFLICT_ROLLBACK
from keelback_core.value.result_codes import CONSTRAINT_TRIGGER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundRaise
    from keelback_core.compiler.emit.context import EmitContext

ACTIONS: Final = {"ROLLBACK": CONFLICT_ROLLBACK, "ABORT": CONFLICT_ABORT, "FAIL": CONFLICT_FAIL}


def emit_raise(context: EmitContext, e: BoundRaise, target: int) -> None:
    """Halt; nothing is ever put into `target`."""
    if e.action == "IGNORE" or e.message is None:
        context.builder.emit(OP_HALT, 0, CONFLICT_IGNORE, 1)
        return
    action = ACTIONS[e.action]
    if isinstance(e.message, BoundLiteral) and isinstance(e.message.value, str):
        context.builder.emit(OP_HALT, CONSTRAINT_TRIGGER, action, 0, e.message.value)
    else:
        context.builder.emit(OP_HALT, CONSTRAINT_TRIGGER, action, emit_expression(context, e.message))
