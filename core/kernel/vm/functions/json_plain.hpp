// The quick ways for short plain JSON: text to JSONB and back, in one pass over memory of the caller.
//
// 1. Plain is what has no escapes and needs no JSON5, is short, and nests little: nearly all JSON. For all else,
//    for what is malformed too, they give 0, and the long ways have the answer or the error.
// 2. What they give is what JsonParser and print give.
// 3. A caller's room must have as many bytes as is said; no place is checked then.
//
// Twin: none; it gives what keelback_core/reference/vm/functions/json_text.py and json_print.py give.
#ifndef KEELBACK_VM_FUNCTIONS_JSON_PLAIN_HPP
#define KEELBACK_VM_FUNCTIONS_JSON_PLAIN_HPP

#include <cstddef>
#include <string_view>

namespace keelback::vm::json {

inline constexpr size_t longest_plain_text = 2000;
inline constexpr size_t plain_binary_room = longest_plain_text + 200;
inline constexpr size_t longest_plain_binary = 400;
inline constexpr size_t plain_text_room = 5 * longest_plain_binary + 100;

// The JSONB of a text, which ends at its first NUL; how many bytes it has. room: plain_binary_room bytes.
size_t parse_plain(const char* text, size_t size, char* room) noexcept;
// The element at `at` as JSON. room: plain_text_room bytes.
size_t print_plain(std::string_view data, size_t at, char* room) noexcept;

}  // namespace keelback::vm::json

#endif
