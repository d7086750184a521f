"""count, sum, total and avg.

Sums of integers are exact until something else than an integer comes, or until they overflow; from then on they are
Kahan-Babuska sums of doubles, as SQLite forms them: `total` and the lost low part `error`, added at the end.

Spec: https://sqlite.org/lang_aggfunc.html. Twin: core/kernel/vm/functions/aggregate_numbers.
"""

from __future__ import annotations

from math import isinf, isnan

from keelback_core.value.affinity import NUMERIC, apply_affinity
from keelback_core.value.cast import to_real
from keelback_core.value.errors import SqlError
from keelback_core.value.numeric_text import LARGEST_INTEGER, SMALLEST_INTEGER, text_to_number
from keelback_core.value.result_codes import ERROR

from .context import Aggregate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

    from .context import AggregateTable, FunctionContext

# From here on an integer is added in two parts, as it may be no double.
_BIG_INTEGER = 4503599627370496
_SMALL_PART = 16384


class Count(Aggregate):
    """count(*) and count(x)."""

    __slots__ = ("count",)

    def __init__(self, context: FunctionContext | None = None) -> None:
        self.count = 0

    def step(self, arguments: list[Value]) -> None:
        if not arguments or arguments[0] is not None:
            self.count += 1

    def inverse(self, arguments: list[Value]) -> None:
        if not arguments or arguments[0] is not None:
            self.count -= 1

    def final(self) -> Value:
        return self.count


class SumState(Aggregate):
    """What sum, total and avg have in common."""

    __slots__ = ("count", "error", "has_overflowed", "integer_sum", "is_approximate", "total")

    def __init__(self, context: FunctionContext | None = None) -> None:
        self.count = 0
        self.integer_sum = 0
        self.is_approximate = False
        self.has_overflowed = False
        self.total = 0.0
        self.error = 0.0

    def _add_real(self, value: float) -> None:
        total = self.total
        new_total = total + value
        if abs(total) > abs(value):
            self.error += (total - new_total) + value
        else:
            self.error += (value - new_total) + total
        self.total = new_total

    def _add_integer(self, value: int) -> None:
        if -_BIG_INTEGER < value < _BIG_INTEGER:
            self._add_real(float(value))
            return
        small = abs(value) % _SMALL_PART
        if value < 0:
            small = -small
        self._add_real(float(value - small))
        self._add_real(float(small))

    def _become_approximate(self) -> None:
        self.is_approximate = True
        value = self.integer_sum
        small = 0
        if not -_BIG_INTEGER < value < _BIG_INTEGER:
            small = abs(value) % _SMALL_PART
            if value < 0:
                small = -small
        self.total = float(value - small)
        self.error = float(small)

    def step(self, arguments: list[Value]) -> None:
        value = arguments[0]
        if value is None:
            return
        if isinstance(value, str):
            number = text_to_number(value)
            value = to_real(value) if number is None else number
        elif isinstance(value, bytes):
            value = to_real(value)
        self.count += 1
        if isinstance(value, int):
            if self.is_approximate:
                self._add_integer(value)
                return
            new_sum = self.integer_sum + value
            if SMALLEST_INTEGER <= new_sum <= LARGEST_INTEGER:
                self.integer_sum = new_sum
                return
            self.has_overflowed = True
            self._become_approximate()
            self._add_integer(value)
            return
        if self.is_approximate:
            self.has_overflowed = False
        else:
            self._become_approximate()
        self._add_real(value)

    def inverse(self, arguments: list[Value]) -> None:
        value = arguments[0]
        if value is None:
            return
        number = apply_affinity(value, NUMERIC)
        self.count -= 1
        if not isinstance(number, int):
            self._add_real(-to_real(value))
        elif self.is_approximate:
            if number == SMALLEST_INTEGER:
                self._add_integer(LARGEST_INTEGER)
                self._add_integer(1)
            else:
                self._add_integer(-number)
        else:
            self.integer_sum -= number
            if not SMALLEST_INTEGER <= self.integer_sum <= LARGEST_INTEGER:
                self.has_overflowed = True
                self._become_approximate()

    def _real_total(self) -> float:
        if not self.is_approximate:
            return float(self.integer_sum)
        if isinf(self.error) or isnan(self.error):
            return self.total
        return self.total + self.error


class Sum(SumState):
    """sum(x): NULL of no rows, an integer while exact. SqlError "integer overflow"."""

    __slots__ = ()

    def final(self) -> Value:
        if self.count <= 0:
            return None
        if not self.is_approximate:
            return self.integer_sum
        if self.has_overflowed:
            raise SqlError(ERROR, "integer overflow")
        total = self._real_total()
        return None if isnan(total) else total


class Total(SumState):
    """total(x): as a real, 0.0 of no rows."""

    __slots__ = ()

    def final(self) -> Value:
        total = self._real_total()
        return None if isnan(total) else total


class Average(SumState):
    """avg(x): NULL of no rows."""

    __slots__ = ()

    def final(self) -> Value:
        if self.count <= 0:
            return None
        average = self._real_total() / self.count
        return None if isnan(average) else average


AGGREGATES: AggregateTable = {
    ("count", 0): Count,
    ("count", 1): Count,
    ("sum", 1): Sum,
    ("total", 1): Total,
    ("avg", 1): Average,
}
