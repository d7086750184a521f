// Numbers to text and text to numbers, as SQL defines them.
//
// Twin: keelback_core/value/numeric_text.py.
#ifndef KEELBACK_VALUE_NUMERIC_TEXT_HPP
#define KEELBACK_VALUE_NUMERIC_TEXT_HPP

#include <cstdint>
#include <string>
#include <string_view>

namespace keelback::value {

// A REAL as SQL text: up to 17 significant digits, always with a point; 'Inf' for the infinities.
std::string real_to_text(double real);

// The digits after blanks and a sign, 0 if there are none; out of range saturates.
int64_t text_to_integer(std::string_view text);
// The longest numeric prefix after blanks, 0 if there is none.
double text_to_real(std::string_view text);

// A REAL as INTEGER: truncated, saturated; NaN gives 0.
int64_t real_to_integer(double real);

enum class NumberKind { none, integer, real };
// What the whole text (blanks around it allowed) is as a number.
NumberKind number_kind(std::string_view text);

}  // namespace keelback::value

#endif
