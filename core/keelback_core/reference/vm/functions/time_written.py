"""Times as text, written and read: time_fmt_iso, time_fmt_datetime, time_fmt_date, time_fmt_time, time_parse.

Text that is no time reads as NULL (sqlean gives the first second of the year 1).
Twin: core/kernel/vm/functions/time_written.
"""

from __future__ import annotations

from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

from .time_instant import DAY, LARGEST, SMALLEST, composed_time, date_of, integer_argument, time_argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.value import Value

    from .context import FunctionContext, ScalarTable


def _shown(arguments: list[Value]) -> tuple[str, str, int, int]:
    """Date, time, nanoseconds, offset in seconds, as the offset's zone has them."""
    seconds, nanoseconds = time_argument(arguments[0], 1)
    offset = integer_argument(arguments[1], 2) if len(arguments) == 2 else 0
    seconds += offset
    if not SMALLEST <= seconds <= LARGEST:
        raise SqlError(ERROR, "time is out of range")
    year, month, day = date_of(seconds // DAY)
    date = f"{year:04d}-{month:02d}-{day:02d}"
    return date, f"{seconds // 3600 % 24:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}", nanoseconds, offset


def time_fmt_iso(context: FunctionContext, arguments: list[Value]) -> Value:
    """time_fmt_iso(t[, offset in seconds])."""
    date, time, nanoseconds, offset = _shown(arguments)
    fraction = f".{nanoseconds:09d}" if nanoseconds else ""
    minutes = abs(offset) // 60
    zone = f"{'-' if offset < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}" if offset else "Z"
    return f"{date}T{time}{fraction}{zone}"


def time_fmt_datetime(context: FunctionContext, arguments: list[Value]) -> Value:
    """time_fmt_datetime(t[, offset in seconds])."""
    date, time, _, _ = _shown(arguments)
    return f"{date} {time}"


def time_fmt_date(context: FunctionContext, arguments: list[Value]) -> Value:
    """time_fmt_date(t[, offset in seconds])."""
    return _shown(arguments)[0]


def time_fmt_time(context: FunctionContext, arguments: list[Value]) -> Value:
    """time_fmt_time(t[, offset in seconds])."""
    return _shown(arguments)[1]


_DATE: Final = "dddd-dd-dd"
_TIME: Final = "dd:dd:dd"


def _digits_at(text: str, layout: str) -> list[int] | None:
    """The numbers of a text of this layout, whose `d` are digits."""
    if len(text) < len(layout):
        return None
    numbers = [0]
    for want, character in zip(layout, text, strict=False):
        if want == "d":
            if character not in "0123456789":
                return None
            numbers[-1] = numbers[-1] * 10 + ord(character) - 48
        elif character != want:
            return None
        else:
            numbers.append(0)
    return numbers


def _fraction(text: str) -> tuple[int, str] | None:
    """Nanoseconds of what may begin with a point and one to nine digits, and the rest."""
    if not text.startswith("."):
        return 0, text
    end = 1
    while end < len(text) and text[end] in "0123456789":
        end += 1
    if not 2 <= end <= 10:
        return None
    return int(text[1:end].ljust(9, "0")), text[end:]


def _offset(text: str) -> int | None:
    """Seconds east of UTC of a zone."""
    if text in ("", "Z", "z"):
        return 0
    numbers = _digits_at(text[1:], "dd:dd")
    if text[0] not in "+-" or len(text) != 6 or numbers is None:
        return None
    seconds = numbers[0] * 3600 + numbers[1] * 60
    return -seconds if text[0] == "-" else seconds


def time_parse(context: FunctionContext, arguments: list[Value]) -> Value:
    """time_parse(text): a date, a time, or both with a fraction and a zone; NULL for other text."""
    text = arguments[0]
    if not isinstance(text, str):
        return None
    date = _digits_at(text, _DATE)
    if date is None:
        time = _digits_at(text, _TIME)
        return None if time is None or len(text) != len(_TIME) else composed_time(1, 1, 1, _seconds(time))
    if len(text) == len(_DATE):
        return composed_time(*date)
    time = _digits_at(text[len(_DATE) + 1 :], _TIME)
    rest = _fraction(text[len(_DATE) + 1 + len(_TIME) :])
    offset = None if rest is None else _offset(rest[1])
    if text[len(_DATE)] not in "Tt " or time is None or rest is None or offset is None:
        return None
    return composed_time(date[0], date[1], date[2], _seconds(time) - offset, rest[0])


def _seconds(time: list[int]) -> int:
    return time[0] * 3600 + time[1] * 60 + time[2]


SCALARS: ScalarTable = {
    ("time_fmt_iso", 1): time_fmt_iso,
    ("time_fmt_iso", 2): time_fmt_iso,
    ("time_fmt_datetime", 1): time_fmt_datetime,
    ("time_fmt_datetime", 2): time_fmt_datetime,
    ("time_fmt_date", 1): time_fmt_date,
    ("time_fmt_date", 2): time_fmt_date,
    ("time_fmt_time", 1): time_fmt_time,
    ("time_fmt_time", 2): time_fmt_time,
    ("time_parse", 1): time_parse,
}
