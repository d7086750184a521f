"""ATTACH and DETACH: the file, the name and the key are computed, and the connection does the rest.

A bare name stands for a string, as in `ATTACH x AS y`.

Source: https://sqlite.org/lang_attach.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.expressions import bind_scalar
from keelback_core.compiler.bind.scope import Scope
from keelback_core.compiler.catalog.actions import ACTION_ATTACH, ACTION_DETACH
from keelback_core.compiler.emit.expression import emit_expression
from keelback_core.compiler.sql.ast import AstColumnRef, AstLiteral
from keelback_core.program.opcodes import OP_HALT, OP_PRAGMA_CALL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstAttach, AstDetach, AstExpression


def emit_attach(context: StatementContext, ast: AstAttach) -> None:
    """The program of an ATTACH."""
    arguments = [ast.file, ast.schema]
    if ast.key is not None:
        arguments.append(ast.key)
    _emit(context, ACTION_ATTACH, "attach", arguments)


def emit_detach(context: StatementContext, ast: AstDetach) -> None:
    """The program of a DETACH."""
    _emit(context, ACTION_DETACH, "detach", [ast.schema])


def _emit(context: StatementContext, action: int, name: str, arguments: list[AstExpression]) -> None:
    builder = context.builder
    shown = _literal(arguments[0])
    first = builder.registers(len(arguments))
    for place, argument in enumerate(arguments):
        text = argument.column if isinstance(argument, AstColumnRef) and argument.table is None else None
        if text is not None:
            context.emit_value(text, first + place)
            continue
        bound = bind_scalar(context.bind_context, argument, Scope())
        emit_expression(context, bound, first + place)
    context.catalog.authorize(action, shown, None, None)
    builder.emit(OP_PRAGMA_CALL, 0, first, builder.register(), name, len(arguments))
    builder.emit(OP_HALT)


def _literal(expression: AstExpression) -> str | None:
    """The name as the authorizer is told, None if it is computed."""
    if isinstance(expression, AstColumnRef) and expression.table is None:
        return expression.column
    if isinstance(expression, AstLiteral) and isinstance(expression.value, str):
        return expression.value
    return None
