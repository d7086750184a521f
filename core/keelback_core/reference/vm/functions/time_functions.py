"""Times to the nanosecond: time_now, time_date, time_get and the rest of the family that sqlean's `time` has.

A duration is an INTEGER of nanoseconds. Otherwise than there, what 64 bits cannot hold is an error, and names of fields
may be in any case; see time_field and time_written for the rest.

Spec: https://github.com/nalgeon/sqlean/blob/main/docs/time.md. Twin: core/kernel/vm/functions/time_functions.cpp.
"""

from __future__ import annotations

from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

from .time_field import field_of, stepped, truncated
from .time_instant import (
    DAY,
    LARGEST,
    NANOSECONDS,
    SMALLEST,
    UNIX_EPOCH,
    composed_time,
    date_of,
    encode_time,
    field_argument,
    in_range,
    integer_argument,
    integer_arguments,
    time_argument,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.value import Value

    from .context import FunctionContext, ScalarFunction, ScalarTable
    from .time_instant import Time


# Making


def time_now(context: FunctionContext, arguments: list[Value]) -> Value:
    """time_now(), now()."""
    return encode_time(*_present(context))


def _present(context: FunctionContext) -> Time:
    milliseconds = context.host.current_time_milliseconds()
    return UNIX_EPOCH + milliseconds // 1000, milliseconds % 1000 * 1_000_000


def time_date(context: FunctionContext, arguments: list[Value]) -> Value:
    """time_date(year, month, day[, hour, minute, second[, nanosecond[, offset in seconds]]])."""
    parts = integer_arguments(arguments) + [0] * (8 - len(arguments))
    year, month, day, hour, minute, second, nanosecond, offset = parts
    return composed_time(year, month, day, hour * 3600 + minute * 60 + second - offset, nanosecond)


def time_unix(context: FunctionContext, arguments: list[Value]) -> Value:
    """time_unix(seconds[, nanoseconds]), to_timestamp(seconds)."""
    parts = integer_arguments(arguments)
    return encode_time(UNIX_EPOCH + parts[0], parts[1] if len(parts) == 2 else 0)


def _from_unix(unit: int) -> ScalarFunction:
    """Of a number of units, so many of which are a second."""

    def from_unix(context: FunctionContext, arguments: list[Value]) -> Value:
        number = integer_argument(arguments[0])
        return encode_time(UNIX_EPOCH + number // unit, number % unit * (NANOSECONDS // unit))

    return from_unix


def _to_unix(unit: int) -> ScalarFunction:
    def to_unix(context: FunctionContext, arguments: list[Value]) -> Value:
        seconds, nanoseconds = time_argument(arguments[0])
        return in_range((seconds - UNIX_EPOCH) * unit + nanoseconds // (NANOSECONDS // unit))

    return to_unix


def _duration(nanoseconds: int) -> ScalarFunction:
    def duration(context: FunctionContext, arguments: list[Value]) -> Value:
        return nanoseconds

    return duration


# Looking


def _getter(time_at: int, field_at: int) -> ScalarFunction:
    def get(context: FunctionContext, arguments: list[Value]) -> Value:
        time = time_argument(arguments[time_at], time_at + 1)
        found = field_of(time, field_argument(arguments[field_at], field_at + 1))
        if found is None:
            raise SqlError(ERROR, "unknown field")
        return found

    return get


def _getter_of(field: str) -> ScalarFunction:
    def get(context: FunctionContext, arguments: list[Value]) -> Value:
        time = time_argument(arguments[0])
        return time[0] % 60 if field == "second" else field_of(time, field)

    return get


def _compare(arguments: list[Value]) -> int:
    one, other = time_argument(arguments[0], 1), time_argument(arguments[1], 2)
    return (one > other) - (one < other)


def time_after(context: FunctionContext, arguments: list[Value]) -> Value:
    """time_after(t, u)."""
    return 1 if _compare(arguments) > 0 else 0


def time_before(context: FunctionContext, arguments: list[Value]) -> Value:
    """time_before(t, u)."""
    return 1 if _compare(arguments) < 0 else 0


def time_compare(context: FunctionContext, arguments: list[Value]) -> Value:
    """time_compare(t, u): -1, 0, 1."""
    return _compare(arguments)


def time_equal(context: FunctionContext, arguments: list[Value]) -> Value:
    """time_equal(t, u)."""
    return 1 if _compare(arguments) == 0 else 0


# Reckoning


def time_add(context: FunctionContext, arguments: list[Value]) -> Value:
    """time_add(t, duration), date_add(t, duration)."""
    seconds, nanoseconds = time_argument(arguments[0], 1)
    return encode_time(seconds, nanoseconds + integer_argument(arguments[1], 2))


def time_add_date(context: FunctionContext, arguments: list[Value]) -> Value:
    """time_add_date(t, years[, months[, days]])."""
    seconds, nanoseconds = time_argument(arguments[0], 1)
    added = [integer_argument(value, position) for position, value in enumerate(arguments[1:], 2)] + [0, 0]
    year, month, day = date_of(seconds // DAY)
    return composed_time(year + added[0], month + added[1], day + added[2], seconds % DAY, nanoseconds)


def _between(one: Time, other: Time) -> Value:
    """In nanoseconds, as much as an INTEGER holds."""
    difference = (one[0] - other[0]) * NANOSECONDS + one[1] - other[1]
    return max(SMALLEST, min(LARGEST, difference))


def time_sub(context: FunctionContext, arguments: list[Value]) -> Value:
    """time_sub(t, u), age(t, u)."""
    return _between(time_argument(arguments[0], 1), time_argument(arguments[1], 2))


def time_since(context: FunctionContext, arguments: list[Value]) -> Value:
    """time_since(t)."""
    return _between(_present(context), time_argument(arguments[0]))


def time_until(context: FunctionContext, arguments: list[Value]) -> Value:
    """time_until(t)."""
    return _between(time_argument(arguments[0]), _present(context))


def _truncator(time_at: int, field_at: int) -> ScalarFunction:
    def truncate(context: FunctionContext, arguments: list[Value]) -> Value:
        time = time_argument(arguments[time_at], time_at + 1)
        argument = arguments[field_at]
        if isinstance(argument, int) and field_at == 1:
            return stepped(time, argument, False)
        found = truncated(time, field_argument(argument, field_at + 1))
        if found is None:
            raise SqlError(ERROR, "unknown field")
        return found

    return truncate


def time_round(context: FunctionContext, arguments: list[Value]) -> Value:
    """time_round(t, duration)."""
    return stepped(time_argument(arguments[0], 1), integer_argument(arguments[1], 2), True)


_FIELDS: Final = (
    "year",
    "month",
    "day",
    "hour",
    "minute",
    "second",
    "nano",
    "weekday",
    "yearday",
    "isoyear",
    "isoweek",
)
SCALARS: ScalarTable = {
    ("time_now", 0): time_now,
    ("now", 0): time_now,
    ("time_date", 3): time_date,
    ("time_date", 6): time_date,
    ("time_date", 7): time_date,
    ("time_date", 8): time_date,
    ("make_date", 3): time_date,
    ("make_timestamp", 6): time_date,
    ("time_unix", 1): time_unix,
    ("time_unix", 2): time_unix,
    ("to_timestamp", 1): time_unix,
    ("time_milli", 1): _from_unix(1000),
    ("time_micro", 1): _from_unix(1_000_000),
    ("time_nano", 1): _from_unix(NANOSECONDS),
    ("time_to_unix", 1): _to_unix(1),
    ("time_to_milli", 1): _to_unix(1000),
    ("time_to_micro", 1): _to_unix(1_000_000),
    ("time_to_nano", 1): _to_unix(NANOSECONDS),
    ("time_get", 2): _getter(0, 1),
    ("date_part", 2): _getter(1, 0),
    **{(f"time_get_{field}", 1): _getter_of(field) for field in _FIELDS},
    ("time_after", 2): time_after,
    ("time_before", 2): time_before,
    ("time_compare", 2): time_compare,
    ("time_equal", 2): time_equal,
    ("time_add", 2): time_add,
    ("date_add", 2): time_add,
    ("time_add_date", 2): time_add_date,
    ("time_add_date", 3): time_add_date,
    ("time_add_date", 4): time_add_date,
    ("time_sub", 2): time_sub,
    ("age", 2): time_sub,
    ("time_since", 1): time_since,
    ("time_until", 1): time_until,
    ("time_trunc", 2): _truncator(0, 1),
    ("date_trunc", 2): _truncator(1, 0),
    ("time_round", 2): time_round,
    ("dur_ns", 0): _duration(1),
    ("dur_us", 0): _duration(1000),
    ("dur_ms", 0): _duration(1_000_000),
    ("dur_s", 0): _duration(NANOSECONDS),
    ("dur_m", 0): _duration(60 * NANOSECONDS),
    ("dur_h", 0): _duration(3600 * NANOSECONDS),
}
