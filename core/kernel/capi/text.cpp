// Conversions between UTF-8 and UTF-16.
#include "text.hpp"

#include <cstring>

#include "api.hpp"

namespace keelback::capi {

namespace {
constexpr char32_t replacement = 0xFFFD;
}

char32_t next_code_point(std::string_view text, size_t& at) {
  const auto first = static_cast<unsigned char>(text[at++]);
  if (first < 0xC0) return first < 0x80 ? first : replacement;
  int following = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
  char32_t code_point = first < 0xE0 ? first & 0x1FU : first < 0xF0 ? first & 0x0FU : first & 0x07U;
  for (; following > 0 && at < text.size(); --following) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if ((byte & 0xC0) != 0x80) break;
    code_point = (code_point << 6) | (byte & 0x3FU);
    ++at;
  }
  if (following > 0 || code_point < 0x80 || (code_point & 0xFFFFF800) == 0xD800 || code_point > 0x10FFFF)
    return replacement;
  return code_point;
}

void append_utf8(std::string& out, char32_t code_point) {
  if (code_point < 0x80) {
    out.push_back(static_cast<char>(code_point));
  } else if (code_point < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (code_point >> 6)));
    out.push_back(static_cast<char>(0x80 | (code_point & 0x3F)));
  } else if (code_point < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | (code_point >> 12)));
    out.push_back(static_cast<char>(0x80 | ((code_point >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code_point & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | (code_point >> 18)));
    out.push_back(static_cast<char>(0x80 | ((code_point >> 12) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | ((code_point >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code_point & 0x3F)));
  }
}

std::u16string to_utf16(std::string_view utf8) {
  std::u16string out;
  out.reserve(utf8.size());
  for (size_t at = 0; at < utf8.size();) {
    const char32_t code_point = next_code_point(utf8, at);
    if (code_point < 0x10000) {
      out.push_back(static_cast<char16_t>(code_point));
    } else {
      out.push_back(static_cast<char16_t>(0xD800 + ((code_point - 0x10000) >> 10)));
      out.push_back(static_cast<char16_t>(0xDC00 + ((code_point - 0x10000) & 0x3FF)));
    }
  }
  return out;
}

std::string to_utf8(std::u16string_view utf16) {
  std::string out;
  out.reserve(utf16.size());
  for (size_t at = 0; at < utf16.size(); ++at) {
    char32_t code_point = utf16[at];
    if (code_point >= 0xD800 && code_point < 0xDC00 && at + 1 < utf16.size() && (utf16[at + 1] & 0xFC00) == 0xDC00) {
      code_point = 0x10000 + ((code_point - 0xD800) << 10) + (utf16[++at] - 0xDC00U);
    } else if ((code_point & 0xFFFFF800) == 0xD800) {
      code_point = replacement;
    }
    append_utf8(out, code_point);
  }
  return out;
}

size_t utf16_length(const void* data) {
  const auto* bytes = static_cast<const unsigned char*>(data);
  size_t units = 0;
  while (bytes[2 * units] != 0 || bytes[2 * units + 1] != 0) ++units;
  return units;
}

std::u16string swap_bytes(std::u16string text) {
  for (char16_t& unit : text) unit = static_cast<char16_t>((unit << 8) | (unit >> 8));
  return text;
}

std::string utf8_from_encoding(const void* data, long long size, int encoding) {
  if (data == nullptr) return {};
  const size_t units = size < 0 ? utf16_length(data) : static_cast<size_t>(size) / 2;
  std::u16string text(units, u'\0');
  std::memcpy(text.data(), data, units * 2);
  if (encoding == SQLITE_UTF16BE) text = swap_bytes(std::move(text));
  // A byte order mark decides over the encoding that was named.
  if (!text.empty() && text[0] == 0xFEFF) {
    text.erase(0, 1);
  } else if (!text.empty() && text[0] == 0xFFFE) {
    text = swap_bytes(text.substr(1));
  }
  return to_utf8(text);
}

}  // namespace keelback::capi
