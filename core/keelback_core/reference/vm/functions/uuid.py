"""UUIDs: uuid, uuid_str, uuid_blob as SQLite's extension has them; uuid4, gen_random_uuid, uuid7 and their time.

1. A UUID is read from a BLOB of 16 bytes or from 32 hexadecimal digits, with hyphens before pairs and braces around.
2. Version 7 begins with the milliseconds since 1970, so that new ones sort last; the rest is random.

Extensions: real SQLite loads the first three. Spec: RFC 9562, https://sqlite.org/src/file/ext/misc/uuid.c.
Twin: core/kernel/vm/functions/uuid.
"""

from __future__ import annotations

from keelback_core.value.text_bytes import bytes_of_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

    from .context import FunctionContext, ScalarFunction, ScalarTable

_HEX = b"0123456789abcdefABCDEF"


def _marked(data: bytes, version: int) -> bytes:
    """The bytes with the version and the variant of RFC 9562 put in."""
    return bytes((*data[:6], version << 4 | data[6] & 0x0F, data[7], 0x80 | data[8] & 0x3F, *data[9:]))


def _text(data: bytes) -> str:
    digits = data.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _read(value: Value) -> bytes | None:
    """The sixteen bytes of a UUID; None if the value is none."""
    if isinstance(value, bytes):
        return value if len(value) == 16 else None
    if not isinstance(value, str):
        return None
    text = bytes_of_text(value).partition(b"\0")[0]
    position = 1 if text.startswith(b"{") else 0
    digits = bytearray()
    while len(digits) < 32:
        if text[position : position + 1] == b"-":
            position += 1
        pair = text[position : position + 2]
        if len(pair) < 2 or pair[0] not in _HEX or pair[1] not in _HEX:
            return None
        digits += pair
        position += 2
    if text[position:] not in (b"", b"}"):
        return None
    return bytes.fromhex(digits.decode())


def _version4(context: FunctionContext) -> bytes:
    return _marked(context.host.random_bytes(16), 4)


def _version7(context: FunctionContext) -> bytes:
    milliseconds = context.host.current_time_milliseconds() & 0xFFFFFFFFFFFF
    return _marked(milliseconds.to_bytes(6, "big") + context.host.random_bytes(10), 7)


def random_uuid(context: FunctionContext, arguments: list[Value]) -> Value:
    """uuid(), uuid4(), gen_random_uuid(): a random UUID as text."""
    return _text(_version4(context))


def random_uuid_blob(context: FunctionContext, arguments: list[Value]) -> Value:
    """uuid4_blob(): a random UUID as a BLOB."""
    return _version4(context)


def ordered_uuid(context: FunctionContext, arguments: list[Value]) -> Value:
    """uuid7(): a UUID that begins with the time, as text."""
    return _text(_version7(context))


def ordered_uuid_blob(context: FunctionContext, arguments: list[Value]) -> Value:
    """uuid7_blob(): a UUID that begins with the time, as a BLOB."""
    return _version7(context)


def uuid7_timestamp_milliseconds(context: FunctionContext, arguments: list[Value]) -> Value:
    """uuid7_timestamp_ms(x): the milliseconds since 1970 in a UUID of version 7; NULL for another value."""
    data = _read(arguments[0])
    return int.from_bytes(data[:6], "big") if data is not None and data[6] >> 4 == 7 else None


def _make_reader(is_text: bool) -> ScalarFunction:
    def read(context: FunctionContext, arguments: list[Value]) -> Value:
        data = _read(arguments[0])
        return data if data is None or not is_text else _text(data)

    return read


SCALARS: ScalarTable = {
    ("uuid", 0): random_uuid,
    ("uuid4", 0): random_uuid,
    ("uuid4_str", 0): random_uuid,
    ("gen_random_uuid", 0): random_uuid,
    ("uuid4_blob", 0): random_uuid_blob,
    ("uuid7", 0): ordered_uuid,
    ("uuid7_blob", 0): ordered_uuid_blob,
    ("uuid7_timestamp_ms", 1): uuid7_timestamp_milliseconds,
    ("uuid_str", 1): _make_reader(True),
    ("uuid_blob", 1): _make_reader(False),
}
