#include "numeric_text.hpp"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "decimal_real.hpp"

namespace keelback {

namespace {

// From this on a further digit might not fit into 64 bits, so the rest only counts as powers of ten.
constexpr uint64_t mantissa_limit = (0xFFFFFFFFFFFFFFFF - 9) / 10;
constexpr int64_t largest_integer = std::numeric_limits<int64_t>::max();
constexpr int64_t smallest_integer = std::numeric_limits<int64_t>::min();
constexpr int greatest_written_exponent = 10000;

bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

const char* skip_spaces(const char* at, const char* end) noexcept {
  while (at < end && is_space(*at)) ++at;
  return at;
}

// The exponent after a mantissa; false where an 'e' is not followed by one. `at` moves behind it.
bool scan_exponent(const char*& at, const char* end, int& exponent, bool& is_integer) noexcept {
  if (at >= end || (*at != 'e' && *at != 'E')) return true;
  const char* after = at + 1;
  bool is_negative = false;
  if (after < end && (*after == '+' || *after == '-')) is_negative = *after++ == '-';
  if (after >= end || !is_digit(*after)) return false;
  int power = 0;
  for (at = after; at < end && is_digit(*at); ++at) {
    if (power < greatest_written_exponent) power = power * 10 + (*at - '0');
  }
  exponent += is_negative ? -power : power;
  is_integer = false;
  return true;
}

// The usual short text of digits only; false for any other.
bool scan_short_digits(std::string_view text, int64_t& integer) noexcept {
  if (text.empty() || text.size() >= 19) return false;
  int64_t number = 0;
  for (const char c : text) {
    if (!is_digit(c)) return false;
    number = number * 10 + (c - '0');
  }
  integer = number;
  return true;
}

}  // namespace

ScannedReal scan_real(std::string_view text) noexcept {
  const char* end = text.data() + text.size();
  const char* at = skip_spaces(text.data(), end);
  bool is_negative = false;
  if (at < end && (*at == '+' || *at == '-')) is_negative = *at++ == '-';
  const char* start = at;
  uint64_t mantissa = 0;
  int64_t dropped = 0;
  for (; at < end && is_digit(*at); ++at) {
    if (mantissa < mantissa_limit) {
      mantissa = mantissa * 10 + static_cast<uint64_t>(*at - '0');
    } else {
      ++dropped;
    }
  }
  bool has_digits = at > start;
  bool is_integer = true;
  if (at < end && *at == '.') {
    start = ++at;
    for (; at < end && is_digit(*at); ++at) {
      if (mantissa < mantissa_limit) {
        mantissa = mantissa * 10 + static_cast<uint64_t>(*at - '0');
        --dropped;
      }
    }
    has_digits = has_digits || at > start;
    is_integer = false;
  }
  if (!has_digits) return {};
  int exponent = 0;
  bool is_whole = scan_exponent(at, end, exponent, is_integer);
  const int64_t power = dropped + exponent;
  const int bounded = power > 100000 ? 100000 : power < -100000 ? -100000 : static_cast<int>(power);
  const double magnitude = mantissa ? real_of_decimal(mantissa, bounded) : 0.0;
  if (is_whole) {
    at = skip_spaces(at, end);
    is_whole = at == end || *at == '\0';
  }
  return {is_negative ? -magnitude : magnitude, is_whole ? Extent::whole : Extent::prefix, is_integer};
}

ScannedInteger scan_integer(std::string_view text) noexcept {
  const char* end = text.data() + text.size();
  const char* at = skip_spaces(text.data(), end);
  bool is_negative = false;
  if (at < end && (*at == '+' || *at == '-')) is_negative = *at++ == '-';
  const char* start = at;
  while (at < end && *at == '0') ++at;
  const char* digits = at;
  uint64_t magnitude = 0;
  for (; at < end && is_digit(*at); ++at) {
    if (at - digits < 19) magnitude = magnitude * 10 + static_cast<uint64_t>(*at - '0');
  }
  if (at == start) return {};
  const bool is_long = at - digits > 19;
  const bool is_whole = skip_spaces(at, end) == end;
  const uint64_t limit = static_cast<uint64_t>(largest_integer) + (is_negative ? 1 : 0);
  if (is_long || magnitude > limit) return {is_negative ? smallest_integer : largest_integer, false, is_whole};
  return {static_cast<int64_t>(is_negative ? 0 - magnitude : magnitude), true, is_whole};
}

Value text_to_number(std::string_view text) noexcept {
  int64_t integer = 0;
  if (scan_short_digits(text, integer)) return Value::of_integer(integer);
  const ScannedReal scanned = scan_real(text);
  if (scanned.extent != Extent::whole) return Value::of_null();
  if (scanned.is_integer) {
    const ScannedInteger found = scan_integer(text);
    if (found.fits) return Value::of_integer(found.value);
  }
  return Value::of_real(scanned.value);
}

Value prefix_to_number(std::string_view text) noexcept {
  int64_t integer = 0;
  if (scan_short_digits(text, integer)) return Value::of_integer(integer);
  const ScannedReal scanned = scan_real(text);
  if (scanned.extent == Extent::not_numeric) return Value::of_integer(0);
  if (scanned.is_integer) {
    const ScannedInteger found = scan_integer(text);
    // Before a NUL character a real ends and an integer does not: such a text is a real here.
    if (found.fits && (found.is_whole || scanned.extent == Extent::prefix)) return Value::of_integer(found.value);
  }
  return Value::of_real(scanned.value);
}

int64_t prefix_to_integer(std::string_view text) noexcept { return scan_integer(text).value; }

double prefix_to_real(std::string_view text) noexcept { return scan_real(text).value; }

int64_t real_to_integer(double real) noexcept {
  if (std::isnan(real)) return 0;
  if (real >= 9223372036854775808.0) return largest_integer;
  if (real <= -9223372036854775808.0) return smallest_integer;
  return static_cast<int64_t>(real);
}

std::string_view integer_to_text(int64_t integer, TextBuffer& buffer) noexcept {
  const auto written = std::to_chars(buffer.data, buffer.data + sizeof buffer.data, integer);
  return {buffer.data, static_cast<size_t>(written.ptr - buffer.data)};
}

std::string_view real_to_text(double real, TextBuffer& buffer) noexcept {
  if (real == 0.0) return "0.0";
  if (std::isnan(real)) return "NaN";
  if (std::isinf(real)) return real < 0 ? "-Inf" : "Inf";
  char* at = buffer.data;
  if (real < 0) {
    *at++ = '-';
    real = -real;
  }
  const auto put = [&at](std::string_view text) {
    std::memcpy(at, text.data(), text.size());
    at += text.size();
  };
  const auto put_zeros = [&at](int count) {
    while (count-- > 0) *at++ = '0';
  };
  const DecimalDigits decimal = decimal_digits(real, 17, 20);
  const std::string_view digits = decimal.view();
  const int point = decimal.point;
  if (point >= -3 && point <= 17) {
    if (point <= 0) {
      put("0.");
      put_zeros(-point);
      put(digits);
    } else if (decimal.count <= point) {
      put(digits);
      put_zeros(point - decimal.count);
      put(".0");
    } else {
      put(digits.substr(0, static_cast<size_t>(point)));
      *at++ = '.';
      put(digits.substr(static_cast<size_t>(point)));
    }
  } else {
    const int exponent = point - 1;
    *at++ = digits[0];
    *at++ = '.';
    put(decimal.count > 1 ? digits.substr(1) : std::string_view("0"));
    *at++ = 'e';
    *at++ = exponent > 0 ? '+' : '-';
    const int size = exponent < 0 ? -exponent : exponent;
    if (size < 10) *at++ = '0';
    at = std::to_chars(at, buffer.data + sizeof buffer.data, size).ptr;
  }
  return {buffer.data, static_cast<size_t>(at - buffer.data)};
}

namespace value {

std::string real_to_text(double real) {
  TextBuffer buffer;
  return std::string(keelback::real_to_text(real, buffer));
}

NumberKind number_kind(std::string_view text) noexcept {
  const Value number = text_to_number(text);
  return number.is_null() ? NumberKind::none : number.is_integer() ? NumberKind::integer : NumberKind::real;
}

}  // namespace value

}  // namespace keelback
