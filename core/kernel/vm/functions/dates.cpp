// date, time, datetime, julianday, unixepoch, strftime, timediff, and CURRENT_DATE, CURRENT_TIME, CURRENT_TIMESTAMP.
//
// The present time comes from the host. What is no time gives NULL.
// Twin: keelback_core/reference/vm/functions/dates.py.
#include <algorithm>
#include <cmath>

#include "../../value/cast.hpp"
#include "format_real.hpp"
#include "registry.hpp"
#include "time_modifier.hpp"
#include "time_text.hpp"

namespace keelback::vm::functions {

namespace {

// Makes differences of times into times whose date fields count from 0000-01-01.
constexpr int64_t difference_base = 148699540800000;
constexpr double day_length = 86400000.0;

// The time value and its modifiers; is_time: false if they are none. No arguments mean now.
Status read_moment(const FunctionContext& context, Arguments arguments, Moment& moment, bool& is_time) {
  is_time = false;
  TextBuffer buffer;
  if (arguments.empty()) {
    set_to_now(context.host, moment);
  } else if (arguments[0].is_number()) {
    moment.set_raw(arguments[0].number());
  } else {
    const Value text = to_text(arguments[0], buffer);
    if (text.is_null() || !read_time_value(until_nul(text.text()), context.host, moment)) return ok_status;
  }
  for (size_t position = 1; position < arguments.size(); ++position) {
    const Value text = to_text(arguments[position], buffer);
    bool is_known = false;
    if (!text.is_null()) KEELBACK_TRY(apply_modifier(until_nul(text.text()), moment, position, is_known));
    if (!is_known) return ok_status;
  }
  moment.compute_milliseconds();
  is_time = moment.is_valid();
  // February 30 is March 1 or 2, when it is shown.
  if (arguments.size() == 1 && moment.has_date && moment.day > 28) moment.has_date = false;
  return ok_status;
}

// As printf's %0*d and %*d.
void append_number(std::string& text, int64_t number, size_t width, char filler = '0') {
  const std::string digits = std::to_string(std::abs(number));
  if (number < 0) text.push_back('-');
  const size_t size = digits.size() + (number < 0);
  if (size < width) text.append(width - size, filler);
  text += digits;
}

void append_real(std::string& text, char conversion, double value, int width, int precision) {
  Directive directive;
  directive.is_zero = width > 0;
  directive.width = width;
  directive.precision = precision;
  directive.limit = 100;
  // Never too big: the numbers of a time are below 10**14.
  (void)format_real(conversion, value, directive, text);
}

void append_clock(std::string& text, const Moment& moment, bool has_seconds) {
  append_number(text, moment.hour, 2);
  text.push_back(':');
  append_number(text, moment.minute, 2);
  if (!has_seconds) return;
  text.push_back(':');
  append_number(text, static_cast<int64_t>(moment.second), 2);
}

void show_date(Moment& moment, std::string& text) {
  moment.compute_date();
  if (moment.year < 0) text.push_back('-');
  append_number(text, std::abs(moment.year), 4);
  text.push_back('-');
  append_number(text, moment.month, 2);
  text.push_back('-');
  append_number(text, moment.day, 2);
}

void show_time(Moment& moment, std::string& text) {
  moment.compute_time();
  append_clock(text, moment, !moment.shows_subseconds);
  if (!moment.shows_subseconds) return;
  const auto thousandths = static_cast<int64_t>(1000.0 * moment.second + 0.5);
  text.push_back(':');
  append_number(text, thousandths / 1000, 2);
  text.push_back('.');
  append_number(text, thousandths % 1000, 3);
}

Status show(const FunctionContext& context, Arguments arguments, bool has_date, bool has_time) {
  Moment moment;
  bool is_time = false;
  KEELBACK_TRY(read_moment(context, arguments, moment, is_time));
  if (!is_time) return give_null(context);
  std::string text;
  if (has_date) show_date(moment, text);
  if (has_date && has_time) text.push_back(' ');
  if (has_time) show_time(moment, text);
  return give_text(context, std::move(text));
}
Status date(const FunctionContext& context, Arguments arguments) { return show(context, arguments, true, false); }
Status time_of_day(const FunctionContext& context, Arguments arguments) {
  return show(context, arguments, false, true);
}
Status datetime(const FunctionContext& context, Arguments arguments) { return show(context, arguments, true, true); }

Status julianday(const FunctionContext& context, Arguments arguments) {
  Moment moment;
  bool is_time = false;
  KEELBACK_TRY(read_moment(context, arguments, moment, is_time));
  if (!is_time) return give_null(context);
  return give(context, Value::of_real(static_cast<double>(moment.milliseconds) / day_length));
}

double seconds_of(const Moment& moment) { return static_cast<double>(moment.milliseconds - unix_epoch) / 1000.0; }
int64_t whole_seconds_of(const Moment& moment) { return floor_quotient(moment.milliseconds, 1000) - unix_epoch / 1000; }

Status unixepoch(const FunctionContext& context, Arguments arguments) {
  Moment moment;
  bool is_time = false;
  KEELBACK_TRY(read_moment(context, arguments, moment, is_time));
  if (!is_time) return give_null(context);
  if (moment.shows_subseconds) return give(context, Value::of_real(seconds_of(moment)));
  return give_integer(context, whole_seconds_of(moment));
}

// ISO 8601: year and week are those of the week's Thursday.
void append_iso(std::string& text, char letter, const Moment& moment) {
  Moment thursday = moment;
  thursday.milliseconds += (3 - moment.days_after_monday()) * day_milliseconds;
  thursday.has_date = false;
  thursday.compute_date();
  if (letter == 'V') {
    append_number(text, thursday.days_after_new_year() / 7 + 1, 2);
  } else if (letter == 'G') {
    append_number(text, thursday.year, 4);
  } else {
    append_number(text, thursday.year % 100, 2);
  }
}

// What strftime() puts for a conversion of a date; false if it is none.
bool append_of_date(std::string& text, char letter, const Moment& moment) {
  switch (letter) {
    case 'd':
      append_number(text, moment.day, 2);
      return true;
    case 'e':
      append_number(text, moment.day, 2, ' ');
      return true;
    case 'F':
      append_number(text, moment.year, 4);
      text.push_back('-');
      append_number(text, moment.month, 2);
      text.push_back('-');
      append_number(text, moment.day, 2);
      return true;
    case 'm':
      append_number(text, moment.month, 2);
      return true;
    case 'Y':
      append_number(text, moment.year, 4);
      return true;
    case 'j':
      append_number(text, moment.days_after_new_year() + 1, 3);
      return true;
    case 'G':
    case 'g':
    case 'V':
      append_iso(text, letter, moment);
      return true;
    case 'U':
      append_number(text, floor_quotient(moment.days_after_new_year() - moment.days_after_sunday() + 7, 7), 2);
      return true;
    case 'W':
      append_number(text, floor_quotient(moment.days_after_new_year() - moment.days_after_monday() + 7, 7), 2);
      return true;
    case 'u':
    case 'w': {
      const int64_t day = moment.days_after_sunday();
      append_number(text, letter == 'u' && day == 0 ? 7 : day, 1);
      return true;
    }
    default:
      return false;
  }
}

// The same of a time of day, and of the whole time.
bool append_of_time(std::string& text, char letter, const Moment& moment) {
  const int64_t half_hour = moment.hour % 12 == 0 ? 12 : moment.hour % 12;
  switch (letter) {
    case 'H':
    case 'k':
      append_number(text, moment.hour, 2, letter == 'H' ? '0' : ' ');
      return true;
    case 'I':
    case 'l':
      append_number(text, half_hour, 2, letter == 'I' ? '0' : ' ');
      return true;
    case 'M':
      append_number(text, moment.minute, 2);
      return true;
    case 'S':
      append_number(text, static_cast<int64_t>(moment.second), 2);
      return true;
    case 'f':
      append_real(text, 'f', std::min(moment.second, 59.999), 6, 3);
      return true;
    case 'p':
      text += moment.hour >= 12 ? "PM" : "AM";
      return true;
    case 'P':
      text += moment.hour >= 12 ? "pm" : "am";
      return true;
    case 'R':
    case 'T':
      append_clock(text, moment, letter == 'T');
      return true;
    case 'J':
      append_real(text, 'g', static_cast<double>(moment.milliseconds) / day_length, 0, 16);
      return true;
    case 's':
      if (moment.shows_subseconds) {
        append_real(text, 'f', seconds_of(moment), 0, 3);
      } else {
        append_number(text, whole_seconds_of(moment), 1);
      }
      return true;
    case '%':
      text.push_back('%');
      return true;
    default:
      return false;
  }
}

// NULL for an unknown conversion.
Status strftime(const FunctionContext& context, Arguments arguments) {
  if (arguments.empty()) return give_null(context);
  TextBuffer buffer;
  const Value format = to_text(arguments[0], buffer);
  if (format.is_null()) return give_null(context);
  Moment moment;
  bool is_time = false;
  KEELBACK_TRY(read_moment(context, arguments.subspan(1), moment, is_time));
  if (!is_time) return give_null(context);
  moment.compute_views();
  const std::string_view letters = until_nul(format.text());
  std::string text;
  for (size_t position = 0; position < letters.size(); ++position) {
    if (letters[position] != '%') {
      text.push_back(letters[position]);
      continue;
    }
    if (++position == letters.size()) return give_null(context);
    if (!append_of_date(text, letters[position], moment) && !append_of_time(text, letters[position], moment)) {
      return give_null(context);
    }
  }
  if (text.size() > context.host.limit_length) return Status(result::TOOBIG);
  return give_text(context, std::move(text));
}

struct Distance {
  bool is_later;
  int64_t years;
  int64_t months;
};

void change(Moment& moment, int64_t year, int64_t month) {
  moment.year = year;
  moment.month = month;
  moment.has_milliseconds = false;
  moment.compute_milliseconds();
}

// Move the second time to within a month of the first, and count the years and months of that.
Distance step_back(const Moment& first, Moment& second) {
  const bool is_later = first.milliseconds >= second.milliseconds;
  const int64_t direction = is_later ? 1 : -1;
  int64_t years = (first.year - second.year) * direction;
  if (years != 0) change(second, first.year, second.month);
  int64_t months = (first.month - second.month) * direction;
  if (months < 0) {
    --years;
    months += 12;
  }
  if (months != 0) change(second, second.year, first.month);
  while ((second.milliseconds - first.milliseconds) * direction > 0) {
    if (--months < 0) {
      months = 11;
      --years;
    }
    second.month -= direction;
    second.carry_months();
    change(second, second.year, second.month);
  }
  return {is_later, years, months};
}

// What to add to the second time to get the first, as (+|-)YYYY-MM-DD HH:MM:SS.SSS.
Status timediff(const FunctionContext& context, Arguments arguments) {
  Moment first;
  Moment second;
  bool is_first_time = false;
  bool is_second_time = false;
  KEELBACK_TRY(read_moment(context, arguments.first(1), first, is_first_time));
  KEELBACK_TRY(read_moment(context, arguments.subspan(1), second, is_second_time));
  if (!is_first_time || !is_second_time) return give_null(context);
  first.compute_views();
  second.compute_views();
  const Distance distance = step_back(first, second);
  first.set_milliseconds(std::abs(first.milliseconds - second.milliseconds) + difference_base);
  first.compute_views();
  std::string text(1, distance.is_later ? '+' : '-');
  append_number(text, distance.years, 4);
  text.push_back('-');
  append_number(text, distance.months, 2);
  text.push_back('-');
  append_number(text, first.day - 1, 2);
  text.push_back(' ');
  append_clock(text, first, false);
  text.push_back(':');
  append_real(text, 'f', first.second, 6, 3);
  return give_text(context, std::move(text));
}

constexpr ScalarEntry table[] = {
    {"date", -1, date},
    {"time", -1, time_of_day},
    {"datetime", -1, datetime},
    {"julianday", -1, julianday},
    {"unixepoch", -1, unixepoch},
    {"strftime", -1, strftime},
    {"timediff", 2, timediff},
    {"current_date", 0, date},
    {"current_time", 0, time_of_day},
    {"current_timestamp", 0, datetime},
};

}  // namespace

std::span<const ScalarEntry> date_scalars() { return table; }

}  // namespace keelback::vm::functions
