// A time to the nanosecond as a BLOB, arguments that are such times, and the calendar.
//
// 1. A time is a BLOB of 13 bytes: 1, then the seconds since 0001-01-01 00:00:00 UTC (64 bits) and the nanoseconds
//    of the second (32 bits), both big-endian, so that later times compare as greater. What 64 bits cannot hold is
//    an error.
// 2. The calendar is the Gregorian one, also before its time, without leap seconds.
//
// Must not know: the functions. Twin: keelback_core/reference/vm/functions/time_instant.py.
#ifndef KEELBACK_VM_FUNCTIONS_TIME_INSTANT_HPP
#define KEELBACK_VM_FUNCTIONS_TIME_INSTANT_HPP

#include "registry.hpp"

namespace keelback::vm::functions {

__extension__ using Wide = __int128;

inline constexpr int64_t seconds_of_day = 86400;
inline constexpr int64_t nanoseconds_of_second = 1'000'000'000;
// 1970-01-01 in seconds since 0001-01-01.
inline constexpr int64_t unix_epoch = 62135596800;

struct Instant {
  int64_t seconds = 0;
  int64_t nanoseconds = 0;  // below a second
};
struct Date {
  int64_t year = 1;
  int64_t month = 1;
  int64_t day = 1;
};
struct IsoWeek {
  int64_t year = 1;
  int64_t week = 1;
};

// Quotient and rest towards minus infinity.
template <typename Number>
constexpr Number floor_of(Number one, Number other) {
  return one / other - (one % other < 0 ? 1 : 0);
}
template <typename Number>
constexpr Number rest_of(Number one, Number other) {
  const Number rest = one % other;
  return rest < 0 ? rest + other : rest;
}

// Results: the nanoseconds may be of any size.
Status give_time(const FunctionContext& context, Wide seconds, Wide nanoseconds);
Status give_date(const FunctionContext& context, Wide year, Wide month, Wide day, Wide seconds = 0,
                 Wide nanoseconds = 0);
Status give_in_range(const FunctionContext& context, Wide number);
[[nodiscard]] Status out_of_range();

// Arguments. `position` begins messages: from 1 of a function with several parameters, 0 of one with one.
Status time_argument(const Value& value, int position, Instant& time);
Status integer_argument(const Value& value, int position, int64_t& integer);
Status integer_arguments(Arguments arguments, std::span<int64_t> integers);
// In lower case, without the s of the plural.
Status field_argument(const Value& value, int position, std::string& name);

// Days since 0001-01-01; month and day may be of any size.
Wide days_of(Wide year, Wide month, Wide day);
Date date_of(int64_t days);
IsoWeek iso_week(int64_t days);
inline int64_t days_of(const Instant& time) { return floor_of(time.seconds, seconds_of_day); }

}  // namespace keelback::vm::functions

#endif
