// The digits of printf: decimal_real's, where a number that rounds to nothing is "0".
#include "decimal.hpp"

#include <cmath>

#include "decimal_real.hpp"

namespace keelback::value {

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
  const DecimalDigits found = decimal_digits(real, round, most);
  // Without a digit before the last wanted place nothing was rounded off, and nothing is left.
  const bool is_nothing = real != 0 && round <= 0 && (found.count == 0 || found.point - round <= 0);
  decimal.digits = is_nothing ? "0" : std::string(found.view());
  decimal.point = is_nothing ? 1 : found.point;
  return decimal;
}

}  // namespace keelback::value
