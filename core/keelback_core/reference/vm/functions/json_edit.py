"""The JSON functions that change JSON: insert, replace, set, array_insert, remove, patch.

Spec: https://sqlite.org/json1.html. Twin: core/kernel/vm/functions/json_edit.
"""

from __future__ import annotations

from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

from .json_binary import overwrite
from .json_patch import merge_patch
from .json_path import ARRAY_INSERT, BAD_PATH, DELETE, INSERT, NOT_FOUND, REPLACE, SET, Walk
from .json_print import print_json
from .json_value import json_result, parse_argument, path_error, text_bytes, value_to_element

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

    from .context import FunctionContext, ScalarFunction, ScalarTable


def _result(data: bytes | bytearray, as_binary: bool) -> Value:
    return bytes(data) if as_binary else json_result(print_json(data))


def _make_edit(name: str, edit: int, as_binary: bool) -> ScalarFunction:
    def change(context: FunctionContext, arguments: list[Value]) -> Value:
        if not arguments:
            return None
        if len(arguments) & 1 == 0:
            raise SqlError(ERROR, f"json_{name}() needs an odd number of arguments")
        parsed = parse_argument(arguments[0])
        if parsed is None:
            return None
        data = bytearray(parsed)
        for position in range(1, len(arguments), 2):
            if arguments[position] is None:
                continue
            path = text_bytes(arguments[position]).partition(b"\0")[0]
            if path[:1] != b"$":
                raise path_error(BAD_PATH, path)
            insertion = value_to_element(arguments[position + 1])
            if path == b"$":
                if edit in (REPLACE, SET):
                    data = bytearray(overwrite(len(data), insertion))
                continue
            outcome = Walk(data, path, edit, insertion).follow()
            if outcome < NOT_FOUND:
                raise path_error(outcome, path)
        return _result(data, as_binary)

    return change


def _make_remove(as_binary: bool) -> ScalarFunction:
    def remove(context: FunctionContext, arguments: list[Value]) -> Value:
        if not arguments:
            return None
        parsed = parse_argument(arguments[0])
        if parsed is None:
            return None
        data = bytearray(parsed)
        for argument in arguments[1:]:
            if argument is None:
                return None
            path = text_bytes(argument).partition(b"\0")[0]
            if path[:1] != b"$":
                raise path_error(BAD_PATH, path)
            if path == b"$":
                return None
            outcome = Walk(data, path, DELETE).follow()
            if outcome < NOT_FOUND:
                raise path_error(outcome, path)
        return _result(data, as_binary)

    return remove


def _make_patch(as_binary: bool) -> ScalarFunction:
    def patch(context: FunctionContext, arguments: list[Value]) -> Value:
        target = parse_argument(arguments[0])
        if target is None:
            return None
        change = parse_argument(arguments[1])
        return None if change is None else _result(merge_patch(target, change), as_binary)

    return patch


_EDITS = (("insert", INSERT), ("replace", REPLACE), ("set", SET), ("array_insert", ARRAY_INSERT))

SCALARS: ScalarTable = {
    ("json_remove", -1): _make_remove(False),
    ("jsonb_remove", -1): _make_remove(True),
    ("json_patch", 2): _make_patch(False),
    ("jsonb_patch", 2): _make_patch(True),
    **{(f"json_{name}", -1): _make_edit(name, edit, False) for name, edit in _EDITS},
    **{(f"jsonb_{name}", -1): _make_edit(name, edit, True) for name, edit in _EDITS},
}
