"""median, percentile, percentile_cont, percentile_disc; variance and standard deviation.

1. The percentiles are SQLite's own (its builds have them with SQLITE_ENABLE_PERCENTILE), messages included.
2. The others are extensions: of a sample (divided by n - 1, NULL for fewer than two values) or of a population. Values
   that are no numbers count as SQLite's sum() counts them.
3. The values are kept until the end, so that results do not depend on their order and windows can move.

Spec: https://sqlite.org/percentile.html. Twin: core/kernel/vm/functions/aggregate_statistics.
"""

from __future__ import annotations

from math import fsum, isinf, isnan, sqrt

from keelback_core.value.cast import to_real
from keelback_core.value.errors import SqlError
from keelback_core.value.numeric_text import text_to_number
from keelback_core.value.result_codes import ERROR

from .context import Aggregate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

    from .context import AggregateFactory, AggregateTable, FunctionContext

# Two fractions that differ by no more are the same.
_SAME_FRACTION = 0.001


class Percentile(Aggregate):
    """The value below which a fraction of the values lies: interpolated, or the value itself."""

    __slots__ = ("fraction", "is_discrete", "largest_fraction", "name", "values")

    def __init__(self, name: str, largest_fraction: float, is_discrete: bool) -> None:
        self.name = name
        self.largest_fraction = largest_fraction
        self.is_discrete = is_discrete
        self.fraction: float | None = None
        self.values: list[float] = []

    def _read_fraction(self, value: Value) -> float:
        """The fraction, from 0 to 1."""
        number: Value = text_to_number(value) if isinstance(value, str) else value
        if not isinstance(number, (int, float)) or not 0.0 <= number <= self.largest_fraction:
            message = f"the fraction argument to {self.name}() is not between 0.0 and {self.largest_fraction}"
            raise SqlError(ERROR, message)
        return number / self.largest_fraction

    def step(self, arguments: list[Value]) -> None:
        fraction = 0.5 if len(arguments) == 1 else self._read_fraction(arguments[1])
        if self.fraction is None:
            self.fraction = fraction
        elif abs(self.fraction - fraction) > _SAME_FRACTION:
            message = f"the fraction argument to {self.name}() is not the same for all input rows"
            raise SqlError(ERROR, message)
        value = arguments[0]
        if value is None:
            return
        if not isinstance(value, (int, float)):
            raise SqlError(ERROR, f"input to {self.name}() is not numeric")
        if isinstance(value, float) and isinf(value):
            raise SqlError(ERROR, f"Inf input to {self.name}()")
        self.values.append(float(value))

    def inverse(self, arguments: list[Value]) -> None:
        if arguments[0] is not None:
            self.values.remove(to_real(arguments[0]))

    def final(self) -> Value:
        if not self.values or self.fraction is None:
            return None
        values = sorted(self.values)
        place = self.fraction * (len(values) - 1)
        lower = int(place)
        if self.is_discrete:
            return values[lower]
        if lower == place or lower == len(values) - 1:
            return values[lower] + 0.0  # -0.0 does not survive
        return values[lower] + (values[lower + 1] - values[lower]) * (place - lower)


class Spread(Aggregate):
    """The variance, or its root, of a sample or of a population."""

    __slots__ = ("is_root", "is_sample", "values")

    def __init__(self, is_sample: bool, is_root: bool) -> None:
        self.is_sample = is_sample
        self.is_root = is_root
        self.values: list[float] = []

    def step(self, arguments: list[Value]) -> None:
        if arguments[0] is not None:
            self.values.append(to_real(arguments[0]))

    def inverse(self, arguments: list[Value]) -> None:
        if arguments[0] is not None:
            self.values.pop(0)

    def final(self) -> Value:
        count = len(self.values)
        divisor = count - 1 if self.is_sample else count
        if divisor < 1:
            return None
        if any(isinf(value) for value in self.values):
            return None
        try:
            mean = fsum(self.values) / count
            # A product, which is rounded once; a power may be a bit off.
            distances = [value - mean for value in self.values]
            variance = fsum([distance * distance for distance in distances]) / divisor
        except OverflowError:
            return float("inf")
        if isnan(variance):
            return None
        return sqrt(variance) if self.is_root else variance


def _percentile(name: str, largest_fraction: float = 1.0, is_discrete: bool = False) -> AggregateFactory:
    def make(context: FunctionContext | None = None) -> Aggregate:
        return Percentile(name, largest_fraction, is_discrete)

    return make


def _spread(is_sample: bool, is_root: bool) -> AggregateFactory:
    def make(context: FunctionContext | None = None) -> Aggregate:
        return Spread(is_sample, is_root)

    return make


AGGREGATES: AggregateTable = {
    ("median", 1): _percentile("median"),
    ("percentile", 2): _percentile("percentile", 100.0),
    ("percentile_cont", 2): _percentile("percentile_cont"),
    ("percentile_disc", 2): _percentile("percentile_disc", 1.0, True),
    ("stddev", 1): _spread(True, True),
    ("stddev_samp", 1): _spread(True, True),
    ("stddev_pop", 1): _spread(False, True),
    ("variance", 1): _spread(True, False),
    ("var_samp", 1): _spread(True, False),
    ("var_pop", 1): _spread(False, False),
}
