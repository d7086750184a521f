"""date, time, datetime, julianday, unixepoch, strftime, timediff, and CURRENT_DATE, CURRENT_TIME, CURRENT_TIMESTAMP.

The present time comes from the host, in milliseconds since 1970-01-01 UTC. What is no time gives NULL.
Spec: https://sqlite.org/lang_datefunc.html. Twin: core/kernel/vm/functions/dates.
"""

from __future__ import annotations

from keelback_core.value.cast import to_text

from .context import too_big
from .format import format_values
from .moment import DAY, UNIX_EPOCH, Moment
from .time_modifier import apply_modifier
from .time_text import read_time_value, set_to_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

    from .context import FunctionContext, ScalarTable

# Makes differences of times into times whose date fields count from 0000-01-01.
_DIFFERENCE_BASE = 148699540800000


def read_moment(context: FunctionContext, arguments: list[Value]) -> Moment | None:
    """The time value and its modifiers; None if they are none. No arguments mean now."""
    moment = Moment()
    if not arguments:
        set_to_now(context, moment)
    else:
        first = arguments[0]
        if isinstance(first, (int, float)):
            moment.set_raw(float(first))
        else:
            text = to_text(first)
            if text is None or not read_time_value(text, context, moment):
                return None
    for position in range(1, len(arguments)):
        text = to_text(arguments[position])
        if text is None or not apply_modifier(text, moment, position):
            return None
    moment.compute_milliseconds()
    if not moment.is_valid():
        return None
    if len(arguments) == 1 and moment.has_date and moment.day > 28:
        # February 30 is March 1 or 2, when it is shown.
        moment.has_date = False
    return moment


def _show_date(moment: Moment) -> str:
    moment.compute_date()
    sign = "-" if moment.year < 0 else ""
    return f"{sign}{abs(moment.year):04d}-{moment.month:02d}-{moment.day:02d}"


def _show_time(moment: Moment) -> str:
    moment.compute_time()
    clock = f"{moment.hour:02d}:{moment.minute:02d}:"
    if not moment.shows_subseconds:
        return f"{clock}{int(moment.second):02d}"
    thousandths = int(1000.0 * moment.second + 0.5)
    return f"{clock}{thousandths // 1000:02d}.{thousandths % 1000:03d}"


def date(context: FunctionContext, arguments: list[Value]) -> Value:
    """date(time-value, modifier, ...): YYYY-MM-DD."""
    moment = read_moment(context, arguments)
    return None if moment is None else _show_date(moment)


def time_of_day(context: FunctionContext, arguments: list[Value]) -> Value:
    """time(time-value, modifier, ...): HH:MM:SS."""
    moment = read_moment(context, arguments)
    return None if moment is None else _show_time(moment)


def datetime(context: FunctionContext, arguments: list[Value]) -> Value:
    """datetime(time-value, modifier, ...): YYYY-MM-DD HH:MM:SS."""
    moment = read_moment(context, arguments)
    return None if moment is None else f"{_show_date(moment)} {_show_time(moment)}"


def julianday(context: FunctionContext, arguments: list[Value]) -> Value:
    """julianday(time-value, modifier, ...): days and parts of days."""
    moment = read_moment(context, arguments)
    return None if moment is None else moment.milliseconds / 86400000.0


def unixepoch(context: FunctionContext, arguments: list[Value]) -> Value:
    """unixepoch(time-value, modifier, ...): seconds since 1970, a real under 'subsec'."""
    moment = read_moment(context, arguments)
    if moment is None:
        return None
    if moment.shows_subseconds:
        return (moment.milliseconds - UNIX_EPOCH) / 1000.0
    return moment.milliseconds // 1000 - UNIX_EPOCH // 1000


def _iso_week(moment: Moment) -> tuple[int, int]:
    """ISO 8601 year and week: those of the week's Thursday."""
    thursday = moment.copy()
    thursday.milliseconds += (3 - moment.days_after_monday()) * DAY
    thursday.has_date = False
    thursday.compute_date()
    return thursday.year, thursday.days_after_new_year() // 7 + 1


