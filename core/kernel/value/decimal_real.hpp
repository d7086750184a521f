// Conversion between doubles and decimal digits, bit for bit as SQLite 3.54 does it.
//
// SQLite multiplies by a power of ten of 64 to 96 bits; its results are not always the nearest ones in the 17th digit,
// nor for inputs of 19 digits, and files and texts show it. So the same products of the same widths are formed here.
//
// 1. A power 10**p is held as its leading 96 bits. Powers from 0 to 26 are exact; others are one truncated product
//    of 10**(27*k), rounded to 96 bits, and one exact power; -1 is a case of its own.
// 2. Only powers from -348 to 347 exist; beyond them a number is 0.0 or infinite.
//
// Knows nothing of SQL values. Twin: keelback_core/value/decimal_real.py.
#ifndef KEELBACK_VALUE_DECIMAL_REAL_HPP
#define KEELBACK_VALUE_DECIMAL_REAL_HPP

#include <cstdint>
#include <string_view>

namespace keelback {

// The double for digits * 10**exponent; digits not 0. Infinite when it is too big.
double real_of_decimal(uint64_t digits, int exponent) noexcept;

// Significant digits and where the decimal point goes: ("125", 1) is 1.25, ("1", -1) is 0.01.
struct DecimalDigits {
  char digits[24];
  int count = 0;
  int point = 0;
  std::string_view view() const noexcept { return {digits, static_cast<size_t>(count)}; }
};

// magnitude: not negative, finite. precision above 0: that many significant digits, `most_digits` at most; 0 or below:
// -precision digits after the point. No zeros at the end. 17 is SQLite's "shortest of 15 that reads back, or else 17".
DecimalDigits decimal_digits(double magnitude, int precision, int most_digits) noexcept;

}  // namespace keelback

#endif
