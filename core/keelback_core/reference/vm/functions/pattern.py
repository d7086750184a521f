"""LIKE and GLOB.

A pattern is compiled to segments between its wildcards for "any run": a list of items, each a literal character, ANY
(one character) or a character set. The first segment is bound to the start, the last to the end, the others are
found from the left: that is enough, since segments have a fixed length.

1. Both texts end at their first NUL character. LIKE folds A-Z only. A BLOB operand never matches.
2. A pattern that cannot match anything (an escape character or an open set at its end) compiles to None.

Spec: https://sqlite.org/lang_expr.html#like. Twin: core/kernel/vm/functions/pattern.
"""

from __future__ import annotations

from keelback_core.value.cast import to_text
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR
from keelback_core.value.text_bytes import bytes_of_text, has_escapes, split_characters

from .text import first_code_point

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

    from .context import FunctionContext, ScalarTable

_REMEMBERED_PATTERNS = 64


class CharacterSet:
    """GLOB's [...]: single characters and ranges, perhaps inverted."""

    __slots__ = ("is_inverted", "ranges", "singles")

    def __init__(self, singles: frozenset[str], ranges: tuple[tuple[str, str], ...], is_inverted: bool) -> None:
        self.singles = singles
        self.ranges = ranges
        self.is_inverted = is_inverted

    def contains(self, character: str) -> bool:
        """Whether the character matches the set."""
        found = character in self.singles or any(low <= character <= high for low, high in self.ranges)
        return found != self.is_inverted


class Segment:
    """Characters of fixed number: as a plain literal, or as items where wildcards are among them."""

    __slots__ = ("items", "literal", "size")

    def __init__(self, items: list[str | CharacterSet | None]) -> None:
        self.items = items
        self.size = len(items)
        plain = [item for item in items if isinstance(item, str)]
        self.literal = "".join(plain) if len(plain) == len(items) else None

    def matches_at(self, text: str, position: int) -> bool:
        """Whether the segment is at that place; the text is long enough there."""
        if self.literal is not None:
            return text.startswith(self.literal, position)
        for item in self.items:
            if isinstance(item, str):
                if text[position] != item:
                    return False
            elif item is not None and not item.contains(text[position]):
                return False
            position += 1
        return True

    def find(self, text: str, start: int, end: int) -> int:
        """The first place from `start` where the segment is and ends by `end`; -1 if there is none."""
        if self.literal is not None:
            return text.find(self.literal, start, end)
        for position in range(start, end - self.size + 1):
            if self.matches_at(text, position):
                return position
        return -1


def _read_set(pattern: str, position: int) -> tuple[CharacterSet | None, int]:
    """The set that begins after its '['; None if it is not closed."""
    size = len(pattern)
    singles: list[str] = []
    ranges: list[tuple[str, str]] = []
    is_inverted = position < size and pattern[position] == "^"
    if is_inverted:
        position += 1
    if position < size and pattern[position] == "]":
        singles.append("]")
        position += 1
    previous = ""
    while position < size and pattern[position] != "]":
        character = pattern[position]
        if character == "-" and previous and position + 1 < size and pattern[position + 1] != "]":
            position += 1
            ranges.append((previous, pattern[position]))
            previous = ""
        else:
            singles.append(character)
            previous = character
        position += 1
    if position >= size:
        return None, position
    return CharacterSet(frozenset(singles), tuple(ranges), is_inverted), position + 1


def compile_like(pattern: str, escape: str) -> list[Segment] | None:
    """LIKE's pattern, already folded, to segments. escape: one character or ''."""
    segments: list[Segment] = []
    items: list[str | CharacterSet | None] = []
    position = 0
    while position < len(pattern):
        character = pattern[position]
        position += 1
        if character == escape:
            if position == len(pattern):
                return None
            items.append(pattern[position])
            position += 1
        elif character == "%":
            segments.append(Segment(items))
            items = []
        else:
            items.append(None if character == "_" else character)
    segments.append(Segment(items))
    return segments


def compile_glob(pattern: str) -> list[Segment] | None:
    """GLOB's pattern to segments."""
    segments: list[Segment] = []
    items: list[str | CharacterSet | None] = []
    position = 0
    while position < len(pattern):
        character = pattern[position]
        position += 1
        if character == "*":
            segments.append(Segment(items))
            items = []
        elif character == "[":
            character_set, position = _read_set(pattern, position)
            if character_set is None:
                return None
            items.append(character_set)
        else:
            items.append(None if character == "?" else character)
    segments.append(Segment(items))
    return segments


def match_segments(segments: list[Segment] | None, text: str) -> bool:
    """Whether the whole text is the segments with anything between them."""
    if segments is None:
        return False
    size = len(text)
    first = segments[0]
    if len(segments) == 1:
        return first.size == size and first.matches_at(text, 0)
    last = segments[-1]
    end = size - last.size
    if first.size > end or not first.matches_at(text, 0) or not last.matches_at(text, end):
        return False
    position = first.size
    for segment in segments[1:-1]:
        if not segment.size:
            continue
        position = segment.find(text, position, end)
        if position < 0:
            return False
        position += segment.size
    return True