def _convert(letter: str, moment: Moment) -> str | None:
    """What strftime() puts for one conversion; None if there is none."""
    if letter in "deFmYjGgV":
        return _convert_date(letter, moment)
    if letter in "HkIlMSfpPRT":
        return _convert_time(letter, moment)
    if letter == "J":
        return format_values("%.16g", [moment.milliseconds / 86400000.0], 100)
    if letter == "s":
        if moment.shows_subseconds:
            return format_values("%.3f", [(moment.milliseconds - UNIX_EPOCH) / 1000.0], 100)
        return str(moment.milliseconds // 1000 - UNIX_EPOCH // 1000)
    if letter in "uw":
        number = moment.days_after_sunday()
        return "7" if letter == "u" and number == 0 else str(number)
    if letter == "U":
        return f"{(moment.days_after_new_year() - moment.days_after_sunday() + 7) // 7:02d}"
    if letter == "W":
        return f"{(moment.days_after_new_year() - moment.days_after_monday() + 7) // 7:02d}"
    return "%" if letter == "%" else None


def _convert_date(letter: str, moment: Moment) -> str:
    if letter == "d":
        return f"{moment.day:02d}"
    if letter == "e":
        return f"{moment.day:2d}"
    if letter == "F":
        return f"{moment.year:04d}-{moment.month:02d}-{moment.day:02d}"
    if letter == "m":
        return f"{moment.month:02d}"
    if letter == "Y":
        return f"{moment.year:04d}"
    if letter == "j":
        return f"{moment.days_after_new_year() + 1:03d}"
    year, week = _iso_week(moment)
    if letter == "V":
        return f"{week:02d}"
    return f"{year:04d}" if letter == "G" else f"{year - int(year / 100) * 100:02d}"


def _convert_time(letter: str, moment: Moment) -> str:
    if letter == "H":
        return f"{moment.hour:02d}"
    if letter == "k":
        return f"{moment.hour:2d}"
    if letter in "Il":
        hour = (moment.hour % 12) or 12
        return f"{hour:02d}" if letter == "I" else f"{hour:2d}"
    if letter == "M":
        return f"{moment.minute:02d}"
    if letter == "S":
        return f"{int(moment.second):02d}"
    if letter == "f":
        return format_values("%06.3f", [min(moment.second, 59.999)], 100)
    if letter in "pP":
        half = "PM" if moment.hour >= 12 else "AM"
        return half if letter == "p" else half.lower()
    if letter == "R":
        return f"{moment.hour:02d}:{moment.minute:02d}"
    return f"{moment.hour:02d}:{moment.minute:02d}:{int(moment.second):02d}"


def strftime(context: FunctionContext, arguments: list[Value]) -> Value:
    """strftime(format, time-value, modifier, ...); NULL for an unknown conversion."""
    template = to_text(arguments[0]) if arguments else None
    if template is None:
        return None
    moment = read_moment(context, arguments[1:])
    if moment is None:
        return None
    moment.compute_views()
    template = template.partition("\0")[0]
    pieces = []
    position = 0
    while True:
        percent = template.find("%", position)
        if percent < 0:
            pieces.append(template[position:])
            break
        pieces.append(template[position:percent])
        piece = _convert(template[percent + 1], moment) if percent + 1 < len(template) else None
        if piece is None:
            return None
        pieces.append(piece)
        position = percent + 2
    result = "".join(pieces)
    if len(result) > context.host.limit_length:
        raise too_big()
    return result


def _step_back(first: Moment, second: Moment) -> tuple[str, int, int]:
    """Move the second time to within a month of the first, and count the years and months of that."""
    is_later = first.milliseconds >= second.milliseconds
    direction = 1 if is_later else -1
    years = (first.year - second.year) * direction
    if years:
        second.year = first.year
        second.has_milliseconds = False
        second.compute_milliseconds()
    months = (first.month - second.month) * direction
    if months < 0:
        years -= 1
        months += 12
    if months:
        second.month = first.month
        second.has_milliseconds = False
        second.compute_milliseconds()
    while (second.milliseconds - first.milliseconds) * direction > 0:
        months -= 1
        if months < 0:
            months = 11
            years -= 1
        second.month -= direction
        if second.month < 1:
            second.month = 12
            second.year -= 1
        elif second.month > 12:
            second.month = 1
            second.year += 1
        second.has_milliseconds = False
        second.compute_milliseconds()
    return ("+" if is_later else "-"), years, months


def timediff(context: FunctionContext, arguments: list[Value]) -> Value:
    """timediff(a, b): what to add to b to get a, as (+|-)YYYY-MM-DD HH:MM:SS.SSS."""
    first = read_moment(context, arguments[:1])
    second = read_moment(context, arguments[1:])
    if first is None or second is None:
        return None
    first.compute_views()
    second.compute_views()
    sign, years, months = _step_back(first, second)
    first.set_milliseconds(abs(first.milliseconds - second.milliseconds) + _DIFFERENCE_BASE)
    first.compute_views()
    clock = f"{first.hour:02d}:{first.minute:02d}:" + format_values("%06.3f", [first.second], 100)
    return f"{sign}{years:04d}-{months:02d}-{first.day - 1:02d} {clock}"


SCALARS: ScalarTable = {
    ("date", -1): date,
    ("time", -1): time_of_day,
    ("datetime", -1): datetime,
    ("julianday", -1): julianday,
    ("unixepoch", -1): unixepoch,
    ("strftime", -1): strftime,
    ("timediff", 2): timediff,
    ("current_date", 0): date,
    ("current_time", 0): time_of_day,
    ("current_timestamp", 0): datetime,
}
