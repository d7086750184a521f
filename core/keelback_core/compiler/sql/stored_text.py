"""StoredText: a stored CREATE statement as tokens, of which some names are to be replaced.

1. Only marked tokens change; everything else stays byte for byte.
2. A bare new name replaces bare tokens bare, as SQLite does; quoted tokens, and all if the new name was written
   quoted, get it in double quotes.

Must not know: what the names mean.
"""

from __future__ import annotations

from bisect import bisect_left

from keelback_core.compiler.sql.keywords import K_FOREIGN, K_INTO, K_ON, K_REFERENCES, K_UPDATE
from keelback_core.compiler.sql.lexer import Lexer
from keelback_core.compiler.sql.parser.state import dequote
from keelback_core.compiler.sql.tokens import IS_NAME, T_COMMA, T_DOT, T_END, T_LEFT, T_RIGHT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.sql.ast import AstNode

QUOTES: Final = "\"'`["


def double_quoted(name: str) -> str:
    """A name in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def fold(name: str) -> str:
    """A name as SQLite compares names."""
    return name.lower() if name.isascii() else "".join(c.lower() if c < "\x80" else c for c in name)


class StoredText:
    """See the module."""

    __slots__ = ("text", "kinds", "starts", "ends", "marked", "quoted_strings")

    def __init__(self, text: str) -> None:
        self.text = text
        lexer = Lexer(text, 0)
        lexer.lex_statement()
        while lexer.kinds[-1] != T_END:
            lexer.lex_statement()
        self.kinds = lexer.kinds
        self.starts = lexer.starts
        self.ends = lexer.ends
        self.marked: set[int] = set()
        self.quoted_strings: set[int] = set()

    def index_at(self, offset: int) -> int:
        """The token that begins at `offset`, or the first after it."""
        return bisect_left(self.starts, offset)

    def last_of(self, ast: AstNode) -> int:
        """The last token of a node."""
        return bisect_left(self.ends, ast.end)

    def name_of(self, index: int) -> str:
        """The name that a token spells."""
        return dequote(self.text[self.starts[index] : self.ends[index]])

    def mark(self, index: int) -> None:
        """Have a token replaced."""
        self.marked.add(index)

    def mark_if(self, index: int, name: str) -> None:
        """Have a token replaced if it spells this (folded) name."""
        if fold(self.name_of(index)) == name:
            self.marked.add(index)

    def mark_source(self, start: int) -> None:
        """Have the table's name of `[schema.]table` at `start` replaced."""
        index = self.index_at(start)
        self.mark(index + 2 if self.kinds[index + 1] == T_DOT else index)

    def mark_key(self, start: int, child: str | None, parent: str | None, parent_column: str | None) -> None:
        """Replace names of the foreign key at `start`: own columns, the parent table, the parent's columns."""
        index = self.index_at(start)
        if self.kinds[index] == K_FOREIGN:
            index = self.mark_list(index + 2, child)
        while self.kinds[index] != K_REFERENCES:
            index += 1
        if parent is not None:
            self.mark_if(index + 1, parent)
        if self.kinds[index + 2] == T_LEFT:
            self.mark_list(index + 2, parent_column)

    def mark_list(self, index: int, name: str | None) -> int:
        """Replace a name in the list whose parenthesis is token `index`; the token after the list."""
        level = 0
        while self.kinds[index] != T_END:
            kind = self.kinds[index]
            if kind == T_LEFT:
                level += 1
            elif kind == T_RIGHT:
                level -= 1
                if level == 0:
                    return index + 1
            elif level == 1 and name is not None and IS_NAME[kind] and self.kinds[index - 1] in (T_LEFT, T_COMMA):
                self.mark_if(index, name)
            index += 1
        return index

    def table_after_on(self) -> int:
        """The token of the table's name after the first ON (of an index or trigger)."""
        index = 0
        while self.kinds[index] != K_ON:
            index += 1
        return index + 3 if self.kinds[index + 2] == T_DOT else index + 1

    def update_columns(self, name: str) -> None:
        """Replace a name in UPDATE OF a, b of a trigger."""
        index = 0
        while self.kinds[index] not in (K_ON, K_UPDATE):
            index += 1
        while self.kinds[index] != K_ON:
            index += 1
            if self.kinds[index - 1] == T_COMMA or self.kinds[index] != K_ON:
                if IS_NAME[self.kinds[index]]:
                    self.mark_if(index, name)

    def target_of(self, start: int) -> int:
        """The token of the table's name of an INSERT at `start`, after INTO."""
        index = self.index_at(start)
        while self.kinds[index] != K_INTO:
            index += 1
        return index + 3 if self.kinds[index + 2] == T_DOT else index + 1

    def replaced(self, new_name: str, is_quoted: bool) -> str:
        """The text with the marked tokens replaced."""
        text = self.text
        parts = []
        done = 0
        for index in sorted(self.marked | self.quoted_strings):
            start, end = self.starts[index], self.ends[index]
            parts.append(text[done:start])
            if index in self.quoted_strings:
                parts.append("'" + self.name_of(index).replace("'", "''") + "'")
            elif is_quoted or text[start] in QUOTES:
                parts.append(double_quoted(new_name))
            else:
                parts.append(new_name)
            if parts[-1][-1] in "\"'" and text[end : end + 1] in ('"', "'"):
                parts.append(" ")
            done = end
        parts.append(text[done:])
        return "".join(parts)
