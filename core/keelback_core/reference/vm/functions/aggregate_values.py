"""min and max of a column, group_concat and string_agg.

Spec: https://sqlite.org/lang_aggfunc.html. Twin: core/kernel/vm/functions/aggregate_values.
"""

from __future__ import annotations

from keelback_core.value.cast import to_text
from keelback_core.value.key import compare_binary, compare_values
from keelback_core.value.text_bytes import canonical

from .context import Aggregate, too_big

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

    from .context import AggregateTable, FunctionContext

_DEFAULT_LIMIT = 1000000000


class Extreme(Aggregate):
    """The best value that is not NULL; of equal ones the first."""

    __slots__ = ("best", "collation", "wanted_order")

    def __init__(self, wanted_order: int, context: FunctionContext | None) -> None:
        self.best: Value = None
        self.wanted_order = wanted_order
        self.collation = compare_binary if context is None else context.collation

    def step(self, arguments: list[Value]) -> None:
        value = arguments[0]
        if value is None:
            return
        if self.best is None or compare_values(value, self.best, self.collation) == self.wanted_order:
            self.best = value

    def final(self) -> Value:
        return self.best


class Minimum(Extreme):
    """min(x) over rows."""

    __slots__ = ()

    def __init__(self, context: FunctionContext | None = None) -> None:
        super().__init__(-1, context)


class Maximum(Extreme):
    """max(x) over rows."""

    __slots__ = ()

    def __init__(self, context: FunctionContext | None = None) -> None:
        super().__init__(1, context)


class GroupConcat(Aggregate):
    """group_concat(x[, separator]): the texts that are not NULL, each but the first after its row's separator."""

    __slots__ = ("limit", "pieces", "separators", "size")

    def __init__(self, context: FunctionContext | None = None) -> None:
        self.limit = _DEFAULT_LIMIT if context is None else context.host.limit_length
        self.pieces: list[str] = []
        self.separators: list[str] = []
        self.size = 0

    def step(self, arguments: list[Value]) -> None:
        text = to_text(arguments[0])
        if text is None:
            return
        separator = "," if len(arguments) == 1 else to_text(arguments[1]) or ""
        self.size += _size(text) + (_size(separator) if self.pieces else 0)
        if self.size > self.limit:
            raise too_big()
        self.pieces.append(text)
        self.separators.append(separator)

    def inverse(self, arguments: list[Value]) -> None:
        if arguments[0] is None:
            return
        self.size -= _size(self.pieces.pop(0))
        self.separators.pop(0)
        if self.pieces:
            self.size -= _size(self.separators[0])

    def final(self) -> Value:
        if not self.pieces:
            return None
        first = self.separators[0]
        if self.separators.count(first) == len(self.separators):
            return canonical(first.join(self.pieces))
        joined = [self.pieces[0]]
        for position in range(1, len(self.pieces)):
            joined.append(self.separators[position])
            joined.append(self.pieces[position])
        return canonical("".join(joined))


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


AGGREGATES: AggregateTable = {
    ("min", 1): Minimum,
    ("max", 1): Maximum,
    ("group_concat", 1): GroupConcat,
    ("group_concat", 2): GroupConcat,
    ("string_agg", 2): GroupConcat,
}
