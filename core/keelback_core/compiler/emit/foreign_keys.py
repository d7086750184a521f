"""KeyChecks: what a change of a row means for foreign keys, of the row as a child and as a parent.

Must not know: how rows are written. Source: https://sqlite.org/foreignkeys.html
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.emit.statement_context import StatementContext


class KeyChecks:
    __slots__ = ("required",)

    def __init__(self, context: StatementContext, table: Table, changed: set[int] | None, rowid_changes: bool) -> None:
        self.required = 0

    def emit_check(self, old: int, new: int) -> None:
        pass

    def emit_actions(self, old: int) -> None:
        pass
