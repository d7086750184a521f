"""Reading a time value: 'YYYY-MM-DD HH:MM:SS.SSS+ZZ:ZZ' and its parts, 'now', and numbers.

Spec: https://sqlite.org/lang_datefunc.html section 2. Twin: core/kernel/vm/functions/time_text.
"""

from __future__ import annotations

from keelback_core.value.numeric_text import SPACES, WHOLE, scan_real

from .moment import UNIX_EPOCH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .context import FunctionContext
    from .moment import Moment

_DIGITS = "0123456789"


def read_digits(text: str, position: int, count: int, least: int, most: int) -> int:
    """The number that exactly these digits are, if inside the bounds; else -1."""
    digits = text[position : position + count]
    if len(digits) != count or any(digit not in _DIGITS for digit in digits):
        return -1
    number = int(digits)
    return number if least <= number <= most else -1


def _skip_spaces(text: str, position: int) -> int:
    while position < len(text) and text[position] in SPACES:
        position += 1
    return position


def _read_zone(text: str, position: int, moment: Moment) -> bool:
    """An optional zone and the end of the text."""
    position = _skip_spaces(text, position)
    moment.zone_minutes = 0
    if position == len(text):
        return True
    sign = text[position]
    position += 1
    if sign in "Zz":
        moment.is_local = False
        moment.is_utc = True
    elif sign in "+-":
        hours = read_digits(text, position, 2, 0, 14)
        minutes = read_digits(text, position + 3, 2, 0, 59)
        if hours < 0 or minutes < 0 or text[position + 2] != ":":
            return False
        position += 5
        moment.zone_minutes = (hours * 60 + minutes) * (-1 if sign == "-" else 1)
        if moment.zone_minutes == 0:
            moment.is_utc = True
    else:
        return False
    return _skip_spaces(text, position) == len(text)


def read_time(text: str, position: int, moment: Moment) -> bool:
    """HH:MM[:SS[.FFF]] and an optional zone up to the end of the text."""
    hour = read_digits(text, position, 2, 0, 24)
    minute = read_digits(text, position + 3, 2, 0, 59)
    if hour < 0 or minute < 0 or text[position + 2] != ":":
        return False
    position += 5
    second = 0.0
    if text[position : position + 1] == ":":
        whole = read_digits(text, position + 1, 2, 0, 59)
        if whole < 0:
            return False
        position += 3
        fraction = 0.0
        if text[position : position + 1] == "." and text[position + 1 : position + 2] in tuple(_DIGITS):
            scale = 1.0
            position += 1
            while position < len(text) and text[position] in _DIGITS:
                fraction = fraction * 10.0 + (ord(text[position]) - 48)
                scale *= 10.0
                position += 1
            # Never up to the next second. Digits without end divide infinity by infinity, which is no fraction.
            fraction = min(fraction / scale, 0.999) if scale < 1e300 else 0.999
        second = whole + fraction
    if hour == 24 and (minute > 0 or second > 0.0):
        # Midnight at the end of a day is the only time of the hour 24.
        return False
    moment.has_milliseconds = False
    moment.has_raw = False
    moment.has_time = True
    moment.hour = hour
    moment.minute = minute
    moment.second = second
    return _read_zone(text, position, moment)


def _read_date(text: str, moment: Moment) -> bool:
    """[-]YYYY-MM-DD, alone or with a time of day."""
    start = 1 if text.startswith("-") else 0
    year = read_digits(text, start, 4, 0, 9999)
    month = read_digits(text, start + 5, 2, 1, 12)
    day = read_digits(text, start + 8, 2, 1, 31)
    if year < 0 or month < 0 or day < 0 or text[start + 4] != "-" or text[start + 7] != "-":
        return False
    position = start + 10
    while position < len(text) and (text[position] in SPACES or text[position] == "T"):
        position += 1
    if not read_time(text, position, moment):
        if position != len(text):
            return False
        moment.has_time = False
    moment.has_milliseconds = False
    moment.has_date = True
    moment.year = -year if start else year
    moment.month = month
    moment.day = day
    moment.compute_overflow()
    if moment.zone_minutes:
        moment.compute_milliseconds()
    return True


def set_to_now(context: FunctionContext, moment: Moment) -> None:
    """The statement's present time."""
    moment.milliseconds = context.host.current_time_milliseconds() + UNIX_EPOCH
    moment.has_milliseconds = True
    moment.is_utc = True
    moment.is_local = False
    moment.clear_views()


def read_time_value(text: str, context: FunctionContext, moment: Moment) -> bool:
    """Any time value; False if the text is none."""
    text = text.partition("\0")[0]
    if _read_date(text, moment) or read_time(text, 0, moment):
        return True
    word = text.lower() if text.isascii() else ""
    if word == "now":
        set_to_now(context, moment)
        return True
    number, extent, _ = scan_real(text)
    if extent == WHOLE:
        moment.set_raw(number)
        return True
    if word in ("subsec", "subsecond"):
        moment.shows_subseconds = True
        set_to_now(context, moment)
        return True
    return False
