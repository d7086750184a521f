// Reals as printf() writes them. Twin: keelback_core/reference/vm/functions/format.py.
#include "format_real.hpp"

#include <algorithm>
#include <cmath>

#include "../../value/decimal_real.hpp"

namespace keelback::vm::functions {

namespace {

constexpr int64_t most_precision = 100000000;

// The digits of a real, and where what is left of the point ends.
struct Digits {
  std::string text;
  int64_t point;
};

Digits digits_of(double value, int64_t wanted, bool is_long) {
  if (std::isinf(value)) return {"9", 1000};
  const DecimalDigits found = decimal_digits(std::fabs(value), static_cast<int>(wanted), is_long ? 20 : 16);
  return {std::string(found.view()), found.point};
}

void pad_right(std::string& text, int64_t size) {
  if (static_cast<int64_t>(text.size()) < size) text.append(static_cast<size_t>(size) - text.size(), '0');
}

void append_exponent(std::string& text, char letter, int64_t exponent) {
  text.push_back(letter);
  text.push_back(exponent < 0 ? '-' : '+');
  const int64_t size = std::abs(exponent);
  if (size < 10) text.push_back('0');
  text += std::to_string(size);
}

// Zeros at the end of a fraction, and the point if nothing follows it; one zero stays if `keeps_one`.
void strip_fraction(std::string& text, bool keeps_one) {
  text.erase(text.find_last_not_of('0') + 1);
  if (!text.ends_with('.')) return;
  if (keeps_one) {
    text.push_back('0');
  } else {
    text.pop_back();
  }
}

// What stands left and right of the point.
void split_at_point(Digits& digits, bool has_exponent, std::string& whole, std::string& fraction) {
  if (has_exponent) {
    whole = digits.text.substr(0, 1);
    fraction = digits.text.substr(1);
  } else if (digits.point <= 0) {
    whole = "0";
    fraction.assign(static_cast<size_t>(-digits.point), '0');
    fraction += digits.text;
  } else {
    pad_right(digits.text, digits.point);
    whole = digits.text.substr(0, static_cast<size_t>(digits.point));
    fraction = digits.text.substr(static_cast<size_t>(digits.point));
  }
}

// %f with so many digits behind the point, without flags but `0` and signs; false where it does not fit.
bool append_fixed(double value, int precision, const Directive& directive, std::string& output) {
  constexpr int most_point = 40;
  char buffer[2 * most_point + 4];
  const DecimalDigits decimal = decimal_digits(std::fabs(value), -precision, 16);
  if (decimal.point > most_point) return false;
  const auto digit = [&decimal](int place) {
    return place < 0 || place >= decimal.count ? '0' : decimal.digits[place];
  };
  char* at = buffer;
  if (value < 0) {
    *at++ = '-';
  } else if (directive.sign) {
    *at++ = directive.sign;
  }
  const size_t prefix_size = static_cast<size_t>(at - buffer);
  if (decimal.point <= 0) *at++ = '0';
  for (int place = 0; place < decimal.point; ++place) *at++ = digit(place);
  if (precision > 0) {
    *at++ = '.';
    for (int count = 0; count < precision; ++count) *at++ = digit(decimal.point + count);
  }
  const std::string_view text(buffer, static_cast<size_t>(at - buffer));
  output += text.substr(0, prefix_size);
  if (directive.is_zero && !directive.is_left && static_cast<int64_t>(text.size()) < directive.width) {
    output.append(static_cast<size_t>(directive.width) - text.size(), '0');
  }
  output += text.substr(prefix_size);
  return true;
}

}  // namespace

std::string group_thousands(std::string_view digits) {
  std::string text;
  for (size_t place = 0; place < digits.size(); ++place) {
    if (place > 0 && (digits.size() - place) % 3 == 0) text.push_back(',');
    text.push_back(digits[place]);
  }
  return text;
}

Status format_real(char conversion, double value, const Directive& directive, std::string& output) {
  if (std::isinf(value) && !directive.is_zero) {
    if (value < 0) {
      output.push_back('-');
    } else if (directive.sign) {
      output.push_back(directive.sign);
    }
    output += "Inf";
    return ok_status;
  }
  constexpr int64_t most_short = 30;
  if (conversion == 'f' && !directive.is_alternate && !directive.counts_characters && !directive.has_thousands &&
      directive.precision <= most_short && directive.width <= most_short && std::isfinite(value) &&
      append_fixed(value, directive.precision < 0 ? 6 : static_cast<int>(directive.precision), directive, output)) {
    return ok_status;
  }
  char kind = static_cast<char>(conversion | 32);
  int64_t precision = directive.precision < 0 ? 6 : std::min(directive.precision, most_precision);
  if (kind == 'g') precision = std::max<int64_t>(precision, 1);
  const int64_t wanted = kind == 'f' ? -precision : kind == 'g' ? precision : precision + 1;
  Digits digits = digits_of(value, wanted, directive.counts_characters);
  std::string prefix(directive.sign ? 1 : 0, directive.sign);
  if (value < 0) {
    const bool hides_sign = directive.is_alternate && !directive.sign && kind == 'f' && digits.point <= wanted;
    prefix = hides_sign ? "" : "-";
  }
  const int64_t exponent = digits.point - 1;
  bool strips_zeros = directive.counts_characters;
  if (kind == 'g') {
    strips_zeros = !directive.is_alternate;
    --precision;
    kind = exponent < -4 || exponent > precision ? 'e' : 'f';
    if (kind == 'f') precision -= exponent;
  }
  KEELBACK_TRY(directive.check((kind == 'f' ? std::max<int64_t>(exponent, 0) : 0) + precision + directive.width));
  std::string text;
  std::string fraction;
  split_at_point(digits, kind == 'e', text, fraction);
  if (directive.has_thousands) text = group_thousands(text);
  if (precision > 0 || directive.is_alternate || directive.counts_characters) {
    precision = std::max<int64_t>(precision, 0);
    fraction.resize(std::min(fraction.size(), static_cast<size_t>(precision)));
    pad_right(fraction, precision);
    text.append(1, '.').append(fraction);
    if (strips_zeros) strip_fraction(text, directive.counts_characters);
  }
  if (kind == 'e') append_exponent(text, conversion == 'E' || conversion == 'G' ? 'E' : 'e', exponent);
  output += prefix;
  const auto size = static_cast<int64_t>(prefix.size() + text.size());
  if (directive.is_zero && !directive.is_left && size < directive.width) {
    output.append(static_cast<size_t>(directive.width - size), '0');
  }
  output += text;
  return ok_status;
}

}  // namespace keelback::vm::functions
