#include "text_bytes.hpp"

namespace keelback {

namespace {

void put_unit(uint32_t unit, int encoding, std::string& out) {
  const auto high = static_cast<char>(unit >> 8);
  const auto low = static_cast<char>(unit & 0xFF);
  out.push_back(encoding == utf16le ? low : high);
  out.push_back(encoding == utf16le ? high : low);
}

void put_utf16(uint32_t code, int encoding, std::string& out) {
  if (code >= 0x10000) {
    put_unit(0xD800 + ((code - 0x10000) >> 10), encoding, out);
    put_unit(0xDC00 + (code & 0x3FF), encoding, out);
  } else {
    put_unit(code, encoding, out);
  }
}

}  // namespace

void append_code_point(uint32_t code, std::string& out) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
    return;
  }
  if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | code >> 6));
  } else {
    if (code < 0x10000) {
      out.push_back(static_cast<char>(0xE0 | code >> 12));
    } else {
      out.push_back(static_cast<char>(0xF0 | (code >> 18 & 0x07)));
      out.push_back(static_cast<char>(0x80 | (code >> 12 & 0x3F)));
    }
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
  }
  out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
}

uint32_t take_code_point(std::string_view text, size_t& at) noexcept {
  const auto lead = static_cast<uint8_t>(text[at++]);
  if (lead < 0x80) return lead;
  if (lead < 0xC2 || lead > 0xF4) return replacement_character;
  const int following = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
  uint32_t code = lead & (0x3Fu >> following);
  // The second byte has narrower bounds after four of the leads.
  uint8_t least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  uint8_t most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (int count = 0; count < following; ++count) {
    if (at >= text.size()) return replacement_character;
    const auto byte = static_cast<uint8_t>(text[at]);
    if (byte < least || byte > most) return replacement_character;
    code = code << 6 | (byte & 0x3F);
    ++at;
    least = 0x80;
    most = 0xBF;
  }
  return code;
}

uint32_t first_code_point(std::string_view text) noexcept {
  const auto byte = [text](size_t at) { return static_cast<uint8_t>(text[at]); };
  uint32_t code = byte(0);
  if (code < 0xC0) return code;
  const uint32_t mask = code < 0xE0 ? 0x1F : code < 0xF0 ? 0x0F : code < 0xF8 ? 0x07 : code < 0xFC ? 0x03 : 0x01;
  code = code >= 0xFE ? 0 : code & mask;
  for (size_t at = 1; at < text.size() && (byte(at) & 0xC0) == 0x80; ++at) code = code << 6 | (byte(at) & 0x3F);
  return code < 0x80 || (code >= 0xD800 && code <= 0xDFFF) ? replacement_character : code;
}

void encode_text(std::string_view text, int encoding, std::string& out) {
  if (encoding == utf8) {
    out.append(text);
    return;
  }
  for (size_t at = 0; at < text.size();) put_utf16(take_code_point(text, at), encoding, out);
}

void decode_utf16(std::string_view data, int encoding, std::string& out) {
  const auto unit_at = [data, encoding](size_t at) noexcept {
    const uint32_t first = static_cast<uint8_t>(data[at]);
    const uint32_t second = static_cast<uint8_t>(data[at + 1]);
    return encoding == utf16le ? second << 8 | first : first << 8 | second;
  };
  for (size_t at = 0; at + 1 < data.size();) {
    uint32_t code = unit_at(at);
    at += 2;
    if (code >= 0xD800 && code < 0xDC00 && at + 1 < data.size()) {
      const uint32_t second = unit_at(at);
      if (second >= 0xDC00 && second < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (second - 0xDC00);
        at += 2;
      }
    }
    append_code_point(code, out);
  }
}

}  // namespace keelback
