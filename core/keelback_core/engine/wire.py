"""Packed rows of values, as they cross the border to libkeelback.so.

Per value a type byte (1 INTEGER, 2 FLOAT, 3 TEXT, 4 BLOB, 5 NULL, 6 a NULL that carries a pointer), 8 bytes for numbers
and for a pointer's, a 4-byte length, the bytes and a NUL for text and blobs; little-endian. 7 and a byte before a value
is its subtype: what has the subtype of JSON is a JsonText here.

Twin: core/kernel/engine/wire.hpp.
"""

from __future__ import annotations

import struct

from keelback_core.engine.late_module import late_module
from keelback_core.value.pointer import PointerNull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from keelback_core.value import Value

_pack_integer = struct.Struct("<Bq").pack
_pack_real = struct.Struct("<Bd").pack
_pack_length = struct.Struct("<BI").pack
_unpack_integer = struct.Struct("<q").unpack_from
_unpack_real = struct.Struct("<d").unpack_from
_unpack_length = struct.Struct("<I").unpack_from
_JSON = ord("J")
_MARKED_AS_JSON = b"\x07J"


def pack_values(values: Sequence[Value | PointerNull]) -> bytes:
    """The packed row of `values`."""
    parts: list[bytes] = []
    for value in values:
        if value is None:
            parts.append(b"\x05")
        elif isinstance(value, str):
            if type(value) is not str:
                parts.append(_MARKED_AS_JSON)
            try:
                data = value.encode()
            except UnicodeEncodeError:
                data = value.encode("utf-8", "surrogateescape")
            parts.append(_pack_length(3, len(data)))
            parts.append(data)
            parts.append(b"\0")
        elif isinstance(value, int):
            parts.append(_pack_integer(1, value))
        elif isinstance(value, float):
            parts.append(_pack_real(2, value))
        elif isinstance(value, PointerNull):
            parts.append(_pack_integer(6, value.number))
        else:
            parts.append(_pack_length(4, len(value)))
            parts.append(bytes(value))
            parts.append(b"\0")
    return b"".join(parts)


def unpack_values(data: bytes) -> list[Any]:
    """The values of a packed row."""
    values: list[Any] = []
    offset = 0
    subtype = 0
    end = len(data)
    while offset < end:
        kind = data[offset]
        offset += 1
        if kind == 1:
            values.append(_unpack_integer(data, offset)[0])
            offset += 8
        elif kind == 2:
            values.append(_unpack_real(data, offset)[0])
            offset += 8
        elif kind == 5:
            values.append(None)
        elif kind == 6:
            values.append(PointerNull(_unpack_integer(data, offset)[0]))
            offset += 8
        elif kind == 7:
            subtype = data[offset]
            offset += 1
            continue
        else:
            size: int = _unpack_length(data, offset)[0]
            offset += 4
            content = data[offset : offset + size]
            values.append(content.decode("utf-8", "surrogateescape") if kind == 3 else content)
            offset += size + 1
            if subtype == _JSON and kind == 3:
                values[-1] = late_module("keelback_core.reference.vm.functions.subtype").JsonText(values[-1])
        subtype = 0
    return values
