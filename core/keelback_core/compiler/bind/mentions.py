"""Mentions: what the names in a stored text turned out to mean, noted while the text is bound.

A BindContext that has a Mentions tells it every column, table and double-quoted string it resolves; ALTER TABLE
rewrites the texts from that. Views used by the text are bound in contexts of their own, so theirs are not noted.

Must not know: texts, tokens, registers.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundColumn
    from keelback_core.compiler.bind.scope import ScopeItem
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.sql.ast import AstColumnRef, AstFromItem, AstNode


class Mentions:
    """columns: a name and the column it means. tables: a name in FROM (or `t.*`, IN t, a target) and its table.
    strings: double-quoted names that are strings. joins: `USING (name)` and the table of the item to its left."""

    __slots__ = ("columns", "tables", "strings", "joins")

    def __init__(self) -> None:
        self.columns: list[tuple[AstColumnRef, BoundColumn]] = []
        self.tables: list[tuple[AstNode, Table]] = []
        self.strings: list[AstColumnRef] = []
        self.joins: list[tuple[AstFromItem, str, ScopeItem]] = []
