#include "affinity.hpp"

#include <limits>

#include "numeric_text.hpp"

namespace keelback {

namespace {

bool has_word(std::string_view name, std::string_view word) noexcept {
  if (name.size() < word.size()) return false;
  for (size_t start = 0; start + word.size() <= name.size(); ++start) {
    size_t place = 0;
    while (place < word.size()) {
      const char c = name[start + place];
      if ((c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c) != word[place]) break;
      ++place;
    }
    if (place == word.size()) return true;
  }
  return false;
}

}  // namespace

char affinity_of_type(std::string_view declared_type) noexcept {
  if (declared_type.empty()) return affinity::blob;
  if (has_word(declared_type, "INT")) return affinity::integer;
  for (const std::string_view word : {"CHAR", "CLOB", "TEXT"}) {
    if (has_word(declared_type, word)) return affinity::text;
  }
  if (has_word(declared_type, "BLOB")) return affinity::blob;
  for (const std::string_view word : {"REAL", "FLOA", "DOUB"}) {
    if (has_word(declared_type, word)) return affinity::real;
  }
  return affinity::numeric;
}

Value real_as_integer(double real) noexcept {
  const int64_t integer = real_to_integer(real);
  if (static_cast<double>(integer) == real && integer > std::numeric_limits<int64_t>::min() &&
      integer < std::numeric_limits<int64_t>::max()) {
    return Value::of_integer(integer);
  }
  return Value::of_real(real);
}

Value apply_affinity(const Value& value, char affinity, TextBuffer& buffer) noexcept {
  if (affinity <= affinity::blob || value.is_null() || value.is_blob()) return value;
  if (affinity == affinity::text) {
    if (value.is_text()) return value;
    return Value::of_text(value.is_real() ? real_to_text(value.real(), buffer)
                                          : integer_to_text(value.integer(), buffer));
  }
  // Adding zero turns a negative zero into zero, as REAL does by way of the integer.
  if (value.is_text()) {
    const Value number = text_to_number(value.text());
    if (number.is_null()) return value;
    if (affinity == affinity::real) return Value::of_real(number.number() + 0.0);
    return number.is_real() ? real_as_integer(number.real()) : number;
  }
  if (value.is_real()) {
    if (affinity == affinity::flexnum) return value;
    return affinity == affinity::real ? Value::of_real(value.real() + 0.0) : real_as_integer(value.real());
  }
  return affinity == affinity::real ? Value::of_real(value.number()) : value;
}

char comparison_affinity(char left, char right) noexcept {
  if (left > affinity::none && right > affinity::none) {
    return left >= affinity::numeric || right >= affinity::numeric ? affinity::numeric : affinity::blob;
  }
  return left <= affinity::none ? right : left;
}

void apply_comparison_affinity(Value& left, Value& right, char affinity, TextBuffer& buffer) noexcept {
  if (affinity >= affinity::numeric) {
    if (left.is_text()) left = apply_affinity(left, affinity::numeric, buffer);
    if (right.is_text()) right = apply_affinity(right, affinity::numeric, buffer);
  } else if (affinity == affinity::text) {
    if (left.is_text()) {
      right = apply_affinity(right, affinity::text, buffer);
    } else if (right.is_text()) {
      left = apply_affinity(left, affinity::text, buffer);
    }
  }
}

}  // namespace keelback
