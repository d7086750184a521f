"""StatementParts: nodes of a statement that its compilation asks for as a whole, listed while it is parsed.

Must not know: the grammar.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.sql.ast.expressions import AstLiteral, AstParameter
    from keelback_core.compiler.sql.ast.select import AstSelectCore, AstValues


class StatementParts:
    """literals, parameters: in the order of the text. selects: the simple SELECTs and VALUES, as their texts end."""

    __slots__ = ("literals", "parameters", "selects")

    def __init__(self) -> None:
        self.literals: list[AstLiteral] = []
        self.parameters: list[AstParameter] = []
        self.selects: list[AstSelectCore | AstValues] = []
