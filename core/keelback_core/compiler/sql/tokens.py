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

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

T_END: Final = 0
T_ILLEGAL: Final = 1
T_IDENTIFIER: Final = 2
T_STRING: Final = 3
T_INTEGER: Final = 4
T_FLOAT: Final = 5
T_BLOB: Final = 6
T_SEPARATED_NUMBER: Final = 7
T_VARIABLE: Final = 8
T_SEMICOLON: Final = 9
T_LEFT: Final = 10
T_RIGHT: Final = 11
T_COMMA: Final = 12
T_DOT: Final = 13
T_STAR: Final = 14
T_PLUS: Final = 15
T_MINUS: Final = 16
T_SLASH: Final = 17
T_PERCENT: Final = 18
T_EQUAL: Final = 19
T_NOT_EQUAL: Final = 20
T_LESS: Final = 21
T_LESS_EQUAL: Final = 22
T_GREATER: Final = 23
T_GREATER_EQUAL: Final = 24
T_SHIFT_LEFT: Final = 25
T_SHIFT_RIGHT: Final = 26
T_AMPERSAND: Final = 27
T_PIPE: Final = 28
T_CONCAT: Final = 29
T_TILDE: Final = 30
T_ARROW: Final = 31

KIND_COUNT: Final = 256


def _flags(kinds: tuple[int, ...]) -> list[bool]:
    flags = [False] * KIND_COUNT
    for kind in kinds:
        flags[kind] = True
    return flags


IS_IDENTIFIER: Final = _flags((T_IDENTIFIER, *FALLBACK_KEYWORDS))
IS_ALIAS: Final = _flags((T_IDENTIFIER, T_STRING, *FALLBACK_KEYWORDS))
IS_JOIN_WORD: Final = _flags(JOIN_KEYWORDS)
IS_OPERAND_NAME: Final = _flags((T_IDENTIFIER, K_INDEXED, *JOIN_KEYWORDS, *FALLBACK_KEYWORDS))
IS_NAME: Final = _flags((T_IDENTIFIER, T_STRING, K_INDEXED, *JOIN_KEYWORDS, *FALLBACK_KEYWORDS))
IS_NUMBER: Final = _flags((T_INTEGER, T_FLOAT, T_SEPARATED_NUMBER))
IS_CONTEXT_NAME: Final = _flags((T_IDENTIFIER, T_STRING, K_OVER, K_WINDOW, *JOIN_KEYWORDS, *FALLBACK_KEYWORDS))
