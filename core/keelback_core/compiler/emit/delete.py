"""DELETE: rows found first, then deleted; without WHERE the trees are cleared.

Must not know: how rows are found. Source: https://sqlite.org/lang_delete.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.delete import BoundDelete, bind_delete
from keelback_core.compiler.bind.nodes import BoundColumn
from keelback_core.compiler.catalog.model import ROWID
from keelback_core.compiler.emit.expression import emit_expression
from keelback_core.compiler.emit.instead_of import emit_delete_from_view
from keelback_core.compiler.emit.loops import LoopEmitter
from keelback_core.compiler.emit.returning import ReturningRows
from keelback_core.compiler.emit.row_delete import RowDeleter
from keelback_core.compiler.emit.table_writer import TableWriter
from keelback_core.compiler.plan.planner import plan_loops
from keelback_core.program.opcodes import (
    OP_CLEAR,
    OP_GOTO,
    OP_HALT,
    OP_NOT_EXISTS,
    OP_NULL,
    OP_ROW_SET_ADD,
    OP_ROW_SET_READ,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstDelete


def emit_delete(context: StatementContext, ast: AstDelete) -> None:
    """The program of a DELETE."""
    returning = emit_delete_step(context, ast)
    context.end_statement()
    returning.emit_output()
    context.builder.emit(OP_HALT)


def emit_delete_step(context: StatementContext, ast: AstDelete) -> ReturningRows:
    """A DELETE without the end of its program, as in the body of a trigger."""
    bound = bind_delete(context.bind_context, ast)
    context.need_write(bound.table.database)
    context.counts_changes = True
    returning = ReturningRows(context, bound.returning)
    returning.emit_open()
    if bound.table.kind == "view":
        emit_delete_from_view(context, bound, returning)
        return returning
    writer = TableWriter(context, bound.stored)
    deleter = RowDeleter(context, writer, context.conflict)
    if bound.where is None and bound.is_allowed and not bound.returning and not deleter.is_complex:
        _emit_clear(context, bound)
    else:
        _emit_two_passes(context, bound, writer, deleter, returning)
    return returning


def _emit_clear(context: StatementContext, bound: BoundDelete) -> None:
    """Everything goes: clear the table and its indexes, counting the rows of the table."""
    table = bound.table
    context.builder.emit(OP_CLEAR, table.root, table.database, -1, None, 0, table.name)
    for index in table.indexes:
        context.builder.emit(OP_CLEAR, index.root, table.database, 0, None, 0, index.name)


def _emit_two_passes(
    context: StatementContext, bound: BoundDelete, writer: TableWriter, deleter: RowDeleter, returning: ReturningRows
) -> None:
    """Collect the rowids, then delete the rows in their order."""
    builder = context.builder
    rows = builder.register()
    rowid = builder.register()
    builder.emit(OP_NULL, 0, rows)
    loops = LoopEmitter(context, plan_loops((bound.source,), bound.where, is_write=True))
    loops.begin()
    emit_expression(context, BoundColumn(bound.source, ROWID), rowid)
    builder.emit(OP_ROW_SET_ADD, rows, rowid)
    loops.end()
    writer.open()
    context.is_multi_write = True
    done = builder.label()
    top = builder.address
    builder.emit(OP_ROW_SET_READ, rows, done, rowid)
    builder.emit(OP_NOT_EXISTS, writer.table_cursor, top, rowid)
    context.loop_depth += 1
    deleter.emit(rowid, returning)
    context.loop_depth -= 1
    builder.emit(OP_GOTO, 0, top)
    builder.place(done)
