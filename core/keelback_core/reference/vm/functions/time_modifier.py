"""Modifiers of time values: '+1 day', 'start of month', 'weekday 3', 'localtime', and the others.

`apply_modifier` answers False for what is no modifier, or stands where it may not; the whole call is NULL then.
Local time is the process's zone (TZ); outside 1970..2037 the rules of a like year in that range are taken.
Spec: https://sqlite.org/lang_datefunc.html section 3. Twin: core/kernel/vm/functions/time_modifier.
"""

from __future__ import annotations

import time

from keelback_core.value.errors import SqlError
from keelback_core.value.numeric_text import SPACES, WHOLE, scan_real
from keelback_core.value.result_codes import ERROR

from .moment import DAY, HALF_DAY, LAST_MILLISECOND, UNIX_EPOCH, Moment, quotient
from .time_text import read_digits, read_time

# Unit: what the number must stay below, and seconds.
_UNITS = {
    "second": (4.6427e14, 1.0),
    "minute": (7.7379e12, 60.0),
    "hour": (1.2897e11, 3600.0),
    "day": (5373485.0, 86400.0),
    "month": (176546.0, 2592000.0),
    "year": (14713.0, 31536000.0),
}
_FIRST_LOCAL = 210866760000000
_LAST_LOCAL = 213014145600000


