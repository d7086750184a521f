"""StatementParts: nodes of a statement that its compilation asks for as a whole, listed while it is parsed.

Must not know: the grammar.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.sql.ast.expressions import AstLiteral, AstParameter


class StatementParts:
    """literals, parameters: in the order of the text. select_count: the simple SELECTs, rows of VALUES
    among them. read_tables: the names of the tables that FROM and IN name.

    head_tokens: where the "schema", "name" and "column" of a CREATE, ALTER or maintenance begin and end. head_end:
    where SQLite's parser stops if it refuses the head of a CREATE, -1 if it has none.
    """

    __slots__ = ("head_end", "head_tokens", "literals", "parameters", "read_tables", "select_count")

    def __init__(self) -> None:
        self.literals: list[AstLiteral] = []
        self.parameters: list[AstParameter] = []
        self.read_tables: list[str] = []
        self.select_count = 0
        self.head_tokens: dict[str, tuple[int, int]] = {}
        self.head_end = -1
