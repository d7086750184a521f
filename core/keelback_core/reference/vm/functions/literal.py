"""How values look from outside: typeof, subtype, hex, unhex, quote, unistr, unistr_quote.

Spec: https://sqlite.org/lang_corefunc.html.
"""

from __future__ import annotations

from keelback_core.value.cast import to_blob, to_text
from keelback_core.value.errors import SqlError
from keelback_core.value.quote import quote_value
from keelback_core.value.result_codes import ERROR
from keelback_core.value.text_bytes import bytes_of_text, split_characters, text_of_bytes

from .context import too_big
from .subtype import JSON_SUBTYPE, JsonText
from .text import first_code_point

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

    from .context import FunctionContext, ScalarTable

_HEX_DIGITS = frozenset(b"0123456789abcdefABCDEF")
# What follows the backslash, if it is not a digit itself, and how many hexadecimal digits come then.
_UNISTR_LENGTHS = {"u": 4, "+": 6, "U": 8}


def type_name(value: Value) -> str:
    """The storage class as typeof() names it."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return "text"
    if isinstance(value, float):
        return "real"
    return "integer" if isinstance(value, int) else "blob"


def typeof(context: FunctionContext, arguments: list[Value]) -> Value:
    """typeof(x)."""
    return type_name(arguments[0])


def subtype(context: FunctionContext, arguments: list[Value]) -> Value:
    """subtype(x): 74 for what a JSON function made as text, 0 for all else."""
    return JSON_SUBTYPE if isinstance(arguments[0], JsonText) else 0


def hexadecimal(context: FunctionContext, arguments: list[Value]) -> Value:
    """hex(x): the bytes in upper-case hexadecimal; '' for NULL."""
    data = to_blob(arguments[0]) or b""
    # The NUL behind the text counts.
    if 2 * len(data) + 1 > context.host.limit_length:
        raise too_big()
    return data.hex().upper()


def unhex(context: FunctionContext, arguments: list[Value]) -> Value:
    """unhex(x[, ignored]): the BLOB; NULL if there is anything but pairs of digits with ignored characters between."""
    text = to_text(arguments[0])
    ignored_text = to_text(arguments[1]) if len(arguments) == 2 else ""
    if text is None or ignored_text is None:
        return None
    data = bytes_of_text(text.partition("\0")[0])
    # Compared by code point, so that all bytes that are no character are the same.
    pieces = split_characters(bytes_of_text(ignored_text.partition("\0")[0]))
    ignored = frozenset([first_code_point(piece) for piece in pieces])
    result = bytearray()
    position = 0
    while position < len(data):
        if data[position] in _HEX_DIGITS:
            if position + 1 == len(data) or data[position + 1] not in _HEX_DIGITS:
                return None
            result.append(int(data[position : position + 2], 16))
            position += 2
            continue
        end = position + 1
        if data[position] >= 0xC0:
            while end < len(data) and data[end] & 0xC0 == 0x80:
                end += 1
        if first_code_point(data[position:end]) not in ignored:
            return None
        position = end
    return bytes(result)


def quote(context: FunctionContext, arguments: list[Value]) -> Value:
    """quote(x): the value as an SQL literal."""
    value = arguments[0]
    # The room that SQLite makes for a BLOB's digits is a little more than they take.
    if isinstance(value, bytes) and 2 * len(value) + 5 > context.host.limit_length:
        raise too_big()
    return _checked(quote_value(value), context)


def _checked(text: str, context: FunctionContext) -> str:
    limit = context.host.limit_length
    if len(text) > limit or (not text.isascii() and len(bytes_of_text(text)) > limit):
        raise too_big()
    return text


def unistr(context: FunctionContext, arguments: list[Value]) -> Value:
    r"""unistr(x): \XXXX, \uXXXX, \+XXXXXX, \UXXXXXXXX and \\ replaced. SqlError "invalid Unicode escape"."""
    text = to_text(arguments[0])
    if text is None:
        return None
    result = bytearray()
    position = 0
    while position < len(text):
        backslash = text.find("\\", position)
        if backslash < 0:
            break
        result += bytes_of_text(text[position:backslash])
        kind = text[backslash + 1 : backslash + 2]
        if kind == "\\":
            result += b"\\"
            position = backslash + 2
            continue
        start = backslash + (2 if kind in _UNISTR_LENGTHS else 1)
        count = _UNISTR_LENGTHS.get(kind, 4)
        digits = text[start : start + count]
        if len(digits) != count or any(digit not in "0123456789abcdefABCDEF" for digit in digits):
            raise SqlError(ERROR, "invalid Unicode escape")
        result += encode_code_point(int(digits, 16))
        position = start + count
    result += bytes_of_text(text[position:])
    return text_of_bytes(bytes(result))


def encode_code_point(code: int) -> bytes:
    """One to four bytes of UTF-8 form for any number; what is no character gives bytes that are no valid UTF-8."""
    if code < 0x80:
        return bytes((code,))
    if code < 0x800:
        return bytes((0xC0 | code >> 6, 0x80 | code & 0x3F))
    if code < 0x10000:
        return bytes((0xE0 | code >> 12, 0x80 | code >> 6 & 0x3F, 0x80 | code & 0x3F))
    return bytes((0xF0 | code >> 18 & 0x07, 0x80 | code >> 12 & 0x3F, 0x80 | code >> 6 & 0x3F, 0x80 | code & 0x3F))


def escape_controls(text: str) -> str | None:
    r"""The text with \u00XX for control characters and \\ for backslashes; None if it has no control character."""
    if not any("\x01" <= character <= "\x1f" for character in text):
        return None
    pieces = []
    for character in text:
        if character == "\\":
            pieces.append("\\\\")
        elif "\x01" <= character <= "\x1f":
            pieces.append(f"\\u{ord(character):04x}")
        else:
            pieces.append(character)
    return "".join(pieces)


def unistr_quote(context: FunctionContext, arguments: list[Value]) -> Value:
    """unistr_quote(x): as quote(x), but control characters go through unistr()."""
    literal = quote_value(arguments[0])
    if isinstance(arguments[0], str):
        escaped = escape_controls(literal)
        if escaped is not None:
            literal = f"unistr({escaped})"
    return _checked(literal, context)


SCALARS: ScalarTable = {
    ("typeof", 1): typeof,
    ("subtype", 1): subtype,
    ("hex", 1): hexadecimal,
    ("unhex", 1): unhex,
    ("unhex", 2): unhex,
    ("quote", 1): quote,
    ("unistr", 1): unistr,
    ("unistr_quote", 1): unistr_quote,
}
