"""SELECT as a statement: its rows are the result."""

from __future__ import annotations

from keelback_core.compiler.bind.select import bind_select
from keelback_core.compiler.catalog.actions import ACTION_SELECT
from keelback_core.compiler.emit.destination import RowOutput
from keelback_core.compiler.emit.select import emit_select
from keelback_core.program.opcodes import OP_GOTO, OP_HALT
from keelback_core.program.program import OutputColumn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstSelect


def emit_select_statement(context: StatementContext, ast: AstSelect) -> None:
    """The program of a SELECT."""
    if context.catalog.authorizer is not None:
        context.catalog.ignored.clear()
        context.catalog.authorize(ACTION_SELECT, None, None, None)
    select = bind_select(context.bind_context, ast, None)
    context.bind_context.raise_late_error()
    select.is_asked = True
    context.output = tuple(
        OutputColumn(
            column.name,
            column.declared_type,
            column.database,
            column.table,
            column.origin,
        )
        for column in select.columns
    )
    context.reads_only = True
    builder = context.builder
    if context.catalog.authorizer is None:
        emit_select(context, select, RowOutput())
        builder.emit(OP_HALT)
    else:
        check, start = builder.label(), builder.label()
        builder.emit(OP_GOTO, 0, check)
        builder.place(start)
        emit_select(context, select, RowOutput())
        builder.emit(OP_HALT)
        builder.place(check)
        if ACTION_SELECT in context.catalog.ignored:
            # The authorizer has a SELECT in it left out: there is no row.
            builder.emit(OP_HALT)
        else:
            builder.emit(OP_GOTO, 0, start)
