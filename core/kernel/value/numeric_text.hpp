// Numbers as text: what a text says as a number, and how a number is written.
//
//     number := space* [+-] ( digits [. digits*] | . digits ) [ (e|E) [+-] digits ] space*
//
// 1. White space is the six ASCII characters of C's isspace. A NUL character ends the text for a real, not for an
//    integer. '0x10' is no number here.
// 2. A text that reads as an integer beyond 64 bits is a real. A real never is NaN.
// 3. The text of a REAL has 17 digits, or fewer where 15 are enough to read back, and always a point.
//
// Twin: keelback_core/value/numeric_text.py.
#ifndef KEELBACK_VALUE_NUMERIC_TEXT_HPP
#define KEELBACK_VALUE_NUMERIC_TEXT_HPP

#include <cstdint>
#include <string>
#include <string_view>

#include "value.hpp"

namespace keelback {

enum class Extent : uint8_t { not_numeric, prefix, whole };

struct ScannedReal {
  double value = 0.0;
  Extent extent = Extent::not_numeric;
  bool is_integer = false;  // it is written as one
};
// The number a text begins with.
ScannedReal scan_real(std::string_view text) noexcept;

struct ScannedInteger {
  int64_t value = 0;  // held to 64 bits
  bool fits = true;
  bool is_whole = false;
};
// The integer a text begins with, 0 if none.
ScannedInteger scan_integer(std::string_view text) noexcept;

// The number that the whole text is; NULL if it is none.
Value text_to_number(std::string_view text) noexcept;
// The number that the text begins with, as arithmetic takes it; 0 if none.
Value prefix_to_number(std::string_view text) noexcept;
int64_t prefix_to_integer(std::string_view text) noexcept;
double prefix_to_real(std::string_view text) noexcept;

// A real cut towards zero and held to 64 bits; NaN gives 0.
int64_t real_to_integer(double real) noexcept;

// The text of a REAL and of an INTEGER, in the buffer.
std::string_view real_to_text(double real, TextBuffer& buffer) noexcept;
std::string_view integer_to_text(int64_t integer, TextBuffer& buffer) noexcept;

// What the C API calls these.
namespace value {

std::string real_to_text(double real);
inline int64_t text_to_integer(std::string_view text) noexcept { return prefix_to_integer(text); }
inline double text_to_real(std::string_view text) noexcept { return prefix_to_real(text); }
inline int64_t real_to_integer(double real) noexcept { return keelback::real_to_integer(real); }

enum class NumberKind { none, integer, real };
// What the whole text (blanks around it allowed) is as a number.
NumberKind number_kind(std::string_view text) noexcept;

}  // namespace value

}  // namespace keelback

#endif
