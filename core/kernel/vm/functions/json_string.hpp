// Strings of JSON: what escapes stand for, labels compared, text put in quotes.
//
// 1. An escape that says nothing (a damaged one in JSONB of a user) stands for no character at all.
// 2. A pair of \u surrogates is one character; a lone one becomes three bytes that are no valid UTF-8.
//
// Twin: keelback_core/reference/vm/functions/json_string.py.
#ifndef KEELBACK_VM_FUNCTIONS_JSON_STRING_HPP
#define KEELBACK_VM_FUNCTIONS_JSON_STRING_HPP

#include <cstdint>
#include <string>
#include <string_view>

namespace keelback::vm::json {

// Whether a letter behind a backslash is an escape of plain JSON (\u is one too, with its digits).
inline bool is_plain_escape(char letter) noexcept {
  return letter == '"' || letter == '\\' || letter == '/' || letter == 'b' || letter == 'f' || letter == 'n' ||
         letter == 'r' || letter == 't';
}
// The character that an escape stands for (-1: none) and where the next one begins.
struct Unescaped {
  int64_t code;
  size_t after;
};
Unescaped unescape_one(std::string_view data, size_t at) noexcept;
// The text that an escaped string stands for, appended.
void append_unescaped(std::string& out, std::string_view data);
// Whether two labels are equal once their escapes are undone.
bool is_same_label(std::string_view left, bool is_left_raw, std::string_view right, bool is_right_raw);
// A control character as JSON writes it, appended.
void append_control_escape(std::string& out, uint8_t byte);
// The text as a JSON string, appended.
void append_quoted(std::string& out, std::string_view text);

}  // namespace keelback::vm::json

#endif
