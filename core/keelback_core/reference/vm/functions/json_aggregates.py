"""json_group_array, json_group_object and their jsonb_ twins.

Spec: https://sqlite.org/json1.html#jgrouparray. Twin: core/kernel/vm/functions/json_aggregates.
"""

from __future__ import annotations

from .context import Aggregate
from .json_string import quote_string
from .json_value import json_result, parse_text, text_bytes, value_to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

    from .context import AggregateTable, FunctionContext


class _JsonGroup(Aggregate):
    """The elements so far, as JSON text; oldest first."""

    __slots__ = ("as_binary", "brackets", "pieces")

    def __init__(self, brackets: tuple[bytes, bytes], as_binary: bool) -> None:
        self.brackets = brackets
        self.as_binary = as_binary
        self.pieces: list[bytes] = []

    def final(self) -> Value:
        text = self.brackets[0] + b",".join(self.pieces) + self.brackets[1]
        return parse_text(text) if self.as_binary else json_result(text)


class JsonGroupArray(_JsonGroup):
    """json_group_array(x)."""

    __slots__ = ()

    def __init__(self, context: FunctionContext | None = None, as_binary: bool = False) -> None:
        super().__init__((b"[", b"]"), as_binary)

    def step(self, arguments: list[Value]) -> None:
        self.pieces.append(value_to_json(arguments[0]))

    def inverse(self, arguments: list[Value]) -> None:
        self.pieces.pop(0)


class JsonGroupObject(_JsonGroup):
    """json_group_object(label, x): rows without a label are left out."""

    __slots__ = ()

    def __init__(self, context: FunctionContext | None = None, as_binary: bool = False) -> None:
        super().__init__((b"{", b"}"), as_binary)

    def step(self, arguments: list[Value]) -> None:
        if arguments[0] is not None:
            # As in SQLite a label ends at a NUL.
            label = text_bytes(arguments[0]).split(b"\0", 1)[0]
            self.pieces.append(quote_string(label) + b":" + value_to_json(arguments[1]))

    def inverse(self, arguments: list[Value]) -> None:
        if arguments[0] is not None:
            self.pieces.pop(0)


def _binary_array(context: FunctionContext | None = None) -> Aggregate:
    return JsonGroupArray(context, True)


def _binary_object(context: FunctionContext | None = None) -> Aggregate:
    return JsonGroupObject(context, True)


AGGREGATES: AggregateTable = {
    ("json_group_array", 1): JsonGroupArray,
    ("jsonb_group_array", 1): _binary_array,
    ("json_group_object", 2): JsonGroupObject,
    ("jsonb_group_object", 2): _binary_object,
}
