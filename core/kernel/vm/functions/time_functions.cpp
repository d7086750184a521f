// Times to the nanosecond: time_now, time_date, time_get and the rest of the family that sqlean's `time` has.
//
// A duration is an INTEGER of nanoseconds. Otherwise than there, what 64 bits cannot hold is an error, and names of
// fields may be in any case; see time_field and time_written for the rest.
//
// Twin: keelback_core/reference/vm/functions/time_functions.py.
#include <algorithm>
#include <array>
#include <limits>

#include "time_field.hpp"

namespace keelback::vm::functions {

namespace {

Instant present(const FunctionContext& context) {
  const int64_t milliseconds = context.host.current_time_milliseconds();
  return {unix_epoch + floor_of<int64_t>(milliseconds, 1000), rest_of<int64_t>(milliseconds, 1000) * 1'000'000};
}

// Making

Status now(const FunctionContext& context, Arguments) {
  const Instant time = present(context);
  return give_time(context, time.seconds, time.nanoseconds);
}

// Year, month, day[, hour, minute, second[, nanosecond[, offset in seconds]]].
Status make(const FunctionContext& context, Arguments arguments) {
  std::array<int64_t, 8> parts{};
  KEELBACK_TRY(integer_arguments(arguments, parts));
  const auto [year, month, day, hour, minute, second, nanosecond, offset] = parts;
  const Wide seconds = static_cast<Wide>(hour) * 3600 + static_cast<Wide>(minute) * 60 + second - offset;
  return give_date(context, year, month, day, seconds, nanosecond);
}

Status of_unix_time(const FunctionContext& context, Arguments arguments) {
  std::array<int64_t, 2> parts{};
  KEELBACK_TRY(integer_arguments(arguments, parts));
  return give_time(context, static_cast<Wide>(parts[0]) + unix_epoch, parts[1]);
}

// Of a number of units, so many of which are a second.
template <int64_t unit>
Status from_unix(const FunctionContext& context, Arguments arguments) {
  int64_t number = 0;
  KEELBACK_TRY(integer_argument(arguments[0], 0, number));
  return give_time(context, static_cast<Wide>(unix_epoch) + floor_of(number, unit),
                   static_cast<Wide>(rest_of(number, unit)) * (nanoseconds_of_second / unit));
}

template <int64_t unit>
Status to_unix(const FunctionContext& context, Arguments arguments) {
  Instant time;
  KEELBACK_TRY(time_argument(arguments[0], 0, time));
  return give_in_range(context, (static_cast<Wide>(time.seconds) - unix_epoch) * unit +
                                    time.nanoseconds / (nanoseconds_of_second / unit));
}

template <int64_t nanoseconds>
Status duration(const FunctionContext& context, Arguments) {
  return give_integer(context, nanoseconds);
}

// Looking

template <size_t time_at, size_t field_at>
Status get(const FunctionContext& context, Arguments arguments) {
  Instant time;
  std::string field;
  KEELBACK_TRY(time_argument(arguments[time_at], static_cast<int>(time_at) + 1, time));
  KEELBACK_TRY(field_argument(arguments[field_at], static_cast<int>(field_at) + 1, field));
  return give_field(context, time, field);
}

constexpr std::string_view fields[] = {"year", "month",   "day",     "hour",    "minute",
                                       "nano", "weekday", "yearday", "isoyear", "isoweek"};

template <size_t field>
Status get_one(const FunctionContext& context, Arguments arguments) {
  Instant time;
  KEELBACK_TRY(time_argument(arguments[0], 0, time));
  return give_field(context, time, fields[field]);
}

// Without the fraction, which time_get(t, 'second') has.
Status get_second(const FunctionContext& context, Arguments arguments) {
  Instant time;
  KEELBACK_TRY(time_argument(arguments[0], 0, time));
  return give_integer(context, rest_of<int64_t>(time.seconds, 60));
}

Status compare(Arguments arguments, int& order) {
  Instant one;
  Instant other;
  KEELBACK_TRY(time_argument(arguments[0], 1, one));
  KEELBACK_TRY(time_argument(arguments[1], 2, other));
  const auto sign = [](int64_t left, int64_t right) { return left < right ? -1 : left > right ? 1 : 0; };
  order = one.seconds != other.seconds ? sign(one.seconds, other.seconds) : sign(one.nanoseconds, other.nanoseconds);
  return ok_status;
}

enum class Order { before = -1, equal = 0, after = 1 };

template <Order wanted>
Status is_order(const FunctionContext& context, Arguments arguments) {
  int order = 0;
  KEELBACK_TRY(compare(arguments, order));
  return give_integer(context, order == static_cast<int>(wanted) ? 1 : 0);
}

Status order_of(const FunctionContext& context, Arguments arguments) {
  int order = 0;
  KEELBACK_TRY(compare(arguments, order));
  return give_integer(context, order);
}

// Reckoning

Status add(const FunctionContext& context, Arguments arguments) {
  Instant time;
  int64_t duration = 0;
  KEELBACK_TRY(time_argument(arguments[0], 1, time));
  KEELBACK_TRY(integer_argument(arguments[1], 2, duration));
  return give_time(context, time.seconds, static_cast<Wide>(time.nanoseconds) + duration);
}

// Years[, months[, days]].
Status add_date(const FunctionContext& context, Arguments arguments) {
  Instant time;
  KEELBACK_TRY(time_argument(arguments[0], 1, time));
  std::array<int64_t, 3> added{};
  for (size_t i = 1; i < arguments.size(); ++i) {
    KEELBACK_TRY(integer_argument(arguments[i], static_cast<int>(i) + 1, added[i - 1]));
  }
  const Date date = date_of(days_of(time));
  return give_date(context, static_cast<Wide>(date.year) + added[0], static_cast<Wide>(date.month) + added[1],
                   static_cast<Wide>(date.day) + added[2], rest_of(time.seconds, seconds_of_day), time.nanoseconds);
}

// In nanoseconds, as much as an INTEGER holds.
Status give_between(const FunctionContext& context, const Instant& one, const Instant& other) {
  const Wide difference =
      (static_cast<Wide>(one.seconds) - other.seconds) * nanoseconds_of_second + one.nanoseconds - other.nanoseconds;
  return give_integer(context, static_cast<int64_t>(std::clamp<Wide>(difference, std::numeric_limits<int64_t>::min(),
                                                                     std::numeric_limits<int64_t>::max())));
}

Status subtract(const FunctionContext& context, Arguments arguments) {
  Instant one;
  Instant other;
  KEELBACK_TRY(time_argument(arguments[0], 1, one));
  KEELBACK_TRY(time_argument(arguments[1], 2, other));
  return give_between(context, one, other);
}

template <bool is_since>
Status from_now(const FunctionContext& context, Arguments arguments) {
  Instant time;
  KEELBACK_TRY(time_argument(arguments[0], 0, time));
  const Instant here = present(context);
  return is_since ? give_between(context, here, time) : give_between(context, time, here);
}

template <size_t time_at, size_t field_at>
Status truncate(const FunctionContext& context, Arguments arguments) {
  Instant time;
  std::string field;
  KEELBACK_TRY(time_argument(arguments[time_at], static_cast<int>(time_at) + 1, time));
  const Value& argument = arguments[field_at];
  if (argument.is_integer() && field_at == 1) return give_stepped(context, time, argument.integer(), false);
  KEELBACK_TRY(field_argument(argument, static_cast<int>(field_at) + 1, field));
  return give_truncated(context, time, field);
}

Status round(const FunctionContext& context, Arguments arguments) {
  Instant time;
  int64_t duration = 0;
  KEELBACK_TRY(time_argument(arguments[0], 1, time));
  KEELBACK_TRY(integer_argument(arguments[1], 2, duration));
  return give_stepped(context, time, duration, true);
}

constexpr ScalarEntry table[] = {
    {"time_now", 0, now},
    {"now", 0, now},
    {"time_date", 3, make},
    {"time_date", 6, make},
    {"time_date", 7, make},
    {"time_date", 8, make},
    {"make_date", 3, make},
    {"make_timestamp", 6, make},
    {"time_unix", 1, of_unix_time},
    {"time_unix", 2, of_unix_time},
    {"to_timestamp", 1, of_unix_time},
    {"time_milli", 1, from_unix<1000>},
    {"time_micro", 1, from_unix<1'000'000>},
    {"time_nano", 1, from_unix<nanoseconds_of_second>},
    {"time_to_unix", 1, to_unix<1>},
    {"time_to_milli", 1, to_unix<1000>},
    {"time_to_micro", 1, to_unix<1'000'000>},
    {"time_to_nano", 1, to_unix<nanoseconds_of_second>},
    {"time_get", 2, get<0, 1>},
    {"date_part", 2, get<1, 0>},
    {"time_get_year", 1, get_one<0>},
    {"time_get_month", 1, get_one<1>},
    {"time_get_day", 1, get_one<2>},
    {"time_get_hour", 1, get_one<3>},
    {"time_get_minute", 1, get_one<4>},
    {"time_get_second", 1, get_second},
    {"time_get_nano", 1, get_one<5>},
    {"time_get_weekday", 1, get_one<6>},
    {"time_get_yearday", 1, get_one<7>},
    {"time_get_isoyear", 1, get_one<8>},
    {"time_get_isoweek", 1, get_one<9>},
    {"time_after", 2, is_order<Order::after>},
    {"time_before", 2, is_order<Order::before>},
    {"time_equal", 2, is_order<Order::equal>},
    {"time_compare", 2, order_of},
    {"time_add", 2, add},
    {"date_add", 2, add},
    {"time_add_date", 2, add_date},
    {"time_add_date", 3, add_date},
    {"time_add_date", 4, add_date},
    {"time_sub", 2, subtract},
    {"age", 2, subtract},
    {"time_since", 1, from_now<true>},
    {"time_until", 1, from_now<false>},
    {"time_trunc", 2, truncate<0, 1>},
    {"date_trunc", 2, truncate<1, 0>},
    {"time_round", 2, round},
    {"dur_ns", 0, duration<1>},
    {"dur_us", 0, duration<1000>},
    {"dur_ms", 0, duration<1'000'000>},
    {"dur_s", 0, duration<nanoseconds_of_second>},
    {"dur_m", 0, duration<60 * nanoseconds_of_second>},
    {"dur_h", 0, duration<3600 * nanoseconds_of_second>},
};

}  // namespace

std::span<const ScalarEntry> time_scalars() { return table; }

}  // namespace keelback::vm::functions
