"""The JSON functions that read and make JSON: json, json_extract, ->, ->>, json_array, json_object, json_type, ...

The functions that change JSON are in json_edit. A name that begins with jsonb_ gives JSONB where the other gives text.

Spec: https://sqlite.org/json1.html. Twin: core/kernel/vm/functions/json_functions.
"""

from __future__ import annotations

from keelback_core.value.cast import to_integer
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

from .json_binary import ARRAY, KIND_NAMES, OBJECT, count_elements
from .json_path import BAD_PATH, NOT_FOUND, Walk
from .json_print import print_json, print_pretty
from .json_string import quote_string
from .json_text import JsonParser
from .json_validity import find_fault, is_binary
from .json_value import (
    element_to_value,
    json_result,
    parse_argument,
    parse_text,
    path_error,
    text_bytes,
    value_to_json,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

    from .context import FunctionContext, ScalarFunction, ScalarTable

# The bits of the second argument of json_valid().
_VALID_JSON = 1
_VALID_JSON5 = 2
_VALID_BINARY = 4
_VALID_BINARY_WHOLE = 8


def json(context: FunctionContext, arguments: list[Value]) -> Value:
    """json(x): x as JSON text without white space."""
    data = parse_argument(arguments[0])
    return None if data is None else json_result(print_json(data))


def jsonb(context: FunctionContext, arguments: list[Value]) -> Value:
    """jsonb(x): x as JSONB."""
    return parse_argument(arguments[0])


def _array_text(arguments: list[Value]) -> bytes:
    return b"[" + b",".join([value_to_json(argument) for argument in arguments]) + b"]"


def json_array(context: FunctionContext, arguments: list[Value]) -> Value:
    """json_array(x, ...)."""
    return json_result(_array_text(arguments))


def jsonb_array(context: FunctionContext, arguments: list[Value]) -> Value:
    """jsonb_array(x, ...)."""
    return parse_text(_array_text(arguments))


def _object_text(arguments: list[Value]) -> bytes:
    if len(arguments) & 1:
        raise SqlError(ERROR, "json_object() requires an even number of arguments")
    pieces = []
    if not all(isinstance(label, str) for label in arguments[::2]):
        raise SqlError(ERROR, "json_object() labels must be TEXT")
    for position in range(0, len(arguments), 2):
        label = arguments[position]
        pieces.append(quote_string(text_bytes(label)) + b":" + value_to_json(arguments[position + 1]))
    return b"{" + b",".join(pieces) + b"}"


def json_object(context: FunctionContext, arguments: list[Value]) -> Value:
    """json_object(label, x, ...)."""
    return json_result(_object_text(arguments))


def jsonb_object(context: FunctionContext, arguments: list[Value]) -> Value:
    """jsonb_object(label, x, ...)."""
    return parse_text(_object_text(arguments))


def _look(data: bytes, path: bytes) -> int:
    """The place that the path names, or NOT_FOUND. SqlError for a bad path."""
    text = path.partition(b"\0")[0]
    found = Walk(data, text).follow() if text[:1] == b"$" else BAD_PATH
    if found < NOT_FOUND:
        raise path_error(found, text)
    return found


def _make_extract(as_binary: bool) -> ScalarFunction:
    def extract(context: FunctionContext, arguments: list[Value]) -> Value:
        if len(arguments) < 2:
            return None
        data = parse_argument(arguments[0])
        if data is None:
            return None
        if len(arguments) == 2:
            if arguments[1] is None:
                return None
            found = _look(data, text_bytes(arguments[1]))
            return None if found == NOT_FOUND else element_to_value(data, found, as_binary)
        pieces = []
        for path in arguments[1:]:
            if path is None:
                return None
            found = _look(data, text_bytes(path))
            pieces.append(b"null" if found == NOT_FOUND else print_json(data, found))
        text = b"[" + b",".join(pieces) + b"]"
        return parse_text(text) if as_binary else json_result(text)

    return extract


def _arrow_path(value: Value) -> bytes:
    """The path that the right side of -> stands for: a path, a label, or an index."""
    path = text_bytes(value).partition(b"\0")[0]
    if path.startswith(b"$"):
        return path
    if isinstance(value, int):
        return b"$[" + (b"#" if path.startswith(b"-") else b"") + path + b"]"
    if not path.replace(b"_", b"a").isalnum() and path:
        if path.startswith(b"[") and path.endswith(b"]") and len(path) >= 3:
            return b"$" + path
        return b'$."' + path + b'"'
    return b"$." + path


def _arrow_look(arguments: list[Value]) -> tuple[bytes, int]:
    """The JSONB on the left and the place that the right side names; NOT_FOUND where either is NULL."""
    data = parse_argument(arguments[0])
    if data is None or arguments[1] is None:
        return b"", NOT_FOUND
    found = Walk(data, _arrow_path(arguments[1])).follow()
    if found < NOT_FOUND:
        raise path_error(found, text_bytes(arguments[1]).partition(b"\0")[0])
    return data, found


def arrow(context: FunctionContext, arguments: list[Value]) -> Value:
    """x -> path: the element as JSON text."""
    data, found = _arrow_look(arguments)
    return None if found == NOT_FOUND else json_result(print_json(data, found))


def double_arrow(context: FunctionContext, arguments: list[Value]) -> Value:
    """x ->> path: the element as an SQL value, an array or object as plain text."""
    data, found = _arrow_look(arguments)
    if found == NOT_FOUND:
        return None
    value = element_to_value(data, found)
    return str(value) if isinstance(value, str) else value


def json_type(context: FunctionContext, arguments: list[Value]) -> Value:
    """json_type(x[, path])."""
    data = parse_argument(arguments[0])
    if data is None:
        return None
    found = 0
    if len(arguments) == 2:
        if arguments[1] is None:
            return None
        found = _look(data, text_bytes(arguments[1]))
        if found == NOT_FOUND:
            return None
    kind = data[found] & 0x0F
    return KIND_NAMES[kind] if kind <= OBJECT else ""


def json_array_length(context: FunctionContext, arguments: list[Value]) -> Value:
    """json_array_length(x[, path]): 0 for what is no array."""
    data = parse_argument(arguments[0])
    if data is None:
        return None
    found = 0
    if len(arguments) == 2:
        if arguments[1] is None:
            return None
        found = _look(data, text_bytes(arguments[1]))
        if found == NOT_FOUND:
            return None
    return count_elements(data, found) if data[found] & 0x0F == ARRAY else 0


def json_quote(context: FunctionContext, arguments: list[Value]) -> Value:
    """json_quote(x): the value as JSON."""
    return json_result(value_to_json(arguments[0]))


def json_pretty(context: FunctionContext, arguments: list[Value]) -> Value:
    """json_pretty(x[, indent])."""
    data = parse_argument(arguments[0])
    if data is None:
        return None
    indent = b"    "
    if len(arguments) == 2 and arguments[1] is not None:
        indent = text_bytes(arguments[1]).partition(b"\0")[0]
    return str(json_result(print_pretty(data, indent)))


def json_valid(context: FunctionContext, arguments: list[Value]) -> Value:
    """json_valid(x[, flags])."""
    flags = _VALID_JSON
    if len(arguments) == 2:
        flags = to_integer(arguments[1])
        if not 1 <= flags <= 15:
            raise SqlError(ERROR, "FLAGS parameter to json_valid() must be between 1 and 15")
    value = arguments[0]
    if value is None:
        return None
    if isinstance(value, bytes) and is_binary(value):
        if flags & _VALID_BINARY:
            return 1
        return int(find_fault(value) == 0) if flags & _VALID_BINARY_WHOLE else 0
    if not flags & (_VALID_JSON | _VALID_JSON5):
        return 0
    parser = JsonParser(text_bytes(value))
    if parser.parse() is None:
        return 0
    return 1 if flags & _VALID_JSON5 else int(not parser.is_nonstandard)


def json_error_position(context: FunctionContext, arguments: list[Value]) -> Value:
    """json_error_position(x): the character at which a text stops being JSON5, from 1; the byte in JSONB; 0 if none."""
    value = arguments[0]
    if value is None:
        return None
    if isinstance(value, bytes) and is_binary(value):
        return find_fault(value)
    text = text_bytes(value)
    parser = JsonParser(text)
    if parser.parse() is not None:
        return 0
    before = text[: parser.error_position]
    return sum(1 for byte in before if byte & 0xC0 != 0x80) + 1


_extract_text = _make_extract(False)
_extract_binary = _make_extract(True)

SCALARS: ScalarTable = {
    ("json", 1): json,
    ("jsonb", 1): jsonb,
    ("json_array", -1): json_array,
    ("jsonb_array", -1): jsonb_array,
    ("json_object", -1): json_object,
    ("jsonb_object", -1): jsonb_object,
    ("json_extract", -1): _extract_text,
    ("jsonb_extract", -1): _extract_binary,
    ("->", 2): arrow,
    ("->>", 2): double_arrow,
    ("json_type", 1): json_type,
    ("json_type", 2): json_type,
    ("json_array_length", 1): json_array_length,
    ("json_array_length", 2): json_array_length,
    ("json_quote", 1): json_quote,
    ("json_pretty", 1): json_pretty,
    ("json_pretty", 2): json_pretty,
    ("json_valid", 1): json_valid,
    ("json_valid", 2): json_valid,
    ("json_error_position", 1): json_error_position,
}
