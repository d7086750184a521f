"""The five SQL values as the suite writes them (SQL literals) and as the driver protocol carries them (JSON).

1. A value is None, int (64 bits signed), float (never NaN), str (invalid UTF-8 bytes as surrogateescape) or bytes.
2. `write_literal` and `read_literals` are inverse: what one writes, the other reads back to the same type and bits.
3. `identity` tells values apart exactly: 1, 1.0, '1', NULL, '' differ, and reals are told apart by their bits.
"""

from __future__ import annotations

import re
import struct

Value = None | int | float | str | bytes

SMALLEST_INTEGER = -(2**63)
LARGEST_INTEGER = 2**63 - 1

_NEEDS_ESCAPE = re.compile(r"[\x00-\x1f\x7f\x80-\x9f\u2028\u2029\ufeff]")
_INVALID_UTF8 = re.compile(r"[\ud800-\udfff]")
_LITERAL = re.compile(
    r"(?P<null>NULL\b)"
    r"|(?P<real>[+-]?[0-9]+(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+))"
    r"|(?P<integer>[+-]?[0-9]+)"
    r"|(?P<blob>[xX]'(?P<blob_hex>[0-9a-fA-F]*)')"
    r"|(?P<cast>CAST\(x'(?P<cast_hex>[0-9a-fA-F]*)' AS TEXT\))"
    r"|(?P<unistr>unistr\('(?P<unistr_body>(?:[^']|'')*)'\))"
    r"|(?P<text>'(?P<text_body>(?:[^']|'')*)')"
)
_UNISTR_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|\\)")
_PARAMETER_NAME = re.compile(r"([:@$?][\w:()]+)\s*=\s*")


class LiteralError(ValueError):
    """A literal of a suite file that cannot be read."""


def write_literal(value: Value) -> str:
    """The SQL literal of a value, one line, in the one spelling that the suite uses."""
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _write_real(value)
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if _INVALID_UTF8.search(value):
        return f"CAST(x'{text_to_bytes(value).hex()}' AS TEXT)"
    quoted = value.replace("'", "''")
    if _NEEDS_ESCAPE.search(value):
        escaped = _NEEDS_ESCAPE.sub(lambda match: f"\\u{ord(match.group()):04x}", quoted.replace("\\", "\\\\"))
        return f"unistr('{escaped}')"
    return f"'{quoted}'"


def _write_real(value: float) -> str:
    if value in (float("inf"), float("-inf")):
        return "9.0e+999" if value > 0 else "-9.0e+999"
    return repr(value)


def read_literals(text: str) -> list[Value]:
    """The values of a comma separated line of literals."""
    values: list[Value] = []
    position = 0
    while True:
        value, position = read_literal(text, position)
        values.append(value)
        position = _skip_blanks(text, position)
        if position == len(text):
            return values
        if text[position] != ",":
            raise LiteralError(f"expected ',' at column {position + 1} of: {text}")
        position = _skip_blanks(text, position + 1)


def read_parameters(text: str) -> list[Value] | dict[str, Value]:
    """The parameters of a `with` line: a list, or a dict when they are named (`:a = 1, $b = 'x'`)."""
    if not _PARAMETER_NAME.match(text):
        return read_literals(text)
    named: dict[str, Value] = {}
    position = 0
    while True:
        match = _PARAMETER_NAME.match(text, position)
        if match is None:
            raise LiteralError(f"expected a parameter name at column {position + 1} of: {text}")
        value, position = read_literal(text, match.end())
        if match.group(1) in named:
            raise LiteralError(f"parameter {match.group(1)} is given twice")
        named[match.group(1)] = value
        position = _skip_blanks(text, position)
        if position == len(text):
            return named
        if text[position] != ",":
            raise LiteralError(f"expected ',' at column {position + 1} of: {text}")
        position = _skip_blanks(text, position + 1)


def _skip_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position] == " ":
        position += 1
    return position


def read_literal(text: str, position: int) -> tuple[Value, int]:
    """The value whose literal begins at `position`, and where it ends."""
    match = _LITERAL.match(text, position)
    if match is None:
        raise LiteralError(f"not an SQL literal at column {position + 1} of: {text}")
    return _value_of_match(match), match.end()


def _value_of_match(match: re.Match[str]) -> Value:
    kind = match.lastgroup
    if match["null"]:
        return None
    if match["integer"]:
        integer = int(match["integer"])
        if not SMALLEST_INTEGER <= integer <= LARGEST_INTEGER:
            raise LiteralError(f"integer beyond 64 bits: {integer}")
        return integer
    if match["real"]:
        return float(match["real"])
    if match["blob"]:
        return bytes.fromhex(match["blob_hex"])
    if match["cast"]:
        return text_from_bytes(bytes.fromhex(match["cast_hex"]))
    if match["unistr"]:
        return _UNISTR_ESCAPE.sub(
            lambda found: chr(int(found[1], 16)) if found[1] else "\\", match["unistr_body"].replace("''", "'")
        )
    if match["text"]:
        return match["text_body"].replace("''", "'")
    raise AssertionError(kind)


def identity(value: Value) -> tuple[str, object]:
    """A key that is equal for two values only if storage class and bits are equal."""
    if isinstance(value, float):
        return ("real", struct.pack(">d", value))
    return (type(value).__name__, value)


def text_to_bytes(text: str) -> bytes:
    """The bytes of a text whose invalid parts are surrogateescape."""
    return text.encode("utf-8", "surrogateescape")


def text_from_bytes(data: bytes) -> str:
    """The text of bytes, invalid parts as surrogateescape."""
    return data.decode("utf-8", "surrogateescape")


def to_json(value: Value) -> dict[str, str] | None:
    """A value as the driver protocol carries it."""
    if value is None:
        return None
    if isinstance(value, int):
        return {"i": str(value)}
    if isinstance(value, float):
        return {"r": struct.pack(">d", value).hex()}
    if isinstance(value, bytes):
        return {"b": value.hex()}
    if _INVALID_UTF8.search(value):
        return {"tx": text_to_bytes(value).hex()}
    return {"t": value}


def from_json(item: object) -> Value:
    """The value of its protocol form; ValueError when it is not one."""
    if item is None:
        return None
    if not isinstance(item, dict) or len(item) != 1:
        raise ValueError(f"not a protocol value: {item!r}")
    ((kind, body),) = item.items()
    if not isinstance(body, str):
        raise ValueError(f"not a protocol value: {item!r}")
    if kind == "i":
        return int(body)
    if kind == "r":
        if len(body) != 16:
            raise ValueError(f"a real has 16 hex digits: {item!r}")
        return float(struct.unpack(">d", bytes.fromhex(body))[0])
    if kind == "t":
        return body
    if kind == "tx":
        return text_from_bytes(bytes.fromhex(body))
    if kind == "b":
        return bytes.fromhex(body)
    raise ValueError(f"not a protocol value: {item!r}")
