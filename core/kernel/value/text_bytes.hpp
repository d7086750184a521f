// TEXT values and their bytes: UTF-8 inside, UTF-16 in files that say so.
//
// 1. Bytes that are no valid UTF-8 stay what they are in UTF-8; on the way to UTF-16 each longest wrong piece becomes
//    U+FFFD. A lone surrogate of UTF-16 becomes its three bytes.
// 2. SQLite's character is a lead byte with the continuation bytes after it, whatever they spell.
//
// Twin: keelback_core/value/text_bytes.py and the text half of record.py.
#ifndef KEELBACK_VALUE_TEXT_BYTES_HPP
#define KEELBACK_VALUE_TEXT_BYTES_HPP

#include <cstdint>
#include <string>
#include <string_view>

namespace keelback {

inline constexpr int utf8 = 1;
inline constexpr int utf16le = 2;
inline constexpr int utf16be = 3;

// Append the bytes of a TEXT in a database of the given encoding.
void encode_text(std::string_view text, int encoding, std::string& out);
// Append the TEXT of bytes in UTF-16; an odd last byte is dropped.
void decode_utf16(std::string_view data, int encoding, std::string& out);

inline constexpr uint32_t replacement_character = 0xFFFD;

// One to four bytes of UTF-8 form for any number; what is no character gives bytes that are no valid UTF-8.
void append_code_point(uint32_t code, std::string& out);
// One code point of UTF-8, or U+FFFD for the longest wrong piece; `at` moves behind it.
uint32_t take_code_point(std::string_view text, size_t& at) noexcept;
// The code point that a text (not empty) begins with, read as leniently as SQLite reads it.
uint32_t first_code_point(std::string_view text) noexcept;

// What a hexadecimal digit counts for, -1 for another character.
constexpr int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Where the character that begins at `at` ends.
inline size_t character_end(std::string_view text, size_t at, uint8_t first_lead = 0xC0) noexcept {
  size_t end = at + 1;
  if (static_cast<uint8_t>(text[at]) >= first_lead) {
    while (end < text.size() && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) ++end;
  }
  return end;
}

}  // namespace keelback

#endif
