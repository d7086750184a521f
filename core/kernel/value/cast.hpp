// CAST, and the lenient conversions that functions and operators make of their operands.
//
// 1. These never fail: a text counts by its numeric prefix, a BLOB by the text that its bytes spell.
// 2. NULL stays NULL in `cast_value`, `to_number`, `to_text` and `to_blob`; `to_integer` and `to_real` give 0.
// 3. A result that is TEXT or BLOB is a view of the operand's bytes or of the TextBuffer handed in.
//
// Twin: keelback_core/value/cast.py.
#ifndef KEELBACK_VALUE_CAST_HPP
#define KEELBACK_VALUE_CAST_HPP

#include "value.hpp"

namespace keelback {

enum class Truth : uint8_t { no, yes, unknown };

int64_t to_integer(const Value& value) noexcept;
double to_real(const Value& value) noexcept;
Value to_number(const Value& value) noexcept;
Value to_text(const Value& value, TextBuffer& buffer) noexcept;
Value to_blob(const Value& value, TextBuffer& buffer) noexcept;
// Whether the value counts as true in WHERE, CASE and the logical operators.
Truth is_true(const Value& value) noexcept;
// CAST(value AS a type of that affinity).
Value cast_value(const Value& value, char affinity, TextBuffer& buffer) noexcept;

}  // namespace keelback

#endif
