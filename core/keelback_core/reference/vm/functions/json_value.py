"""Between SQL values and JSON: arguments of the JSON functions and their results.

1. A text with the JSON subtype counts as JSON where a value is asked for, another text as a string.
2. A BLOB counts as JSONB if its outermost element is sound; as the first argument it may also hold JSON as text.
3. Results that are JSON text are `JsonText`; JSONB is a plain BLOB.

Spec: https://sqlite.org/json1.html#interface_overview. Twin: core/kernel/vm/functions/json_value.
"""

from __future__ import annotations

from keelback_core.value.cast import to_text
from keelback_core.value.errors import SqlError
from keelback_core.value.numeric_text import real_to_text, scan_real
from keelback_core.value.result_codes import ERROR
from keelback_core.value.text_bytes import bytes_of_text, text_of_bytes

from .json_binary import (
    ARRAY,
    FALSE,
    INTEGER,
    INTEGER5,
    NULL,
    OBJECT,
    REAL,
    REAL5,
    TEXT,
    TEXT5,
    TEXT_ESCAPED,
    TEXT_RAW,
    TRUE,
    element,
    element_bounds,
)
from .json_path import BAD_PATH, DAMAGED, NOT_AN_ARRAY
from .json_print import malformed, print_json
from .json_string import quote_string, unescape
from .json_text import JsonParser
from .json_validity import is_binary
from .subtype import JsonText

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

_INFINITY = float("inf")


def parse_text(text: bytes) -> bytes:
    """JSONB of a JSON text. SqlError "malformed JSON"."""
    result = JsonParser(text).parse()
    if result is None:
        raise malformed()
    return result


def text_bytes(value: Value) -> bytes:
    """The bytes of the value as a text."""
    if isinstance(value, bytes):
        return value
    return bytes_of_text(to_text(value) or "")


def parse_argument(value: Value) -> bytes | None:
    """JSONB of an argument that must be JSON; None for NULL. SqlError "malformed JSON"."""
    if value is None:
        return None
    if isinstance(value, bytes) and is_binary(value):
        return value
    return parse_text(text_bytes(value))


def _no_blobs() -> SqlError:
    return SqlError(ERROR, "JSON cannot hold BLOB values")


def value_to_element(value: Value) -> bytes:
    """The value as JSONB that goes into other JSONB."""
    if value is None:
        return bytes((NULL,))
    if isinstance(value, bytes):
        if not is_binary(value):
            raise _no_blobs()
        return value
    if isinstance(value, str):
        text = bytes_of_text(value)
        return parse_text(text) if isinstance(value, JsonText) else element(TEXT_RAW, text)
    if isinstance(value, int):
        return element(INTEGER, str(value).encode())
    if value in (_INFINITY, -_INFINITY):
        return element(REAL, b"9e999" if value > 0 else b"-9e999")
    return element(REAL, real_to_text(value).encode())


def value_to_json(value: Value) -> bytes:
    """The value as JSON text that goes into other JSON text."""
    if value is None:
        return b"null"
    if isinstance(value, bytes):
        if not is_binary(value):
            raise _no_blobs()
        return print_json(value)
    if isinstance(value, str):
        text = bytes_of_text(value)
        return text if isinstance(value, JsonText) else quote_string(text)
    if isinstance(value, int):
        return str(value).encode()
    if value in (_INFINITY, -_INFINITY):
        return b"9.0e+999" if value > 0 else b"-9.0e+999"
    return real_to_text(value).encode()


def _integer_value(kind: int, payload: bytes) -> Value:
    """An integer, or a real if it does not fit."""
    negative = payload.startswith(b"-")
    digits = payload[1:] if negative else payload
    if kind == INTEGER5 and digits[:2] in (b"0x", b"0X"):
        digits = digits[2:]
        if digits.translate(None, b"0123456789abcdefABCDEF") or not digits or len(digits.lstrip(b"0")) > 16:
            raise malformed()
        number = int(digits, 16)
    else:
        if not digits or digits.translate(None, b"0123456789"):
            raise malformed()
        if len(digits) > 20:
            return scan_real(payload.decode())[0]
        number = int(digits)
    if negative:
        number = -number
    return number if -(2**63) <= number < 2**63 else float(number)


def _real_value(payload: bytes) -> Value:
    value, kind, _ = scan_real(payload.decode("utf-8", "surrogateescape"))
    if kind <= 0:
        raise malformed()
    return value


def element_to_value(data: bytes, at: int, as_binary: bool = False) -> Value:
    """The SQL value of the element: scalars as themselves, arrays and objects as JSON (JsonText) or as JSONB."""
    start, end = element_bounds(data, at)
    kind = data[at] & 0x0F
    if not start:
        raise malformed()
    payload = data[start:end]
    if kind <= FALSE:
        if payload:
            raise malformed()
        return None if kind == NULL else int(kind == TRUE)
    if kind in (ARRAY, OBJECT):
        return data[at:end] if as_binary else JsonText(text_of_bytes(print_json(data, at)))
    if kind in (TEXT, TEXT_RAW):
        return text_of_bytes(payload)
    if kind in (TEXT_ESCAPED, TEXT5):
        return text_of_bytes(unescape(payload))
    if not payload or kind > OBJECT:
        raise malformed()
    return _real_value(payload) if kind in (REAL, REAL5) else _integer_value(kind, payload)


def json_result(text: bytes) -> JsonText:
    """JSON text as a result."""
    return JsonText(text_of_bytes(text))


def path_error(code: int, path: bytes) -> SqlError:
    """The error of a look-up that failed for another reason than that there is nothing."""
    if code == DAMAGED:
        return malformed()
    quoted = text_of_bytes(path).replace("'", "''")
    if code == NOT_AN_ARRAY:
        return SqlError(ERROR, f"not an array element: '{quoted}'")
    assert code == BAD_PATH
    return SqlError(ERROR, f"bad JSON path: '{quoted}'")
