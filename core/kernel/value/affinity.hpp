// Column affinity: from the declared type to the code, and what an affinity does to a value.
//
// 1. Affinity never changes what a value means: it converts a text only when the whole of it is a number, and a real
//    to an integer only when that is lossless. CAST is another matter (`cast`).
// 2. BLOB and NULL values are never changed.
// 3. A result that is TEXT may lie in the TextBuffer handed in.
//
// Twin: keelback_core/value/affinity.py.
#ifndef KEELBACK_VALUE_AFFINITY_HPP
#define KEELBACK_VALUE_AFFINITY_HPP

#include <string_view>

#include "value.hpp"

namespace keelback::affinity {

// As SQLite numbers them, so that `code >= numeric` means "numeric".
inline constexpr char none = '@';
inline constexpr char blob = 'A';
inline constexpr char text = 'B';
inline constexpr char numeric = 'C';
inline constexpr char integer = 'D';
inline constexpr char real = 'E';
inline constexpr char flexnum = 'F';

}  // namespace keelback::affinity

namespace keelback {

// The affinity by the words in a declared type; an absent type ("") is BLOB.
char affinity_of_type(std::string_view declared_type) noexcept;
// The integer that equals the real, if it is inside the 64-bit range (its ends excluded); else the real.
Value real_as_integer(double real) noexcept;
// The value as a column of that affinity stores it.
Value apply_affinity(const Value& value, char affinity, TextBuffer& buffer) noexcept;
// Whether the affinity may make another value of it: false for all that is in its form already.
inline bool may_change(const Value& value, char affinity) noexcept {
  switch (value.type()) {
    case Type::integer:
      return affinity == affinity::text || affinity == affinity::real;
    case Type::real:
      return affinity >= affinity::text;
    case Type::text:
      return affinity >= affinity::numeric;
    default:
      return false;
  }
}
// The affinity that a comparison gives both its operands.
char comparison_affinity(char left, char right) noexcept;
// Both operands of a comparison after its affinity.
void apply_comparison_affinity(Value& left, Value& right, char affinity, TextBuffer& buffer) noexcept;

}  // namespace keelback

#endif
