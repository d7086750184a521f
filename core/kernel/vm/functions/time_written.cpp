// Times as text, written and read: time_fmt_iso, time_fmt_datetime, time_fmt_date, time_fmt_time, time_parse.
//
// Text that is no time reads as NULL (sqlean gives the first second of the year 1).
// Twin: keelback_core/reference/vm/functions/time_written.py.
#include <cstdlib>
#include <optional>

#include "time_instant.hpp"

namespace keelback::vm::functions {

namespace {

// A number with zeros in front; the sign of a negative one takes one of the places.
std::string padded(Wide number, size_t width) {
  const bool is_negative = number < 0;
  std::string digits = std::to_string(static_cast<uint64_t>(is_negative ? -number : number));
  if (is_negative) --width;
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return is_negative ? "-" + digits : digits;
}

struct Shown {
  std::string date;
  std::string time;
  int64_t nanoseconds = 0;
  int64_t offset = 0;
};

// As the offset's zone has them.
Status show(Arguments arguments, Shown& shown) {
  Instant time;
  KEELBACK_TRY(time_argument(arguments[0], 1, time));
  if (arguments.size() == 2) KEELBACK_TRY(integer_argument(arguments[1], 2, shown.offset));
  int64_t seconds = 0;
  if (__builtin_add_overflow(time.seconds, shown.offset, &seconds)) return out_of_range();
  const Date date = date_of(floor_of(seconds, seconds_of_day));
  const int64_t of_day = rest_of(seconds, seconds_of_day);
  shown.date = padded(date.year, 4) + "-" + padded(date.month, 2) + "-" + padded(date.day, 2);
  shown.time = padded(of_day / 3600, 2) + ":" + padded(of_day / 60 % 60, 2) + ":" + padded(of_day % 60, 2);
  shown.nanoseconds = time.nanoseconds;
  return ok_status;
}

Status iso(const FunctionContext& context, Arguments arguments) {
  Shown shown;
  KEELBACK_TRY(show(arguments, shown));
  std::string text = shown.date + "T" + shown.time;
  if (shown.nanoseconds != 0) text += "." + padded(shown.nanoseconds, 9);
  if (shown.offset == 0) return give_text(context, text + "Z");
  const Wide offset = shown.offset;
  const Wide minutes = (offset < 0 ? -offset : offset) / 60;
  return give_text(context, text + (offset < 0 ? "-" : "+") + padded(minutes / 60, 2) + ":" + padded(minutes % 60, 2));
}

Status date_and_time(const FunctionContext& context, Arguments arguments) {
  Shown shown;
  KEELBACK_TRY(show(arguments, shown));
  return give_text(context, shown.date + " " + shown.time);
}

Status date_alone(const FunctionContext& context, Arguments arguments) {
  Shown shown;
  KEELBACK_TRY(show(arguments, shown));
  return give_text(context, std::move(shown.date));
}

Status time_alone(const FunctionContext& context, Arguments arguments) {
  Shown shown;
  KEELBACK_TRY(show(arguments, shown));
  return give_text(context, std::move(shown.time));
}

constexpr std::string_view date_layout = "dddd-dd-dd";
constexpr std::string_view time_layout = "dd:dd:dd";

bool is_digit(char character) { return character >= '0' && character <= '9'; }

// Three numbers; of a zone two.
struct Numbers {
  int64_t parts[3] = {0, 0, 0};
  [[nodiscard]] int64_t seconds() const { return parts[0] * 3600 + parts[1] * 60 + parts[2]; }
};

// The numbers of a text of this layout, whose `d` are digits.
std::optional<Numbers> digits_at(std::string_view text, std::string_view layout) {
  if (text.size() < layout.size()) return std::nullopt;
  Numbers numbers;
  size_t part = 0;
  for (size_t i = 0; i < layout.size(); ++i) {
    if (layout[i] == 'd') {
      if (!is_digit(text[i])) return std::nullopt;
      numbers.parts[part] = numbers.parts[part] * 10 + (text[i] - '0');
    } else {
      if (text[i] != layout[i]) return std::nullopt;
      ++part;
    }
  }
  return numbers;
}

// Nanoseconds of what may begin with a point and one to nine digits, which are taken off.
std::optional<int64_t> take_fraction(std::string_view& text) {
  if (!text.starts_with('.')) return 0;
  size_t end = 1;
  int64_t nanoseconds = 0;
  for (; end < text.size() && is_digit(text[end]); ++end) {
    if (end <= 9) nanoseconds = nanoseconds * 10 + (text[end] - '0');
  }
  if (end < 2 || end > 10) return std::nullopt;
  for (size_t i = end; i < 10; ++i) nanoseconds *= 10;
  text.remove_prefix(end);
  return nanoseconds;
}

// Seconds east of UTC of a zone.
std::optional<int64_t> offset_of(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z") return 0;
  if ((text[0] != '+' && text[0] != '-') || text.size() != 6) return std::nullopt;
  const auto numbers = digits_at(text.substr(1), "dd:dd");
  if (!numbers) return std::nullopt;
  return text[0] == '-' ? -numbers->seconds() : numbers->seconds();
}

Status parse(const FunctionContext& context, Arguments arguments) {
  if (!arguments[0].is_text()) return give_null(context);
  const std::string_view text = arguments[0].text();
  const auto date = digits_at(text, date_layout);
  if (!date) {
    const auto time = digits_at(text, time_layout);
    if (!time || text.size() != time_layout.size()) return give_null(context);
    return give_date(context, 1, 1, 1, time->seconds());
  }
  const auto& [year, month, day] = date->parts;
  if (text.size() == date_layout.size()) return give_date(context, year, month, day);
  const char mark = text[date_layout.size()];
  const auto time = digits_at(text.substr(date_layout.size() + 1), time_layout);
  if ((mark != 'T' && mark != 't' && mark != ' ') || !time) return give_null(context);
  std::string_view rest = text.substr(date_layout.size() + 1 + time_layout.size());
  const auto nanoseconds = take_fraction(rest);
  const auto offset = nanoseconds ? offset_of(rest) : std::nullopt;
  if (!offset) return give_null(context);
  return give_date(context, year, month, day, time->seconds() - *offset, *nanoseconds);
}

constexpr ScalarEntry table[] = {
    {"time_fmt_iso", 1, iso},
    {"time_fmt_iso", 2, iso},
    {"time_fmt_datetime", 1, date_and_time},
    {"time_fmt_datetime", 2, date_and_time},
    {"time_fmt_date", 1, date_alone},
    {"time_fmt_date", 2, date_alone},
    {"time_fmt_time", 1, time_alone},
    {"time_fmt_time", 2, time_alone},
    {"time_parse", 1, parse},
};

}  // namespace

std::span<const ScalarEntry> time_written_scalars() { return table; }

}  // namespace keelback::vm::functions
