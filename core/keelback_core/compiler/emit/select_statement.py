"""SELECT as a statement: its rows are the result."""

from __future__ import annotations

from keelback_core.compiler.emit.destination import RowOutput
from keelback_core.compiler.emit.select import emit_select
from keelback_core.program.opcodes import OP_HALT
from keelback_core.program.program import OutputColumn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstSelect


def emit_select_statement(context: StatementContext, ast: AstSelect) -> None:
    """The program of a SELECT."""
    select = context.bind_context.bind_select(context.bind_context, ast, None)
    context.output = tuple(
        OutputColumn(column.name, column.declared_type, column.database, column.table, column.origin)
        for column in select.columns
    )
    emit_select(context, select, RowOutput())
    context.builder.emit(OP_HALT)
