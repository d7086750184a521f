// UTF-8 and UTF-16: conversions that never fail (what is malformed becomes U+FFFD), and lengths of C strings.
#ifndef KEELBACK_CAPI_TEXT_HPP
#define KEELBACK_CAPI_TEXT_HPP

#include <string>
#include <string_view>

namespace keelback::capi {

// UTF-16 in the machine's byte order.
std::u16string to_utf16(std::string_view utf8);
std::string to_utf8(std::u16string_view utf16);
void append_utf8(std::string& out, char32_t code_point);

// The text at `data` in one of the SQLITE_UTF16 encodings, `size` bytes (negative: up to a zero unit), as UTF-8.
std::string utf8_from_encoding(const void* data, long long size, int encoding);
// Units before the terminating zero.
size_t utf16_length(const void* data);
// The code point at `at`, which moves past it.
char32_t next_code_point(std::string_view text, size_t& at);
std::u16string swap_bytes(std::u16string text);

}  // namespace keelback::capi

#endif