def _to_local(moment: Moment) -> None:
    moment.compute_milliseconds()
    year_shift = 0
    milliseconds = moment.milliseconds
    if not _FIRST_LOCAL <= milliseconds <= _LAST_LOCAL:
        twin = moment.copy()
        twin.compute_views()
        year_shift = 2000 + twin.year - quotient(twin.year, 4) * 4 - twin.year
        twin.year += year_shift
        twin.has_milliseconds = False
        twin.compute_milliseconds()
        milliseconds = twin.milliseconds
    try:
        local = time.localtime(milliseconds // 1000 - UNIX_EPOCH // 1000)
    except (OverflowError, ValueError, OSError):
        raise SqlError(ERROR, "local time unavailable") from None
    moment.year = local.tm_year - year_shift
    moment.month = local.tm_mon
    moment.day = local.tm_mday
    moment.hour = local.tm_hour
    moment.minute = local.tm_min
    moment.second = local.tm_sec + (moment.milliseconds % 1000) * 0.001
    moment.has_date = True
    moment.has_time = True
    moment.has_milliseconds = False
    moment.has_raw = False
    moment.zone_minutes = 0
    # As in SQLite, local time forgets that the time was out of range: of such a time nothing is left but 2000-01-01.
    moment.is_bad = False


def _to_utc(moment: Moment) -> None:
    moment.compute_milliseconds()
    wanted = guess = moment.milliseconds
    error = 0
    for _ in range(4):
        guess -= error
        trial = Moment()
        trial.set_milliseconds(guess)
        _to_local(trial)
        trial.compute_milliseconds()
        error = trial.milliseconds - wanted
        if not error:
            break
    moment.set_milliseconds(guess)
    moment.has_raw = False
    # As in SQLite, nothing else of the time is remembered, not even that it was out of range.
    moment.is_bad = False
    moment.overflow_days = 0
    moment.shows_subseconds = False
    moment.is_utc = True
    moment.is_local = False


def _apply_start(word: str, moment: Moment) -> bool:
    if not (moment.has_milliseconds or moment.has_date or moment.has_time):
        return False
    moment.compute_date()
    moment.has_time = True
    moment.hour = moment.minute = 0
    moment.second = 0.0
    moment.has_raw = False
    moment.zone_minutes = 0
    moment.has_milliseconds = False
    if word == "month":
        moment.day = 1
    elif word == "year":
        moment.month = moment.day = 1
    elif word != "day":
        return False
    return True


def _apply_weekday(text: str, moment: Moment) -> bool:
    number, extent, _ = scan_real(text)
    if extent != WHOLE or not -7.0 < number < 7.0 or number != int(number):
        return False
    # With a minus, of -0 too, back to the last such day; without, on to the next.
    is_back = text.lstrip(SPACES).startswith("-")
    wanted = abs(int(number))
    moment.compute_views()
    moment.zone_minutes = 0
    moment.has_milliseconds = False
    moment.compute_milliseconds()
    today = moment.days_after_sunday()
    if is_back and today < wanted:
        today += 7
    elif not is_back and today > wanted:
        today -= 7
    moment.clear_views()
    moment.milliseconds += (wanted - today) * DAY
    return True


def _apply_word(word: str, moment: Moment, position: int) -> bool:
    """A modifier that is one word."""
    if word == "auto":
        if position > 1:
            return False
        if not moment.has_raw or moment.has_milliseconds:
            moment.has_raw = False
        elif -210866760000.0 <= moment.raw <= 253402300799.0:
            moment.set_milliseconds(int(moment.raw * 1000.0 + UNIX_EPOCH + 0.5))
            moment.has_raw = False
    elif word == "unixepoch" and moment.has_raw:
        shifted = moment.raw * 1000.0 + UNIX_EPOCH
        if position > 1 or not 0.0 <= shifted <= float(LAST_MILLISECOND):
            return False
        moment.set_milliseconds(int(shifted + 0.5))
        moment.has_raw = False
    elif word == "julianday":
        if position > 1 or not (moment.has_milliseconds and moment.has_raw):
            return False
        moment.has_raw = False
    elif word == "localtime":
        if not moment.is_local:
            _to_local(moment)
        moment.is_utc = False
        moment.is_local = True
    elif word == "utc":
        if not moment.is_utc:
            _to_utc(moment)
    elif word == "ceiling":
        moment.compute_milliseconds()
        moment.clear_views()
        moment.overflow_days = 0
    elif word == "floor":
        moment.compute_milliseconds()
        moment.milliseconds -= moment.overflow_days * DAY
        moment.clear_views()
    elif word in ("subsec", "subsecond"):
        moment.shows_subseconds = True
    else:
        return False
    return True


def _add_clock(text: str, start: int, is_negative: bool, moment: Moment) -> bool:
    """(+|-)HH:MM[:SS[.FFF]]."""
    if start >= len(text) or text[start] not in "0123456789":
        start += 1
    clock = Moment()
    if not read_time(text, start, clock):
        return False
    clock.compute_milliseconds()
    shift = (clock.milliseconds - HALF_DAY) % DAY
    moment.compute_milliseconds()
    moment.clear_views()
    moment.milliseconds += -shift if is_negative else shift
    return True


def _add_calendar(text: str, dash: int, moment: Moment) -> bool:
    """(+|-)YYYY-MM-DD[ HH:MM[:SS]], five digits of year allowed."""
    sign = text[0]
    if sign not in "+-":
        return False
    years = read_digits(text, 1, dash - 1, 0, 99999)
    months = read_digits(text, dash + 1, 2, 0, 11)
    days = read_digits(text, dash + 4, 2, 0, 30)
    if years < 0 or months < 0 or days < 0 or text[dash + 3] != "-":
        return False
    moment.compute_views()
    moment.has_milliseconds = False
    if sign == "-":
        moment.year -= years
        moment.month -= months
        days = -days
    else:
        moment.year += years
        moment.month += months
    moment.carry_months()
    moment.compute_overflow()
    moment.compute_milliseconds()
    moment.has_time = False
    moment.has_date = False
    moment.milliseconds += days * DAY
    end = dash + 6
    if end == len(text):
        return True
    if text[end] not in SPACES or read_digits(text, end + 1, 2, 0, 24) < 0:
        return False
    return _add_clock(text, end + 1, sign == "-", moment)


def _add_units(number: float, unit: str, moment: Moment) -> bool:
    """NNN seconds, minutes, hours, days, months or years."""
    if not 3 <= len(unit) <= 10:
        return False
    if unit[-1] == "s":
        unit = unit[:-1]
    moment.compute_milliseconds()
    moment.overflow_days = 0
    known = _UNITS.get(unit)
    if known is None:
        return False
    limit, seconds = known
    if not -limit < number < limit:
        return False
    rounder = -0.5 if number < 0 else 0.5
    if unit in ("month", "year"):
        moment.compute_views()
        whole = int(number)
        if unit == "month":
            moment.month += whole
            moment.carry_months()
        else:
            moment.year += whole
        moment.compute_overflow()
        moment.has_milliseconds = False
        number -= whole
    moment.compute_milliseconds()
    moment.milliseconds += int(number * 1000.0 * seconds + rounder)
    moment.clear_views()
    return True


def _apply_number(text: str, moment: Moment) -> bool:
    end = 1
    while end < len(text):
        letter = text[end]
        if letter == ":" or letter in SPACES:
            break
        if letter == "-" and end in (5, 6) and read_digits(text, 1, end - 1, 0, 14712 if end == 6 else 9999) >= 0:
            break
        end += 1
    number, extent, _ = scan_real(text[:end])
    if extent != WHOLE:
        return False
    if text[end : end + 1] == "-":
        return _add_calendar(text, end, moment)
    if text[end : end + 1] == ":":
        return _add_clock(text, 0, text[0] == "-", moment)
    while end < len(text) and text[end] in SPACES:
        end += 1
    unit = text[end:].lower() if text.isascii() else ""
    return _add_units(number, unit, moment)


def apply_modifier(text: str, moment: Moment, position: int) -> bool:
    """Change the moment by a modifier. position: of the modifier in the call, from 1."""
    text = text.partition("\0")[0]
    if not text:
        return False
    if text[0] in "+-0123456789":
        return _apply_number(text, moment)
    word = text.lower() if text.isascii() else ""
    if word.startswith("start of "):
        return _apply_start(word[9:], moment)
    if word.startswith("weekday "):
        return _apply_weekday(word[8:], moment)
    return _apply_word(word, moment, position)
