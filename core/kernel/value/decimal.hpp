// A double as decimal digits, rounded as SQLite rounds: shared by the text of REALs and by printf.
#ifndef KEELBACK_VALUE_DECIMAL_HPP
#define KEELBACK_VALUE_DECIMAL_HPP

#include <string>

namespace keelback::value {

struct Decimal {
  enum class Kind { finite, infinite, not_a_number };
  Kind kind = Kind::finite;
  bool is_negative = false;
  std::string digits;  // without trailing zeros; "0" for zero
  int point = 0;       // digits[0..point) stand before the decimal point
};

// `round` > 0: that many significant digits; <= 0: -round digits after the point. Never more than `most`.
Decimal decimal_of(double real, int round, int most);

}  // namespace keelback::value

#endif
