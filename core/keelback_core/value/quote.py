"""Values as SQL literals, as the quote() function and the conformance suite write them.

A text ends at its first NUL character. Twin: core/kernel/value/quote. Spec: https://sqlite.org/lang_corefunc.html#quote.
"""

from __future__ import annotations

from .numeric_text import real_to_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import Value


def quote_value(value: Value) -> str:
    """The literal: NULL, 1, 1.5, 9.0e+999 for infinity, 'it''s', X'00FF'."""
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'" + value.partition("\0")[0].replace("'", "''") + "'"
    if isinstance(value, float):
        text = real_to_text(value)
        return text.replace("Inf", "9.0e+999")
    if isinstance(value, int):
        return str(value)
    return "X'" + value.hex().upper() + "'"
