"""JSONB: JSON as bytes, the form in which all JSON functions work.

    element = header payload
    header  = one byte: low four bits the kind, high four bits the size code;
              size code 0..11 is the payload size itself, 12 13 14 15: it stands big-endian in the next 1 2 4 8 bytes

1. NULL, TRUE, FALSE have no payload; numbers and strings have their text; ARRAY has its elements; OBJECT has
   label, value, label, value...
2. What we write has the shortest header. What we read may have any.
3. Bytes of users may be anything: every size is checked before it is used, and nothing here recurses.

Knows nothing of text or SQL. Spec: https://sqlite.org/jsonb.html. Twin: core/kernel/vm/functions/json_binary.
"""

from __future__ import annotations

NULL, TRUE, FALSE, INTEGER, INTEGER5, REAL, REAL5, TEXT, TEXT_ESCAPED, TEXT5, TEXT_RAW, ARRAY, OBJECT = range(13)

# Names for json_type(), by kind.
KIND_NAMES = ("null", "true", "false", "integer", "integer", "real", "real") + ("text",) * 4 + ("array", "object")

MAXIMUM_DEPTH = 1000


def header(kind: int, size: int) -> bytes:
    """The shortest header for a payload of `size` bytes."""
    if size <= 11:
        return bytes((size << 4 | kind,))
    if size <= 0xFF:
        return bytes((0xC0 | kind, size))
    if size <= 0xFFFF:
        return bytes((0xD0 | kind,)) + size.to_bytes(2, "big")
    return bytes((0xE0 | kind,)) + size.to_bytes(4, "big")


def element(kind: int, payload: bytes) -> bytes:
    """A whole element."""
    return header(kind, len(payload)) + payload


def element_bounds(data: bytes | bytearray, at: int) -> tuple[int, int]:
    """Where the payload of the element at `at` begins and ends; (0, 0) if it does not lie within `data`."""
    if at >= len(data):
        return 0, 0
    code = data[at] >> 4
    start = at + 1
    size = code
    if code > 11:
        start += 1 << (code - 12)
        if start > len(data):
            return 0, 0
        size = int.from_bytes(data[at + 1 : start], "big")
    end = start + size
    return (start, end) if end <= len(data) else (0, 0)


def looks_binary(data: bytes) -> bool:
    """Whether the outermost element is sound: its kind exists and it fills `data`."""
    if not data or data[0] & 0x0F > OBJECT:
        return False
    start, end = element_bounds(data, 0)
    return start > 0 and end == len(data) and (data[0] & 0x0F > FALSE or start == end)


def overwrite(old_size: int, new: bytes) -> bytes:
    """The element as it is written over one of `old_size` bytes.

    Where a longer header makes up for the difference SQLite writes that and moves nothing, so we do.
    """
    spare = old_size - len(new)
    if spare <= 0 or not new or new[0] & 0x0F <= FALSE or new[0] >= 0xF0:
        return new
    old_header = header_length(new[0] >> 4)
    code = {2: 0xC0, 3: 0xD0, 5: 0xE0, 9: 0xF0}.get(old_header + spare)
    if code is None:
        return new
    payload = new[old_header:]
    return bytes((code | new[0] & 0x0F,)) + len(payload).to_bytes(old_header + spare - 1, "big") + payload


def count_elements(data: bytes | bytearray, at: int) -> int:
    """How many elements the container at `at` has, up to the first damaged one."""
    position, end = element_bounds(data, at)
    count = 0
    while 0 < position < end:
        position = element_bounds(data, position)[1]
        count += 1
    return count


def header_length(code: int) -> int:
    """How many bytes a header with this size code has."""
    return 1 if code <= 11 else 1 + (1 << (code - 12))


def resize(data: bytearray, at: int, size: int) -> int:
    """Write a new payload size into the header at `at`, the shortest way; how many bytes longer the header became."""
    old_length = header_length(data[at] >> 4)
    shortest = header(data[at] & 0x0F, size)
    data[at : at + old_length] = shortest
    return len(shortest) - old_length
