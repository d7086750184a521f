// Doubles to decimal digits.
//
// 1. A double is first expanded to 18 digits, or 19 where its binade crosses a power of ten, then rounded half up to
//    what was asked: the second rounding is visible and SQLite's.
// 2. With 17 digits asked, a tail of zeros or nines from the 15th digit on is cut off if the shorter number is the
//    same double.
#include "decimal.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace keelback::value {

namespace {

constexpr int expansion_digits = 18;
constexpr int round_trip_digits = 17;

// The decimal exponent of the power of two at or below `real`.
int binade_exponent(double real) {
  int exponent = 0;
  std::frexp(real, &exponent);
  const int power = exponent - 1;
  return static_cast<int>(std::floor(power * 0.30102999566398119521L));
}

void round_up(std::string &digits, int &point) {
  size_t at = digits.size();
  while (at > 0) {
    if (digits[at - 1] != '9') {
      ++digits[at - 1];
      return;
    }
    digits[--at] = '0';
  }
  digits.insert(digits.begin(), '1');
  ++point;
}

bool is_same_double(const std::string &digits, int point, double real) {
  const std::string text = "0." + digits + "e" + std::to_string(point);
  return std::strtod(text.c_str(), nullptr) == real;
}

// The length to cut 17 digits to, or 17.
size_t shorter_length(const std::string &digits, int point, double real) {
  const char tail = digits[15];
  if (digits[14] != tail || (tail != '0' && tail != '9')) return round_trip_digits;
  size_t length = 14;
  while (length > 0 && digits[length - 1] == tail) --length;
  if (length == 0) return round_trip_digits;
  std::string shorter = digits.substr(0, length);
  int shorter_point = point;
  if (tail == '9') round_up(shorter, shorter_point);
  return is_same_double(shorter, shorter_point, real) ? length : round_trip_digits;
}

}  // namespace

Decimal decimal_of(double real, int round, int most) {
  Decimal decimal;
  if (std::isnan(real)) {
    decimal.kind = Decimal::Kind::not_a_number;
    return decimal;
  }
  decimal.is_negative = real < 0;
  real = std::fabs(real);
  if (std::isinf(real)) {
    decimal.kind = Decimal::Kind::infinite;
    return decimal;
  }
  if (real == 0) {
    decimal.digits = "0";
    decimal.point = 1;
    return decimal;
  }
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, "%.*e", expansion_digits - 1, real);
  int exponent = std::atoi(buffer + expansion_digits + 2);
  if (exponent > binade_exponent(real)) {
    std::snprintf(buffer, sizeof buffer, "%.*e", expansion_digits, real);
    exponent = std::atoi(buffer + expansion_digits + 3);
  }
  std::string digits(1, buffer[0]);
  for (const char *at = buffer + 2; *at != 'e'; ++at) digits.push_back(*at);
  int point = exponent + 1;
  if (round <= 0) round = point - round;
  if (round < 0 || (round == 0 && digits[0] < '5')) {
    decimal.digits = "0";
    decimal.point = round < 0 ? 1 : point;
    if (round == 0) decimal.point = 1;
    return decimal;
  }
  if (round == 0) {
    decimal.digits = "1";
    decimal.point = point + 1;
    return decimal;
  }
  const auto length = static_cast<int>(digits.size());
  if (round < length || length > most) {
    if (round > most) round = most;
    size_t keep = static_cast<size_t>(round);
    if (round == round_trip_digits) keep = shorter_length(digits, point, real);
    const bool is_up = keep < digits.size() && digits[keep] >= '5';
    digits.resize(std::min(keep, digits.size()));
    if (is_up) round_up(digits, point);
  }
  while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
  decimal.digits = digits;
  decimal.point = point;
  return decimal;
}

}  // namespace keelback::value
