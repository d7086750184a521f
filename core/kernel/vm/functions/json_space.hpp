// White space and comments of JSON5, in UTF-8. Twin: keelback_core/reference/vm/functions/json_space.py.
#ifndef KEELBACK_VM_FUNCTIONS_JSON_SPACE_HPP
#define KEELBACK_VM_FUNCTIONS_JSON_SPACE_HPP

#include <string_view>

namespace keelback::vm::json {

// U+2028 or U+2029 at that place.
inline bool is_line_separator(std::string_view data, size_t at) noexcept {
  const std::string_view three = at < data.size() ? data.substr(at, 3) : std::string_view();
  return three == "\xe2\x80\xa8" || three == "\xe2\x80\xa9";
}

// The same at the beginning of a text that a NUL ends.
inline bool starts_with_separator(const char* text) noexcept {
  return text[0] == '\xe2' && text[1] == '\x80' && (text[2] == '\xa8' || text[2] == '\xa9');
}

// How many bytes of JSON5 white space and comments a text begins with; a NUL ends it.
size_t json5_space(const char* text) noexcept;

}  // namespace keelback::vm::json

#endif
