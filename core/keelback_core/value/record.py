"""Records: rows and index entries as SQLite stores them.

    header size (varint, counts itself) | one serial type (varint) a column | the columns' bytes, in order

    serial type   bytes  value                     serial type   bytes      value
    0             0      NULL                      7             8          IEEE 754 double, big-endian
    1 2 3 4 5 6   1-4 6 8  big-endian integer      12, 14, ...   (n-12)/2   BLOB
    8 9           0      the integers 0 and 1      13, 15, ...   (n-13)/2   TEXT in the database's encoding

1. Integers take the shortest type that holds them. Whether a REAL is stored as an integer is decided before.
2. A double that is NaN reads as NULL; the reserved types 10 and 11 do too.
3. A header that runs out of the record, or columns that do not end where the record ends, are corruption.

Encodings: 1 UTF-8, 2 UTF-16 little-endian, 3 UTF-16 big-endian. Twin: core/kernel/value/record.
Spec: https://sqlite.org/fileformat2.html#record_format.
"""

from __future__ import annotations

import struct
from math import isnan

from .errors import SqlError
from .result_codes import CORRUPT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from . import Value
    from .key import KeyComparator

UTF8: Final = 1
UTF16LE: Final = 2
UTF16BE: Final = 3

_PACK_DOUBLE: Final = struct.Struct(">d")
# Bytes of the serial types 0..11.
_FIXED_SIZES: Final = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)


def _corrupt() -> SqlError:
    return SqlError(CORRUPT, "database disk image is malformed")


def read_varint(data: bytes, offset: int) -> tuple[int, int]:
    """The unsigned 64-bit varint at `offset`, and the offset after it."""
    try:
        byte = data[offset]
        if byte < 0x80:
            return byte, offset + 1
        value = byte & 0x7F
        for position in range(offset + 1, offset + 8):
            byte = data[position]
            if byte < 0x80:
                return value << 7 | byte, position + 1
            value = value << 7 | byte & 0x7F
        return value << 8 | data[offset + 8], offset + 9
    except IndexError:
        raise _corrupt() from None


def write_varint(value: int) -> bytes:
    """The varint of a 64-bit value; a negative one is written as its two's complement."""
    if 0 <= value < 0x80:
        return value.to_bytes(1, "little")
    if 0 <= value < 0x4000:
        return (value >> 7 | 0x80 | (value & 0x7F) << 8).to_bytes(2, "little")
    value &= 0xFFFFFFFFFFFFFFFF
    if value >> 56:
        tail = [value & 0xFF]
        value >>= 8
        for _ in range(8):
            tail.append(value & 0x7F | 0x80)
            value >>= 7
    else:
        tail = [value & 0x7F]
        value >>= 7
        while value:
            tail.append(value & 0x7F | 0x80)
            value >>= 7
    tail.reverse()
    return bytes(tail)


