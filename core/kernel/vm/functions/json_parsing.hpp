// What the parts of the JSON parser share: classes of bytes, and putting elements into room made ahead.
#ifndef KEELBACK_VM_FUNCTIONS_JSON_PARSING_HPP
#define KEELBACK_VM_FUNCTIONS_JSON_PARSING_HPP

#include <array>
#include <cstdint>

#include "json_text.hpp"

namespace keelback::vm::json {

// Classes of bytes, by table.
enum : uint8_t {
  class_plain_string = 1,  // what a string may hold that needs no thought
  class_label_start = 2,
  class_alphanumeric = 4,
  class_space = 8,
  class_gap = 16,  // what white space or a comment of JSON5 may begin with
};
constexpr std::array<uint8_t, 256> make_byte_classes() {
  std::array<uint8_t, 256> classes{};
  for (int byte = 0; byte < 256; ++byte) {
    const bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
    const bool is_number = byte >= '0' && byte <= '9';
    uint8_t found = 0;
    if (byte >= 0x20 && byte != '"' && byte != '\\') found |= class_plain_string;
    if (is_letter || byte == '_' || byte == '$' || byte >= 0x80) found |= class_label_start;
    if (is_letter || is_number) found |= class_alphanumeric;
    if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') found |= class_space;
    if (byte == ' ' || (byte >= '\t' && byte <= '\r') || byte == '/' || byte >= 0xC2) found |= class_gap;
    classes[static_cast<size_t>(byte)] = found;
  }
  return classes;
}
inline constexpr std::array<uint8_t, 256> byte_classes = make_byte_classes();
inline bool is_of(char c, uint8_t wanted) noexcept { return (byte_classes[static_cast<uint8_t>(c)] & wanted) != 0; }
inline char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

inline void JsonParser::make_room(size_t size) {
  if (out_->size() - used_ < size) [[unlikely]]
    grow(size);
}

inline void JsonParser::put_element(int kind, const char* start, const char* end) {
  const auto size = static_cast<size_t>(end - start);
  make_room(size + 5);
  char* to = out_->data() + used_;
  if (size <= 11) [[likely]] {
    *to++ = static_cast<char>(size << 4 | static_cast<size_t>(kind));
    for (size_t place = 0; place < size; ++place) to[place] = start[place];
    used_ += size + 1;
    return;
  }
  put_long_element(kind, {start, size});
}

}  // namespace keelback::vm::json

#endif
