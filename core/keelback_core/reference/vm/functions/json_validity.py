"""Whether bytes are JSONB throughout, and where they are not: json_valid(x, 8) and json_error_position(x).

Answers are offsets from 1; 0 means sound. Every part is looked at, in order, with a stack of open containers.

Spec: https://sqlite.org/json1.html#jvalid. Twin: core/kernel/vm/functions/json_validity.
"""

from __future__ import annotations

from .json_binary import (
    ARRAY,
    FALSE,
    INTEGER,
    INTEGER5,
    MAXIMUM_DEPTH,
    OBJECT,
    REAL,
    REAL5,
    TEXT,
    TEXT5,
    TEXT_ESCAPED,
    TEXT_RAW,
    element_bounds,
    header_length,
    looks_binary,
)
from .json_string import unescape_one

_DIGITS = b"0123456789"
_HEX = b"0123456789abcdefABCDEF"


def _integer_fault(data: bytes, at: int, start: int, end: int) -> int:
    if end - start < 1:
        return at + 1
    if data[start] == 0x2D:
        start += 1
        if end - start < 1:
            return at + 1
    for position in range(start, end):
        if data[position] not in _DIGITS:
            return position + 1
    return 0


def _hexadecimal_fault(data: bytes, at: int, start: int, end: int) -> int:
    if end - start < 3:
        return at + 1
    if data[start] == 0x2D:
        if end - start < 4:
            return at + 1
        start += 1
    if data[start] != 0x30:
        return at + 1
    if data[start + 1] not in b"xX":
        return start + 2
    for position in range(start + 2, end):
        if data[position] not in _HEX:
            return position + 1
    return 0


def _real_fault(data: bytes, at: int, start: int, end: int) -> int:
    is_plain = data[at] & 0x0F == REAL
    has_point = False
    has_exponent = False
    position = start
    if end - start < 2:
        return at + 1
    if data[position] == 0x2D:
        position += 1
        if end - start < 3:
            return at + 1
    if data[position] == 0x2E:
        if is_plain or data[position + 1] not in _DIGITS:
            return position + 1
        position += 2
        has_point = True
    elif data[position] == 0x30 and is_plain:
        if position + 3 > end or data[position + 1] not in b".eE":
            return position + 1
        position += 1
    while position < end:
        byte = data[position]
        if byte == 0x2E:
            if has_point or has_exponent:
                return position + 1
            if is_plain and (position == end - 1 or data[position + 1] not in _DIGITS):
                return position + 1
            has_point = True
        elif byte in b"eE":
            if has_exponent or position == end - 1:
                return position + 1
            if data[position + 1] in b"+-":
                position += 1
                if position == end - 1:
                    return position + 1
            has_exponent = True
        elif byte not in _DIGITS:
            return position + 1
        position += 1
    return 0 if has_point or has_exponent else at + 1


def _string_fault(data: bytes, at: int, start: int, end: int) -> int:
    kind = data[at] & 0x0F
    position = start
    while position < end:
        byte = data[position]
        if byte >= 0x20 and byte not in b'"\\':
            position += 1
        elif kind == TEXT or (kind == TEXT_ESCAPED and byte != 0x5C):
            return position + 1
        elif byte != 0x5C:
            position += 1
        else:
            after = _after_escape(data, position, end, kind)
            if not after:
                return position + 1
            position = after
    return 0


def _after_escape(data: bytes, at: int, end: int, kind: int) -> int:
    """Where the escape at `at` ends; 0 if it is none."""
    if at + 1 >= end:
        return 0
    byte = data[at + 1]
    if byte in b'"\\/bfnrt':
        return at + 2
    if byte == 0x75:
        sound = at + 5 < end and all(digit in _HEX for digit in data[at + 2 : at + 6])
        return at + 2 if sound else 0
    if kind != TEXT5:
        return 0
    code, after = unescape_one(data[:end], at)
    return after if code >= 0 else 0


def _scalar_fault(data: bytes, at: int, start: int, end: int) -> int:
    kind = data[at] & 0x0F
    if kind <= FALSE:
        return 0 if end == at + 1 else at + 1
    if kind == INTEGER:
        return _integer_fault(data, at, start, end)
    if kind == INTEGER5:
        return _hexadecimal_fault(data, at, start, end)
    if kind in (REAL, REAL5):
        return _real_fault(data, at, start, end)
    if kind in (TEXT, TEXT_ESCAPED, TEXT5):
        return _string_fault(data, at, start, end)
    return 0 if kind == TEXT_RAW else at + 1


class _Open:
    """A container whose elements are being looked at."""

    __slots__ = ("count", "end", "is_object", "place")

    def __init__(self, place: int, end: int, is_object: bool) -> None:
        self.place = place
        self.end = end
        self.is_object = is_object
        self.count = 0


def is_binary(data: bytes) -> bool:
    """Whether a BLOB counts as JSONB: by its outermost element, and throughout where it may as well be a short text."""
    if not looks_binary(data):
        return False
    may_be_text = len(data) <= header_length(data[0] >> 4) + 7 and data[0] in b"{[0123456789"
    return not may_be_text or find_fault(data) == 0


def find_fault(data: bytes) -> int:
    """The offset of the first fault, from 1; 0 if there is none."""
    stack: list[_Open] = []
    at = 0
    limit = len(data)
    while True:
        start, end = element_bounds(data, at)
        if not start or end > limit or (not stack and end != limit):
            return at + 1
        kind = data[at] & 0x0F
        if stack and stack[-1].is_object and stack[-1].count & 1 == 0 and not TEXT <= kind <= TEXT_RAW:
            return at + 1
        if kind in (ARRAY, OBJECT):
            if len(stack) >= MAXIMUM_DEPTH:
                return at + 1
            stack.append(_Open(at, end, kind == OBJECT))
            limit = end
            at = start
        else:
            fault = _scalar_fault(data, at, start, end)
            if fault or not stack:
                return fault
            stack[-1].count += 1
            at = end
        while at == stack[-1].end:
            closed = stack.pop()
            if closed.is_object and closed.count & 1:
                return at + 1
            if not stack:
                return 0
            stack[-1].count += 1
            limit = stack[-1].end
