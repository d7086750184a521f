"""Functions of text: length, case, pieces, trimming, searching, joining.

1. Where SQLite's functions see a NUL-terminated text (length, substr, unicode), a NUL character ends it here too;
   where they see its bytes (lower, trim, replace, instr, concat), it does not.
2. Texts without escapes go by `str` methods; texts with bytes that are no valid UTF-8 go by bytes and
   `split_characters`. Results are canonical.

Spec: https://sqlite.org/lang_corefunc.html. Twin: core/kernel/vm/functions/text.
"""

from __future__ import annotations

from keelback_core.value.cast import to_blob, to_integer, to_text
from keelback_core.value.numeric_text import LARGEST_INTEGER
from keelback_core.value.text_bytes import bytes_of_text, canonical, has_escapes, split_characters, text_of_bytes

from .context import too_big

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

    from .context import FunctionContext, ScalarFunction, ScalarTable


def _byte_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


def length(context: FunctionContext, arguments: list[Value]) -> Value:
    """length(x): characters of a text up to the first NUL, bytes of a BLOB, characters of a number's text."""
    value = arguments[0]
    if value is None:
        return None
    if isinstance(value, bytes):
        return len(value)
    text = to_text(value) or ""
    if "\0" in text:
        text = text.partition("\0")[0]
    if has_escapes(text):
        return len(split_characters(bytes_of_text(text), 0x80))
    return len(text)


def octet_length(context: FunctionContext, arguments: list[Value]) -> Value:
    """octet_length(x): bytes of the value as text, or of the BLOB."""
    value = to_blob(arguments[0])
    return None if value is None else len(value)


def lower(context: FunctionContext, arguments: list[Value]) -> Value:
    """lower(x): A-Z folded, nothing else."""
    text = to_text(arguments[0])
    if text is None:
        return None
    return text.lower() if text.isascii() else text_of_bytes(bytes_of_text(text).lower())


def upper(context: FunctionContext, arguments: list[Value]) -> Value:
    """upper(x): a-z folded, nothing else."""
    text = to_text(arguments[0])
    if text is None:
        return None
    return text.upper() if text.isascii() else text_of_bytes(bytes_of_text(text).upper())


def _slice_bounds(start: int, count: int, size: int) -> tuple[int, int]:
    """SQL's 1-based start (negative: from the end) and count (negative: before it) as a Python slice."""
    if start < 0:
        start += size
        if start < 0:
            count = 0 if count < 0 else count + start
            start = 0
    elif start > 0:
        start -= 1
    elif count > 0:
        count -= 1
    if count < 0:
        count = start if start < -count else -count
        start -= count
    return start, start + max(count, 0)


def substr(context: FunctionContext, arguments: list[Value]) -> Value:
    """substr(x, start[, count]): characters of a text, bytes of a BLOB; NULL for an empty BLOB, as SQLite has it."""
    value = arguments[0]
    if value is None or any(argument is None for argument in arguments):
        return None
    start = to_integer(arguments[1])
    count = to_integer(arguments[2]) if len(arguments) == 3 else LARGEST_INTEGER
    if isinstance(value, bytes):
        if not value:
            return None
        first, last = _slice_bounds(start, count, len(value))
        return value[first:last]
    text = to_text(value) or ""
    if "\0" in text:
        text = text.partition("\0")[0]
    if has_escapes(text):
        data = bytes_of_text(text)
        characters = split_characters(data, 0x80)
        first, last = _slice_bounds(start, count, len(split_characters(data)))
        return text_of_bytes(b"".join(characters[first:last]))
    first, last = _slice_bounds(start, count, len(text))
    return text[first:last]


def _trim_bytes(data: bytes, characters: list[bytes], left: bool, right: bool) -> bytes:
    start = 0
    end = len(data)
    while left:
        for character in characters:
            if start + len(character) <= end and data.startswith(character, start):
                start += len(character)
                break
        else:
            break
    while right:
        for character in characters:
            if end - len(character) >= start and data.endswith(character, start, end):
                end -= len(character)
                break
        else:
            break
    return data[start:end]


def _make_trim(left: bool, right: bool) -> ScalarFunction:
    def trim(context: FunctionContext, arguments: list[Value]) -> Value:
        text = to_text(arguments[0])
        characters = to_text(arguments[1]) if len(arguments) == 2 else " "
        if text is None or characters is None:
            return None
        characters = characters.partition("\0")[0]
        if not characters:
            return str(text)
        if has_escapes(text) or has_escapes(characters):
            pieces = split_characters(bytes_of_text(characters))
            return text_of_bytes(_trim_bytes(bytes_of_text(text), pieces, left, right))
        if left:
            text = text.lstrip(characters)
        return text.rstrip(characters) if right else text

    return trim


