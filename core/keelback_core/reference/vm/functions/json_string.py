r"""Strings of JSON: what escapes stand for, labels compared, text put in quotes.

1. An escape that says nothing (a damaged one in JSONB of a user) stands for no character at all.
2. A pair of \u surrogates is one character; a lone one becomes three bytes that are no valid UTF-8.

Works on bytes. Spec: https://sqlite.org/json1.html. Twin: core/kernel/vm/functions/json_string.
"""

from __future__ import annotations

from .json_text import PLAIN_STRING_BYTES
from .literal import encode_code_point

_LETTERS = {98: 8, 102: 12, 110: 10, 114: 13, 116: 9, 118: 11, 39: 39, 34: 34, 47: 47, 92: 92}
_CONTROL_LETTERS = {8: b"\\b", 9: b"\\t", 10: b"\\n", 12: b"\\f", 13: b"\\r"}
_NO_CHARACTER = -1


def hex_value(digits: bytes) -> int:
    """The number that hexadecimal digits spell; other bytes count for what their low bits are, as in SQLite."""
    number = 0
    for byte in digits:
        number = number << 4 | (byte + 9 * (byte >> 6 & 1)) & 0x0F
    return number


def unescape_one(data: bytes, at: int) -> tuple[int, int]:
    """The character that the escape at `at` stands for (-1: none) and where the next one begins."""
    size = len(data)
    if at + 1 >= size:
        return _NO_CHARACTER, size
    byte = data[at + 1]
    if byte in _LETTERS:
        return _LETTERS[byte], at + 2
    if byte == 0x75:
        if at + 6 > size:
            return _NO_CHARACTER, size
        code = hex_value(data[at + 2 : at + 6])
        if code & 0xFC00 == 0xD800 and data[at + 6 : at + 8] == b"\\u" and at + 12 <= size:
            low = hex_value(data[at + 8 : at + 12])
            if low & 0xFC00 == 0xDC00:
                return 0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF), at + 12
        return code, at + 6
    if byte == 0x30:
        return (_NO_CHARACTER if data[at + 2 : at + 3].isdigit() else 0), at + 2
    if byte == 0x78:
        if at + 4 > size:
            return _NO_CHARACTER, size
        return hex_value(data[at + 2 : at + 4]), at + 4
    if byte in b"\r\n\xe2":
        return _continued_line(data, at)
    return _NO_CHARACTER, at + 2


def _continued_line(data: bytes, at: int) -> tuple[int, int]:
    """The character after one or several line continuations."""
    start = at
    while data[at : at + 1] == b"\\":
        if data[at + 1 : at + 3] == b"\r\n":
            at += 3
        elif data[at + 1 : at + 2] in (b"\n", b"\r"):
            at += 2
        elif data[at + 1 : at + 4] in (b"\xe2\x80\xa8", b"\xe2\x80\xa9"):
            at += 4
        else:
            break
    if at == start:
        return _NO_CHARACTER, len(data)
    if at >= len(data):
        return 0, at
    if data[at] == 0x5C:
        return unescape_one(data, at)
    end = at + 1
    while end < len(data) and data[end] & 0xC0 == 0x80:
        end += 1
    return ord(data[at:end].decode("utf-8", "replace")[0]), end


def unescape(data: bytes) -> bytes:
    """The bytes of the text that an escaped string stands for."""
    result = bytearray()
    position = 0
    while True:
        backslash = data.find(b"\\", position)
        if backslash < 0:
            result += data[position:]
            return bytes(result)
        result += data[position:backslash]
        code, position = unescape_one(data, backslash)
        if code >= 0:
            result += encode_code_point(code)


def same_label(left: bytes, left_is_raw: bool, right: bytes, right_is_raw: bool) -> bool:
    """Whether two labels are equal once their escapes are undone."""
    if not left_is_raw:
        left = unescape(left)
    return left == (right if right_is_raw else unescape(right))


def control_escape(byte: int) -> bytes:
    """A control character as JSON writes it."""
    short = _CONTROL_LETTERS.get(byte)
    return b"\\u%04x" % byte if short is None else short


def quote_string(data: bytes) -> bytes:
    """The text as a JSON string."""
    if not data.translate(None, PLAIN_STRING_BYTES):
        return b'"' + data + b'"'
    result = bytearray(b'"')
    for byte in data:
        if byte < 0x20:
            result += control_escape(byte)
        elif byte in b'"\\':
            result.append(0x5C)
            result.append(byte)
        else:
            result.append(byte)
    result += b'"'
    return bytes(result)
