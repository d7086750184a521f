#include "arithmetic.hpp"

#include <limits>

#include "cast.hpp"

namespace keelback {

namespace {

constexpr int64_t smallest_integer = std::numeric_limits<int64_t>::min();

Value truth_value(bool truth) noexcept { return Value::of_integer(truth ? 1 : 0); }

// Positive counts shift to the left, negative ones to the right; 64 and more shift everything out.
int64_t shift(int64_t value, int64_t count) noexcept {
  if (count >= 64) return 0;
  if (count <= -64) return value < 0 ? -1 : 0;
  if (count < 0) return value >> -count;
  return static_cast<int64_t>(static_cast<uint64_t>(value) << count);
}

}  // namespace

Value add(const Value& left, const Value& right) noexcept {
  const Value first = to_number(left);
  const Value second = to_number(right);
  if (first.is_null() || second.is_null()) return Value::of_null();
  int64_t total = 0;
  if (first.is_integer() && second.is_integer() && !__builtin_add_overflow(first.integer(), second.integer(), &total)) {
    return Value::of_integer(total);
  }
  return Value::of_real(first.number() + second.number());
}

Value subtract(const Value& left, const Value& right) noexcept {
  const Value first = to_number(left);
  const Value second = to_number(right);
  if (first.is_null() || second.is_null()) return Value::of_null();
  int64_t rest = 0;
  if (first.is_integer() && second.is_integer() && !__builtin_sub_overflow(first.integer(), second.integer(), &rest)) {
    return Value::of_integer(rest);
  }
  return Value::of_real(first.number() - second.number());
}

Value multiply(const Value& left, const Value& right) noexcept {
  const Value first = to_number(left);
  const Value second = to_number(right);
  if (first.is_null() || second.is_null()) return Value::of_null();
  int64_t product = 0;
  if (first.is_integer() && second.is_integer() &&
      !__builtin_mul_overflow(first.integer(), second.integer(), &product)) {
    return Value::of_integer(product);
  }
  return Value::of_real(first.number() * second.number());
}

Value divide(const Value& left, const Value& right) noexcept {
  const Value first = to_number(left);
  const Value second = to_number(right);
  if (first.is_null() || second.is_null() || second.number() == 0.0) return Value::of_null();
  if (first.is_integer() && second.is_integer() && !(first.integer() == smallest_integer && second.integer() == -1)) {
    return Value::of_integer(first.integer() / second.integer());
  }
  return Value::of_real(first.number() / second.number());
}

Value remainder(const Value& left, const Value& right) noexcept {
  const Value first = to_number(left);
  const Value second = to_number(right);
  if (first.is_null() || second.is_null()) return Value::of_null();
  const int64_t divisor = to_integer(right);
  if (divisor == 0) return Value::of_null();
  const int64_t rest = divisor == -1 ? 0 : to_integer(left) % divisor;
  if (first.is_integer() && second.is_integer()) return Value::of_integer(rest);
  return Value::of_real(static_cast<double>(rest));
}

Value negate(const Value& value) noexcept { return subtract(Value::of_integer(0), value); }

Value bit_and(const Value& left, const Value& right) noexcept {
  if (left.is_null() || right.is_null()) return Value::of_null();
  return Value::of_integer(to_integer(left) & to_integer(right));
}

Value bit_or(const Value& left, const Value& right) noexcept {
  if (left.is_null() || right.is_null()) return Value::of_null();
  return Value::of_integer(to_integer(left) | to_integer(right));
}

Value bit_not(const Value& value) noexcept {
  return value.is_null() ? Value::of_null() : Value::of_integer(~to_integer(value));
}

Value shift_left(const Value& left, const Value& right) noexcept {
  if (left.is_null() || right.is_null()) return Value::of_null();
  return Value::of_integer(shift(to_integer(left), to_integer(right)));
}

Value shift_right(const Value& left, const Value& right) noexcept {
  if (left.is_null() || right.is_null()) return Value::of_null();
  const int64_t count = to_integer(right);
  return Value::of_integer(shift(to_integer(left), count == smallest_integer ? 64 : -count));
}

Status Joined::open(const Value& left, const Value& right, size_t limit_length) noexcept {
  is_null = left.is_null() || right.is_null();
  if (is_null) return ok_status;
  first = to_text(left, first_number).text();
  second = to_text(right, second_number).text();
  return first.size() + second.size() > limit_length ? Status(result::TOOBIG) : ok_status;
}

Status concat(const Value& left, const Value& right, OwnedValue& result, size_t limit_length) {
  Joined joined;
  KEELBACK_TRY(joined.open(left, right, limit_length));
  if (joined.is_null) {
    result.assign(Value::of_null());
    return ok_status;
  }
  std::string text;
  text.reserve(joined.first.size() + joined.second.size());
  text.append(joined.first).append(joined.second);
  result.adopt(std::move(text), Type::text);
  return ok_status;
}

Value logical_and(const Value& left, const Value& right) noexcept {
  const Truth first = is_true(left);
  const Truth second = is_true(right);
  if (first == Truth::no || second == Truth::no) return truth_value(false);
  return first == Truth::unknown || second == Truth::unknown ? Value::of_null() : truth_value(true);
}

Value logical_or(const Value& left, const Value& right) noexcept {
  const Truth first = is_true(left);
  const Truth second = is_true(right);
  if (first == Truth::yes || second == Truth::yes) return truth_value(true);
  return first == Truth::unknown || second == Truth::unknown ? Value::of_null() : truth_value(false);
}

Value logical_not(const Value& value) noexcept {
  const Truth truth = is_true(value);
  return truth == Truth::unknown ? Value::of_null() : truth_value(truth == Truth::no);
}

}  // namespace keelback
