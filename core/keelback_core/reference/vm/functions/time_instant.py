"""A time to the nanosecond as a BLOB, arguments that are such times, and the calendar.

1. A time is a BLOB of 13 bytes: 1, then the seconds since 0001-01-01 00:00:00 UTC (64 bits) and the nanoseconds of the
   second (32 bits), both big-endian, so that later times compare as greater. What 64 bits cannot hold is an error.
2. The calendar is the Gregorian one, also before its time, without leap seconds.

Must not know: the functions. Twin: core/kernel/vm/functions/time_instant.
"""

from __future__ import annotations

from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.value import Value

    # Seconds since the year 1, and nanoseconds below a second.
    Time = tuple[int, int]

BLOB_SIZE: Final = 13
DAY: Final = 86400
NANOSECONDS: Final = 1_000_000_000
# 1970-01-01 in seconds, and 0000-03-01 in days, since 0001-01-01.
UNIX_EPOCH: Final = 62135596800
MARCH_OF_YEAR_ZERO: Final = -306
DAYS_OF_400_YEARS: Final = 146097
SMALLEST: Final = -(2**63)
LARGEST: Final = 2**63 - 1

_ORDINALS: Final = ("1st", "2nd", "3rd", "4th")


# Values


def encode_time(seconds: int, nanoseconds: int) -> Value:
    """A BLOB; the nanoseconds may be of any size."""
    seconds += nanoseconds // NANOSECONDS
    if not SMALLEST <= seconds <= LARGEST:
        raise SqlError(ERROR, "time is out of range")
    return b"\1" + (seconds & 2**64 - 1).to_bytes(8, "big") + (nanoseconds % NANOSECONDS).to_bytes(4, "big")


def in_range(number: int) -> Value:
    if not SMALLEST <= number <= LARGEST:
        raise SqlError(ERROR, "time is out of range")
    return number


def _subject(position: int) -> str:
    """How a message begins: of a function with one parameter, or of one of several."""
    return "parameter " if position == 0 else f"{_ORDINALS[position - 1]} parameter: "


def time_argument(value: Value, position: int = 0) -> Time:
    if not isinstance(value, bytes):
        raise SqlError(ERROR, _subject(position) + "should be a time blob")
    if len(value) != BLOB_SIZE:
        raise SqlError(ERROR, ("" if position == 0 else _subject(position)) + "invalid time blob size")
    nanoseconds = int.from_bytes(value[9:], "big")
    seconds = int.from_bytes(value[1:9], "big", signed=True) + nanoseconds // NANOSECONDS
    if seconds > LARGEST:
        raise SqlError(ERROR, "time is out of range")
    return seconds, nanoseconds % NANOSECONDS


def integer_argument(value: Value, position: int = 0) -> int:
    if not isinstance(value, int):
        raise SqlError(ERROR, _subject(position) + "should be an integer")
    return value


def integer_arguments(arguments: list[Value]) -> list[int]:
    found = [value for value in arguments if isinstance(value, int)]
    if len(found) != len(arguments):
        raise SqlError(ERROR, "all parameters should be integers")
    return found


def field_argument(value: Value, position: int) -> str:
    if not isinstance(value, str):
        raise SqlError(ERROR, _subject(position) + "should be a field name")
    name = value.lower()
    return name[:-1] if name.endswith("s") else name


def quotient(one: int, other: int) -> int:
    """Towards zero."""
    return one // other if one >= 0 else -(-one // other)


# The calendar


def days_of(year: int, month: int, day: int) -> int:
    """Days since 0001-01-01; month and day may be of any size."""
    year += (month - 1) // 12
    month = (month - 1) % 12 + 1
    if month <= 2:
        year -= 1
    of_year = (153 * (month + 9 if month <= 2 else month - 3) + 2) // 5 + day - 1
    return year * 365 + year // 4 - year // 100 + year // 400 + of_year + MARCH_OF_YEAR_ZERO


def date_of(days: int) -> tuple[int, int, int]:
    """Year, month and day of days since 0001-01-01."""
    days -= MARCH_OF_YEAR_ZERO
    era = days // DAYS_OF_400_YEARS
    of_era = days - era * DAYS_OF_400_YEARS
    year_of_era = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    year = year_of_era + era * 400 + (1 if month >= 10 else 0)
    return year, month - 9 if month >= 10 else month + 3, day


def weekday_of(days: int) -> int:
    """0 is Sunday; 0001-01-01 was a Monday."""
    return (days + 1) % 7


def iso_week(days: int) -> tuple[int, int]:
    """The ISO year and its week: the one that the Thursday of the week is in."""
    thursday = days - days % 7 + 3
    year = date_of(thursday)[0]
    return year, (thursday - days_of(year, 1, 1)) // 7 + 1


def composed_time(year: int, month: int, day: int, seconds: int = 0, nanoseconds: int = 0) -> Value:
    return encode_time(days_of(year, month, day) * DAY + seconds, nanoseconds)
