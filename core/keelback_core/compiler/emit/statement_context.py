"""StatementContext: an EmitContext with what only whole statements have: output, counters, read-only or not."""

from __future__ import annotations

from keelback_core.compiler.bind.context import BindContext
from keelback_core.compiler.bind.select import bind_select
from keelback_core.compiler.emit.context import EmitContext
from keelback_core.compiler.emit.make_context import EMITTERS, JUMPERS
from keelback_core.compiler.emit.select import emit_select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.sql.ast import AstStatement
    from keelback_core.program.program import OutputColumn, Program


class StatementContext(EmitContext):
    """output: columns of ResultRow. counts_changes: the statement sets changes(). is_readonly: False if it changes
    anything although it opens no write transaction."""

    __slots__ = ("bind_context", "output", "counts_changes", "is_readonly")

    def __init__(self, catalog: Catalog, ast: AstStatement, sql: str) -> None:
        super().__init__(catalog, EMITTERS, JUMPERS, emit_select)
        self.bind_context = BindContext(catalog, sql, ast, bind_select)
        self.output: tuple[OutputColumn, ...] = ()
        self.counts_changes = False
        self.is_readonly = True

    def finish(self) -> Program:
        """The initial part, then the Program."""
        self.bind_context.number_all_parameters()
        self.emit_initial()
        writes = any(self.transactions.values())
        return self.builder.finish(
            tuple(self.bind_context.parameters),
            self.output,
            self.is_readonly and not writes,
            self.is_multi_write,
            self.counts_changes,
            self.schema_cookies(),
        )
