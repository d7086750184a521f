"""Which programs may be kept for other connections and for later: those that depend on nothing but their text, the
schemas and the settings.

What a module answers to the planner may depend on anything, so that programs on virtual tables are compiled each time,
but for the tables that come with us. DDL and pragmas show or change what is no part of a key.

Must not know: the cache. Twin: none; core/kernel/cache keeps what it is told to.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast import (
    AstBegin,
    AstCommit,
    AstDelete,
    AstExplain,
    AstInsert,
    AstRelease,
    AstRollback,
    AstSavepoint,
    AstSelect,
    AstUpdate,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.sql.ast import AstStatement


def is_kept_statement(ast: AstStatement) -> bool:
    """Whether a statement is of a kind whose programs may be kept, but for those that ask modules."""
    if isinstance(ast, AstExplain):
        ast = ast.statement
    return isinstance(ast, (AstSelect, AstInsert, AstUpdate, AstDelete)) or isinstance(
        ast, (AstBegin, AstCommit, AstRollback, AstSavepoint, AstRelease)
    )
