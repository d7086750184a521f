"""TokenError: an error that shows a name of the statement's head as it was written, quotes included, and says where.

Which token that is, is known by what it names; the parser notes the places (ast/parts.py). Until `place` is told them
the message has the name itself and no offset: statements that no text was parsed for stay so.

Must not know: the grammar, the catalog.
"""

from __future__ import annotations

from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.sql.ast.node import AstStatement
    from keelback_core.compiler.sql.ast.parts import StatementParts


class TokenError(SqlError):
    """`before` name `after`; token: which part of the head, "schema", "name" or "column"."""

    def __init__(self, before: str, token: str, name: str, after: str = "") -> None:
        super().__init__(ERROR, before + name + after)
        self.before = before
        self.token = token
        self.after = after

    def place(self, parts: StatementParts | None, sql: str) -> None:
        """Show the token of the text; the offset counts characters."""
        place = None if parts is None else parts.head_tokens.get(self.token)
        if place is not None:
            self.message = self.before + sql[place[0] : place[1]] + self.after
            self.offset = place[0]


def at_head(error: SqlError, ast: AstStatement) -> SqlError:
    """The error, found when the head of the statement had been read."""
    if ast.parts is not None:
        error.tail = ast.parts.head_end
    return error
