#include "json_space.hpp"

#include <cstdint>

namespace keelback::vm::json {

namespace {

// The size of a space beyond ASCII at that place, 0 if there is none.
size_t long_space(std::string_view data, size_t at) noexcept {
  const auto byte = [data](size_t place) -> uint8_t {
    return place < data.size() ? static_cast<uint8_t>(data[place]) : uint8_t{0};
  };
  const uint8_t second = byte(at + 1);
  const uint8_t third = byte(at + 2);
  switch (byte(at)) {
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

}  // namespace

size_t json5_space(std::string_view data, size_t at) noexcept {
  size_t position = at;
  while (position < data.size()) {
    const char c = data[position];
    if (is_space(c)) {
      ++position;
    } else if (c == '/' && data.substr(position + 1).starts_with('*')) {
      const size_t end = data.find("*/", position + 2);
      if (end == std::string_view::npos) break;
      position = end + 2;
    } else if (c == '/' && data.substr(position + 1).starts_with('/')) {
      position += 2;
      while (position < data.size() && data[position] != '\n' && data[position] != '\r' &&
             !is_line_separator(data, position)) {
        ++position;
      }
      if (position < data.size()) position += data[position] == '\n' || data[position] == '\r' ? 1 : 3;
    } else if (const size_t size = long_space(data, position); size > 0) {
      position += size;
    } else {
      break;
    }
  }
  return position - at;
}

}  // namespace keelback::vm::json