def _readable(text: str) -> str:
    """The text up to NUL, one code point a character also where the bytes are no valid UTF-8."""
    text = text.partition("\0")[0] if "\0" in text else text
    if not has_escapes(text):
        return text
    codes = [first_code_point(character) for character in split_characters(bytes_of_text(text))]
    return "".join([chr(code) if code <= 0x10FFFF else "\ufffd" for code in codes])


def fold_ascii(text: str) -> str:
    """A-Z to a-z and nothing else."""
    if text.isascii():
        return text.lower()
    return text.encode("utf-8").lower().decode("utf-8")


_like_patterns: dict[tuple[str, str, bool], list[Segment] | None] = {}
_glob_patterns: dict[str, list[Segment] | None] = {}


def like_matches(pattern: str, text: str, escape: str = "", is_case_sensitive: bool = False) -> bool:
    """Whether the text is LIKE the pattern. escape: one character, or '' for none."""
    key = (pattern, escape, is_case_sensitive)
    segments = _like_patterns.get(key)
    if segments is None and key not in _like_patterns:
        readable = _readable(pattern)
        segments = _compile_folded(readable, escape, is_case_sensitive)
        if len(_like_patterns) >= _REMEMBERED_PATTERNS:
            _like_patterns.clear()
        _like_patterns[key] = segments
    text = _readable(text)
    return match_segments(segments, text if is_case_sensitive else fold_ascii(text))


def _compile_folded(pattern: str, escape: str, is_case_sensitive: bool) -> list[Segment] | None:
    segments = compile_like(pattern, escape)
    if segments is None or is_case_sensitive:
        return segments
    # Folding comes after the escape character was recognised, which is compared as it is.
    return [Segment([fold_ascii(item) if isinstance(item, str) else item for item in s.items]) for s in segments]


def glob_matches(pattern: str, text: str) -> bool:
    """Whether the text matches the GLOB pattern."""
    segments = _glob_patterns.get(pattern)
    if segments is None and pattern not in _glob_patterns:
        segments = compile_glob(_readable(pattern))
        if len(_glob_patterns) >= _REMEMBERED_PATTERNS:
            _glob_patterns.clear()
        _glob_patterns[pattern] = segments
    return match_segments(segments, _readable(text))


def _check_pattern(context: FunctionContext, pattern: Value) -> None:
    text = to_text(pattern)
    limit = context.host.limit_pattern_length
    if text is not None and len(text) * 4 > limit and len(bytes_of_text(text)) > limit:
        raise SqlError(ERROR, "LIKE or GLOB pattern too complex")


def _escape_of(arguments: list[Value]) -> str | None:
    """The escape character of like(p, t, e), '' if there is none; None if it is NULL."""
    if len(arguments) < 3:
        return ""
    text = to_text(arguments[2])
    if text is None:
        return None
    readable = _readable(text)
    if len(readable) != 1:
        raise SqlError(ERROR, "ESCAPE expression must be a single character")
    return readable


def _like(context: FunctionContext, arguments: list[Value], is_case_sensitive: bool) -> Value:
    pattern, text = arguments[0], arguments[1]
    if isinstance(pattern, bytes) or isinstance(text, bytes):
        return 0
    _check_pattern(context, pattern)
    escape = _escape_of(arguments)
    if escape is None or pattern is None or text is None:
        return None
    return int(like_matches(to_text(pattern) or "", to_text(text) or "", escape, is_case_sensitive))


def like(context: FunctionContext, arguments: list[Value]) -> Value:
    """like(pattern, text[, escape]): text LIKE pattern ESCAPE escape."""
    return _like(context, arguments, False)


def like_case_sensitive(context: FunctionContext, arguments: list[Value]) -> Value:
    """What like() is under PRAGMA case_sensitive_like."""
    return _like(context, arguments, True)


def glob(context: FunctionContext, arguments: list[Value]) -> Value:
    """glob(pattern, text): text GLOB pattern."""
    pattern, text = arguments
    if isinstance(pattern, bytes) or isinstance(text, bytes):
        return 0
    _check_pattern(context, pattern)
    if pattern is None or text is None:
        return None
    return int(glob_matches(to_text(pattern) or "", to_text(text) or ""))


def match(context: FunctionContext, arguments: list[Value]) -> Value:
    """match(pattern, text): MATCH, which only a virtual table gives a meaning."""
    raise SqlError(ERROR, "unable to use function MATCH in the requested context")


SCALARS: ScalarTable = {
    ("like", 2): like,
    ("like", 3): like,
    ("glob", 2): glob,
    ("match", 2): match,
}
