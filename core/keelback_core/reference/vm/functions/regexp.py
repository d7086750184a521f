"""regexp and regexpi (behind REGEXP), regexp_like, regexp_substr, regexp_replace.

1. regexp(pattern, text) is as SQLite's extension has it; the others take the text first and find the leftmost match,
   the longest that begins there. The replacement is taken as it is.
2. A compiled pattern stays with the call for as long as the pattern does not change.

Extensions: real SQLite loads the first two. Spec: https://sqlite.org/src/file/ext/misc/regexp.c.
Twin: core/kernel/vm/functions/regexp.
"""

from __future__ import annotations

from keelback_core.value.cast import to_text
from keelback_core.value.text_bytes import bytes_of_text, canonical

from .context import too_big
from .regexp_engine import Pattern, fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

    from .context import FunctionContext, ScalarFunction, ScalarTable


def _compiled(context: FunctionContext, pattern: str, ignores_case: bool = False) -> Pattern:
    kept = context.memory
    if isinstance(kept, tuple) and kept[0] == pattern and isinstance(kept[1], Pattern):
        return kept[1]
    compiled = Pattern(pattern.partition("\0")[0], ignores_case)
    context.memory = (pattern, compiled)
    return compiled


def _make_regexp(ignores_case: bool) -> ScalarFunction:
    def regexp(context: FunctionContext, arguments: list[Value]) -> Value:
        pattern = to_text(arguments[0])
        if pattern is None:
            return None
        compiled = _compiled(context, pattern, ignores_case)
        text = to_text(arguments[1])
        if text is None:
            return None
        return int(compiled.matches(fold(text) if ignores_case else text))

    return regexp


def regexp_like(context: FunctionContext, arguments: list[Value]) -> Value:
    """regexp_like(text, pattern)."""
    text = to_text(arguments[0])
    pattern = to_text(arguments[1])
    if text is None or pattern is None:
        return None
    return int(_compiled(context, pattern).matches(text))


def regexp_substr(context: FunctionContext, arguments: list[Value]) -> Value:
    """regexp_substr(text, pattern): the first match; NULL if there is none."""
    text = to_text(arguments[0])
    pattern = to_text(arguments[1])
    if text is None or pattern is None:
        return None
    found = _compiled(context, pattern).find(text)
    return None if found is None else text[found[0] : found[1]]


def regexp_replace(context: FunctionContext, arguments: list[Value]) -> Value:
    """regexp_replace(text, pattern, replacement): every match replaced."""
    text = to_text(arguments[0])
    pattern = to_text(arguments[1])
    replacement = to_text(arguments[2])
    if text is None or pattern is None or replacement is None:
        return None
    compiled = _compiled(context, pattern)
    pieces = []
    position = 0
    copied = 0
    while position <= len(text):
        found = compiled.find(text, position)
        if found is None:
            break
        pieces += [text[copied : found[0]], replacement]
        copied = found[1]
        position = found[1] if found[1] > found[0] else found[1] + 1
    result = canonical("".join([*pieces, text[copied:]]))
    if len(bytes_of_text(result)) > context.host.limit_length:
        raise too_big()
    return result


SCALARS: ScalarTable = {
    ("regexp", 2): _make_regexp(False),
    ("regexpi", 2): _make_regexp(True),
    ("regexp_like", 2): regexp_like,
    ("regexp_substr", 2): regexp_substr,
    ("regexp_replace", 3): regexp_replace,
}
