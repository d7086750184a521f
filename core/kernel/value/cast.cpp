#include "cast.hpp"

#include "affinity.hpp"
#include "numeric_text.hpp"

namespace keelback {

namespace {

// A text that is written as a real becomes an integer in CAST(... AS NUMERIC) only inside these.
constexpr double exact_limit = 2251799813685248.0;

Value to_numeric(const Value& value) noexcept {
  if (value.is_number()) return value;
  const Value number = prefix_to_number(value.text());
  if (number.is_real() && scan_real(value.text()).is_integer) {
    // A NUL ends the text here, as it does not in arithmetic.
    const ScannedInteger integer = scan_integer(value.text());
    return integer.fits ? Value::of_integer(integer.value) : number;
  }
  if (number.is_real() && number.real() >= -exact_limit && number.real() < exact_limit) {
    const auto integer = static_cast<int64_t>(number.real());
    if (static_cast<double>(integer) == number.real()) return Value::of_integer(integer);
  }
  return number;
}

}  // namespace

int64_t to_integer(const Value& value) noexcept {
  switch (value.type()) {
    case Type::null:
      return 0;
    case Type::integer:
      return value.integer();
    case Type::real:
      return real_to_integer(value.real());
    case Type::text:
    case Type::blob:
      return prefix_to_integer(value.text());
  }
  return 0;
}

double to_real(const Value& value) noexcept {
  switch (value.type()) {
    case Type::null:
      return 0.0;
    case Type::integer:
      return static_cast<double>(value.integer());
    case Type::real:
      return value.real();
    case Type::text:
    case Type::blob:
      return prefix_to_real(value.text());
  }
  return 0.0;
}

Value to_number(const Value& value) noexcept { return value.has_bytes() ? prefix_to_number(value.text()) : value; }

Value to_text(const Value& value, TextBuffer& buffer) noexcept {
  switch (value.type()) {
    case Type::integer:
      return Value::of_text(integer_to_text(value.integer(), buffer));
    case Type::real:
      return Value::of_text(real_to_text(value.real(), buffer));
    case Type::blob:
      return Value::of_text(value.text());
    default:
      return value;
  }
}

Value to_blob(const Value& value, TextBuffer& buffer) noexcept {
  if (value.is_null() || value.is_blob()) return value;
  return Value::of_blob(to_text(value, buffer).text());
}

Truth is_true(const Value& value) noexcept {
  switch (value.type()) {
    case Type::null:
      return Truth::unknown;
    case Type::integer:
      return value.integer() != 0 ? Truth::yes : Truth::no;
    default:
      return to_real(value) != 0.0 ? Truth::yes : Truth::no;
  }
}

Value cast_value(const Value& value, char affinity, TextBuffer& buffer) noexcept {
  if (value.is_null()) return value;
  if (affinity == affinity::text) return to_text(value, buffer);
  if (affinity == affinity::integer) return Value::of_integer(to_integer(value));
  if (affinity == affinity::real) return Value::of_real(to_real(value));
  if (affinity >= affinity::numeric) return to_numeric(value);
  return to_blob(value, buffer);
}

}  // namespace keelback
