// Numbers to text and text to numbers. Blanks are space, tab, newline, vertical tab, form feed and return.
#include "numeric_text.hpp"

#include <charconv>
#include <cmath>
#include <limits>

#include "decimal.hpp"

namespace keelback::value {

namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Prefix {
  size_t begin = 0;      // after blanks
  size_t end = 0;        // after the last character of the number; begin where there is none
  bool is_integer = true;
  bool is_negative = false;
};

Prefix numeric_prefix(std::string_view text) {
  Prefix prefix;
  size_t at = 0;
  while (at < text.size() && is_blank(text[at])) ++at;
  prefix.begin = prefix.end = at;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) prefix.is_negative = text[at++] == '-';
  size_t digits = 0;
  while (at < text.size() && is_digit(text[at])) ++at, ++digits;
  size_t end = at;
  bool is_integer = true;
  if (at < text.size() && text[at] == '.') {
    size_t fraction = 0;
    ++at;
    while (at < text.size() && is_digit(text[at])) ++at, ++fraction;
    if (digits + fraction > 0) {
      end = at;
      is_integer = false;
    }
    digits += fraction;
  }
  if (digits == 0) return prefix;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E') && at == end) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    if (at < text.size() && is_digit(text[at])) {
      while (at < text.size() && is_digit(text[at])) ++at;
      end = at;
      is_integer = false;
    }
  }
  prefix.end = end;
  prefix.is_integer = is_integer;
  return prefix;
}

}  // namespace

std::string real_to_text(double real) {
  const Decimal decimal = decimal_of(real, 17, 20);
  if (decimal.kind == Decimal::Kind::not_a_number) return "NaN";
  std::string text = decimal.is_negative ? "-" : "";
  if (decimal.kind == Decimal::Kind::infinite) return text + "Inf";
  const std::string &digits = decimal.digits;
  const auto length = static_cast<int>(digits.size());
  const int exponent = decimal.point - 1;
  if (exponent < -4 || exponent > 16) {
    text += digits[0];
    text += '.';
    text += length > 1 ? digits.substr(1) : "0";
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, "e%c%02d", exponent < 0 ? '-' : '+', std::abs(exponent));
    return text + buffer;
  }
  if (decimal.point <= 0) return text + "0." + std::string(static_cast<size_t>(-decimal.point), '0') + digits;
  if (length <= decimal.point) {
    return text + digits + std::string(static_cast<size_t>(decimal.point - length), '0') + ".0";
  }
  const auto point = static_cast<size_t>(decimal.point);
  return text + digits.substr(0, point) + "." + digits.substr(point);
}

int64_t real_to_integer(double real) {
  if (std::isnan(real)) return 0;
  if (real <= -9223372036854775808.0) return std::numeric_limits<int64_t>::min();
  if (real >= 9223372036854775808.0) return std::numeric_limits<int64_t>::max();
  return static_cast<int64_t>(real);
}

int64_t text_to_integer(std::string_view text) {
  size_t at = 0;
  while (at < text.size() && is_blank(text[at])) ++at;
  bool is_negative = false;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) is_negative = text[at++] == '-';
  uint64_t magnitude = 0;
  const uint64_t limit = is_negative ? 9223372036854775808ULL : 9223372036854775807ULL;
  for (; at < text.size() && is_digit(text[at]); ++at) {
    const auto digit = static_cast<uint64_t>(text[at] - '0');
    if (magnitude > (limit - digit) / 10) {
      magnitude = limit;
      break;
    }
    magnitude = magnitude * 10 + digit;
  }
  return is_negative ? static_cast<int64_t>(0 - magnitude) : static_cast<int64_t>(magnitude);
}

double text_to_real(std::string_view text) {
  const Prefix prefix = numeric_prefix(text);
  if (prefix.end == prefix.begin) return 0;
  size_t begin = prefix.begin;
  if (text[begin] == '+') ++begin;
  double real = 0;
  const auto result = std::from_chars(text.data() + begin, text.data() + prefix.end, real);
  if (result.ec == std::errc::result_out_of_range) {
    // Too large or too small: the sign of the exponent tells which.
    const std::string_view number = text.substr(begin, prefix.end - begin);
    const size_t mark = number.find_first_of("eE");
    const bool is_tiny = mark != std::string_view::npos && mark + 1 < number.size() && number[mark + 1] == '-';
    real = is_tiny ? 0.0 : std::numeric_limits<double>::infinity();
    if (prefix.is_negative) real = -real;
  }
  return real;
}

NumberKind number_kind(std::string_view text) {
  const Prefix prefix = numeric_prefix(text);
  if (prefix.end == prefix.begin) return NumberKind::none;
  size_t at = prefix.end;
  while (at < text.size() && is_blank(text[at])) ++at;
  if (at != text.size()) return NumberKind::none;
  if (!prefix.is_integer) return NumberKind::real;
  const int64_t integer = text_to_integer(text);
  const bool is_edge = integer == std::numeric_limits<int64_t>::max() || integer == std::numeric_limits<int64_t>::min();
  if (!is_edge) return NumberKind::integer;
  return std::to_string(integer) == text.substr(prefix.begin, prefix.end - prefix.begin) ? NumberKind::integer
                                                                                         : NumberKind::real;
}

}  // namespace keelback::value
