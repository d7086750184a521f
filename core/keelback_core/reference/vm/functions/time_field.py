"""The fields of a time: what they are, and the time that they begin with.

'week' begins on Monday (sqlean's begins with the weekday of January 1st). Twin: core/kernel/vm/functions/time_field.
"""

from __future__ import annotations

from .time_instant import (
    DAY,
    NANOSECONDS,
    UNIX_EPOCH,
    composed_time,
    date_of,
    days_of,
    encode_time,
    iso_week,
    quotient,
    weekday_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

    from .time_instant import Time


def field_of(time: Time, field: str) -> Value:
    """A field of a time; None for one that there is not."""
    seconds, nanoseconds = time
    days = seconds // DAY
    year, month, day = date_of(days)
    if field in ("millennium", "century", "decade"):
        return quotient(year, 1000 if field == "millennium" else 100 if field == "century" else 10)
    if field == "year":
        return year
    if field == "quarter":
        return (month - 1) // 3 + 1
    if field == "month":
        return month
    if field in ("isoweek", "week"):
        return iso_week(days)[1]
    if field == "day":
        return day
    if field == "hour":
        return seconds // 3600 % 24
    if field == "minute":
        return seconds // 60 % 60
    if field == "second":
        return float(seconds % 60) + nanoseconds / NANOSECONDS
    if field in ("milli", "millisecond"):
        return nanoseconds // 1_000_000
    if field in ("micro", "microsecond"):
        return nanoseconds // 1000
    if field in ("nano", "nanosecond"):
        return nanoseconds
    if field == "isoyear":
        return iso_week(days)[0]
    if field == "isodow":
        return days % 7 + 1
    if field in ("yearday", "doy"):
        return days - days_of(year, 1, 1) + 1
    if field in ("weekday", "dow"):
        return weekday_of(days)
    if field == "epoch":
        return float(seconds - UNIX_EPOCH) + nanoseconds / NANOSECONDS
    return None


def truncated(time: Time, field: str) -> Value:
    """Down to the beginning of a field; None for a field that there is not."""
    seconds, nanoseconds = time
    days = seconds // DAY
    year, month, _ = date_of(days)
    for name, years in (("millennium", 1000), ("century", 100), ("decade", 10), ("year", 1)):
        if field == name:
            return composed_time(quotient(year, years) * years, 1, 1)
    if field == "quarter":
        return composed_time(year, month - (month - 1) % 3, 1)
    if field == "month":
        return composed_time(year, month, 1)
    for name, length in (("week", 7 * DAY), ("day", DAY), ("hour", 3600), ("minute", 60), ("second", 1)):
        if field == name:
            return encode_time(seconds - seconds % length, 0)
    if field in ("milli", "millisecond"):
        return encode_time(seconds, nanoseconds - nanoseconds % 1_000_000)
    if field in ("micro", "microsecond"):
        return encode_time(seconds, nanoseconds - nanoseconds % 1000)
    return None


def stepped(time: Time, duration: int, is_rounded: bool) -> Value:
    """Down, or half up, to a multiple of whole seconds; other durations leave the time alone."""
    seconds, nanoseconds = time
    length = duration // NANOSECONDS
    if duration <= 0 or duration % NANOSECONDS != 0:
        return encode_time(seconds, nanoseconds)
    rest = seconds % length
    is_up = is_rounded and 2 * (rest * NANOSECONDS + nanoseconds) >= duration
    return encode_time(seconds - rest + (length if is_up else 0), 0)
