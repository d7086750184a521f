"""Token kinds, and which of them may stand for a name.

1. A kind below 64 is punctuation, a literal or a name; from 64 on it is the keyword of that number in `keywords`.
2. `IS_IDENTIFIER[kind]`: a name anywhere a name is the only possibility (a name, or a keyword that falls back to one).
3. `IS_NAME[kind]`: a name after a word that calls for one (table, column, alias after AS): also INDEXED, the JOIN words
   and a string in single quotes.
4. `IS_CONTEXT_NAME[kind]`: what the lexer takes for a name when it settles WINDOW, OVER and FILTER.
5. `IS_OPERAND_NAME[kind]`: a name at the head of an expression or of a function call: `IS_NAME` without strings.

Must not know: the grammar. Spec: core/spec/keywords.toml.
"""

from __future__ import annotations

from keelback_core.compiler.sql.keywords import FALLBACK_KEYWORDS, JOIN_KEYWORDS, K_INDEXED, K_OVER, K_WINDOW

T_END = 0
T_ILLEGAL = 1
T_IDENTIFIER = 2
T_STRING = 3
T_INTEGER = 4
T_FLOAT = 5
T_BLOB = 6
T_SEPARATED_NUMBER = 7
T_VARIABLE = 8
T_SEMICOLON = 9
T_LEFT = 10
T_RIGHT = 11
T_COMMA = 12
T_DOT = 13
T_STAR = 14
T_PLUS = 15
T_MINUS = 16
T_SLASH = 17
T_PERCENT = 18
T_EQUAL = 19
T_NOT_EQUAL = 20
T_LESS = 21
T_LESS_EQUAL = 22
T_GREATER = 23
T_GREATER_EQUAL = 24
T_SHIFT_LEFT = 25
T_SHIFT_RIGHT = 26
T_AMPERSAND = 27
T_PIPE = 28
T_CONCAT = 29
T_TILDE = 30
T_ARROW = 31

KIND_COUNT = 256


def _flags(kinds: tuple[int, ...]) -> list[bool]:
    flags = [False] * KIND_COUNT
    for kind in kinds:
        flags[kind] = True
    return flags


IS_IDENTIFIER = _flags((T_IDENTIFIER, *FALLBACK_KEYWORDS))
IS_ALIAS = _flags((T_IDENTIFIER, T_STRING, *FALLBACK_KEYWORDS))
IS_JOIN_WORD = _flags(JOIN_KEYWORDS)
IS_OPERAND_NAME = _flags((T_IDENTIFIER, K_INDEXED, *JOIN_KEYWORDS, *FALLBACK_KEYWORDS))
IS_NAME = _flags((T_IDENTIFIER, T_STRING, K_INDEXED, *JOIN_KEYWORDS, *FALLBACK_KEYWORDS))
IS_NUMBER = _flags((T_INTEGER, T_FLOAT, T_SEPARATED_NUMBER))
IS_CONTEXT_NAME = _flags((T_IDENTIFIER, T_STRING, K_OVER, K_WINDOW, *JOIN_KEYWORDS, *FALLBACK_KEYWORDS))
