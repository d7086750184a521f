#include "json_space.hpp"

#include <cstdint>
#include <cstring>

namespace keelback::vm::json {

namespace {

// The size of a space beyond ASCII that the text begins with, 0 if there is none. Nothing behind a NUL is looked at.
size_t long_space(const char* text) noexcept {
  const auto byte = [text](size_t place) { return static_cast<uint8_t>(text[place]); };
  const uint8_t second = byte(0) ? byte(1) : uint8_t{0};
  const uint8_t third = second ? byte(2) : uint8_t{0};
  switch (byte(0)) {
    case 0xC2:
      return second == 0xA0 ? 2 : 0;
    case 0xE1:
      return second == 0x9A && third == 0x80 ? 3 : 0;
    case 0xE2:
      if (second == 0x80) {
        return (third >= 0x80 && third <= 0x8A) || third == 0xA8 || third == 0xA9 || third == 0xAF ? 3 : 0;
      }
      return second == 0x81 && third == 0x9F ? 3 : 0;
    case 0xE3:
      return second == 0x80 && third == 0x80 ? 3 : 0;
    case 0xEF:
      return second == 0xBB && third == 0xBF ? 3 : 0;
    default:
      return 0;
  }
}

bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Where the rest of a line begins: behind its end, or at the NUL.
const char* after_line(const char* at) noexcept {
  for (; *at; ++at) {
    if (*at == '\n' || *at == '\r') return at + 1;
    if (starts_with_separator(at)) return at + 3;
  }
  return at;
}

}  // namespace

size_t json5_space(const char* text) noexcept {
  const char* at = text;
  for (;;) {
    if (is_space(*at)) {
      ++at;
    } else if (at[0] == '/' && at[1] == '*') {
      const char* end = std::strstr(at + 2, "*/");
      if (!end) break;
      at = end + 2;
    } else if (at[0] == '/' && at[1] == '/') {
      at = after_line(at + 2);
    } else if (const size_t size = long_space(at); size > 0) {
      at += size;
    } else {
      break;
    }
  }
  return static_cast<size_t>(at - text);
}

}  // namespace keelback::vm::json
