"""VACUUM: the target of INTO is computed, and the connection does the rest.

Source: https://sqlite.org/lang_vacuum.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.expressions import bind_scalar
from keelback_core.compiler.bind.scope import Scope
from keelback_core.compiler.catalog.actions import ACTION_ATTACH
from keelback_core.compiler.emit.expression import emit_expression
from keelback_core.compiler.sql.ast import AstLiteral
from keelback_core.compiler.sql.token_error import TokenError
from keelback_core.program.opcodes import OP_HALT, OP_PRAGMA_CALL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstVacuum

TEMPORARY: Final = 1


def emit_vacuum(context: StatementContext, ast: AstVacuum) -> None:
    """The program of a VACUUM."""
    builder = context.builder
    number = 0 if ast.schema is None else context.catalog.database_number(ast.schema)
    if number is None:
        raise TokenError("unknown database ", "schema", ast.schema or "")
    # SQLite attaches what it writes.
    if ast.into is None:
        context.catalog.authorize(ACTION_ATTACH, "", None, None)
    elif isinstance(ast.into, AstLiteral) and isinstance(ast.into.value, str):
        context.catalog.authorize(ACTION_ATTACH, ast.into.value, None, None)
    context.is_readonly = False
    first = builder.register()
    count = 0
    if ast.into is not None:
        emit_expression(context, bind_scalar(context.bind_context, ast.into, Scope()), first)
        count = 1
    if number != TEMPORARY:
        builder.emit(OP_PRAGMA_CALL, number, first, builder.register(), "vacuum", count)
    builder.emit(OP_HALT)
