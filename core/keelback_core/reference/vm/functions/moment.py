"""A point in time as the date functions hold it, and the calendar.

`milliseconds` counts from noon of the first Julian day (-4713-11-24 in the Gregorian calendar that is used for all
times), as SQLite's iJD does: 1970-01-01 is 210866760000000. Three views of the time exist, each with a flag that
says whether it holds: the milliseconds, the date, the time of day. A change through one view clears the others.

1. Years outside -4713..9999 are errors, found when the milliseconds are computed.
2. `raw` is a plain number whose meaning (Julian day, Unix time) a modifier may still decide.

Spec: https://sqlite.org/lang_datefunc.html. Twin: core/kernel/vm/functions/moment.
"""

from __future__ import annotations

DAY = 86400000
HALF_DAY = 43200000
UNIX_EPOCH = 210866760000000
LAST_MILLISECOND = 464269060799999


def quotient(dividend: int, divisor: int) -> int:
    """Division towards zero, as C divides."""
    return dividend // divisor if dividend >= 0 else -(-dividend // divisor)


class Moment:
    """See the head of the file."""

    __slots__ = (
        "day",
        "has_date",
        "has_milliseconds",
        "has_raw",
        "has_time",
        "hour",
        "is_bad",
        "is_local",
        "is_utc",
        "milliseconds",
        "minute",
        "month",
        "overflow_days",
        "raw",
        "second",
        "shows_subseconds",
        "year",
        "zone_minutes",
    )

    def __init__(self) -> None:
        self.milliseconds = 0
        self.has_milliseconds = False
        self.year = 2000
        self.month = 1
        self.day = 1
        self.has_date = False
        self.hour = 0
        self.minute = 0
        self.second = 0.0
        self.has_time = False
        self.zone_minutes = 0
        self.raw = 0.0
        self.has_raw = False
        # How far the day is beyond the end of its month, for the modifier "floor".
        self.overflow_days = 0
        self.is_bad = False
        self.is_utc = False
        self.is_local = False
        self.shows_subseconds = False

    def set_milliseconds(self, milliseconds: int) -> None:
        """This very time, and no other view."""
        self.milliseconds = milliseconds
        self.has_milliseconds = True
        self.clear_views()

    def set_raw(self, number: float) -> None:
        """A number that is a Julian day unless a modifier says otherwise."""
        self.raw = number
        self.has_raw = True
        if 0.0 <= number < 5373484.5:
            self.milliseconds = int(number * 86400000.0 + 0.5)
            self.has_milliseconds = True

    def clear_views(self) -> None:
        """Forget date, time of day and zone."""
        self.has_date = False
        self.has_time = False
        self.zone_minutes = 0

    def is_valid(self) -> bool:
        """Whether the milliseconds are inside the supported range."""
        return not self.is_bad and 0 <= self.milliseconds <= LAST_MILLISECOND

    def _fail(self) -> None:
        self.is_bad = True
        self.milliseconds = 0
        self.has_milliseconds = False
        self.has_raw = False
        self.clear_views()
        self.overflow_days = 0
        self.is_utc = self.is_local = self.shows_subseconds = False

    def compute_milliseconds(self) -> None:
        """Make the milliseconds hold."""
        if self.has_milliseconds:
            return
        year, month, day = (self.year, self.month, self.day) if self.has_date else (2000, 1, 1)
        if year < -4713 or year > 9999 or self.has_raw:
            self._fail()
            return
        if month <= 2:
            year -= 1
            month += 12
        century = (year + 4800) // 100
        leap = 38 - century + century // 4
        days = 36525 * (year + 4716) // 100 + 306001 * (month + 1) // 10000 + day + leap
        self.milliseconds = days * DAY - 1524 * DAY - HALF_DAY
        self.has_milliseconds = True
        if self.has_time:
            self.milliseconds += self.hour * 3600000 + self.minute * 60000 + int(self.second * 1000.0 + 0.5)
            if self.zone_minutes:
                self.milliseconds -= self.zone_minutes * 60000
                self.clear_views()
                self.is_utc = True
                self.is_local = False
            elif self.hour >= 24:
                # 24:00 is midnight of the day after.
                self.clear_views()

    def compute_date(self) -> None:
        """Make year, month and day hold."""
        if self.has_date:
            return
        if not self.has_milliseconds:
            self.year, self.month, self.day = 2000, 1, 1
        elif not 0 <= self.milliseconds <= LAST_MILLISECOND:
            self._fail()
            return
        else:
            julian_day = (self.milliseconds + HALF_DAY) // DAY
            alpha = int((julian_day + 32044.75) / 36524.25) - 52
            shifted = julian_day + 1 + alpha - quotient(alpha + 100, 4) + 25 + 1524
            century_year = int((shifted - 122.1) / 365.25)
            year_days = 36525 * (century_year & 32767) // 100
            month_number = int((shifted - year_days) / 30.6001)
            self.day = shifted - year_days - int(30.6001 * month_number)
            self.month = month_number - 1 if month_number < 14 else month_number - 13
            self.year = century_year - 4716 if self.month > 2 else century_year - 4715
        self.has_date = True

    def compute_time(self) -> None:
        """Make hour, minute and second hold."""
        if self.has_time:
            return
        self.compute_milliseconds()
        of_day = (self.milliseconds + HALF_DAY) % DAY
        self.second = (of_day % 60000) / 1000.0
        minutes = of_day // 60000
        self.minute = minutes % 60
        self.hour = minutes // 60
        self.has_raw = False
        self.has_time = True

    def compute_views(self) -> None:
        """Make date and time of day hold."""
        self.compute_date()
        self.compute_time()

    def compute_overflow(self) -> None:
        """Find how many days the day is beyond the end of its month."""
        if self.day <= 28 or self.month in (1, 3, 5, 7, 8, 10, 12):
            self.overflow_days = 0
        elif self.month != 2:
            self.overflow_days = 1 if self.day == 31 else 0
        elif self.year % 4 != 0 or (self.year % 100 == 0 and self.year % 400 != 0):
            self.overflow_days = self.day - 28
        else:
            self.overflow_days = self.day - 29

    def carry_months(self) -> None:
        """Bring the month into 1..12, the years following."""
        years = quotient(self.month - 1, 12) if self.month > 0 else quotient(self.month - 12, 12)
        self.year += years
        self.month -= years * 12

    def copy(self) -> Moment:
        """An independent copy."""
        twin = Moment()
        for name in self.__slots__:
            setattr(twin, name, getattr(self, name))
        return twin

    def days_after_new_year(self) -> int:
        """Days since the first of January."""
        start = self.copy()
        start.has_milliseconds = False
        start.month = start.day = 1
        start.compute_milliseconds()
        return (self.milliseconds - start.milliseconds + HALF_DAY) // DAY

    def days_after_monday(self) -> int:
        """0 Monday to 6 Sunday."""
        return (self.milliseconds + HALF_DAY) // DAY % 7

    def days_after_sunday(self) -> int:
        """0 Sunday to 6 Saturday; before the Julian epoch, which only modifiers in between reach, 0 to -6."""
        shifted = self.milliseconds + 129600000
        if shifted < 0:
            return -(-shifted // DAY % 7)
        return shifted // DAY % 7
