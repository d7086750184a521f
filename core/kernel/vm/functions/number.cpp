// Functions of numbers. Twin: keelback_core/reference/vm/functions/number.py.
#include <algorithm>
#include <cmath>
#include <limits>

#include "../../value/affinity.hpp"
#include "../../value/cast.hpp"
#include "../../value/decimal_real.hpp"
#include "../../value/numeric_text.hpp"
#include "format_real.hpp"
#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

Status absolute(const FunctionContext& context, Arguments arguments) {
  const Value& value = arguments[0];
  if (value.is_null()) return give_null(context);
  if (value.is_integer()) {
    if (value.integer() == std::numeric_limits<int64_t>::min()) return Status(result::ERROR, "integer overflow");
    return give_integer(context, value.integer() < 0 ? -value.integer() : value.integer());
  }
  const double real = to_real(value);
  return give(context, Value::of_real(real < 0.0 ? -real : real));
}

// What reading the text back gives that printf('%!.*f') writes, without a text; false where digits are too many.
bool round_shortly(double value, int digits, double& rounded) {
  constexpr int most_digits = 17;
  const DecimalDigits decimal = decimal_digits(std::fabs(value), -digits, 20);
  const int after_point = decimal.count - decimal.point;
  if (decimal.count > most_digits || decimal.point > most_digits || after_point > digits) return false;
  uint64_t mantissa = 0;
  for (const char digit : decimal.view()) mantissa = mantissa * 10 + static_cast<uint64_t>(digit - '0');
  // The text of a whole number ends in ".0", whose zero is read as a digit.
  int exponent = -after_point;
  for (; exponent > -1; --exponent) mantissa *= 10;
  rounded = mantissa ? real_of_decimal(mantissa, exponent) : 0.0;
  if (value < 0) rounded = -rounded;
  return true;
}

// To 0..30 digits after the point, halves away from zero; always a real.
Status round_half_away(const FunctionContext& context, Arguments arguments) {
  // Beyond this a double has no fraction.
  constexpr double whole_from = 4503599627370496.0;
  constexpr int64_t most_digits = 30;
  int64_t digits = 0;
  if (arguments.size() == 2) {
    if (arguments[1].is_null()) return give_null(context);
    digits = std::clamp<int64_t>(to_integer(arguments[1]), 0, most_digits);
  }
  if (arguments[0].is_null()) return give_null(context);
  const double value = to_real(arguments[0]);
  if (value < -whole_from || value > whole_from) return give(context, Value::of_real(value));
  if (digits == 0) {
    return give(context, Value::of_real(static_cast<double>(static_cast<int64_t>(value + (value < 0 ? -0.5 : 0.5)))));
  }
  if (double rounded = 0; round_shortly(value, static_cast<int>(digits), rounded)) {
    return give(context, Value::of_real(rounded));
  }
  Directive directive;
  directive.counts_characters = true;
  directive.precision = digits;
  directive.limit = static_cast<int64_t>(context.host.limit_length);
  std::string text;
  KEELBACK_TRY(format_real('f', value, directive, text));
  KEELBACK_TRY(directive.check(static_cast<int64_t>(text.size())));
  return give(context, Value::of_real(prefix_to_real(text)));
}

Status sign(const FunctionContext& context, Arguments arguments) {
  TextBuffer buffer;
  const Value value = apply_affinity(arguments[0], affinity::numeric, buffer);
  if (!value.is_number()) return give_null(context);
  return give_integer(context, value.number() < 0 ? -1 : value.number() > 0);
}

Status random_integer(const FunctionContext& context, Arguments) {
  int64_t value = 0;
  context.host.random_bytes(&value, sizeof value);
  // Any but the smallest, so that abs(random()) is safe.
  if (value == std::numeric_limits<int64_t>::min()) ++value;
  return give_integer(context, value);
}

Status blob_of_size(const FunctionContext& context, int64_t size, bool is_random) {
  if (size > static_cast<int64_t>(context.host.limit_length)) return Status(result::TOOBIG);
  std::string bytes;
  bytes.reserve(static_cast<size_t>(size));
  InterruptWatch watch(context.host);
  for (size_t left = static_cast<size_t>(size); left > 0;) {
    const size_t piece = std::min(left, InterruptWatch::bytes_between);
    const size_t start = bytes.size();
    bytes.append(piece, '\0');
    if (is_random) context.host.random_bytes(bytes.data() + start, piece);
    left -= piece;
    KEELBACK_TRY(watch.work(piece));
  }
  context.result.adopt(std::move(bytes), Type::blob);
  return ok_status;
}

Status random_blob(const FunctionContext& context, Arguments arguments) {
  const int64_t size = to_integer(arguments[0]);
  return blob_of_size(context, size < 1 ? 1 : size, true);
}

Status zero_blob(const FunctionContext& context, Arguments arguments) {
  const int64_t size = to_integer(arguments[0]);
  return blob_of_size(context, size < 0 ? 0 : size, false);
}

constexpr ScalarEntry table[] = {
    {"abs", 1, absolute},          {"round", 1, round_half_away},  {"round", 2, round_half_away}, {"sign", 1, sign},
    {"random", 0, random_integer}, {"randomblob", 1, random_blob}, {"zeroblob", 1, zero_blob},
};

}  // namespace

std::span<const ScalarEntry> number_scalars() { return table; }

}  // namespace keelback::vm::functions
