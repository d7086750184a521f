"""LIKE and GLOB with a literal beginning: the range in which all that matches lies.

`x LIKE 'ab%'` holds only where x is between 'AB' and 'ac' under NOCASE, `x GLOB 'ab*'` where it is between 'ab' and
'ac', as is LIKE under PRAGMA case_sensitive_like. Where a wildcard for any text is all that follows the beginning, the
range says all.

Source: https://sqlite.org/optoverview.html#the_like_optimization. Must not know: indexes.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundBinary, BoundCollate, BoundColumn, BoundLiteral
from keelback_core.compiler.bind.types import expression_affinity
from keelback_core.value.numeric_text import text_to_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundFunction

LAST_BEFORE_LETTERS: Final = "@"


class LikeRange:
    """low and high: the comparisons; is_complete: they say all that the call says."""

    __slots__ = ("low", "high", "is_complete")

    def __init__(self, low: BoundExpression, high: BoundExpression, is_complete: bool) -> None:
        self.low = low
        self.high = high
        self.is_complete = is_complete


def like_range(call: BoundFunction) -> LikeRange | None:
    """The range of a LIKE or GLOB, None for other calls and where nothing is known."""
    name = call.signature.name.lower()
    is_known = call.signature.is_built_in or call.signature.is_like_of_case
    if name not in ("like", "glob") or not is_known or len(call.arguments) < 2:
        return None
    operand = call.arguments[1]
    pattern = call.arguments[0]
    if not isinstance(pattern, BoundLiteral) or isinstance(operand, BoundLiteral):
        return None
    text = pattern.value
    escape = ""
    if len(call.arguments) > 2:
        given = call.arguments[2]
        value = given.value if isinstance(given, BoundLiteral) else None
        if not isinstance(value, str) or len(value) != 1 or value in "%_":
            return None
        escape = value
    if not isinstance(text, str):
        return None
    any_text, others = ("*", "?[") if name == "glob" else ("%", "_")
    start, rest = _fixed_start(text, any_text + others, escape)
    if not start or not start.isascii() or "\0" in start:
        return None
    is_text = isinstance(operand, BoundColumn) and expression_affinity(operand) == "B"
    if not is_text and _may_look_like_number(start):
        return None
    ignores_case = name == "like" and call.signature.is_built_in
    return _range_of(call, operand, start, rest == any_text, ignores_case)


def _fixed_start(text: str, wildcards: str, escape: str) -> tuple[str, str]:
    """The characters before the first wildcard, and what follows them."""
    start = ""
    position = 0
    while position < len(text) and text[position] not in wildcards:
        if text[position] == escape:
            position += 1
            if position == len(text):
                return "", ""
        start += text[position]
        position += 1
    return start, text[position:]


def _may_look_like_number(start: str) -> bool:
    """Whether a number, which comes before all texts, may have a text between the ends of the range."""
    following = start[:-1] + chr(ord(start[-1]) + 1)
    return start == "-" or text_to_number(start) is not None or text_to_number(following) is not None


def _range_of(
    call: BoundFunction, operand: BoundExpression, start: str, is_complete: bool, ignores_case: bool
) -> LikeRange:
    low = start.upper() if ignores_case else start
    high = start.lower() if ignores_case else start
    if ignores_case and high[-1] == LAST_BEFORE_LETTERS:
        # The next character would be a letter, which the folding of case moves.
        is_complete = False
    last = high[-1].lower() if ignores_case else high[-1]
    high = high[:-1] + chr(ord(last) + 1)
    collated = BoundCollate(operand, "NOCASE" if ignores_case else "BINARY", call.offset)
    return LikeRange(
        BoundBinary(">=", collated, BoundLiteral(low), call.offset),
        BoundBinary("<", collated, BoundLiteral(high), call.offset),
        is_complete,
    )
