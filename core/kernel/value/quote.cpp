#include "quote.hpp"

#include <cmath>

#include "numeric_text.hpp"

namespace keelback {

std::string quote_value(const Value& value) {
  TextBuffer buffer;
  switch (value.type()) {
    case Type::null:
      return "NULL";
    case Type::integer:
      return std::string(integer_to_text(value.integer(), buffer));
    case Type::real:
      if (std::isinf(value.real())) return value.real() < 0 ? "-9.0e+999" : "9.0e+999";
      return std::string(real_to_text(value.real(), buffer));
    case Type::text: {
      std::string literal = "'";
      for (const char c : value.text().substr(0, value.text().find('\0'))) {
        if (c == '\'') literal.push_back('\'');
        literal.push_back(c);
      }
      return literal + "'";
    }
    case Type::blob:
      break;
  }
  static constexpr char hexadecimal[] = "0123456789ABCDEF";
  std::string literal = "X'";
  literal.reserve(value.size() * 2 + 3);
  for (const uint8_t byte : value.blob()) {
    literal.push_back(hexadecimal[byte >> 4]);
    literal.push_back(hexadecimal[byte & 15]);
  }
  return literal + "'";
}

}  // namespace keelback
