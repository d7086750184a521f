#include "time_field.hpp"

namespace keelback::vm::functions {

namespace {

struct Length {
  std::string_view name;
  int64_t length;
};
constexpr Length years_of[] = {{"millennium", 1000}, {"century", 100}, {"decade", 10}, {"year", 1}};
constexpr Length seconds_of[] = {
    {"week", 7 * seconds_of_day}, {"day", seconds_of_day}, {"hour", 3600}, {"minute", 60}, {"second", 1}};

Status unknown_field() { return Status(result::ERROR, "unknown field"); }

Status give_seconds(const FunctionContext& context, int64_t whole, int64_t nanoseconds) {
  const double fraction = static_cast<double>(nanoseconds) / static_cast<double>(nanoseconds_of_second);
  return give(context, Value::of_real(static_cast<double>(whole) + fraction));
}

}  // namespace

Status give_field(const FunctionContext& context, const Instant& time, std::string_view field) {
  const int64_t days = days_of(time);
  const Date date = date_of(days);
  for (const auto& [name, years] : years_of) {
    if (field == name) return give_integer(context, date.year / years);
  }
  if (field == "quarter") return give_integer(context, (date.month - 1) / 3 + 1);
  if (field == "month") return give_integer(context, date.month);
  if (field == "isoweek" || field == "week") return give_integer(context, iso_week(days).week);
  if (field == "day") return give_integer(context, date.day);
  if (field == "hour") return give_integer(context, rest_of<int64_t>(floor_of<int64_t>(time.seconds, 3600), 24));
  if (field == "minute") return give_integer(context, rest_of<int64_t>(floor_of<int64_t>(time.seconds, 60), 60));
  if (field == "second") return give_seconds(context, rest_of<int64_t>(time.seconds, 60), time.nanoseconds);
  if (field == "milli" || field == "millisecond") return give_integer(context, time.nanoseconds / 1'000'000);
  if (field == "micro" || field == "microsecond") return give_integer(context, time.nanoseconds / 1000);
  if (field == "nano" || field == "nanosecond") return give_integer(context, time.nanoseconds);
  if (field == "isoyear") return give_integer(context, iso_week(days).year);
  if (field == "isodow") return give_integer(context, rest_of<int64_t>(days, 7) + 1);
  if (field == "yearday" || field == "doy") {
    return give_integer(context, days - static_cast<int64_t>(days_of(date.year, 1, 1)) + 1);
  }
  if (field == "weekday" || field == "dow") return give_integer(context, rest_of<int64_t>(days + 1, 7));
  if (field == "epoch") {
    const Wide seconds = static_cast<Wide>(time.seconds) - unix_epoch;
    const double fraction = static_cast<double>(time.nanoseconds) / static_cast<double>(nanoseconds_of_second);
    return give(context, Value::of_real(static_cast<double>(seconds) + fraction));
  }
  return unknown_field();
}

Status give_truncated(const FunctionContext& context, const Instant& time, std::string_view field) {
  const Date date = date_of(days_of(time));
  for (const auto& [name, years] : years_of) {
    if (field == name) return give_date(context, date.year / years * years, 1, 1);
  }
  if (field == "quarter") return give_date(context, date.year, date.month - (date.month - 1) % 3, 1);
  if (field == "month") return give_date(context, date.year, date.month, 1);
  for (const auto& [name, length] : seconds_of) {
    if (field == name) return give_time(context, static_cast<Wide>(time.seconds) - rest_of(time.seconds, length), 0);
  }
  if (field == "milli" || field == "millisecond") {
    return give_time(context, time.seconds, time.nanoseconds - time.nanoseconds % 1'000'000);
  }
  if (field == "micro" || field == "microsecond") {
    return give_time(context, time.seconds, time.nanoseconds - time.nanoseconds % 1000);
  }
  return unknown_field();
}

Status give_stepped(const FunctionContext& context, const Instant& time, int64_t duration, bool is_rounded) {
  if (duration <= 0 || duration % nanoseconds_of_second != 0) return give_time(context, time.seconds, time.nanoseconds);
  const int64_t length = duration / nanoseconds_of_second;
  const int64_t rest = rest_of(time.seconds, length);
  const Wide above = static_cast<Wide>(rest) * nanoseconds_of_second + time.nanoseconds;
  const bool is_up = is_rounded && 2 * above >= duration;
  return give_time(context, static_cast<Wide>(time.seconds) - rest + (is_up ? length : 0), 0);
}

}  // namespace keelback::vm::functions
