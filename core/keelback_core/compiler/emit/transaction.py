"""BEGIN, COMMIT, ROLLBACK, SAVEPOINT, RELEASE.

Source: https://sqlite.org/lang_transaction.html, https://sqlite.org/lang_savepoint.html
"""

from __future__ import annotations

from keelback_core.compiler.catalog.actions import ACTION_SAVEPOINT, ACTION_TRANSACTION
from keelback_core.compiler.sql.ast import AstBegin, AstRelease, AstRollback, AstSavepoint
from keelback_core.program.opcodes import OP_AUTO_COMMIT, OP_HALT, OP_SAVEPOINT, OP_TRANSACTION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstCommit

SAVEPOINT_BEGIN: Final = 0
SAVEPOINT_RELEASE: Final = 1
SAVEPOINT_ROLLBACK: Final = 2
READS_WHAT_IS_READ_ONLY: Final = 2


def emit_begin(context: StatementContext, ast: AstBegin) -> None:
    """BEGIN; IMMEDIATE and EXCLUSIVE take their locks at once."""
    catalog = context.catalog
    catalog.authorize(ACTION_TRANSACTION, "BEGIN", None, None)
    builder = context.builder
    if ast.mode in ("IMMEDIATE", "EXCLUSIVE"):
        level = 2 if ast.mode == "EXCLUSIVE" else 1
        for number, schema in enumerate(catalog.schemas):
            if schema is not None and (number != 1 or schema.tables):
                builder.emit(OP_TRANSACTION, number, level, 0, None, READS_WHAT_IS_READ_ONLY)
        context.is_readonly = False
    builder.emit(OP_AUTO_COMMIT, 0, 0)
    builder.emit(OP_HALT)


def emit_commit(context: StatementContext, ast: AstCommit) -> None:
    """COMMIT, END."""
    context.catalog.authorize(ACTION_TRANSACTION, "COMMIT", None, None)
    context.builder.emit(OP_AUTO_COMMIT, 1, 0)
    context.builder.emit(OP_HALT)


def emit_rollback(context: StatementContext, ast: AstRollback) -> None:
    """ROLLBACK and ROLLBACK TO."""
    if ast.savepoint is not None:
        _emit_savepoint(context, SAVEPOINT_ROLLBACK, ast.savepoint, "ROLLBACK")
        return
    context.catalog.authorize(ACTION_TRANSACTION, "ROLLBACK", None, None)
    context.builder.emit(OP_AUTO_COMMIT, 1, 1)
    context.builder.emit(OP_HALT)


def emit_savepoint(context: StatementContext, ast: AstSavepoint) -> None:
    """SAVEPOINT name."""
    _emit_savepoint(context, SAVEPOINT_BEGIN, ast.name, "BEGIN")


def emit_release(context: StatementContext, ast: AstRelease) -> None:
    """RELEASE name."""
    _emit_savepoint(context, SAVEPOINT_RELEASE, ast.name, "RELEASE")


def _emit_savepoint(context: StatementContext, operation: int, name: str, word: str) -> None:
    context.catalog.authorize(ACTION_SAVEPOINT, word, name, None)
    context.builder.emit(OP_SAVEPOINT, operation, 0, 0, name)
    context.builder.emit(OP_HALT)
