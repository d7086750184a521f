// Reading a time value: 'YYYY-MM-DD HH:MM:SS.SSS+ZZ:ZZ' and its parts, 'now', and numbers.
//
// Texts have no NUL characters here. Twin: keelback_core/reference/vm/functions/time_text.py.
#ifndef KEELBACK_VM_FUNCTIONS_TIME_TEXT_HPP
#define KEELBACK_VM_FUNCTIONS_TIME_TEXT_HPP

#include <string>
#include <string_view>

#include "moment.hpp"

namespace keelback::vm {
class Host;
}

namespace keelback::vm::functions {

constexpr std::string_view time_spaces = " \t\n\v\f\r";

inline bool is_space_at(std::string_view text, size_t position) {
  return position < text.size() && time_spaces.find(text[position]) != std::string_view::npos;
}
inline bool is_digit_at(std::string_view text, size_t position) {
  return position < text.size() && text[position] >= '0' && text[position] <= '9';
}

// The number that exactly these digits are, if inside the bounds; else -1.
int64_t read_digits(std::string_view text, size_t position, size_t count, int64_t least, int64_t most);
// HH:MM[:SS[.FFF]] and an optional zone up to the end of the text.
bool read_time(std::string_view text, size_t position, Moment& moment);
// The present time of the step.
void set_to_now(Host& host, Moment& moment);
// Any time value; false if the text is none.
bool read_time_value(std::string_view text, Host& host, Moment& moment);
// In small letters, those of ASCII.
std::string fold_word(std::string_view text);

}  // namespace keelback::vm::functions

#endif
