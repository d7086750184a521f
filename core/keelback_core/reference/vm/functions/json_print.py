"""JSONB to text: JSON as json() prints it, and as json_pretty() does.

1. What is printed is plain JSON: JSON5 numbers and strings are rewritten, everything else keeps its bytes.
2. It goes with a stack of open containers, so no nesting is too deep for Python; SQLite's own limit holds.
3. Damage that is seen on the way is "malformed JSON"; damage inside plain numbers and strings is printed as it is,
   and after null, true and false the next byte counts whatever their header says, as in SQLite.

Spec: https://sqlite.org/jsonb.html. Twin: core/kernel/vm/functions/json_print.
"""

from __future__ import annotations

from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

from .json_binary import (
    ARRAY,
    FALSE,
    INTEGER,
    INTEGER5,
    MAXIMUM_DEPTH,
    NULL,
    OBJECT,
    REAL,
    REAL5,
    TEXT,
    TEXT5,
    TEXT_ESCAPED,
    TEXT_RAW,
    TRUE,
    element_bounds,
)
from .json_string import control_escape, quote_string

_HEX = b"0123456789abcdefABCDEF"
_WORDS = {NULL: b"null", TRUE: b"true", FALSE: b"false"}


def malformed() -> SqlError:
    """The error for what is no JSON."""
    return SqlError(ERROR, "malformed JSON")


def _too_deep() -> SqlError:
    return SqlError(ERROR, "JSON nested too deep")


def _hexadecimal(payload: bytes) -> bytes:
    """A JSON5 integer in decimal."""
    sign = b""
    start = 2
    if payload[0] in b"+-":
        sign = b"-" if payload[0] == 0x2D else b""
        start = 3
    value = 0
    overflows = False
    for byte in payload[start:]:
        if byte not in _HEX:
            raise malformed()
        if value >> 60:
            overflows = True
        else:
            value = value * 16 + int(chr(byte), 16)
    return sign + (b"9.0e999" if overflows else str(value).encode())


def _completed_real(payload: bytes) -> bytes:
    """A JSON5 real with a digit on each side of its point."""
    result = bytearray()
    start = 0
    if payload[0] == 0x2D:
        result.append(0x2D)
        start = 1
    if payload[start : start + 1] == b".":
        result.append(0x30)
    for position in range(start, len(payload)):
        result.append(payload[position])
        if payload[position] == 0x2E and not payload[position + 1 : position + 2].isdigit():
            result.append(0x30)
    return bytes(result)


def _rewritten_string(payload: bytes) -> bytes:
    """A JSON5 string as a JSON string."""
    result = bytearray(b'"')
    position = 0
    size = len(payload)
    while position < size:
        byte = payload[position]
        if byte == 0x22:
            result += b'\\"'
        elif byte < 0x20:
            result += control_escape(byte)
        elif byte == 0x5C:
            position = _rewrite_escape(payload, position, result)
            continue
        else:
            result.append(byte)
        position += 1
    result += b'"'
    return bytes(result)


def _rewrite_escape(payload: bytes, at: int, result: bytearray) -> int:
    """One escape of JSON5 in JSON's form; where the next character begins."""
    left = len(payload) - at
    if left < 2:
        raise malformed()
    byte = payload[at + 1]
    if byte == 0x27:
        result.append(0x27)
    elif byte == 0x76:
        result += b"\\u000b"
    elif byte == 0x78:
        if left < 4:
            raise malformed()
        result += b"\\u00" + payload[at + 2 : at + 4]
        return at + 4
    elif byte == 0x30:
        result += b"\\u0000"
    elif byte == 0x0D:
        return at + 3 if payload[at + 2 : at + 3] == b"\n" else at + 2
    elif byte == 0xE2:
        if payload[at + 2 : at + 4] not in (b"\x80\xa8", b"\x80\xa9"):
            raise malformed()
        return at + 4
    elif byte != 0x0A:
        result += payload[at : at + 2]
    return at + 2


def print_scalar(kind: int, payload: bytes) -> bytes:
    """A scalar element as text."""
    if kind in _WORDS:
        return _WORDS[kind]
    if kind == TEXT or kind == TEXT_ESCAPED:
        return b'"' + payload + b'"'
    if kind == TEXT_RAW:
        return quote_string(payload)
    if kind == TEXT5:
        return _rewritten_string(payload)
    if not payload:
        raise malformed()
    if kind == INTEGER or kind == REAL:
        return payload
    if kind == INTEGER5:
        return _hexadecimal(payload)
    if kind == REAL5:
        return _completed_real(payload)
    raise malformed()


class _Open:
    """A container being printed."""

    __slots__ = ("count", "end", "kind", "size")

    def __init__(self, kind: int, size: int, end: int) -> None:
        self.kind = kind
        self.size = size
        self.end = end
        self.count = 0


def print_json(data: bytes | bytearray, at: int = 0) -> bytes:
    """The element at `at` as JSON without white space. SqlError "malformed JSON", "JSON nested too deep"."""
    output: list[bytes] = []
    stack: list[_Open] = []
    position = at
    while True:
        start, end = element_bounds(data, position)
        if not start:
            raise malformed()
        kind = data[position] & 0x0F
        if kind >= ARRAY:
            if kind > OBJECT:
                raise malformed()
            if len(stack) >= MAXIMUM_DEPTH:
                raise _too_deep()
            output.append(b"[" if kind == ARRAY else b"{")
            stack.append(_Open(kind, end - start, end))
            position = start
        else:
            output.append(print_scalar(kind, bytes(data[start:end])))
            position = end if kind > FALSE else position + 1
            if not stack:
                return output[0]
            stack[-1].count += 1
        while stack and position >= stack[-1].end:
            closed = stack.pop()
            if position > closed.end or (closed.kind == OBJECT and closed.count & 1):
                raise malformed()
            output.append(b"]" if closed.kind == ARRAY else b"}")
            if not stack:
                return b"".join(output)
            stack[-1].count += 1
        if stack[-1].count:
            output.append(b":" if stack[-1].kind == OBJECT and stack[-1].count & 1 else b",")


def print_pretty(data: bytes | bytearray, indent: bytes) -> bytes:
    """The whole JSONB over several lines, each level indented once more."""
    output: list[bytes] = []
    stack: list[_Open] = []
    position = 0
    while True:
        start, end = element_bounds(data, position)
        if not start:
            raise malformed()
        kind = data[position] & 0x0F
        if kind > OBJECT:
            raise malformed()
        if kind >= ARRAY and start < end:
            if len(stack) >= MAXIMUM_DEPTH:
                raise _too_deep()
            output.append(b"[\n" if kind == ARRAY else b"{\n")
            stack.append(_Open(kind, end - start, end))
            output.append(indent * len(stack))
            position = start
            continue
        output.append(
            b"[]" if kind == ARRAY else b"{}" if kind == OBJECT else print_scalar(kind, bytes(data[start:end]))
        )
        position = end if kind > FALSE else position + 1
        if not stack:
            return b"".join(output)
        stack[-1].count += 1
        while stack and position >= stack[-1].end:
            closed = stack.pop()
            if position > closed.end or (closed.kind == OBJECT and closed.count & 1):
                raise malformed()
            output.append(b"\n" + indent * len(stack) + (b"]" if closed.kind == ARRAY else b"}"))
            if not stack:
                return b"".join(output)
            stack[-1].count += 1
        if stack[-1].kind == OBJECT and stack[-1].count & 1:
            output.append(b": ")
        else:
            output.append(b",\n" + indent * len(stack))
