#include "json_plain.hpp"

#include <cstring>

#include "json_binary.hpp"
#include "json_parsing.hpp"

namespace keelback::vm::json {

namespace {

constexpr size_t most_open = 16;

// An array or object that is open.
struct OpenPlain {
  char* header;
  bool is_object;
};

inline const char* skip_plain_spaces(const char* at) noexcept {
  while (is_of(*at, class_space)) ++at;
  return at;
}

// Write the header of a payload that lies one byte behind it, and may have to move for that; null where it is too long.
inline char* put_header(char* header, int kind, char* end) noexcept {
  const auto size = static_cast<size_t>(end - header - 1);
  if (size <= 11) [[likely]] {
    *header = static_cast<char>(size << 4 | static_cast<size_t>(kind));
    return end;
  }
  if (size > 0xFF) {
    std::memmove(header + 3, header + 1, size);
    header[0] = static_cast<char>(0xD0 | kind);
    header[1] = static_cast<char>(size >> 8);
    header[2] = static_cast<char>(size & 0xFF);
    return end + 2;
  }
  std::memmove(header + 2, header + 1, size);
  header[0] = static_cast<char>(0xC0 | kind);
  header[1] = static_cast<char>(size);
  return end + 1;
}

// A string whose first quote is before `at`; null where it is not plain.
inline const char* copy_string(const char* at, char*& out) noexcept {
  char* const header = out++;
  while (is_of(*at, class_plain_string)) *out++ = *at++;
  if (*at != '"') return nullptr;
  out = put_header(header, kind_text, out);
  return at + 1;
}

inline const char* copy_digits(const char* at, char*& out) noexcept {
  do *out++ = *at++;
  while (is_digit(*at));
  return at;
}

// A number that begins with a digit or a minus sign; null where it is not plain.
inline const char* copy_number(const char* at, char*& out) noexcept {
  char* const header = out++;
  int kind = kind_integer;
  if (*at == '-') *out++ = *at++;
  if (!is_digit(*at) || (*at == '0' && is_of(at[1], class_alphanumeric))) return nullptr;
  at = copy_digits(at, out);
  if (*at == '.') {
    kind = kind_real;
    *out++ = *at++;
    if (!is_digit(*at)) return nullptr;
    at = copy_digits(at, out);
  }
  if (*at == 'e' || *at == 'E') {
    kind = kind_real;
    *out++ = *at++;
    if (*at == '+' || *at == '-') *out++ = *at++;
    if (!is_digit(*at)) return nullptr;
    at = copy_digits(at, out);
  }
  out = put_header(header, kind, out);
  return at;
}

// true, false or null; null where it is something else.
inline const char* copy_word(const char* at, char*& out) noexcept {
  const char* end = at;
  int kind = kind_null;
  if (std::strncmp(at, "true", 4) == 0) {
    kind = kind_true;
    end += 4;
  } else if (std::strncmp(at, "false", 5) == 0) {
    kind = kind_false;
    end += 5;
  } else if (std::strncmp(at, "null", 4) == 0) {
    end += 4;
  }
  if (end == at || is_of(*end, class_alphanumeric)) return nullptr;
  *out++ = static_cast<char>(kind);
  return end;
}

inline char* copy_bytes(char* to, std::string_view bytes) noexcept {
  if (bytes.size() > 16) {
    std::memcpy(to, bytes.data(), bytes.size());
    return to + bytes.size();
  }
  for (const char c : bytes) *to++ = c;
  return to;
}

}  // namespace

size_t parse_plain(const char* text, size_t size, char* room) noexcept {
  if (size > longest_plain_text) return 0;
  OpenPlain open[most_open];
  size_t depth = 0;
  char* out = room;
  const char* at = skip_plain_spaces(text);
  for (;;) {
    // A value begins here, or in an object its label.
    const char c = *at;
    if (c == '{' || c == '[') {
      if (depth == most_open) return 0;
      open[depth++] = {out++, c == '{'};
      at = skip_plain_spaces(at + 1);
      if (*at != (c == '{' ? '}' : ']')) {
        if (c == '[') continue;
      }
    } else if (c == '"') {
      at = copy_string(at + 1, out);
    } else if (is_digit(c) || c == '-') {
      at = copy_number(at, out);
    } else {
      at = copy_word(at, out);
    }
    if (at == nullptr) return 0;
    // What follows it; it may end the containers around it.
    bool wants_label = depth > 0 && open[depth - 1].is_object && c == '{' && open[depth - 1].header + 1 == out;
    for (;;) {
      if (depth == 0) {
        at = skip_plain_spaces(at);
        return *at == '\0' ? static_cast<size_t>(out - room) : 0;
      }
      at = skip_plain_spaces(at);
      const OpenPlain& around = open[depth - 1];
      if (*at == (around.is_object ? '}' : ']')) {
        ++at;
        out = put_header(around.header, around.is_object ? kind_object : kind_array, out);
        --depth;
        wants_label = false;
        continue;
      }
      if (!wants_label) {
        if (*at != ',') return 0;
        at = skip_plain_spaces(at + 1);
        wants_label = around.is_object;
      }
      break;
    }
    if (wants_label) {
      if (*at != '"') return 0;
      at = copy_string(at + 1, out);
      if (at == nullptr) return 0;
      at = skip_plain_spaces(at);
      if (*at != ':') return 0;
      at = skip_plain_spaces(at + 1);
    } else if (*at == ']') {
      return 0;
    }
  }
}

size_t print_plain(std::string_view data, size_t at, char* room) noexcept {
  struct Level {
    size_t end;
    uint32_t count;
    bool is_object;
  };
  const Bounds whole = element_bounds(data, at);
  if (!whole.is_sound() || whole.end - at > longest_plain_binary) return 0;
  Level levels[most_open];
  size_t depth = 0;
  size_t end = whole.end;
  char* out = room;
  for (;;) {
    const Bounds bounds = element_bounds(data, at);
    if (!bounds.is_sound() || bounds.end > end) return 0;
    const int kind = kind_at(data, at);
    const std::string_view payload = payload_of(data, bounds);
    switch (kind) {
      case kind_integer:
      case kind_real:
        if (payload.empty()) return 0;
        out = copy_bytes(out, payload);
        break;
      case kind_text_raw:
        for (const char c : payload) {
          if (!is_of(c, class_plain_string)) return 0;
        }
        [[fallthrough]];
      case kind_text:
      case kind_text_escaped:
        *out++ = '"';
        out = copy_bytes(out, payload);
        *out++ = '"';
        break;
      case kind_null:
      case kind_true:
      case kind_false:
        if (!payload.empty()) return 0;
        out = copy_bytes(out, kind_name(kind));
        break;
      case kind_array:
      case kind_object:
        *out++ = kind == kind_array ? '[' : '{';
        if (!payload.empty()) {
          if (depth == most_open) return 0;
          levels[depth++] = {bounds.end, 0, kind == kind_object};
          end = bounds.end;
          at = bounds.start;
          continue;
        }
        *out++ = kind == kind_array ? ']' : '}';
        break;
      default:
        return 0;
    }
    at = bounds.end;
    for (; depth > 0 && at == end; --depth) {
      const Level& level = levels[depth - 1];
      if (level.is_object && level.count % 2 == 0) return 0;
      *out++ = level.is_object ? '}' : ']';
      end = depth > 1 ? levels[depth - 2].end : whole.end;
    }
    if (depth == 0) return static_cast<size_t>(out - room);
    Level& level = levels[depth - 1];
    ++level.count;
    *out++ = level.is_object && level.count % 2 ? ':' : ',';
  }
}

}  // namespace keelback::vm::json
