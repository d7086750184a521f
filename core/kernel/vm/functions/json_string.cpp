#include "json_string.hpp"

#include "../../value/text_bytes.hpp"
#include "json_binary.hpp"

namespace keelback::vm::json {

namespace {

constexpr int64_t no_character = -1;

// The number that hexadecimal digits spell; other bytes count for what their low bits are, as in SQLite.
int64_t hex_value(std::string_view digits) noexcept {
  int64_t number = 0;
  for (size_t at = 0; at < digits.size(); ++at) {
    const int byte = byte_at(digits, at);
    number = number << 4 | ((byte + 9 * (byte >> 6 & 1)) & 0x0F);
  }
  return number;
}

// What the letter of a short escape stands for; -1 for another byte.
int64_t short_escape(char letter) noexcept {
  switch (letter) {
    case 'b':
      return 8;
    case 'f':
      return 12;
    case 'n':
      return 10;
    case 'r':
      return 13;
    case 't':
      return 9;
    case 'v':
      return 11;
    case '\'':
    case '"':
    case '/':
    case '\\':
      return letter;
    default:
      return no_character;
  }
}

// The character after one or several line continuations.
Unescaped continued_line(std::string_view data, size_t at) noexcept {
  const size_t start = at;
  while (at < data.size() && data[at] == '\\') {
    const std::string_view rest = data.substr(at + 1);
    if (rest.starts_with("\r\n")) {
      at += 3;
    } else if (rest.starts_with('\n') || rest.starts_with('\r')) {
      at += 2;
    } else if (rest.starts_with("\xe2\x80\xa8") || rest.starts_with("\xe2\x80\xa9")) {
      at += 4;
    } else {
      break;
    }
  }
  if (at == start) return {no_character, data.size()};
  if (at >= data.size()) return {0, at};
  // What is no line end follows, so that this goes no deeper.
  if (data[at] == '\\') return unescape_one(data, at);
  size_t end = at + 1;
  while (end < data.size() && (byte_at(data, end) & 0xC0) == 0x80) ++end;
  size_t first = at;
  return {take_code_point(data.substr(0, end), first), end};
}

}  // namespace

Unescaped unescape_one(std::string_view data, size_t at) noexcept {
  const size_t size = data.size();
  if (at + 1 >= size) return {no_character, size};
  const char letter = data[at + 1];
  if (const int64_t code = short_escape(letter); code >= 0) return {code, at + 2};
  if (letter == 'u') {
    if (at + 6 > size) return {no_character, size};
    const int64_t code = hex_value(data.substr(at + 2, 4));
    if ((code & 0xFC00) == 0xD800 && at + 12 <= size && data.substr(at + 6, 2) == "\\u") {
      const int64_t low = hex_value(data.substr(at + 8, 4));
      if ((low & 0xFC00) == 0xDC00) return {0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF), at + 12};
    }
    return {code, at + 6};
  }
  if (letter == '0') return {at + 2 < size && is_digit(data[at + 2]) ? no_character : 0, at + 2};
  if (letter == 'x') {
    if (at + 4 > size) return {no_character, size};
    return {hex_value(data.substr(at + 2, 2)), at + 4};
  }
  if (letter == '\r' || letter == '\n' || letter == '\xe2') return continued_line(data, at);
  return {no_character, at + 2};
}

void append_unescaped(std::string& out, std::string_view data) {
  size_t position = 0;
  for (;;) {
    const size_t backslash = data.find('\\', position);
    if (backslash == std::string_view::npos) {
      out.append(data.substr(position));
      return;
    }
    out.append(data.substr(position, backslash - position));
    const Unescaped found = unescape_one(data, backslash);
    if (found.code >= 0) append_code_point(static_cast<uint32_t>(found.code), out);
    position = found.after;
    if (position >= data.size()) return;
  }
}

bool is_same_label(std::string_view left, bool is_left_raw, std::string_view right, bool is_right_raw) {
  if (is_left_raw && is_right_raw) return left == right;
  std::string plain_left;
  std::string plain_right;
  if (!is_left_raw) {
    append_unescaped(plain_left, left);
    left = plain_left;
  }
  if (!is_right_raw) {
    append_unescaped(plain_right, right);
    right = plain_right;
  }
  return left == right;
}

void append_control_escape(std::string& out, uint8_t byte) {
  static constexpr char digits[] = "0123456789abcdef";
  switch (byte) {
    case 8:
      out.append("\\b");
      return;
    case 9:
      out.append("\\t");
      return;
    case 10:
      out.append("\\n");
      return;
    case 12:
      out.append("\\f");
      return;
    case 13:
      out.append("\\r");
      return;
    default:
      out.append("\\u00");
      out.push_back(digits[byte >> 4]);
      out.push_back(digits[byte & 15]);
  }
}

void append_quoted(std::string& out, std::string_view text) {
  out.push_back('"');
  size_t copied = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    const uint8_t byte = byte_at(text, at);
    if (byte >= 0x20 && byte != '"' && byte != '\\') [[likely]]
      continue;
    out.append(text.substr(copied, at - copied));
    copied = at + 1;
    if (byte < 0x20) {
      append_control_escape(out, byte);
    } else {
      out.push_back('\\');
      out.push_back(static_cast<char>(byte));
    }
  }
  out.append(text.substr(copied));
  out.push_back('"');
}

}  // namespace keelback::vm::json
