#include "decimal_real.hpp"

#include <array>
#include <bit>
#include <limits>

namespace keelback {

namespace {

using Wide = unsigned __int128;

constexpr int first_power = -348;
constexpr int last_power = 347;
constexpr int stride = 27;
constexpr int first_group = -13;

struct Power {
  uint64_t high;
  uint32_t low;
};

// 10**(27*k), rounded to 96 bits.
constexpr Power scales[] = {
    {0x8049a4ac0c5811ae, 0x205b896d},  // 10**-351
    {0xcf42894a5dce35ea, 0x52064cad},  // 10**-324
    {0xa76c582338ed2621, 0xaf2af2b8},  // 10**-297
    {0x873e4f75e2224e68, 0x5a7744a7},  // 10**-270
    {0xda7f5bf590966848, 0xaf39a475},  // 10**-243
    {0xb080392cc4349dec, 0xbd8d794e},  // 10**-216
    {0x8e938662882af53e, 0x547eb47b},  // 10**-189
    {0xe65829b3046b0afa, 0x0cb4a5a3},  // 10**-162
    {0xba121a4650e4ddeb, 0x92f34d62},  // 10**-135
    {0x964e858c91ba2655, 0x3a6a07f9},  // 10**-108
    {0xf2d56790ab41c2a2, 0xfae27299},  // 10**-81
    {0xc428d05aa4751e4c, 0xaa97e14c},  // 10**-54
    {0x9e74d1b791e07e48, 0x775ea265},  // 10**-27
    {0x8000000000000000, 0x00000000},  // 10**0
    {0xcecb8f27f4200f3a, 0x00000000},  // 10**27
    {0xa70c3c40a64e6c51, 0x999090b6},  // 10**54
    {0x86f0ac99b4e8dafd, 0x69a028bb},  // 10**81
    {0xda01ee641a708de9, 0xe80e6f48},  // 10**108
    {0xb01ae745b101e9e4, 0x5ec05dd0},  // 10**135
    {0x8e41ade9fbebc27d, 0x14588f14},  // 10**162
    {0xe5d3ef282a242e81, 0x8f1668c9},  // 10**189
    {0xb9a74a0637ce2ee1, 0x6d953e2c},  // 10**216
    {0x95f83d0a1fb69cd9, 0x4abdaf10},  // 10**243
    {0xf24a01a73cf2dccf, 0xbc633b39},  // 10**270
    {0xc3b8358109e84f07, 0x0a862f81},  // 10**297
    {0x9e19db92b4e31ba9, 0x6c07a2c2},  // 10**324
};

// The leading 64 bits of 10**power, 0 <= power < 27.
constexpr uint64_t exact_power(int power) noexcept {
  Wide whole = 1;
  for (int count = 0; count < power; ++count) whole *= 10;
  while (whole >> 64) whole >>= 1;
  auto bits = static_cast<uint64_t>(whole);
  while (!(bits >> 63)) bits <<= 1;
  return bits;
}

constexpr Power make_power(int power) noexcept {
  if (power >= 0 && power < stride) return {exact_power(power), 0};
  if (power == -1) return {0xCCCCCCCCCCCCCCCC, 0xCCCCCCCC};
  const int group = (power >= 0 ? power : power - (stride - 1)) / stride;
  const int rest = power - group * stride;
  const Power scale = scales[group - first_group];
  if (rest == 0) return scale;
  const uint64_t base = exact_power(rest);
  const Wide product =
      static_cast<Wide>(scale.high) * base + static_cast<uint64_t>((static_cast<Wide>(scale.low) * base) >> 32);
  auto high = static_cast<uint64_t>(product >> 64);
  auto low = static_cast<uint32_t>(static_cast<uint64_t>(product) >> 32);
  if (!(high >> 63)) {
    high = high << 1 | low >> 31;
    low = low << 1 | 1;
  }
  return {high, low};
}

constexpr auto make_powers() noexcept {
  std::array<Power, last_power - first_power + 1> powers{};
  for (int power = first_power; power <= last_power; ++power) {
    powers[static_cast<size_t>(power - first_power)] = make_power(power);
  }
  return powers;
}

constexpr auto powers = make_powers();

Power power_of_ten(int power) noexcept { return powers[static_cast<size_t>(power - first_power)]; }

// floor(log2(10**power)) and floor(log10(2**power)).
int binary_exponent(int power) noexcept { return (power * 108853) >> 15; }
int decimal_exponent(int power) noexcept { return (power * 78913) >> 18; }

// The leading digits of a positive finite double as an integer, and the power of ten of its last digit.
uint64_t digits_of_double(double magnitude, int count, int& last_exponent) noexcept {
  const auto bits = std::bit_cast<uint64_t>(magnitude);
  int exponent = static_cast<int>(bits >> 52 & 0x7FF);
  uint64_t mantissa = bits & 0xFFFFFFFFFFFFF;
  if (exponent == 0) {
    const int zeros = std::countl_zero(mantissa);
    mantissa <<= zeros;
    exponent = -1074 - zeros;
  } else {
    mantissa = mantissa << 11 | uint64_t{1} << 63;
    exponent -= 1086;
  }
  const int power = count - 1 - decimal_exponent(exponent + 63);
  auto high = static_cast<uint64_t>((static_cast<Wide>(mantissa) * power_of_ten(power).high) >> 64);
  const int shift = -(exponent + binary_exponent(power) + 1);
  last_exponent = -power;
  if (count == 18) {
    high >>= shift - 1;
    return (high + (high << 1 & 2)) >> 1;
  }
  return high >> shift;
}

uint64_t number_of(const char* digits, int count) noexcept {
  uint64_t number = 0;
  for (int place = 0; place < count; ++place) number = number * 10 + static_cast<uint64_t>(digits[place] - '0');
  return number;
}

// Of 18 digits to be rounded to 17: how many are enough to read back as the same double (17 if none fewer).
int shorter_form(double magnitude, const char* digits, int size, int point, int exponent) noexcept {
  int kept;
  uint64_t value;
  if (size > 15 && digits[14] == '9' && digits[15] == '9') {
    kept = 14;
    while (kept > 0 && digits[kept - 1] == '9') --kept;
    value = kept ? number_of(digits, kept) + 1 : 1;
  } else if (point >= size || (size > 15 && digits[13] == '0' && digits[14] == '0' && digits[15] == '0')) {
    kept = 13;
    while (kept > 0 && digits[kept - 1] == '0') --kept;
    value = number_of(digits, kept);
  } else {
    return 17;
  }
  return real_of_decimal(value, exponent + size - kept) == magnitude ? kept + 1 : 17;
}

constexpr auto tens = [] {
  std::array<uint64_t, 20> powers{1};
  for (size_t place = 1; place < powers.size(); ++place) powers[place] = powers[place - 1] * 10;
  return powers;
}();

// How many digits a number that is not 0 has.
int digit_count(uint64_t number) noexcept {
  const int least = (std::bit_width(number) * 1233) >> 12;
  return least + (least < 20 && number >= tens[static_cast<size_t>(least)] ? 1 : 0);
}

// The number's digits, of which there are so many.
void put_digits(uint64_t number, int count, char* digits) noexcept {
  for (; count > 0; number /= 10) digits[--count] = static_cast<char>('0' + number % 10);
}

// Of a number of `size` digits the first `precision`, rounded half up, without zeros at the end.
void put_rounded(DecimalDigits& decimal, uint64_t number, int size, int precision) noexcept {
  const uint64_t scale = tens[static_cast<size_t>(size - precision)];
  uint64_t kept = number / scale;
  if (number - kept * scale >= scale / 2) ++kept;
  decimal.count = precision;
  if (kept == tens[static_cast<size_t>(precision)]) {
    ++decimal.count;
    ++decimal.point;
  }
  while (kept && kept % 10 == 0) {
    kept /= 10;
    --decimal.count;
  }
  put_digits(kept, decimal.count, decimal.digits);
}

}  // namespace

double real_of_decimal(uint64_t digits, int exponent) noexcept {
  if (exponent < first_power) return 0.0;
  if (exponent > last_power) return std::numeric_limits<double>::infinity();
  const int width = std::bit_width(digits);
  const int ratio = binary_exponent(exponent);
  int scale = 53 - width - ratio;
  if (scale > 1074) {
    if (scale >= 1130) return 0.0;
    scale = 1074;
  }
  const int shift = -(scale - (64 - width) + ratio + 3);
  Power power = power_of_ten(exponent);
  if (power.low) {
    // The product is taken with the power rounded up, and what that is too much is looked at if it matters.
    ++power.high;
    power.low = ~power.low;
  }
  const uint64_t aligned = digits << (64 - width);
  const Wide product = static_cast<Wide>(aligned) * power.high;
  auto high = static_cast<uint64_t>(product >> 64);
  uint64_t sticky = 1;
  if (!(high & ((uint64_t{1} << shift) - 1))) {
    const auto middle = static_cast<uint32_t>(static_cast<uint64_t>(product) >> 32);
    const auto excess =
        static_cast<uint32_t>((static_cast<Wide>(aligned) * (static_cast<uint64_t>(power.low) << 32)) >> 96);
    sticky = static_cast<uint32_t>(middle - excess) > 1 ? 1 : 0;
    if (middle < excess) --high;
  }
  uint64_t unrounded = (high >> shift) | sticky;
  if (unrounded >= (uint64_t{1} << 55) - 2) {
    unrounded = unrounded >> 1 | (unrounded & 1);
    --scale;
  }
  uint64_t mantissa = (unrounded + 1 + (unrounded >> 2 & 1)) >> 2;
  if (scale <= -972) return std::numeric_limits<double>::infinity();
  if (mantissa >> 52 & 1) mantissa = (mantissa & ~(uint64_t{1} << 52)) | static_cast<uint64_t>(1075 - scale) << 52;
  return std::bit_cast<double>(mantissa);
}

DecimalDigits decimal_digits(double magnitude, int precision, int most_digits) noexcept {
  DecimalDigits decimal;
  if (magnitude == 0.0) {
    decimal.digits[0] = '0';
    decimal.count = decimal.point = 1;
    return decimal;
  }
  int exponent = 0;
  const uint64_t number = digits_of_double(magnitude, precision <= 0 || precision >= 18 ? 18 : precision + 1, exponent);
  const int size = digit_count(number);
  decimal.point = size + exponent;
  if (precision <= 0) {
    precision = decimal.point - precision;
    if (precision == 0 && number >= 5 * tens[static_cast<size_t>(size - 1)]) {
      // Half of the last place that is asked for, or more, is one there.
      decimal.digits[0] = '1';
      decimal.count = 1;
      ++decimal.point;
      return decimal;
    }
  }
  if (precision > 0 && (precision < size || size > most_digits)) {
    if (precision > most_digits) precision = most_digits;
    if (precision == 17) {
      put_digits(number, size, decimal.digits);
      precision = shorter_form(magnitude, decimal.digits, size, decimal.point, exponent);
    }
    if (precision < size) {
      put_rounded(decimal, number, size, precision);
      return decimal;
    }
  }
  put_digits(number, size, decimal.digits);
  decimal.count = size;
  while (decimal.count > 0 && decimal.digits[decimal.count - 1] == '0') --decimal.count;
  return decimal;
}

}  // namespace keelback