def replace(context: FunctionContext, arguments: list[Value]) -> Value:
    """replace(x, old, new): every `old` from the left replaced; an empty `old` changes nothing."""
    text = to_text(arguments[0])
    old = to_text(arguments[1])
    new = to_text(arguments[2])
    if text is None or old is None:
        return None
    if not old or old[0] == "\0":
        return str(text)
    if new is None:
        return None
    limit = context.host.limit_length
    if len(new) > len(old) and _byte_length(text) + text.count(old) * (_byte_length(new) - _byte_length(old)) > limit:
        raise too_big()
    if has_escapes(text) or has_escapes(old):
        return text_of_bytes(bytes_of_text(text).replace(bytes_of_text(old), bytes_of_text(new)))
    return canonical(text.replace(old, new))


def _find_character(haystack: bytes, needle: bytes) -> int:
    """The 1-based character of the haystack at which the needle's bytes begin, 0 if nowhere."""
    number = 1
    position = 0
    size = len(haystack)
    while position + len(needle) <= size:
        if haystack.startswith(needle, position):
            return number
        position += 1
        while position < size and haystack[position] & 0xC0 == 0x80:
            position += 1
        number += 1
    return 0


def instr(context: FunctionContext, arguments: list[Value]) -> Value:
    """instr(x, y): where y begins in x, from 1; 0 if nowhere. Bytes if both are BLOBs, else characters."""
    haystack, needle = arguments
    if haystack is None or needle is None:
        return None
    if isinstance(haystack, bytes) and isinstance(needle, bytes):
        return haystack.find(needle) + 1
    haystack_text = to_text(haystack) or ""
    needle_text = to_text(needle) or ""
    if has_escapes(haystack_text) or has_escapes(needle_text):
        return _find_character(bytes_of_text(haystack_text), bytes_of_text(needle_text))
    return haystack_text.find(needle_text) + 1


def char(context: FunctionContext, arguments: list[Value]) -> Value:
    """char(code, ...): the characters of these code points; U+FFFD for what is none."""
    data = bytearray()
    for argument in arguments:
        code = to_integer(argument)
        if code < 0 or code > 0x10FFFF:
            code = 0xFFFD
        # A surrogate is written as its three bytes, as SQLite does, although they are no valid UTF-8.
        data += chr(code).encode("utf-8", "surrogatepass")
    return text_of_bytes(bytes(data))


def first_code_point(data: bytes) -> int:
    """The code point that the bytes begin with, read as leniently as SQLite reads it."""
    code = data[0]
    if code < 0xC0:
        return code
    code &= 0x1F if code < 0xE0 else 0x0F if code < 0xF0 else 0x07 if code < 0xF8 else 0x03 if code < 0xFC else 0x01
    if data[0] >= 0xFE:
        code = 0
    for byte in data[1:]:
        if byte & 0xC0 != 0x80:
            break
        code = (code << 6 | byte & 0x3F) & 0xFFFFFFFF
    if code < 0x80 or 0xD800 <= code <= 0xDFFF:
        return 0xFFFD
    return code


def unicode(context: FunctionContext, arguments: list[Value]) -> Value:
    """unicode(x): the code point of the first character; NULL for an empty text."""
    text = to_text(arguments[0])
    if not text or text[0] == "\0":
        return None
    return first_code_point(bytes_of_text(text))


def concat(context: FunctionContext, arguments: list[Value]) -> Value:
    """concat(x, ...): all texts joined, NULLs left out."""
    return _join("", arguments, context)


def concat_ws(context: FunctionContext, arguments: list[Value]) -> Value:
    """concat_ws(separator, x, ...): all texts joined by the separator, NULLs left out."""
    separator = to_text(arguments[0])
    return None if separator is None else _join(separator, arguments[1:], context)


def _join(separator: str, values: list[Value], context: FunctionContext) -> str:
    pieces = []
    for value in values:
        piece = to_text(value)
        if piece is not None:
            pieces.append(piece)
    joined = canonical(separator.join(pieces))
    if _byte_length(joined) > context.host.limit_length:
        raise too_big()
    return joined


_trim_left = _make_trim(True, False)
_trim_right = _make_trim(False, True)
_trim_both = _make_trim(True, True)

SCALARS: ScalarTable = {
    ("length", 1): length,
    ("octet_length", 1): octet_length,
    ("lower", 1): lower,
    ("upper", 1): upper,
    ("substr", 2): substr,
    ("substr", 3): substr,
    ("substring", 2): substr,
    ("substring", 3): substr,
    ("ltrim", 1): _trim_left,
    ("ltrim", 2): _trim_left,
    ("rtrim", 1): _trim_right,
    ("rtrim", 2): _trim_right,
    ("trim", 1): _trim_both,
    ("trim", 2): _trim_both,
    ("replace", 3): replace,
    ("instr", 2): instr,
    ("char", -1): char,
    ("unicode", 1): unicode,
    ("concat", -1): concat,
    ("concat_ws", -1): concat_ws,
}
