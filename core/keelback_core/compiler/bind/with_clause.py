"""The scope that WITH in front of INSERT, UPDATE or DELETE makes for what follows.

Must not know: registers.
"""

from __future__ import annotations

from keelback_core.compiler.bind.common_tables import open_with
from keelback_core.compiler.bind.scope import CommonTables, Scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.sql.ast import AstWith


def common_tables(clause: AstWith | None) -> CommonTables | None:
    """The tables of a WITH clause."""
    if clause is None:
        return None
    return open_with(clause, None)


def with_scope(clause: AstWith | None, parent: Scope | None = None) -> Scope | None:
    """A scope without tables, in which the common tables are visible; None without WITH."""
    if clause is None:
        return None
    scope = Scope(parent)
    scope.common_tables = common_tables(clause)
    return scope
