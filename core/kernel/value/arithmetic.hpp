// The operators on values: arithmetic, bits, concatenation, and three-valued logic.
//
// 1. NULL in, NULL out, except where logic decides without it. Texts and BLOBs count by their numeric prefix.
// 2. Two integers give an integer; if it does not fit into 64 bits, the operation is done again on reals.
// 3. Division or remainder by zero is NULL, and so is what would be NaN.
//
// Twin: keelback_core/value/arithmetic.py.
#ifndef KEELBACK_VALUE_ARITHMETIC_HPP
#define KEELBACK_VALUE_ARITHMETIC_HPP

#include <string>

#include "status.hpp"
#include "value.hpp"

namespace keelback {

inline constexpr size_t default_limit_length = 1000000000;

Value add(const Value& left, const Value& right) noexcept;
Value subtract(const Value& left, const Value& right) noexcept;
Value multiply(const Value& left, const Value& right) noexcept;
Value divide(const Value& left, const Value& right) noexcept;
Value remainder(const Value& left, const Value& right) noexcept;
Value negate(const Value& value) noexcept;
Value bit_and(const Value& left, const Value& right) noexcept;
Value bit_or(const Value& left, const Value& right) noexcept;
Value bit_not(const Value& value) noexcept;
Value shift_left(const Value& left, const Value& right) noexcept;
Value shift_right(const Value& left, const Value& right) noexcept;
// What left || right joins, as TEXT, unless one of them is NULL; TOOBIG beyond the limit in bytes.
struct Joined {
  std::string_view first;
  std::string_view second;
  bool is_null = false;
  TextBuffer first_number;
  TextBuffer second_number;

  Status open(const Value& left, const Value& right, size_t limit_length) noexcept;
};
// left || right, always a TEXT, kept in `result`; TOOBIG as above.
Status concat(const Value& left, const Value& right, OwnedValue& result, size_t limit_length = default_limit_length);
Value logical_and(const Value& left, const Value& right) noexcept;
Value logical_or(const Value& left, const Value& right) noexcept;
Value logical_not(const Value& value) noexcept;

}  // namespace keelback

#endif
