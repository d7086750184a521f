"""check_head: what SQLite finds wrong with the head of a CREATE before it meets a syntax error behind it.

Must not know: how the rest of the statement is emitted.
"""

from __future__ import annotations

from keelback_core.compiler.catalog.load import load_table
from keelback_core.compiler.emit.create_table import begin_create_table
from keelback_core.compiler.emit.create_trigger import begin_create_trigger
from keelback_core.compiler.emit.statement_context import StatementContext
from keelback_core.compiler.sql.ast import AstColumnCollation, AstCreateTable, AstCreateTrigger
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR_MISSING_COLLSEQ

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.sql.ast import AstStatement


def _check_collations(catalog: Catalog, ast: AstCreateTable) -> None:
    for column in ast.columns:
        for constraint in column.constraints:
            if isinstance(constraint, AstColumnCollation) and not catalog.has_collation(constraint.collation):
                raise SqlError(ERROR_MISSING_COLLSEQ, "no such collation sequence: " + constraint.collation)


def check_head(ast: AstStatement, catalog: Catalog, sql: str) -> None:
    """SqlError for names in the head of a CREATE TABLE or CREATE TRIGGER, and for its columns so far."""
    context = StatementContext(catalog, ast, sql)
    if isinstance(ast, AstCreateTable):
        database = begin_create_table(context, ast)
        if database is not None and ast.columns:
            _check_collations(catalog, ast)
            load_table(ast, database, 0, None)
    elif isinstance(ast, AstCreateTrigger):
        begin_create_trigger(context, ast)