def varint_size(value: int) -> int:
    """How many bytes `write_varint` gives for the value."""
    value &= 0xFFFFFFFFFFFFFFFF
    if value < 0x80:
        return 1
    return min(9, (value.bit_length() + 6) // 7)


def encode_text(text: str, encoding: int) -> bytes:
    """The bytes of a TEXT value in a database of the given encoding."""
    if encoding == UTF8:
        return text.encode("utf-8", "surrogateescape")
    name = "utf-16-le" if encoding == UTF16LE else "utf-16-be"
    try:
        return text.encode(name)
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").encode(name)


def decode_text(data: bytes, encoding: int) -> str:
    """The TEXT value of bytes in the given encoding; an odd last byte of UTF-16 is dropped."""
    if encoding == UTF8:
        return data.decode("utf-8", "surrogateescape")
    name = "utf-16-le" if encoding == UTF16LE else "utf-16-be"
    data = data[: len(data) & ~1]
    try:
        return data.decode(name)
    except UnicodeDecodeError:
        lone = data.decode(name, "surrogatepass")
        return lone.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")


def integer_serial_type(value: int) -> int:
    """The shortest serial type for an integer: 8, 9, or 1 to 6."""
    if value == 0:
        return 8
    if value == 1:
        return 9
    magnitude = ~value if value < 0 else value
    if magnitude <= 0x7F:
        return 1
    if magnitude <= 0x7FFF:
        return 2
    if magnitude <= 0x7FFFFF:
        return 3
    if magnitude <= 0x7FFFFFFF:
        return 4
    if magnitude <= 0x7FFFFFFFFFFF:
        return 5
    return 6


def encode_record(values: Sequence[Value], encoding: int = UTF8) -> bytes:
    """The record of the given values."""
    header = bytearray()
    body = bytearray()
    for value in values:
        if value is None:
            serial_type = 0
        elif isinstance(value, str):
            data = value.encode("utf-8", "surrogateescape") if encoding == UTF8 else encode_text(value, encoding)
            serial_type = 13 + 2 * len(data)
            body += data
        elif isinstance(value, float):
            serial_type = 0 if isnan(value) else 7
            if serial_type:
                body += _PACK_DOUBLE.pack(value)
        elif isinstance(value, int):
            serial_type = integer_serial_type(value)
            if serial_type < 7:
                body += value.to_bytes(_FIXED_SIZES[serial_type], "big", signed=True)
        else:
            serial_type = 12 + 2 * len(value)
            body += value
        if serial_type < 0x80:
            header.append(serial_type)
        else:
            header += write_varint(serial_type)
    header_size = len(header) + 1
    if header_size < 0x80:
        return bytes((header_size,)) + header + body
    # The size counts its own bytes, which may push it over the next limit.
    if varint_size(header_size) > 1:
        header_size = len(header) + varint_size(header_size)
        header_size = len(header) + varint_size(header_size)
    return write_varint(header_size) + header + body


def serial_size(serial_type: int) -> int:
    """Bytes that a column of the serial type takes."""
    return (serial_type - 12) >> 1 if serial_type >= 12 else _FIXED_SIZES[serial_type]


def decode_value(data: bytes, serial_type: int, offset: int, encoding: int = UTF8) -> Value:
    """One column, whose bytes must all be there."""
    if serial_type >= 12:
        end = offset + ((serial_type - 12) >> 1)
        if serial_type & 1:
            if encoding == UTF8:
                return data[offset:end].decode("utf-8", "surrogateescape")
            return decode_text(data[offset:end], encoding)
        return bytes(data[offset:end])
    if serial_type == 0 or serial_type >= 10:
        return None
    if serial_type == 7:
        real: float = _PACK_DOUBLE.unpack_from(data, offset)[0]
        return None if isnan(real) else real
    if serial_type >= 8:
        return serial_type - 8
    return int.from_bytes(data[offset : offset + _FIXED_SIZES[serial_type]], "big", signed=True)


def decode_columns(data: bytes, count: int, encoding: int = UTF8) -> list[Value]:
    """The first `count` columns, or all if the record has fewer (count -1: all)."""
    if not data:
        raise _corrupt()
    header_end, position = read_varint(data, 0)
    size = len(data)
    if header_end > size or header_end < position:
        raise _corrupt()
    offset = header_end
    values: list[Value] = []
    while position < header_end:
        if len(values) == count:
            return values
        serial_type = data[position]
        if serial_type < 0x80:
            position += 1
        else:
            serial_type, position = read_varint(data, position)
            if position > header_end:
                raise _corrupt()
        end = offset + ((serial_type - 12) >> 1 if serial_type >= 12 else _FIXED_SIZES[serial_type])
        if end > size:
            raise _corrupt()
        values.append(decode_value(data, serial_type, offset, encoding))
        offset = end
    if offset != size and values:
        raise _corrupt()
    return values


def first_columns(data: bytes, count: int, encoding: int = UTF8) -> list[Value]:
    """As decode_columns, for who reads columns: a header of no size is one without columns."""
    return [] if data[:1] == b"\0" else decode_columns(data, count, encoding)


def compare_record(data: bytes, key: Sequence[Value], comparator: KeyComparator, encoding: int) -> int:
    """The order of a record beside a key, which may be shorter. What is damaged behind the first column that differs is
    not looked at.
    """
    try:
        return comparator.compare(decode_columns(data, len(key), encoding), key)
    except SqlError:
        for count in range(1, len(key)):
            order = comparator.compare(decode_columns(data, count, encoding), key[:count])
            if order:
                return order
        raise


def decode_record(data: bytes, encoding: int = UTF8) -> list[Value]:
    """All columns of a record."""
    return decode_columns(data, -1, encoding)


def record_columns(data: bytes) -> list[tuple[int, int]]:
    """Serial type and offset of every column, for those who decode few of them."""
    if not data:
        raise _corrupt()
    header_end, position = read_varint(data, 0)
    size = len(data)
    if header_end > size or header_end < position:
        raise _corrupt()
    offset = header_end
    columns: list[tuple[int, int]] = []
    while position < header_end:
        serial_type, position = read_varint(data, position)
        columns.append((serial_type, offset))
        offset += serial_size(serial_type)
        if position > header_end or offset > size:
            raise _corrupt()
    return columns
