"""The text of a statement with the bound values in the place of its parameters.

Source: https://sqlite.org/c3ref/expanded_sql.html
"""

from __future__ import annotations

from keelback_core.compiler.sql.lexer import Lexer
from keelback_core.compiler.sql.tokens import T_VARIABLE
from keelback_core.value.pointer import PointerNull
from keelback_core.value.quote import quote_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.value import Value


def literal_text(value: Value | PointerNull) -> str:
    """A value as expanded SQL shows it."""
    if isinstance(value, PointerNull):
        value = None
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, float):
        text = f"{value:.15g}"
        if "n" in text:
            return text.replace("inf", "Inf")
        return text if "." in text else text.replace("e", ".0e") if "e" in text else text + ".0"
    return quote_value(value)


def expanded_text(text: str, names: Sequence[str | None], values: Sequence[Value]) -> str:
    """`text` with its parameters replaced; names: the spelling of each parameter, None for a bare `?` or a gap."""
    if not values:
        return text
    parts = []
    done = 0
    following = 0
    lexer = Lexer(text, 0)
    lexer.lex_statement()
    for kind, start, end in zip(lexer.kinds, lexer.starts, lexer.ends, strict=True):
        if kind != T_VARIABLE:
            continue
        name = text[start:end]
        if name == "?":
            number = following
        elif name[0] == "?":
            number = int(name[1:]) - 1
        else:
            number = names.index(name) if name in names else following
        following = max(following, number + 1)
        parts.append(text[done:start])
        parts.append(literal_text(values[number]) if number < len(values) else name)
        done = end
    parts.append(text[done:])
    return "".join(parts)
