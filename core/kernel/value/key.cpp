#include "key.hpp"

#include <cmath>

namespace keelback {

namespace {

uint8_t lower(char c) noexcept {
  const auto byte = static_cast<uint8_t>(c);
  return byte >= 'A' && byte <= 'Z' ? static_cast<uint8_t>(byte + 32) : byte;
}

std::string_view without_end_spaces(std::string_view text) noexcept {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

int sign(int order) noexcept { return order < 0 ? -1 : order > 0 ? 1 : 0; }

bool is_name(std::string_view name, std::string_view upper) noexcept {
  if (name.size() != upper.size()) return false;
  for (size_t place = 0; place < name.size(); ++place) {
    if (lower(name[place]) != lower(upper[place])) return false;
  }
  return true;
}

}  // namespace

int compare_nocase(std::string_view left, std::string_view right) noexcept {
  const size_t common = left.size() < right.size() ? left.size() : right.size();
  for (size_t place = 0; place < common; ++place) {
    const uint8_t first = lower(left[place]);
    const uint8_t second = lower(right[place]);
    if (first != second) return first < second ? -1 : 1;
    if (first == 0) break;
  }
  return left.size() < right.size() ? -1 : left.size() > right.size() ? 1 : 0;
}

int compare_rtrim(std::string_view left, std::string_view right) noexcept {
  return compare_binary(without_end_spaces(left), without_end_spaces(right));
}

bool find_builtin_collation(std::string_view name, Collation& collation) noexcept {
  if (is_name(name, "BINARY")) {
    collation = {Collation::Kind::binary};
  } else if (is_name(name, "NOCASE")) {
    collation = {Collation::Kind::nocase};
  } else if (is_name(name, "RTRIM")) {
    collation = {Collation::Kind::rtrim};
  } else {
    return false;
  }
  return true;
}

int compare_integer_real(int64_t integer, double real) noexcept {
  if (real < -9223372036854775808.0) return 1;
  if (real >= 9223372036854775808.0) return -1;
  const auto whole = static_cast<int64_t>(real);
  if (integer != whole) return integer < whole ? -1 : 1;
  const auto back = static_cast<double>(integer);
  return back < real ? -1 : back > real ? 1 : 0;
}

int compare_values(const Value& left, const Value& right, const Collation& collation) {
  if (left.type() == right.type()) {
    switch (left.type()) {
      case Type::null:
        return 0;
      case Type::integer:
        return left.integer() < right.integer() ? -1 : left.integer() > right.integer() ? 1 : 0;
      case Type::real:
        return left.real() < right.real() ? -1 : left.real() > right.real() ? 1 : 0;
      case Type::text:
        return sign(compare_texts(left.text(), right.text(), collation));
      case Type::blob:
        return sign(compare_binary(left.text(), right.text()));
    }
  }
  if (left.is_integer() && right.is_real()) return compare_integer_real(left.integer(), right.real());
  if (left.is_real() && right.is_integer()) return -compare_integer_real(right.integer(), left.real());
  return left.type() < right.type() ? -1 : 1;
}

}  // namespace keelback
