"""compile_statement: the one door of the compile tower's last room, from a syntax tree to a Program.

Dispatches by the kind of statement; whatever parses has an emitter.
"""

from __future__ import annotations

from keelback_core.compiler.catalog.catalog import (
    LEAVES_CHANGES_OUT,
    LEAVES_INSERTS_OUT,
    LEAVES_NOTHING_OUT,
    LeftOutError,
)
from keelback_core.compiler.emit.alter_column import emit_add_column, emit_drop_column
from keelback_core.compiler.emit.alter_constraint import (
    emit_add_constraint,
    emit_drop_constraint,
    emit_drop_not_null,
    emit_set_not_null,
)
from keelback_core.compiler.emit.alter_definition import emit_alter_column
from keelback_core.compiler.emit.analyze import emit_analyze
from keelback_core.compiler.emit.attach import emit_attach, emit_detach
from keelback_core.compiler.emit.create_index import emit_create_index
from keelback_core.compiler.emit.create_table import emit_create_table, emit_create_view
from keelback_core.compiler.emit.create_trigger import emit_create_trigger
from keelback_core.compiler.emit.create_virtual import emit_create_virtual
from keelback_core.compiler.emit.delete import emit_delete, emit_delete_step
from keelback_core.compiler.emit.drop import emit_drop
from keelback_core.compiler.emit.explain import explained_program
from keelback_core.compiler.emit.insert import emit_insert, emit_insert_step
from keelback_core.compiler.emit.pragma import emit_pragma, pragma_needs_schema
from keelback_core.compiler.emit.reindex import emit_reindex
from keelback_core.compiler.emit.rename import emit_rename_column, emit_rename_table
from keelback_core.compiler.emit.select_statement import emit_select_statement
from keelback_core.compiler.emit.statement_context import StatementContext
from keelback_core.compiler.emit.transaction import (
    emit_begin,
    emit_commit,
    emit_release,
    emit_rollback,
    emit_savepoint,
)
from keelback_core.compiler.emit.update import emit_update, emit_update_step
from keelback_core.compiler.emit.vacuum import emit_vacuum
from keelback_core.compiler.sql.ast import (
    AstAddColumn,
    AstAddConstraint,
    AstAlterColumn,
    AstAnalyze,
    AstAttach,
    AstBegin,
    AstCommit,
    AstCreateIndex,
    AstCreateTable,
    AstCreateTrigger,
    AstCreateView,
    AstCreateVirtualTable,
    AstDelete,
    AstDetach,
    AstDrop,
    AstDropColumn,
    AstDropConstraint,
    AstDropNotNull,
    AstExplain,
    AstInsert,
    AstPragma,
    AstReindex,
    AstRelease,
    AstRenameColumn,
    AstRenameTable,
    AstRollback,
    AstSavepoint,
    AstSelect,
    AstSetNotNull,
    AstUpdate,
    AstVacuum,
)
from keelback_core.program.opcodes import OP_HALT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.emit.statement_context import StepEmitter
    from keelback_core.compiler.sql.ast import AstStatement
    from keelback_core.program.program import Program

    Emitter = Callable[[StatementContext, Any], None]

EMITTERS: Final[dict[type[AstStatement], Emitter]] = {
    AstSelect: emit_select_statement,
    AstInsert: emit_insert,
    AstUpdate: emit_update,
    AstDelete: emit_delete,
    AstCreateTable: emit_create_table,
    AstCreateIndex: emit_create_index,
    AstCreateView: emit_create_view,
    AstCreateTrigger: emit_create_trigger,
    AstCreateVirtualTable: emit_create_virtual,
    AstDrop: emit_drop,
    AstReindex: emit_reindex,
    AstAddColumn: emit_add_column,
    AstDropColumn: emit_drop_column,
    AstAddConstraint: emit_add_constraint,
    AstAlterColumn: emit_alter_column,
    AstDropConstraint: emit_drop_constraint,
    AstSetNotNull: emit_set_not_null,
    AstDropNotNull: emit_drop_not_null,
    AstRenameTable: emit_rename_table,
    AstRenameColumn: emit_rename_column,
    AstPragma: emit_pragma,
    AstAnalyze: emit_analyze,
    AstAttach: emit_attach,
    AstVacuum: emit_vacuum,
    AstDetach: emit_detach,
    AstBegin: emit_begin,
    AstCommit: emit_commit,
    AstRollback: emit_rollback,
    AstSavepoint: emit_savepoint,
    AstRelease: emit_release,
}
# How the statements of a trigger's body are emitted.
STEPS: Final[dict[type, StepEmitter]] = {
    AstInsert: emit_insert_step,
    AstUpdate: emit_update_step,
    AstDelete: emit_delete_step,
}
_WITHOUT_SCHEMA: Final = (AstBegin, AstCommit, AstRollback, AstSavepoint, AstRelease, AstVacuum)


def needs_schema(ast: AstStatement) -> bool:
    """Whether the schemas must be loaded before the statement can be compiled."""
    if isinstance(ast, AstExplain):
        return needs_schema(ast.statement)
    if isinstance(ast, AstPragma):
        return pragma_needs_schema(ast)
    return not isinstance(ast, _WITHOUT_SCHEMA)


# Statements that an authorizer may have left out as a whole.
SCHEMA_STATEMENTS: Final = (
    AstAddColumn,
    AstAddConstraint,
    AstAlterColumn,
    AstCreateIndex,
    AstCreateTable,
    AstCreateTrigger,
    AstCreateView,
    AstCreateVirtualTable,
    AstDrop,
    AstDropColumn,
    AstDropConstraint,
    AstDropNotNull,
    AstRenameColumn,
    AstRenameTable,
    AstSetNotNull,
)


def left_out_by(ast: AstStatement) -> int:
    """Which ignored questions leave the statement out."""
    if isinstance(ast, AstInsert):
        return LEAVES_INSERTS_OUT
    return LEAVES_CHANGES_OUT if isinstance(ast, SCHEMA_STATEMENTS) else LEAVES_NOTHING_OUT


def emit_statement(context: StatementContext, ast: AstStatement) -> None:
    """Emit a statement of any kind but EXPLAIN. The commonest are called without a look into the table."""
    if isinstance(ast, AstSelect):
        emit_select_statement(context, ast)
    elif isinstance(ast, AstInsert):
        emit_insert(context, ast)
    elif isinstance(ast, AstUpdate):
        emit_update(context, ast)
    elif isinstance(ast, AstDelete):
        emit_delete(context, ast)
    else:
        EMITTERS[type(ast)](context, ast)


def compile_statement(ast: AstStatement, catalog: Catalog, sql: str, takes_notes: bool = True) -> Program:
    """The Program of a statement, with its query plan if it `takes_notes`. SqlError with the character offset into
    `sql` where there is one."""
    if isinstance(ast, AstExplain):
        return explained_program(compile_statement(ast.statement, catalog, sql), ast.is_query_plan)
    context = StatementContext(catalog, ast, sql, STEPS)
    context.builder.takes_notes = takes_notes
    context.builder.begin()
    if catalog.authorizer is not None:
        catalog.leaves_out = left_out_by(ast)
    try:
        emit_statement(context, ast)
    except LeftOutError:
        context = StatementContext(catalog, ast, sql, STEPS)
        context.builder.begin()
        context.builder.emit(OP_HALT)
    finally:
        catalog.leaves_out = LEAVES_NOTHING_OUT
    return context.finish()
