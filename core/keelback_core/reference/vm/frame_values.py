"""first_value, last_value and nth_value as aggregates over the rows of a frame, for frames with EXCLUDE.

Without EXCLUDE the compiler reads the row itself. Twin: core/kernel/vm/frame_values.
"""

from __future__ import annotations

from keelback_core.value.affinity import NUMERIC, apply_affinity
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value


class FirstValue:
    """first_value(x): of the first row stepped."""

    __slots__ = ("has_row", "result")

    def __init__(self, context: object = None) -> None:
        self.has_row = False
        self.result: Value = None

    def step(self, arguments: list[Value]) -> None:
        if not self.has_row:
            self.has_row = True
            self.result = arguments[0]

    def value(self) -> Value:
        return self.result

    def final(self) -> Value:
        return self.result


class LastValue(FirstValue):
    """last_value(x): of the last row stepped."""

    __slots__ = ()

    def step(self, arguments: list[Value]) -> None:
        self.result = arguments[0]


class NthValue(FirstValue):
    """nth_value(x, n): of row number n, whose own n counts."""

    __slots__ = ("count",)

    def __init__(self, context: object = None) -> None:
        super().__init__()
        self.count = 0

    def step(self, arguments: list[Value]) -> None:
        wanted = apply_affinity(arguments[1], NUMERIC)
        if isinstance(wanted, float) and wanted.is_integer():
            wanted = int(wanted)
        if not isinstance(wanted, int) or wanted <= 0:
            raise SqlError(ERROR, "second argument to nth_value must be a positive integer")
        self.count += 1
        if self.count == wanted:
            self.result = arguments[0]


FRAME_VALUES: dict[str, type[FirstValue]] = {
    "first_value": FirstValue,
    "last_value": LastValue,
    "nth_value": NthValue,
}
