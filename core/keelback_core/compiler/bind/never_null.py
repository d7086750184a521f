"""`x IS NULL` and `x IS NOT NULL` of an x that is never NULL: false and true, before anybody plans for them.

1. Never NULL are a rowid, a column that is declared NOT NULL, and literals, a sign before them or not.
2. A column of a table that an outer join may fill with NULLs can be NULL, whatever it is declared; so can every column
   of a view or subquery.
3. SQLite does so in WHERE and ON only, and in a subquery only if all queries around it stand there too: elsewhere the
   bare column of an aggregate query without rows would be told of wrongly.

Must not know: plans. Source: behaviour of SQLite 3.54.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundColumn, BoundLiteral, BoundUnary
from keelback_core.compiler.catalog.model import ROWID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.bind.scope import Scope

NULL_ON_RIGHT: Final = frozenset(("LEFT", "FULL"))
NULL_ON_LEFT: Final = frozenset(("RIGHT", "FULL"))


def is_known_not_null(operand: BoundExpression, scope: Scope) -> bool:
    """Whether a test for NULL that stands in `scope` is decided before any row is looked at."""
    while isinstance(operand, BoundUnary) and operand.operator in ("+", "-"):
        operand = operand.operand
    if isinstance(operand, BoundLiteral):
        return not operand.is_null and _is_condition(scope)
    if not isinstance(operand, BoundColumn) or not _is_condition(scope):
        return False
    source = operand.source
    table = source.table
    if table is None or table.kind == "view":
        return False
    if operand.column != ROWID and (operand.column < 0 or table.columns[operand.column].not_null is None):
        return False
    return _is_there(source, scope)


def _is_condition(scope: Scope) -> bool:
    """Whether all that is around stands in WHERE or ON."""
    found = False
    at: Scope | None = scope
    while at is not None and not at.needs_table_name:
        if at.is_condition:
            found = True
        elif at.items or at.core is not None:
            return False
        at = at.parent
    return found


def _is_there(source: BoundSource, scope: Scope) -> bool:
    """Whether no outer join puts NULLs in the place of the source's rows."""
    at: Scope | None = scope
    while at is not None:
        for place, item in enumerate(at.items):
            if item.source is source:
                if source.join_type in NULL_ON_RIGHT:
                    return False
                return not any(other.source.join_type in NULL_ON_LEFT for other in at.items[place + 1 :])
        at = at.parent
    return False
