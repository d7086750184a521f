// Reading a time value. Twin: keelback_core/reference/vm/functions/time_text.py.
#include "time_text.hpp"

#include <algorithm>

#include "../../value/numeric_text.hpp"
#include "../host.hpp"

namespace keelback::vm::functions {

namespace {

size_t skip_spaces(std::string_view text, size_t position) {
  while (is_space_at(text, position)) ++position;
  return position;
}

// An optional zone and the end of the text.
bool read_zone(std::string_view text, size_t position, Moment& moment) {
  position = skip_spaces(text, position);
  moment.zone_minutes = 0;
  if (position >= text.size()) return true;
  const char sign = text[position++];
  if (sign == 'Z' || sign == 'z') {
    moment.is_local = false;
    moment.is_utc = true;
  } else if (sign == '+' || sign == '-') {
    const int64_t hours = read_digits(text, position, 2, 0, 14);
    const int64_t minutes = read_digits(text, position + 3, 2, 0, 59);
    if (hours < 0 || minutes < 0 || text[position + 2] != ':') return false;
    position += 5;
    moment.zone_minutes = (hours * 60 + minutes) * (sign == '-' ? -1 : 1);
    if (moment.zone_minutes == 0) moment.is_utc = true;
  } else {
    return false;
  }
  return skip_spaces(text, position) >= text.size();
}

// The digits after the point of the seconds, from `position` on, which they move on.
double read_fraction(std::string_view text, size_t& position) {
  double fraction = 0.0;
  double scale = 1.0;
  for (; is_digit_at(text, position); ++position) {
    fraction = fraction * 10.0 + (text[position] - '0');
    scale *= 10.0;
  }
  // Never up to the next second. Digits without end divide infinity by infinity, which is no fraction.
  return scale < 1e300 ? std::min(fraction / scale, 0.999) : 0.999;
}

// [-]YYYY-MM-DD, alone or with a time of day.
bool read_date(std::string_view text, Moment& moment) {
  const size_t start = text.starts_with('-') ? 1 : 0;
  const int64_t year = read_digits(text, start, 4, 0, 9999);
  const int64_t month = read_digits(text, start + 5, 2, 1, 12);
  const int64_t day = read_digits(text, start + 8, 2, 1, 31);
  if (year < 0 || month < 0 || day < 0 || text[start + 4] != '-' || text[start + 7] != '-') return false;
  size_t position = start + 10;
  while (is_space_at(text, position) || (position < text.size() && text[position] == 'T')) ++position;
  if (!read_time(text, position, moment)) {
    if (position < text.size()) return false;
    moment.has_time = false;
  }
  moment.has_milliseconds = false;
  moment.has_date = true;
  moment.year = start ? -year : year;
  moment.month = month;
  moment.day = day;
  moment.compute_overflow();
  if (moment.zone_minutes != 0) moment.compute_milliseconds();
  return true;
}

}  // namespace

int64_t read_digits(std::string_view text, size_t position, size_t count, int64_t least, int64_t most) {
  int64_t number = 0;
  for (const size_t end = position + count; position < end; ++position) {
    if (!is_digit_at(text, position)) return -1;
    number = number * 10 + (text[position] - '0');
  }
  return least <= number && number <= most ? number : -1;
}

bool read_time(std::string_view text, size_t position, Moment& moment) {
  const int64_t hour = read_digits(text, position, 2, 0, 24);
  const int64_t minute = read_digits(text, position + 3, 2, 0, 59);
  if (hour < 0 || minute < 0 || text[position + 2] != ':') return false;
  position += 5;
  double second = 0.0;
  if (position < text.size() && text[position] == ':') {
    const int64_t whole = read_digits(text, position + 1, 2, 0, 59);
    if (whole < 0) return false;
    position += 3;
    double fraction = 0.0;
    if (position < text.size() && text[position] == '.' && is_digit_at(text, position + 1)) {
      fraction = read_fraction(text, ++position);
    }
    second = static_cast<double>(whole) + fraction;
  }
  // Midnight at the end of a day is the only time of the hour 24.
  if (hour == 24 && (minute > 0 || second > 0.0)) return false;
  moment.has_milliseconds = false;
  moment.has_raw = false;
  moment.has_time = true;
  moment.hour = hour;
  moment.minute = minute;
  moment.second = second;
  return read_zone(text, position, moment);
}

void set_to_now(Host& host, Moment& moment) {
  moment.set_milliseconds(host.current_time_milliseconds() + unix_epoch);
  moment.is_utc = true;
  moment.is_local = false;
}

std::string fold_word(std::string_view text) {
  std::string word(text);
  for (char& c : word) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return word;
}

bool read_time_value(std::string_view text, Host& host, Moment& moment) {
  if (read_date(text, moment) || read_time(text, 0, moment)) return true;
  const std::string word = fold_word(text);
  if (word == "now") {
    set_to_now(host, moment);
    return true;
  }
  const ScannedReal number = scan_real(text);
  if (number.extent == Extent::whole) {
    moment.set_raw(number.value);
    return true;
  }
  if (word == "subsec" || word == "subsecond") {
    moment.shows_subseconds = true;
    set_to_now(host, moment);
    return true;
  }
  return false;
}

}  // namespace keelback::vm::functions
