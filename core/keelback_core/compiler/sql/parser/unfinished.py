"""UnfinishedError: a syntax error behind the head of a CREATE or ALTER TABLE.

SQLite looks the names of such a head up as soon as it has read them, so a table that exists already is reported before
a syntax error further on. The head is what had been read, as a statement. Must not know: the catalog.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.node import AstStatement
from keelback_core.value.errors import SqlError


class UnfinishedError(SqlError):
    """A syntax error; `head` holds the statement as far as it had been read."""

    def __init__(self, error: SqlError, head: AstStatement) -> None:
        super().__init__(error.code, error.message, error.offset)
        self.head = head
        self.tail = error.tail
