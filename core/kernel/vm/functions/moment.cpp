// The calendar: milliseconds to dates and back. Twin: keelback_core/reference/vm/functions/moment.py.
#include "moment.hpp"

#include <algorithm>

namespace keelback::vm::functions {

void Moment::set_milliseconds(int64_t count) {
  milliseconds = count;
  has_milliseconds = true;
  clear_views();
}

void Moment::set_raw(double number) {
  raw = number;
  has_raw = true;
  if (0.0 <= number && number < 5373484.5) {
    milliseconds = static_cast<int64_t>(number * 86400000.0 + 0.5);
    has_milliseconds = true;
  }
}

void Moment::add_milliseconds(int64_t count) {
  constexpr int64_t furthest = 4'000'000'000'000'000'000;
  milliseconds = std::clamp(milliseconds + count, -furthest, furthest);
}

void Moment::clear_views() {
  has_date = false;
  has_time = false;
  zone_minutes = 0;
}

void Moment::fail() {
  is_bad = true;
  milliseconds = 0;
  has_milliseconds = false;
  has_raw = false;
  clear_views();
  overflow_days = 0;
  is_utc = is_local = shows_subseconds = false;
}

void Moment::compute_milliseconds() {
  if (has_milliseconds) return;
  int64_t of_year = has_date ? year : 2000;
  int64_t of_month = has_date ? month : 1;
  const int64_t of_day = has_date ? day : 1;
  if (of_year < -4713 || of_year > 9999 || has_raw) return fail();
  if (of_month <= 2) {
    --of_year;
    of_month += 12;
  }
  const int64_t century = (of_year + 4800) / 100;
  const int64_t leap = 38 - century + century / 4;
  const int64_t days = 36525 * (of_year + 4716) / 100 + 306001 * (of_month + 1) / 10000 + of_day + leap;
  milliseconds = days * day_milliseconds - 1524 * day_milliseconds - half_day;
  has_milliseconds = true;
  if (!has_time) return;
  milliseconds += hour * 3600000 + minute * 60000 + static_cast<int64_t>(second * 1000.0 + 0.5);
  if (zone_minutes != 0) {
    milliseconds -= zone_minutes * 60000;
    clear_views();
    is_utc = true;
    is_local = false;
  } else if (hour >= 24) {
    // 24:00 is midnight of the day after.
    clear_views();
  }
}

void Moment::compute_date() {
  if (has_date) return;
  if (!has_milliseconds) {
    year = 2000;
    month = day = 1;
  } else if (milliseconds < 0 || milliseconds > last_millisecond) {
    return fail();
  } else {
    const int64_t julian_day = (milliseconds + half_day) / day_milliseconds;
    const auto alpha = static_cast<int64_t>((static_cast<double>(julian_day) + 32044.75) / 36524.25) - 52;
    const int64_t shifted = julian_day + 1 + alpha - (alpha + 100) / 4 + 25 + 1524;
    const auto century_year = static_cast<int64_t>((static_cast<double>(shifted) - 122.1) / 365.25);
    const int64_t year_days = 36525 * (century_year & 32767) / 100;
    const auto month_number = static_cast<int64_t>(static_cast<double>(shifted - year_days) / 30.6001);
    day = shifted - year_days - static_cast<int64_t>(30.6001 * static_cast<double>(month_number));
    month = month_number < 14 ? month_number - 1 : month_number - 13;
    year = month > 2 ? century_year - 4716 : century_year - 4715;
  }
  has_date = true;
}

void Moment::compute_time() {
  if (has_time) return;
  compute_milliseconds();
  const int64_t of_day = floor_remainder(milliseconds + half_day, day_milliseconds);
  second = static_cast<double>(of_day % 60000) / 1000.0;
  minute = of_day / 60000 % 60;
  hour = of_day / 3600000;
  has_raw = false;
  has_time = true;
}

void Moment::compute_views() {
  compute_date();
  compute_time();
}

void Moment::compute_overflow() {
  if (day <= 28 || month == 1 || month == 3 || month == 5 || month == 7 || month == 8 || month == 10 || month == 12) {
    overflow_days = 0;
  } else if (month != 2) {
    overflow_days = day == 31;
  } else {
    const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    overflow_days = day - (is_leap ? 29 : 28);
  }
}

void Moment::carry_months() {
  const int64_t years = month > 0 ? (month - 1) / 12 : (month - 12) / 12;
  year += years;
  month -= years * 12;
}

int64_t Moment::days_after_new_year() const {
  Moment start = *this;
  start.has_milliseconds = false;
  start.month = start.day = 1;
  start.compute_milliseconds();
  return floor_quotient(milliseconds - start.milliseconds + half_day, day_milliseconds);
}

}  // namespace keelback::vm::functions
