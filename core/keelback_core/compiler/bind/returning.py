"""Binding RETURNING: result columns over the row that was written or deleted.

Must not know: registers. Source: https://sqlite.org/lang_returning.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.result_columns import bind_result_columns
from keelback_core.compiler.bind.table_rules import table_scope
from keelback_core.compiler.sql.ast import AstStar
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.context import BindContext
    from keelback_core.compiler.bind.nodes import BoundResultColumn, BoundSource
    from keelback_core.compiler.sql.ast import AstResultColumn


def bind_returning(
    context: BindContext, columns: tuple[AstResultColumn | AstStar, ...], source: BoundSource
) -> tuple[BoundResultColumn, ...]:
    """The columns of RETURNING, read from `source`; empty without RETURNING."""
    if not columns:
        return ()
    for column in columns:
        if isinstance(column, AstStar) and column.table is not None:
            raise SqlError(ERROR, 'RETURNING may not use "TABLE.*" wildcards')
    context.returning = source
    scope = table_scope(context.catalog, source)
    # RETURNING is a trigger on a table without a schema.
    scope.items[0].schema = ""
    found = bind_result_columns(context, columns, scope)
    context.returning = None
    return found
