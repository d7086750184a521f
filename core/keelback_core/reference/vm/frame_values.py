"""first_value, last_value and nth_value as aggregates over the rows of a frame, for frames with EXCLUDE; min and max
over frames that rows leave.

Without EXCLUDE the compiler reads the row of the first three itself. Twin: core/kernel/vm/frame_values.
"""

from __future__ import annotations

from keelback_core.reference.vm.functions import FunctionContext
from keelback_core.value.affinity import NUMERIC, apply_affinity
from keelback_core.value.errors import SqlError
from keelback_core.value.key import compare_values
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from keelback_core.value import Value


class FirstValue:
    """first_value(x): of the first row stepped."""

    __slots__ = ("has_row", "result")

    def __init__(self, context: FunctionContext) -> None:
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

    def __init__(self, context: FunctionContext) -> None:
        super().__init__(context)
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


class FrameExtreme:
    """The best value of a frame that rows also leave, oldest first; of equal ones the last.

    `candidates` holds those values that no later one beats or equals, each better than the next, with their numbers.
    """

    __slots__ = ("candidates", "collation", "oldest", "newest", "wanted_order")

    def __init__(self, wanted_order: int, context: FunctionContext) -> None:
        self.candidates: list[tuple[int, Value]] = []
        self.wanted_order = wanted_order
        self.collation = context.collation
        # The numbers of the values in the frame: oldest ... newest - 1.
        self.oldest = 0
        self.newest = 0

    def step(self, arguments: list[Value]) -> None:
        value = arguments[0]
        if value is None:
            return
        candidates = self.candidates
        while candidates and compare_values(candidates[-1][1], value, self.collation) != self.wanted_order:
            candidates.pop()
        candidates.append((self.newest, value))
        self.newest += 1

    def inverse(self, arguments: list[Value]) -> None:
        if arguments[0] is None:
            return
        if self.candidates and self.candidates[0][0] == self.oldest:
            del self.candidates[0]
        self.oldest += 1

    def value(self) -> Value:
        return self.candidates[0][1] if self.candidates else None

    def final(self) -> Value:
        return self.value()


class FrameMinimum(FrameExtreme):
    """min(x) over a moving frame."""

    __slots__ = ()

    def __init__(self, context: FunctionContext) -> None:
        super().__init__(-1, context)


class FrameMaximum(FrameExtreme):
    """max(x) over a moving frame."""

    __slots__ = ()

    def __init__(self, context: FunctionContext) -> None:
        super().__init__(1, context)


FRAME_VALUES: dict[str, Callable[[FunctionContext], Any]] = {
    "first_value": FirstValue,
    "last_value": LastValue,
    "nth_value": NthValue,
    "min of a frame": FrameMinimum,
    "max of a frame": FrameMaximum,
}
