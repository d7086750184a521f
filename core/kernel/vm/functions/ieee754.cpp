// The ieee754 family: a REAL as mantissa and exponent, as bytes, as its bits, and its neighbours.
//
// Twin: keelback_core/reference/vm/functions/ieee754.py.
#include <algorithm>
#include <bit>
#include <cmath>

#include "../../value/cast.hpp"
#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

constexpr uint64_t fraction_bits = (uint64_t{1} << 52) - 1;

double real_of(uint64_t bits) { return std::bit_cast<double>(bits); }

uint64_t big_endian(Bytes bytes) {
  uint64_t bits = 0;
  for (const uint8_t byte : bytes) bits = bits << 8 | byte;
  return bits;
}

// A REAL, or one in a BLOB of eight bytes.
double argument_of(const Value& value) {
  return value.is_blob() && value.size() == 8 ? real_of(big_endian(value.blob())) : to_real(value);
}

// The odd mantissa and the exponent of two; of zero those that SQLite gives.
struct Parts {
  int64_t mantissa = 0;
  int64_t exponent = -1075;
};
Parts parts_of(double value) {
  uint64_t bits = std::bit_cast<uint64_t>(value);
  if (bits == 0) return {};
  bits &= ~(uint64_t{1} << 63);
  auto exponent = static_cast<int64_t>(bits >> 52);
  uint64_t mantissa = bits & fraction_bits;
  if (exponent == 0) {
    mantissa <<= 1;
  } else {
    mantissa |= uint64_t{1} << 52;
  }
  while (exponent < 1075 && mantissa > 0 && mantissa % 2 == 0) {
    mantissa >>= 1;
    ++exponent;
  }
  const auto magnitude = static_cast<int64_t>(mantissa);
  return {value < 0 ? -magnitude : magnitude, exponent - 1075};
}

// mantissa times two to the exponent, cut (not rounded) to what a REAL holds.
double composed(int64_t mantissa, int64_t exponent) {
  uint64_t magnitude = mantissa < 0 ? ~static_cast<uint64_t>(mantissa) + 1 : static_cast<uint64_t>(mantissa);
  if (magnitude == 0) return 0.0;
  const int64_t length = 64 - std::countl_zero(magnitude);
  int64_t excess = length - 53;
  if (length + exponent < -1021) excess = std::max(excess, -1074 - exponent);
  if (excess > 0) {
    magnitude = excess > 63 ? 0 : magnitude >> excess;
    exponent += excess;
  }
  const double value = std::ldexp(static_cast<double>(magnitude), static_cast<int>(exponent));
  return mantissa < 0 ? -value : value;
}

Status show(const FunctionContext& context, Arguments arguments) {
  const Parts parts = parts_of(argument_of(arguments[0]));
  return give_text(context, "ieee754(" + std::to_string(parts.mantissa) + "," + std::to_string(parts.exponent) + ")");
}
Status compose(const FunctionContext& context, Arguments arguments) {
  const int64_t exponent = std::clamp<int64_t>(to_integer(arguments[1]), -10000, 10000);
  return give(context, Value::of_real(composed(to_integer(arguments[0]), exponent)));
}
Status mantissa(const FunctionContext& context, Arguments arguments) {
  return give_integer(context, parts_of(argument_of(arguments[0])).mantissa);
}
Status exponent(const FunctionContext& context, Arguments arguments) {
  return give_integer(context, parts_of(argument_of(arguments[0])).exponent);
}
Status to_bytes(const FunctionContext& context, Arguments arguments) {
  if (!arguments[0].is_number()) return give_null(context);
  const uint64_t bits = std::bit_cast<uint64_t>(arguments[0].number());
  uint8_t bytes[8];
  for (int place = 0; place < 8; ++place) bytes[place] = static_cast<uint8_t>(bits >> (56 - 8 * place));
  return give(context, Value::of_blob(Bytes(bytes)));
}
Status from_bytes(const FunctionContext& context, Arguments arguments) {
  if (!arguments[0].is_blob() || arguments[0].size() != 8) return give_null(context);
  return give(context, Value::of_real(real_of(big_endian(arguments[0].blob()))));
}
Status to_bits(const FunctionContext& context, Arguments arguments) {
  if (!arguments[0].is_real()) return give_null(context);
  return give_integer(context, std::bit_cast<int64_t>(arguments[0].real()));
}
Status from_bits(const FunctionContext& context, Arguments arguments) {
  if (!arguments[0].is_integer()) return give_null(context);
  return give(context, Value::of_real(std::bit_cast<double>(arguments[0].integer())));
}
Status neighbour(const FunctionContext& context, Arguments arguments) {
  const uint64_t bits = std::bit_cast<uint64_t>(to_real(arguments[0]));
  return give(context, Value::of_real(real_of(bits + static_cast<uint64_t>(to_integer(arguments[1])))));
}

constexpr ScalarEntry table[] = {
    {"ieee754", 1, show},
    {"ieee754", 2, compose},
    {"ieee754_mantissa", 1, mantissa},
    {"ieee754_exponent", 1, exponent},
    {"ieee754_to_blob", 1, to_bytes},
    {"ieee754_from_blob", 1, from_bytes},
    {"ieee754_to_int", 1, to_bits},
    {"ieee754_from_int", 1, from_bits},
    {"ieee754_inc", 2, neighbour},
};

}  // namespace

std::span<const ScalarEntry> ieee754_scalars() { return table; }

}  // namespace keelback::vm::functions
