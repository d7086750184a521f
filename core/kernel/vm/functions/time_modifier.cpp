// Modifiers of time values. Twin: keelback_core/reference/vm/functions/time_modifier.py.
#include "time_modifier.hpp"

#include <ctime>

#include "../../value/numeric_text.hpp"
#include "time_text.hpp"

namespace keelback::vm::functions {

namespace {

struct Unit {
  std::string_view name;
  double limit;  // what the number must stay below
  double seconds;
};
constexpr Unit units[] = {
    {"second", 4.6427e14, 1.0},  {"minute", 7.7379e12, 60.0},    {"hour", 1.2897e11, 3600.0},
    {"day", 5373485.0, 86400.0}, {"month", 176546.0, 2592000.0}, {"year", 14713.0, 31536000.0},
};
constexpr int64_t first_local = 210866760000000;
constexpr int64_t last_local = 213014145600000;

Status to_local(Moment& moment) {
  moment.compute_milliseconds();
  int64_t year_shift = 0;
  int64_t milliseconds = moment.milliseconds;
  if (milliseconds < first_local || milliseconds > last_local) {
    Moment twin = moment;
    twin.compute_views();
    year_shift = 2000 + twin.year % 4 - twin.year;
    twin.year += year_shift;
    twin.has_milliseconds = false;
    twin.compute_milliseconds();
    milliseconds = twin.milliseconds;
  }
  const auto seconds = static_cast<std::time_t>(floor_quotient(milliseconds, 1000) - unix_epoch / 1000);
  std::tm local{};
  if (localtime_r(&seconds, &local) == nullptr) return Status(result::ERROR, "local time unavailable");
  moment.year = local.tm_year + 1900 - year_shift;
  moment.month = local.tm_mon + 1;
  moment.day = local.tm_mday;
  moment.hour = local.tm_hour;
  moment.minute = local.tm_min;
  moment.second = local.tm_sec + static_cast<double>(floor_remainder(moment.milliseconds, 1000)) * 0.001;
  moment.has_date = true;
  moment.has_time = true;
  moment.has_milliseconds = false;
  moment.has_raw = false;
  moment.zone_minutes = 0;
  // As in SQLite, local time forgets that the time was out of range: of such a time nothing is left but 2000-01-01.
  moment.is_bad = false;
  return ok_status;
}

Status to_utc(Moment& moment) {
  moment.compute_milliseconds();
  const int64_t wanted = moment.milliseconds;
  int64_t guess = wanted;
  int64_t error = 0;
  for (int round = 0; round < 4; ++round) {
    guess -= error;
    Moment trial;
    trial.set_milliseconds(guess);
    KEELBACK_TRY(to_local(trial));
    trial.compute_milliseconds();
    error = trial.milliseconds - wanted;
    if (error == 0) break;
  }
  moment.set_milliseconds(guess);
  moment.has_raw = false;
  // As in SQLite, nothing else of the time is remembered, not even that it was out of range.
  moment.is_bad = false;
  moment.overflow_days = 0;
  moment.shows_subseconds = false;
  moment.is_utc = true;
  moment.is_local = false;
  return ok_status;
}

bool apply_start(std::string_view word, Moment& moment) {
  if (!moment.has_milliseconds && !moment.has_date && !moment.has_time) return false;
  moment.compute_date();
  moment.has_time = true;
  moment.hour = moment.minute = 0;
  moment.second = 0.0;
  moment.has_raw = false;
  moment.zone_minutes = 0;
  moment.has_milliseconds = false;
  if (word == "month") {
    moment.day = 1;
  } else if (word == "year") {
    moment.month = moment.day = 1;
  } else if (word != "day") {
    return false;
  }
  return true;
}

bool apply_weekday(std::string_view text, Moment& moment) {
  const ScannedReal number = scan_real(text);
  if (number.extent != Extent::whole || !(-7.0 < number.value && number.value < 7.0)) return false;
  auto wanted = static_cast<int64_t>(number.value);
  if (static_cast<double>(wanted) != number.value) return false;
  // With a minus, of -0 too, back to the last such day; without, on to the next.
  const size_t start = text.find_first_not_of(time_spaces);
  const bool is_back = text[start] == '-';
  wanted = wanted < 0 ? -wanted : wanted;
  moment.compute_views();
  moment.zone_minutes = 0;
  moment.has_milliseconds = false;
  moment.compute_milliseconds();
  int64_t today = moment.days_after_sunday();
  if (is_back && today < wanted) {
    today += 7;
  } else if (!is_back && today > wanted) {
    today -= 7;
  }
  moment.clear_views();
  moment.add_milliseconds((wanted - today) * day_milliseconds);
  return true;
}

// What a plain number means: false where the modifier may not stand.
bool apply_meaning(std::string_view word, Moment& moment, size_t position) {
  if (position > 1) return false;
  const double shifted = moment.raw * 1000.0 + static_cast<double>(unix_epoch);
  if (word == "auto") {
    if (!moment.has_raw || moment.has_milliseconds) {
      moment.has_raw = false;
    } else if (-210866760000.0 <= moment.raw && moment.raw <= 253402300799.0) {
      moment.set_milliseconds(static_cast<int64_t>(shifted + 0.5));
      moment.has_raw = false;
    }
    return true;
  }
  if (word == "julianday") {
    if (!moment.has_milliseconds || !moment.has_raw) return false;
  } else {
    if (!(0.0 <= shifted && shifted <= static_cast<double>(last_millisecond))) return false;
    moment.set_milliseconds(static_cast<int64_t>(shifted + 0.5));
  }
  moment.has_raw = false;
  return true;
}

// A modifier that is one word.
Status apply_word(std::string_view word, Moment& moment, size_t position, bool& is_known) {
  if (word == "auto" || word == "julianday" || (word == "unixepoch" && moment.has_raw)) {
    is_known = apply_meaning(word, moment, position);
  } else if (word == "localtime") {
    if (!moment.is_local) KEELBACK_TRY(to_local(moment));
    moment.is_utc = false;
    moment.is_local = true;
  } else if (word == "utc") {
    if (!moment.is_utc) KEELBACK_TRY(to_utc(moment));
  } else if (word == "ceiling") {
    moment.compute_milliseconds();
    moment.clear_views();
    moment.overflow_days = 0;
  } else if (word == "floor") {
    moment.compute_milliseconds();
    moment.add_milliseconds(-moment.overflow_days * day_milliseconds);
    moment.clear_views();
  } else if (word == "subsec" || word == "subsecond") {
    moment.shows_subseconds = true;
  } else {
    is_known = false;
  }
  return ok_status;
}

// (+|-)HH:MM[:SS[.FFF]].
bool add_clock(std::string_view text, size_t start, bool is_negative, Moment& moment) {
  if (!is_digit_at(text, start)) ++start;
  Moment clock;
  if (!read_time(text, start, clock)) return false;
  clock.compute_milliseconds();
  const int64_t shift = floor_remainder(clock.milliseconds - half_day, day_milliseconds);
  moment.compute_milliseconds();
  moment.clear_views();
  moment.add_milliseconds(is_negative ? -shift : shift);
  return true;
}

// (+|-)YYYY-MM-DD[ HH:MM[:SS]], five digits of year allowed.
bool add_calendar(std::string_view text, size_t dash, Moment& moment) {
  const char sign = text[0];
  if (sign != '+' && sign != '-') return false;
  const int64_t years = read_digits(text, 1, dash - 1, 0, 99999);
  const int64_t months = read_digits(text, dash + 1, 2, 0, 11);
  const int64_t days = read_digits(text, dash + 4, 2, 0, 30);
  if (years < 0 || months < 0 || days < 0 || text[dash + 3] != '-') return false;
  const int64_t direction = sign == '-' ? -1 : 1;
  moment.compute_views();
  moment.has_milliseconds = false;
  moment.year += direction * years;
  moment.month += direction * months;
  moment.carry_months();
  moment.compute_overflow();
  moment.compute_milliseconds();
  moment.has_time = false;
  moment.has_date = false;
  moment.add_milliseconds(direction * days * day_milliseconds);
  const size_t end = dash + 6;
  if (end == text.size()) return true;
  if (!is_space_at(text, end) || read_digits(text, end + 1, 2, 0, 24) < 0) return false;
  return add_clock(text, end + 1, sign == '-', moment);
}

// NNN seconds, minutes, hours, days, months or years.
bool add_units(double number, std::string_view name, Moment& moment) {
  if (name.ends_with('s')) name.remove_suffix(1);
  const Unit* known = nullptr;
  for (const Unit& unit : units) {
    if (unit.name == name) known = &unit;
  }
  if (known == nullptr || !(-known->limit < number && number < known->limit)) return false;
  moment.compute_milliseconds();
  moment.overflow_days = 0;
  const double rounder = number < 0 ? -0.5 : 0.5;
  if (name == "month" || name == "year") {
    moment.compute_views();
    const auto whole = static_cast<int64_t>(number);
    if (name == "month") {
      moment.month += whole;
      moment.carry_months();
    } else {
      moment.year += whole;
    }
    moment.compute_overflow();
    moment.has_milliseconds = false;
    number -= static_cast<double>(whole);
  }
  moment.compute_milliseconds();
  moment.add_milliseconds(static_cast<int64_t>(number * 1000.0 * known->seconds + rounder));
  moment.clear_views();
  return true;
}

bool ends_number(std::string_view text, size_t end) {
  if (text[end] == ':' || is_space_at(text, end)) return true;
  return text[end] == '-' && (end == 5 || end == 6) && read_digits(text, 1, end - 1, 0, end == 6 ? 14712 : 9999) >= 0;
}

bool apply_number(std::string_view text, Moment& moment) {
  size_t end = 1;
  while (end < text.size() && !ends_number(text, end)) ++end;
  const ScannedReal number = scan_real(text.substr(0, end));
  if (number.extent != Extent::whole) return false;
  if (end < text.size() && text[end] == '-') return add_calendar(text, end, moment);
  if (end < text.size() && text[end] == ':') return add_clock(text, 0, text[0] == '-', moment);
  while (is_space_at(text, end)) ++end;
  return add_units(number.value, fold_word(text.substr(end)), moment);
}

}  // namespace

Status apply_modifier(std::string_view text, Moment& moment, size_t position, bool& is_known) {
  is_known = true;
  if (text.empty()) {
    is_known = false;
    return ok_status;
  }
  if (text[0] == '+' || text[0] == '-' || is_digit_at(text, 0)) {
    is_known = apply_number(text, moment);
    return ok_status;
  }
  const std::string word = fold_word(text);
  const std::string_view view = word;
  if (view.starts_with("start of ")) {
    is_known = apply_start(view.substr(9), moment);
  } else if (view.starts_with("weekday ")) {
    is_known = apply_weekday(view.substr(8), moment);
  } else {
    return apply_word(view, moment, position, is_known);
  }
  return ok_status;
}

}  // namespace keelback::vm::functions
