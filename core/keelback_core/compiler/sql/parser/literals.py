"""Number literals: spelling to value. Reals are read as SQLite reads them, which is not always the nearest double.

Must not know: signs, which are operators.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.expressions import AstLiteral
from keelback_core.compiler.sql.lexer import DIGITS, HEX_DIGITS
from keelback_core.value.numeric_text import prefix_to_real

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

LARGEST_INTEGER: Final = 9223372036854775807


def is_separated_well(text: str) -> bool:
    """Whether every `_` of a number stands between two digits."""
    digits = HEX_DIGITS if text[:2] in ("0x", "0X") else DIGITS
    for index in range(len(text)):
        if text[index] == "_" and (
            index + 1 >= len(text) or text[index - 1] not in digits or text[index + 1] not in digits
        ):
            return False
    return True


def number_literal(text: str, start: int, end: int) -> AstLiteral:
    """The literal of a number without separators."""
    if text[:2] in ("0x", "0X"):
        significant = text[2:].lstrip("0")
        if len(significant) > 16:
            return AstLiteral("big_hex", None, text, start, end)
        value = int(significant, 16) if significant else 0
        return AstLiteral("integer", value - (1 << 64) if value > LARGEST_INTEGER else value, text, start, end)
    if text.isdigit():
        digits = text.lstrip("0")
        if len(digits) <= 19:
            value = int(digits) if digits else 0
            if value <= LARGEST_INTEGER:
                return AstLiteral("integer", value, text, start, end)
        return AstLiteral("big_integer", prefix_to_real(text), text, start, end)
    return AstLiteral("float", prefix_to_real(text), text, start, end)
