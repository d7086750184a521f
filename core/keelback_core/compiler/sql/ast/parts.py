"""StatementParts: nodes of a statement that its compilation asks for as a whole, listed while it is parsed.

Must not know: the grammar.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.sql.ast.expressions import AstLiteral, AstParameter


class StatementParts:
    """literals, parameters: in the order of the text. select_count: the simple SELECTs, rows of VALUES
    among them."""

    __slots__ = ("literals", "parameters", "select_count")

    def __init__(self) -> None:
        self.literals: list[AstLiteral] = []
        self.parameters: list[AstParameter] = []
        self.select_count = 0
