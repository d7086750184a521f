"""The parser's place in the token arrays, its errors, and names.

1. `kind` is the kind of the token at `position`; a token is looked at before it is consumed, and an error is raised at
   the first token that no statement could have there, as an LALR parser does.
2. `depth` weighs the constructs that are open, in entries of an LALR parser's stack; beyond its limit SQLite
   (and we) give "Recursion limit".
3. `height` is the height of the expression (or of the tallest expression of the SELECT) parsed last.

4. Errors of meaning that SQLite's parser raises are noted by `report` and settled when the next token is known.

Must not know: the grammar. Twin: none; the kernel's lexer fills the arrays (lexer.py).
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.node import AstStatement
from keelback_core.compiler.sql.ast.parts import StatementParts
from keelback_core.compiler.sql.lexer import SPACES, Lexer
from keelback_core.compiler.sql.parser.parse_limits import DEFAULT_LIMITS, ParseLimits
from keelback_core.compiler.sql.tokens import (
    IS_ALIAS,
    IS_NAME,
    T_COMMA,
    T_DOT,
    T_END,
    T_ILLEGAL,
    T_LEFT,
    T_RIGHT,
)
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

# Entries that the stack of SQLite's parser has room for before its limit counts.
FIRST_STACK: Final = 50
QUOTES: Final = frozenset("\"'`[")
# The one of them with the highest number: a small letter is beyond it.
LAST_QUOTE: Final = 0x60
LAST_SPACE: Final = 0x20


def byte_offset(text: str, position: int) -> int:
    """The offset in the UTF-8 form of a text of the character at `position`."""
    count = 0
    for character in text[:position]:
        if character < "\x80":
            count += 1
        elif character < "\u0800":
            count += 2
        elif 0xDC80 <= ord(character) <= 0xDCFF:
            count += 1
        else:
            count += 3 if character < "\U00010000" else 4
    return count


def dequote(text: str) -> str:
    """A name or string without its quotes; text that does not begin with a quote is returned as it is."""
    if ord(text[0]) > LAST_QUOTE:
        return text
    quote = text[0]
    if quote == "[":
        return text[1:-1]
    if quote == "'" or quote == '"' or quote == "`":
        inner = text[1:-1]
        return inner.replace(quote + quote, quote) if quote in inner else inner
    return text


def dequote_head(text: str) -> str:
    """If a text begins with a quote, what is inside that quote; what follows its end is dropped."""
    if not text or text[0] not in QUOTES:
        return text
    quote = "]" if text[0] == "[" else text[0]
    inner = ""
    position = 1
    while position < len(text):
        if text[position] == quote:
            if text[position + 1 : position + 2] != quote:
                break
            position += 1
        inner += text[position]
        position += 1
    return inner


class ParserState:
    """Where a parse stands."""

    __slots__ = (
        "after_type",
        "depth",
        "has_with",
        "head",
        "height",
        "is_in_trigger",
        "kind",
        "kinds",
        "lexer",
        "limits",
        "parts",
        "pending",
        "pending_position",
        "position",
        "starts",
        "text",
    )

    def __init__(self, lexer: Lexer, limits: ParseLimits = DEFAULT_LIMITS) -> None:
        self.text = lexer.text
        self.limits = limits
        self.parts = StatementParts()
        self.lexer = lexer
        if not lexer.kinds:
            lexer.lex_statement()
        self.kinds = lexer.kinds
        self.starts = lexer.starts
        self.position = 0
        self.kind = self.kinds[0]
        self.depth = 0
        self.height = 0
        self.is_in_trigger = False
        self.has_with = False
        # The part of a CREATE or ALTER whose names SQLite looks up before it reads on.
        self.head: AstStatement | None = None
        self.pending: SqlError | None = None
        self.pending_position = -1
        # The token behind the name and type of the column definition read last.
        self.after_type = -1

    def advance(self) -> None:
        """Consume the current token."""
        position = self.position + 1
        if position >= len(self.kinds):
            self.lexer.lex_statement()
        self.position = position
        self.kind = self.kinds[position]

    def peek_kind(self) -> int:
        """The kind of the token after the current one."""
        if self.kind == T_END:
            return T_END
        if self.position + 1 >= len(self.kinds):
            self.lexer.lex_statement()
        return self.kinds[self.position + 1]

    def start(self) -> int:
        """Where the current token begins."""
        return self.starts[self.position]

    def previous_end(self) -> int:
        """Where the token consumed last ended."""
        return self.lexer.ends[self.position - 1]

    def token_text(self) -> str:
        """The source of the current token."""
        return self.text[self.starts[self.position] : self.lexer.ends[self.position]]

    def trimmed(self, start: int, end: int) -> str:
        """A range of the source without white space around it."""
        text = self.text
        if start < end and ord(text[end - 1]) > LAST_SPACE and ord(text[start]) > LAST_SPACE:
            return text[start:end]
        while start < end and ord(text[end - 1]) <= LAST_SPACE and text[end - 1] in SPACES:
            end -= 1
        while start < end and ord(text[start]) <= LAST_SPACE and text[start] in SPACES:
            start += 1
        return text[start:end]

    def unexpected(self) -> SqlError:
        """The error for a current token that cannot stand where it does."""
        if self.kind == T_END:
            return SqlError(ERROR, "incomplete input")
        start = self.start()
        if self.kind == T_ILLEGAL:
            return SqlError(ERROR, f'unrecognized token: "{self.token_text()}"', byte_offset(self.text, start))
        return SqlError(ERROR, f'near "{self.token_text()}": syntax error', byte_offset(self.text, start))

    def fail(self, message: str) -> SqlError:
        """An error without a place in the text."""
        return SqlError(ERROR, message)

    def report(self, message: str, position: int = -1) -> None:
        """Note an error of meaning in what has just been parsed; `position` is its character in the text, if any.

        SQLite finds such an error when it sees the token that follows. If that token cannot stand there, the syntax
        error wins, else the statement ends with the error noted.
        """
        if self.pending is None or self.pending_position == self.position:
            offset = byte_offset(self.text, position) if position >= 0 else -1
            self.pending = SqlError(ERROR, message, offset)
            self.pending_position = self.position

    def settle(self, error: SqlError) -> SqlError:
        """Which error the statement has: the one raised, or one noted at an earlier token."""
        if self.pending is not None and self.pending_position != self.position:
            return self.pending
        return error

    def end_of(self, error: SqlError) -> int:
        """Where SQLite's parser stops reading for an error: behind the token that it saw last."""
        position = self.pending_position if error is self.pending else self.position
        if self.kinds[position] == T_ILLEGAL:
            return self.starts[position]
        return self.lexer.ends[position]

    def expect(self, kind: int) -> None:
        """Consume a token that must be of this kind."""
        if self.kind != kind:
            raise self.unexpected()
        self.advance()

    def accept(self, kind: int) -> bool:
        """Consume the current token if it is of this kind; whether it was."""
        if self.kind == kind:
            self.advance()
            return True
        return False

    def open_construct(self, weight: int) -> None:
        """Count a construct as open; the caller takes the weight off `depth` again."""
        self.depth += weight
        if self.depth > self.limits.parser_depth and self.depth > FIRST_STACK:
            raise self.fail("Recursion limit")

    def check_height(self, height: int) -> None:
        """Refuse an expression tree that is too high."""
        if height > self.limits.expression_depth:
            raise self.fail(f"Expression tree is too large (maximum depth {self.limits.expression_depth})")

    def parse_name(self) -> str:
        """A name where only a name can stand; strings in single quotes pass."""
        if not IS_NAME[self.kind]:
            raise self.unexpected()
        text = dequote(self.token_text())
        self.advance()
        return text

    def parse_head_name(self, token: str) -> str:
        """A name whose place errors tell."""
        name = self.parse_name()
        position = self.position - 1
        self.parts.head_tokens[token] = self.starts[position], self.lexer.ends[position]
        return name

    def parse_qualified_head_name(self) -> tuple[str | None, str]:
        """`[schema.]name` whose places errors tell."""
        name = self.parse_head_name("name")
        if self.kind != T_DOT:
            return None, name
        self.parts.head_tokens["schema"] = self.parts.head_tokens["name"]
        self.advance()
        return name, self.parse_head_name("name")

    def note_head(self, head: AstStatement) -> None:
        """What SQLite looks up when it sees the current token, before it reads on."""
        head.parts = self.parts
        self.head = head
        if self.parts.head_end < 0:
            self.parts.head_end = self.lexer.ends[self.position]

    def parse_word(self) -> str:
        """A name or string that is not one of the JOIN words (a collation, a word of a type)."""
        if not IS_ALIAS[self.kind]:
            raise self.unexpected()
        text = dequote(self.token_text())
        self.advance()
        return text

    def parse_qualified_name(self) -> tuple[str | None, str]:
        """`[schema.]name`."""
        name = self.parse_name()
        if self.kind == T_DOT:
            self.advance()
            return name, self.parse_name()
        return None, name

    def parse_names_in_parentheses(self) -> tuple[str, ...]:
        """`(name, name, ...)`."""
        self.expect(T_LEFT)
        names = [self.parse_name()]
        while self.accept(T_COMMA):
            names.append(self.parse_name())
        self.expect(T_RIGHT)
        return tuple(names)
