// A point in time as the date functions hold it, and the calendar.
//
// `milliseconds` counts from noon of the first Julian day (-4713-11-24 in the Gregorian calendar that is used for all
// times): 1970-01-01 is `unix_epoch`. Three views of the time exist, each with a flag that says whether it holds: the
// milliseconds, the date, the time of day. A change through one view clears the others.
//
// 1. Years outside -4713..9999 are errors, found when the milliseconds are computed.
// 2. `raw` is a plain number whose meaning (Julian day, Unix time) a modifier may still decide.
//
// Twin: keelback_core/reference/vm/functions/moment.py.
#ifndef KEELBACK_VM_FUNCTIONS_MOMENT_HPP
#define KEELBACK_VM_FUNCTIONS_MOMENT_HPP

#include <cstdint>

namespace keelback::vm::functions {

constexpr int64_t day_milliseconds = 86400000;
constexpr int64_t half_day = 43200000;
constexpr int64_t unix_epoch = 210866760000000;
constexpr int64_t last_millisecond = 464269060799999;

constexpr int64_t floor_quotient(int64_t dividend, int64_t divisor) {
  return dividend / divisor - (dividend % divisor < 0);
}
constexpr int64_t floor_remainder(int64_t dividend, int64_t divisor) {
  return dividend - floor_quotient(dividend, divisor) * divisor;
}

struct Moment {
  int64_t milliseconds = 0;
  int64_t year = 2000;
  int64_t month = 1;
  int64_t day = 1;
  int64_t hour = 0;
  int64_t minute = 0;
  double second = 0.0;
  int64_t zone_minutes = 0;
  double raw = 0.0;
  // How far the day is beyond the end of its month, for the modifier "floor".
  int64_t overflow_days = 0;
  bool has_milliseconds = false;
  bool has_date = false;
  bool has_time = false;
  bool has_raw = false;
  bool is_bad = false;
  bool is_utc = false;
  bool is_local = false;
  bool shows_subseconds = false;

  // This very time, and no other view.
  void set_milliseconds(int64_t count);
  // A number that is a Julian day unless a modifier says otherwise.
  void set_raw(double number);
  // Go on by so much; far outside of all that is valid it goes no further.
  void add_milliseconds(int64_t count);
  void clear_views();
  // Whether the milliseconds are inside the supported range.
  bool is_valid() const { return !is_bad && 0 <= milliseconds && milliseconds <= last_millisecond; }
  void compute_milliseconds();
  void compute_date();
  void compute_time();
  void compute_views();
  void compute_overflow();
  // Bring the month into 1..12, the years following.
  void carry_months();
  int64_t days_after_new_year() const;
  // 0 Monday to 6 Sunday.
  int64_t days_after_monday() const {
    return floor_remainder(floor_quotient(milliseconds + half_day, day_milliseconds), 7);
  }
  // 0 Sunday to 6 Saturday; before the Julian epoch, which only modifiers in between reach, 0 to -6.
  int64_t days_after_sunday() const { return (milliseconds + 129600000) / day_milliseconds % 7; }

 private:
  void fail();
};

}  // namespace keelback::vm::functions

#endif
