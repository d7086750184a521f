#include "time_instant.hpp"

#include <array>
#include <limits>

namespace keelback::vm::functions {

namespace {

constexpr size_t blob_size = 13;
constexpr int64_t march_of_year_zero = -306;  // 0000-03-01 in days since 0001-01-01
constexpr int64_t days_of_400_years = 146097;

// Messages by position: of a function with one parameter, then of the parameters of others.
using Messages = std::array<const char*, 5>;
constexpr Messages no_time{"parameter should be a time blob", "1st parameter: should be a time blob",
                           "2nd parameter: should be a time blob"};
constexpr Messages no_size{"invalid time blob size", "1st parameter: invalid time blob size",
                           "2nd parameter: invalid time blob size"};
constexpr Messages no_integer{"parameter should be an integer", "1st parameter: should be an integer",
                              "2nd parameter: should be an integer", "3rd parameter: should be an integer",
                              "4th parameter: should be an integer"};
constexpr Messages no_field{nullptr, "1st parameter: should be a field name", "2nd parameter: should be a field name"};

Status refused(const Messages& messages, int position) {
  return Status(result::ERROR, messages[static_cast<size_t>(position)]);
}

bool fits(Wide number) {
  return number >= std::numeric_limits<int64_t>::min() && number <= std::numeric_limits<int64_t>::max();
}

uint64_t big_endian(Bytes bytes) {
  uint64_t number = 0;
  for (const uint8_t byte : bytes) number = number << 8 | byte;
  return number;
}

}  // namespace

Status out_of_range() { return Status(result::ERROR, "time is out of range"); }

Status give_time(const FunctionContext& context, Wide seconds, Wide nanoseconds) {
  seconds += floor_of<Wide>(nanoseconds, nanoseconds_of_second);
  if (!fits(seconds)) return out_of_range();
  const auto whole = static_cast<uint64_t>(static_cast<int64_t>(seconds));
  const auto rest = static_cast<uint32_t>(rest_of<Wide>(nanoseconds, nanoseconds_of_second));
  std::string blob(blob_size, '\1');
  for (size_t i = 0; i < 8; ++i) blob[1 + i] = static_cast<char>(whole >> (56 - 8 * i));
  for (size_t i = 0; i < 4; ++i) blob[9 + i] = static_cast<char>(rest >> (24 - 8 * i));
  context.result.adopt(std::move(blob), Type::blob);
  return ok_status;
}

Status give_date(const FunctionContext& context, Wide year, Wide month, Wide day, Wide seconds, Wide nanoseconds) {
  return give_time(context, days_of(year, month, day) * seconds_of_day + seconds, nanoseconds);
}

Status give_in_range(const FunctionContext& context, Wide number) {
  return fits(number) ? give_integer(context, static_cast<int64_t>(number)) : out_of_range();
}

Status time_argument(const Value& value, int position, Instant& time) {
  if (!value.is_blob()) return refused(no_time, position);
  if (value.size() != blob_size) return refused(no_size, position);
  const auto nanoseconds = static_cast<int64_t>(big_endian(value.blob().subspan(9)));
  const Wide seconds = static_cast<Wide>(static_cast<int64_t>(big_endian(value.blob().subspan(1, 8)))) +
                       nanoseconds / nanoseconds_of_second;
  if (!fits(seconds)) return out_of_range();
  time = {static_cast<int64_t>(seconds), nanoseconds % nanoseconds_of_second};
  return ok_status;
}

Status integer_argument(const Value& value, int position, int64_t& integer) {
  if (!value.is_integer()) return refused(no_integer, position);
  integer = value.integer();
  return ok_status;
}

Status integer_arguments(Arguments arguments, std::span<int64_t> integers) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (!arguments[i].is_integer()) return Status(result::ERROR, "all parameters should be integers");
    integers[i] = arguments[i].integer();
  }
  return ok_status;
}

Status field_argument(const Value& value, int position, std::string& name) {
  if (!value.is_text()) return refused(no_field, position);
  name = value.text();
  for (char& letter : name) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter + ('a' - 'A'));
  }
  if (name.ends_with('s')) name.pop_back();
  return ok_status;
}

Wide days_of(Wide year, Wide month, Wide day) {
  year += floor_of<Wide>(month - 1, 12);
  month = rest_of<Wide>(month - 1, 12) + 1;
  if (month <= 2) --year;
  const Wide of_year = (153 * (month <= 2 ? month + 9 : month - 3) + 2) / 5 + day - 1;
  return year * 365 + floor_of<Wide>(year, 4) - floor_of<Wide>(year, 100) + floor_of<Wide>(year, 400) + of_year +
         march_of_year_zero;
}

Date date_of(int64_t days) {
  days -= march_of_year_zero;
  const int64_t era = floor_of(days, days_of_400_years);
  const int64_t of_era = days - era * days_of_400_years;
  const int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month = (5 * of_year + 2) / 153;
  const int64_t day = of_year - (153 * month + 2) / 5 + 1;
  return {year_of_era + era * 400 + (month >= 10 ? 1 : 0), month >= 10 ? month - 9 : month + 3, day};
}

IsoWeek iso_week(int64_t days) {
  const int64_t thursday = days - rest_of<int64_t>(days, 7) + 3;
  const int64_t year = date_of(thursday).year;
  return {year, (thursday - static_cast<int64_t>(days_of(year, 1, 1))) / 7 + 1};
}

}  // namespace keelback::vm::functions
