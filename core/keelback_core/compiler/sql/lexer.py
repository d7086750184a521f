"""The lexer: SQL text to tokens, one statement at a time.

1. Tokens are parallel arrays (`kinds`, `starts`, `ends`): token i is `text[starts[i]:ends[i]]`. No strings are made.
2. `lex_statement` appends tokens up to and including the next `;`, or T_END at the end of the text. A bad token is
   T_ILLEGAL, followed by T_END; the parser reports it when it gets there.
3. WINDOW, OVER and FILTER are keywords only in the company that SQLite asks for; elsewhere they are plain names.
4. A NUL character ends the text, as it does in C.

5. For a text of ASCII the kernel finds the tokens of the first statement (`take_statement`); its twin is
   core/kernel/cache/lexer.

Must not know: the grammar. Spec: core/spec/keywords.toml; https://sqlite.org/lang_expr.html#literal_values_constants_.
"""

from __future__ import annotations

from keelback_core.compiler.sql.keywords import K_AS, K_FILTER, K_OVER, K_WINDOW, KEYWORDS
from keelback_core.compiler.sql.tokens import (
    IS_CONTEXT_NAME,
    T_AMPERSAND,
    T_ARROW,
    T_BLOB,
    T_COMMA,
    T_CONCAT,
    T_DOT,
    T_END,
    T_EQUAL,
    T_FLOAT,
    T_GREATER,
    T_GREATER_EQUAL,
    T_IDENTIFIER,
    T_ILLEGAL,
    T_INTEGER,
    T_LEFT,
    T_LESS,
    T_LESS_EQUAL,
    T_MINUS,
    T_NOT_EQUAL,
    T_PERCENT,
    T_PIPE,
    T_PLUS,
    T_RIGHT,
    T_SEMICOLON,
    T_SEPARATED_NUMBER,
    T_SHIFT_LEFT,
    T_SHIFT_RIGHT,
    T_SLASH,
    T_STAR,
    T_STRING,
    T_TILDE,
    T_VARIABLE,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

SPACES: Final = frozenset(" \t\n\f\r")
DIGITS: Final = frozenset("0123456789")
HEX_DIGITS: Final = frozenset("0123456789abcdefABCDEF")
WORD_STARTS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
WORD_CHARACTERS: Final = WORD_STARTS | DIGITS | frozenset("$")
BYTE_ORDER_MARK: Final = "\ufeff"
# Classes of characters; from CLASS_DOLLAR on they go on with a word.
CLASS_OTHER: Final = 0
CLASS_BLANK: Final = 1
CLASS_SINGLE: Final = 2
CLASS_DOLLAR: Final = 3
CLASS_DIGIT: Final = 4
CLASS_WORD: Final = 5
CLASSIFIED_AT_ONCE: Final = 2048

SINGLE_CHARACTERS: Final = {
    "(": T_LEFT,
    ")": T_RIGHT,
    ",": T_COMMA,
    ";": T_SEMICOLON,
    "+": T_PLUS,
    "*": T_STAR,
    "%": T_PERCENT,
    "&": T_AMPERSAND,
    "~": T_TILDE,
}
LONGER_OPERATORS: Final = {
    "==": T_EQUAL,
    "<=": T_LESS_EQUAL,
    "<>": T_NOT_EQUAL,
    "<<": T_SHIFT_LEFT,
    ">=": T_GREATER_EQUAL,
    ">>": T_SHIFT_RIGHT,
    "!=": T_NOT_EQUAL,
    "||": T_CONCAT,
    "->": T_ARROW,
}
SHORT_OPERATORS: Final = {
    "=": T_EQUAL,
    "<": T_LESS,
    ">": T_GREATER,
    "!": T_ILLEGAL,
    "|": T_PIPE,
    "-": T_MINUS,
    "/": T_SLASH,
    ".": T_DOT,
}


def _class_of(character: str) -> int:
    if character in WORD_STARTS or character >= "\x80":
        return CLASS_WORD
    if character in DIGITS:
        return CLASS_DIGIT
    if character in SINGLE_CHARACTERS:
        return CLASS_SINGLE
    if character in SPACES:
        return CLASS_BLANK
    return CLASS_DOLLAR if character == "$" else CLASS_OTHER


# By the number of the character; 128 stands for all beyond ASCII.
CLASSES: Final = bytes([_class_of(chr(number)) for number in range(256)])


class Lexer:
    """The tokens of a text, grown statement by statement. is_plain: it is known to be of ASCII, without a NUL."""

    __slots__ = ("classes", "ends", "is_plain", "kinds", "limit", "position", "starts", "text")

    def __init__(self, text: str, position: int, is_plain: bool = False) -> None:
        self.text = text
        self.position = position
        self.is_plain = is_plain
        self.limit = len(text)
        if not is_plain:
            end = text.find("\0", position)
            if end >= 0:
                self.limit = end
        self.kinds: list[int] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        # The classes of the first characters of the text; a statement rarely needs those of a whole script.
        self.classes = b""

    def take_statement(self, kinds: list[int], starts: list[int], ends: list[int], has_context_words: bool) -> None:
        """The tokens of the first statement, from the native lexer, which has not settled WINDOW, OVER and FILTER."""
        self.kinds = kinds
        self.starts = starts
        self.ends = ends
        self.position = ends[-1]
        if has_context_words:
            self._settle_context_words(0)

    def lex_statement(self) -> None:
        """Append the tokens up to and including the next semicolon or the end."""
        text = self.text
        limit = self.limit
        position = self.position
        classes = self.classes
        known = len(classes)
        first = len(self.kinds)
        has_context_words = False
        while True:
            if position >= limit:
                self._append(T_END, limit, limit)
                break
            if position >= known:
                classes = self._classify(position)
                known = len(classes)
            found = classes[position]
            if found == CLASS_BLANK:
                position += 1
                continue
            start = position
            if found == CLASS_WORD:
                if text[start] == BYTE_ORDER_MARK:
                    position += 1
                    continue
                while position < known and classes[position] >= CLASS_DOLLAR:
                    position += 1
                    if position == known and known < limit:
                        classes = self._classify(position)
                        known = len(classes)
                if position - start == 1 and text[start] in "xX" and text.startswith("'", position, limit):
                    kind, position = lex_blob(text, start, limit)
                else:
                    word = text[start:position]
                    kind = KEYWORDS.get(word.upper(), T_IDENTIFIER) if word.isascii() else T_IDENTIFIER
                    if kind == K_WINDOW or kind == K_OVER or kind == K_FILTER:
                        has_context_words = True
            elif found == CLASS_SINGLE:
                kind = SINGLE_CHARACTERS[text[start]]
                position += 1
            else:
                position = skip_comment(text, start, limit)
                if position != start:
                    continue
                kind, position = lex_other(text, start, limit)
            self._append(kind, start, position)
            if kind == T_SEMICOLON:
                break
            if kind == T_ILLEGAL:
                self._append(T_END, limit, limit)
                break
        self.position = position
        if has_context_words:
            self._settle_context_words(first)

    def _classify(self, position: int) -> bytes:
        """The classes of at least the characters up to and with the one at `position`."""
        head = self.text[: min(self.limit, 2 * position + CLASSIFIED_AT_ONCE)]
        if head.isascii():
            data = head.encode()
        else:
            data = bytes([ord(character) if character < "\x80" else 0x80 for character in head])
        self.classes = data.translate(CLASSES)
        return self.classes

    def _append(self, kind: int, start: int, end: int) -> None:
        self.kinds.append(kind)
        self.starts.append(start)
        self.ends.append(end)

    def _settle_context_words(self, first: int) -> None:
        """Turn WINDOW, OVER and FILTER into names where what stands around them does not make them keywords.

        Such a word always has a token after it, as a statement ends with a semicolon or T_END.
        """
        kinds = self.kinds
        for index in range(first, len(kinds)):
            kind = kinds[index]
            if kind == K_WINDOW:
                is_keyword = IS_CONTEXT_NAME[kinds[index + 1]] and kinds[index + 2] == K_AS
            elif kind == K_OVER:
                is_keyword = (
                    index > 0
                    and kinds[index - 1] == T_RIGHT
                    and (kinds[index + 1] == T_LEFT or IS_CONTEXT_NAME[kinds[index + 1]])
                )
            elif kind == K_FILTER:
                is_keyword = index > 0 and kinds[index - 1] == T_RIGHT and kinds[index + 1] == T_LEFT
            else:
                continue
            if not is_keyword:
                kinds[index] = T_IDENTIFIER


def skip_comment(text: str, position: int, limit: int) -> int:
    """The position behind the comment that begins here; the same position if none does."""
    if text.startswith("--", position, limit):
        found = text.find("\n", position, limit)
        return limit if found < 0 else found + 1
    if text.startswith("/*", position, limit) and position + 2 < limit:
        found = text.find("*/", position + 3 if text[position + 2] == "/" else position + 2, limit)
        return limit if found < 0 else found + 2
    return position


def lex_other(text: str, start: int, limit: int) -> tuple[int, int]:
    """Kind and end of a token that begins with a digit, a quote, or a character of an operator or variable."""
    character = text[start]
    if character in DIGITS or (character == "." and text[start + 1 : start + 2] in DIGITS and start + 1 < limit):
        return lex_number(text, start, limit)
    if character == "'" or character == '"' or character == "`":
        return lex_quoted(text, start, limit)
    if character == "[":
        found = text.find("]", start, limit)
        return (T_ILLEGAL, limit) if found < 0 else (T_IDENTIFIER, found + 1)
    if character == "?":
        position = start + 1
        while position < limit and text[position] in DIGITS:
            position += 1
        return T_VARIABLE, position
    if character in "$@:#":
        return lex_named_variable(text, start, limit)
    if start + 1 < limit:
        kind = LONGER_OPERATORS.get(text[start : start + 2], T_ILLEGAL)
        if kind == T_ARROW:
            return kind, start + 3 if start + 2 < limit and text[start + 2] == ">" else start + 2
        if kind != T_ILLEGAL:
            return kind, start + 2
    return SHORT_OPERATORS.get(character, T_ILLEGAL), start + 1


def lex_quoted(text: str, start: int, limit: int) -> tuple[int, int]:
    """A string or quoted name; the quote is doubled inside."""
    quote = text[start]
    position = start + 1
    while True:
        found = text.find(quote, position, limit)
        if found < 0:
            return T_ILLEGAL, limit
        position = found + 1
        if position >= limit or text[position] != quote:
            return (T_STRING if quote == "'" else T_IDENTIFIER), position
        position += 1


def lex_blob(text: str, start: int, limit: int) -> tuple[int, int]:
    """A literal x'...'; an odd number of digits or a stranger among them makes it illegal up to the closing quote."""
    position = start + 2
    while position < limit and text[position] in HEX_DIGITS:
        position += 1
    if position < limit and text[position] == "'" and (position - start) % 2 == 0:
        return T_BLOB, position + 1
    found = text.find("'", position, limit)
    return T_ILLEGAL, limit if found < 0 else found + 1


def lex_number(text: str, start: int, limit: int) -> tuple[int, int]:
    """A number; letters that follow it directly make it illegal. The places of `_` are judged by the parser."""
    kind = T_INTEGER
    is_separated = False
    position = start
    digits = DIGITS
    if text[start] == "0" and text[start + 1 : start + 2] in ("x", "X") and text[start + 2 : start + 3] in HEX_DIGITS:
        digits = HEX_DIGITS
        position = start + 2
    while position < limit and (text[position] in digits or text[position] == "_"):
        is_separated = is_separated or text[position] == "_"
        position += 1
    if digits is DIGITS:
        if position < limit and text[position] == ".":
            kind = T_FLOAT
            position += 1
            while position < limit and (text[position] in DIGITS or text[position] == "_"):
                is_separated = is_separated or text[position] == "_"
                position += 1
        if position < limit and text[position] in "eE":
            sign = 1 if position + 1 < limit and text[position + 1] in "+-" else 0
            if position + 1 + sign < limit and text[position + 1 + sign] in DIGITS:
                kind = T_FLOAT
                position += 2 + sign
                while position < limit and (text[position] in DIGITS or text[position] == "_"):
                    is_separated = is_separated or text[position] == "_"
                    position += 1
    if is_separated:
        kind = T_SEPARATED_NUMBER
    while position < limit and (text[position] in WORD_CHARACTERS or text[position] >= "\x80"):
        kind = T_ILLEGAL
        position += 1
    return kind, position


def lex_named_variable(text: str, start: int, limit: int) -> tuple[int, int]:
    """A parameter `$name`, `@name`, `:name` or `#name`, with `::` inside and a suffix in parentheses."""
    position = start + 1
    name_length = 0
    while position < limit:
        character = text[position]
        if character in WORD_CHARACTERS or character >= "\x80":
            name_length += 1
        elif character == "(" and name_length > 0:
            position += 1
            while position < limit and text[position] not in SPACES and text[position] != ")":
                position += 1
            if position < limit and text[position] == ")":
                return T_VARIABLE, position + 1
            return T_ILLEGAL, position
        elif character == ":" and text[position + 1 : position + 2] == ":":
            position += 1
        else:
            break
        position += 1
    return (T_VARIABLE if name_length > 0 else T_ILLEGAL), position
