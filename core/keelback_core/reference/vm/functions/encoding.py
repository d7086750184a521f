"""base64, base85 and is_base85, as SQLite's extensions have them: a BLOB becomes text, a text becomes a BLOB.

1. Text comes in lines: 72 characters of base64, 80 of base85; every line, the last too, ends with a line feed.
2. Reading goes on to the first character that is neither a digit nor white space between groups.

Extensions: real SQLite loads them. Spec: https://sqlite.org/src/file/ext/misc/base64.c, base85.c.
Twin: core/kernel/vm/functions/encoding.
"""

from __future__ import annotations

from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR
from keelback_core.value.text_bytes import bytes_of_text

from .context import too_big

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

    from .context import FunctionContext, ScalarTable

_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
# The signs of base85: none that text in quotes would need to escape.
_BASE85 = "#$%&" + "".join([chr(code) for code in range(0x2A, 0x7B)])
_DIGITS64 = {ord(sign): number for number, sign in enumerate(_BASE64)}
_DIGITS85 = {ord(sign): number for number, sign in enumerate(_BASE85)}
_SPACES = b" \t\n\v\f\r"


def _lines(signs: str, width: int) -> str:
    return "".join([signs[start : start + width] + "\n" for start in range(0, len(signs), width)])


def _encode64(data: bytes) -> str:
    pieces = []
    for start in range(0, len(data), 3):
        group = data[start : start + 3]
        bits = int.from_bytes(group.ljust(3, b"\0"), "big")
        signs = "".join([_BASE64[bits >> shift & 63] for shift in (18, 12, 6, 0)])
        pieces.append(signs[: len(group) + 1].ljust(4, "="))
    return _lines("".join(pieces), 72)


def _encode85(data: bytes) -> str:
    pieces = []
    for start in range(0, len(data), 4):
        group = data[start : start + 4]
        number = int.from_bytes(group, "big")
        signs = ""
        for _ in range(len(group) + 1):
            signs = _BASE85[number % 85] + signs
            number //= 85
        pieces.append(signs)
    return _lines("".join(pieces), 80)


def _groups(text: bytes, digits: dict[int, int], size: int, padding: bytes) -> list[list[int]]:
    """The digits of the text in groups; only the last is shorter, or one that padding ended."""
    groups: list[list[int]] = []
    position = 0
    while position < len(text):
        if text[position] in _SPACES or text[position] in padding:
            position += 1
            continue
        group: list[int] = []
        while len(group) < size and position < len(text) and text[position] in digits:
            group.append(digits[text[position]])
            position += 1
        if not group:
            break
        groups.append(group)
    return groups


def _decode64(text: bytes) -> bytes:
    result = bytearray()
    for group in _groups(text, _DIGITS64, 4, b"="):
        bits = 0
        for number in (group + [0, 0, 0])[:4]:
            bits = bits << 6 | number
        result += bits.to_bytes(3, "big")[: len(group) - 1]
    return bytes(result)


def _decode85(text: bytes) -> bytes:
    result = bytearray()
    for group in _groups(text, _DIGITS85, 5, b""):
        number = 0
        for digit in group:
            number = number * 85 + digit
        size = len(group) - 1
        result += (number & ((1 << 8 * size) - 1)).to_bytes(size, "big")
    return bytes(result)


def base64(context: FunctionContext, arguments: list[Value]) -> Value:
    """base64(x): text of a BLOB, BLOB of a text."""
    value = arguments[0]
    if isinstance(value, bytes):
        if len(value) * 4 // 3 > context.host.limit_length:
            raise too_big()
        return _encode64(value)
    if isinstance(value, str):
        return _decode64(bytes_of_text(value))
    raise SqlError(ERROR, "base64 accepts only blob or text")


def base85(context: FunctionContext, arguments: list[Value]) -> Value:
    """base85(x): text of a BLOB, BLOB of a text."""
    value = arguments[0]
    if isinstance(value, bytes):
        if len(value) * 5 // 4 > context.host.limit_length:
            raise too_big()
        return _encode85(value)
    if isinstance(value, str):
        return _decode85(bytes_of_text(value))
    raise SqlError(ERROR, "base85 accepts only blob or text.")


def is_base85(context: FunctionContext, arguments: list[Value]) -> Value:
    """is_base85(x): whether a text has only digits of base85 and white space."""
    value = arguments[0]
    if value is None:
        return None
    if not isinstance(value, str):
        raise SqlError(ERROR, "is_base85 accepts only text or NULL")
    return int(all(byte in _DIGITS85 or byte in _SPACES for byte in bytes_of_text(value)))


SCALARS: ScalarTable = {
    ("base64", 1): base64,
    ("base85", 1): base85,
    ("is_base85", 1): is_base85,
}
