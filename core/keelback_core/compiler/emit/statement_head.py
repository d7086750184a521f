"""check_head: what SQLite finds wrong with the head of a CREATE before it meets a syntax error behind it.

Must not know: how the rest of the statement is emitted.
"""

from __future__ import annotations

from keelback_core.compiler.catalog.load import load_table
from keelback_core.compiler.emit.alter_column import begin_add_column
from keelback_core.compiler.emit.create_table import begin_create_table
from keelback_core.compiler.emit.create_trigger import begin_create_trigger
from keelback_core.compiler.emit.create_virtual import begin_create_virtual
from keelback_core.compiler.emit.statement_context import StatementContext
from keelback_core.compiler.sql.ast import (
    AstAddColumn,
    AstColumnCollation,
    AstCreateTable,
    AstCreateTrigger,
    AstCreateVirtualTable,
)
from keelback_core.compiler.sql.token_error import at_head
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR_MISSING_COLLSEQ

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.sql.ast import AstStatement


# Found when the whole statement has been read.
NOTHING_STORED: Final = "must have at least one non-generated column"


def _check_collations(catalog: Catalog, ast: AstCreateTable) -> None:
    for column in ast.columns:
        for constraint in column.constraints:
            if isinstance(constraint, AstColumnCollation) and not catalog.has_collation(constraint.collation):
                raise SqlError(ERROR_MISSING_COLLSEQ, "no such collation sequence: " + constraint.collation)


def check_head(ast: AstStatement, catalog: Catalog, sql: str) -> None:
    """SqlError for names in the head of a CREATE or of ALTER TABLE ADD COLUMN, and for the columns so far."""
    context = StatementContext(catalog, ast, sql)
    database: int | None = None
    try:
        if isinstance(ast, AstCreateTable):
            database = begin_create_table(context, ast)
        elif isinstance(ast, AstCreateTrigger):
            begin_create_trigger(context, ast)
        elif isinstance(ast, AstCreateVirtualTable):
            begin_create_virtual(context, ast)
        elif isinstance(ast, AstAddColumn):
            begin_add_column(context, ast)
    except SqlError as error:
        raise at_head(error, ast) from None
    if isinstance(ast, AstCreateTable) and database is not None and ast.columns:
        _check_collations(catalog, ast)
        try:
            load_table(ast, database, 0, None)
        except SqlError as error:
            if error.message != NOTHING_STORED:
                raise
