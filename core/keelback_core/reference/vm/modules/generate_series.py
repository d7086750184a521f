"""generate_series(start, stop, step): the integers from start to stop in steps of step.

1. Rows go up for a positive step and down for a negative one; a step of 0 counts as 1. Without START there is an
   error; STOP is 4294967295 and STEP 1 where they are not given. A NULL argument gives no rows.
2. Constraints on `value` narrow the range before the first row; they are tested again all the same.
3. No sum ever leaves 64 bits: rows are numbered, and the number of the last one is computed first.

Source: https://sqlite.org/series.html. Twin: core/kernel/vm/modules/generate_series.
"""

from __future__ import annotations

from math import ceil, floor

from keelback_core.module.index_query import EQUAL, GREATER, GREATER_EQUAL, IS, LESS, LESS_EQUAL
from keelback_core.module.protocol import RISK_LOW, Module, ModuleCursor, ModuleTable
from keelback_core.value.cast import to_integer
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.module.index_query import IndexQuery
    from keelback_core.module.protocol import ConnectRequest
    from keelback_core.value import Value

DECLARATION = "CREATE TABLE x(value,start hidden,stop hidden,step hidden)"
VALUE, START, STOP, STEP = range(4)

# Bits of the number of a plan: which of start, stop and step are arguments, the order of rows, and the bounds of value.
HAS_START = 1
HAS_STOP = 2
HAS_STEP = 4
IS_DESCENDING = 8
IS_ASCENDING = 16
VALUE_EQUAL = 64
VALUE_GREATER_EQUAL = 128
VALUE_GREATER = 256
VALUE_LESS_EQUAL = 512
VALUE_LESS = 1024

_BOUNDS = {EQUAL: VALUE_EQUAL, IS: VALUE_EQUAL, GREATER_EQUAL: VALUE_GREATER_EQUAL, GREATER: VALUE_GREATER}
_BOUNDS |= {LESS_EQUAL: VALUE_LESS_EQUAL, LESS: VALUE_LESS}
_LOWEST = -(2**63)
_HIGHEST = 2**63 - 1
DEFAULT_STOP = 0xFFFFFFFF


class SeriesTable(ModuleTable):
    """The one table."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(DECLARATION, risk=RISK_LOW)
        self.is_shipped = True

    def best_index(self, query: IndexQuery) -> bool:
        """start, stop, step in this order as arguments, then bounds of value."""
        found: dict[int, int] = {}
        unusable = 0
        for position, constraint in enumerate(query.constraints):
            if constraint.column < START:
                continue
            if not constraint.is_usable:
                unusable |= 1 << (constraint.column - START)
            elif constraint.operator == EQUAL:
                found[constraint.column] = position
        count = 0
        for column in (START, STOP, STEP):
            if column in found:
                count += 1
                query.number |= 1 << (column - START)
                query.take(query.constraints[found[column]], count)
        if not any(constraint.column == START and constraint.operator == EQUAL for constraint in query.constraints):
            raise SqlError(ERROR, 'first argument to "generate_series()" missing or unusable')
        if any(unusable & 1 << (column - START) and column not in found for column in (START, STOP, STEP)):
            return False
        count = self._take_bounds(query, count)
        self._estimate(query)
        if query.order and query.order[0][0] == VALUE:
            query.number |= IS_DESCENDING if query.order[0][1] else IS_ASCENDING
            query.order_is_consumed = True
        return True

    def _take_bounds(self, query: IndexQuery, count: int) -> int:
        """Every comparison of the value with something known narrows the range."""
        for constraint in query.constraints:
            bit = _BOUNDS.get(constraint.operator, 0)
            if constraint.column != VALUE or not constraint.is_usable or constraint.is_in or not bit:
                continue
            count += 1
            query.number |= bit
            query.take(constraint, count, False)
        # The arguments of bounds come in the order of the constraints; the text tells which is which.
        query.text = "".join(
            chr(ord("0") + constraint.operator)
            for constraint in query.constraints
            if constraint.argument and constraint.column == VALUE
        )
        return count

    def _estimate(self, query: IndexQuery) -> None:
        if query.number & (HAS_START | HAS_STOP) == HAS_START | HAS_STOP:
            query.cost = 2.0 - (1 if query.number & HAS_STEP else 0)
            query.rows = 1000
        else:
            query.rows = 2147483647

    def open(self) -> ModuleCursor:
        return SeriesCursor()


class SeriesCursor(ModuleCursor):
    """Row i of `count` has the value first + i * step."""

    __slots__ = ("first", "step", "count", "position", "arguments")

    def __init__(self) -> None:
        self.first = 0
        self.step = 1
        self.count = 0
        self.position = 0
        self.arguments: list[Value] = [None, None, None]

    def filter(self, number: int, text: str | None, arguments: list[Value]) -> None:
        self.position = 0
        self.count = 0
        given: list[Value] = [0, DEFAULT_STOP, 1]
        place = 0
        for column, bit in enumerate((HAS_START, HAS_STOP, HAS_STEP)):
            if number & bit:
                given[column] = arguments[place]
                place += 1
        if any(argument is None for argument in arguments):
            self.arguments = [None, None, None]
            return
        start, stop, step = (to_integer(value) for value in given)
        if step == 0:
            step = 1
        self.arguments = [start, stop, step]
        low, high = (start, stop) if step > 0 else (stop, start)
        for code, value in zip(text or "", arguments[place:], strict=False):
            low, high = _narrowed(low, high, ord(code) - ord("0"), value)
        self._begin(start, step, low, high)
        is_reverse = bool(number & IS_DESCENDING) and step > 0 or bool(number & IS_ASCENDING) and step < 0
        if is_reverse and self.count:
            self.first += (self.count - 1) * self.step
            self.step = -self.step

    def _begin(self, start: int, step: int, low: int, high: int) -> None:
        """The members of start, start + step, ... between low and high."""
        if low > high:
            return
        if step > 0:
            skipped = max(0, -((start - low) // step)) if low > start else 0
            self.first = start + skipped * step
            self.count = max(0, (high - self.first) // step + 1) if self.first <= high else 0
        else:
            size = -step
            skipped = -((high - start) // size) if high < start else 0
            self.first = start - skipped * size
            self.count = max(0, (self.first - low) // size + 1) if self.first >= low else 0
        self.step = step

    def is_at_end(self) -> bool:
        return self.position >= self.count

    def next(self) -> None:
        self.position += 1

    def column(self, number: int) -> Value:
        if number == VALUE:
            return self.first + self.position * self.step
        return self.arguments[number - START]

    def rowid(self) -> int:
        return self.first + self.position * self.step


def _narrowed(low: int, high: int, operator: int, value: Value) -> tuple[int, int]:
    """The range of integers that also meet a comparison; the comparison is tested again."""
    if not isinstance(value, (int, float)):
        return low, high
    if value != value or value in (float("inf"), float("-inf")):
        value = _HIGHEST + 1 if value > 0 else _LOWEST - 1
    if operator in (EQUAL, IS):
        return (max(low, ceil(value)), min(high, floor(value)))
    if operator == GREATER_EQUAL:
        return max(low, ceil(value)), high
    if operator == GREATER:
        return max(low, floor(value) + 1), high
    if operator == LESS_EQUAL:
        return low, min(high, floor(value))
    return low, min(high, ceil(value) - 1)


class SeriesModule(Module):
    """generate_series."""

    __slots__ = ()

    def connect(self, request: ConnectRequest) -> ModuleTable:
        return SeriesTable()
