// JSONB: JSON as bytes, the form in which all JSON functions work.
//
//     element = header payload
//     header  = one byte: low four bits the kind, high four bits the size code;
//               size code 0..11 is the payload size itself, 12 13 14 15: it stands big-endian in the next 1 2 4 8 bytes
//
// 1. null, true, false have no payload; numbers and strings have their text; an array has its elements; an object has
//    label, value, label, value...
// 2. What we write has the shortest header. What we read may have any.
// 3. Bytes of users may be anything: every size is checked before it is used, and nothing here recurses.
//
// Knows nothing of text or SQL. Twin: keelback_core/reference/vm/functions/json_binary.py.
#ifndef KEELBACK_VM_FUNCTIONS_JSON_BINARY_HPP
#define KEELBACK_VM_FUNCTIONS_JSON_BINARY_HPP

#include <cstdint>
#include <string>
#include <string_view>

#include "../../value/text_bytes.hpp"

namespace keelback::vm::json {

enum Kind : uint8_t {
  kind_null,
  kind_true,
  kind_false,
  kind_integer,
  kind_integer5,
  kind_real,
  kind_real5,
  kind_text,
  kind_text_escaped,
  kind_text5,
  kind_text_raw,
  kind_array,
  kind_object,
};

inline constexpr size_t maximum_depth = 1000;

// The name for json_type(); empty for a kind that does not exist.
std::string_view kind_name(int kind) noexcept;

inline uint8_t byte_at(std::string_view data, size_t at) noexcept { return static_cast<uint8_t>(data[at]); }
inline int kind_at(std::string_view data, size_t at) noexcept { return byte_at(data, at) & 0x0F; }
inline bool is_label(int kind) noexcept { return kind >= kind_text && kind <= kind_text_raw; }
// Whether the bytes of a string of that kind are the text itself.
inline bool is_raw_text(int kind) noexcept { return kind == kind_text || kind == kind_text_raw; }
inline bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
inline bool is_hex(char c) noexcept { return hex_digit(c) >= 0; }

// The shortest header for a payload of that size, appended.
void append_header(std::string& out, int kind, size_t size);
// A whole element, appended.
inline void append_element(std::string& out, int kind, std::string_view payload) {
  append_header(out, kind, payload.size());
  out.append(payload);
}
std::string element(int kind, std::string_view payload);

// Where the payload of an element begins and ends; both 0 if it does not lie within the data.
struct Bounds {
  size_t start = 0;
  size_t end = 0;
  bool is_sound() const noexcept { return start != 0; }
};
inline Bounds element_bounds(std::string_view data, size_t at) noexcept {
  if (at >= data.size()) return {};
  const int code = byte_at(data, at) >> 4;
  size_t start = at + 1;
  uint64_t size = static_cast<uint64_t>(code);
  if (code > 11) {
    const size_t width = size_t{1} << (code - 12);
    if (width > data.size() - start) return {};
    size = 0;
    for (size_t place = 0; place < width; ++place) size = size << 8 | byte_at(data, start + place);
    start += width;
  }
  if (size > data.size() - start) return {};
  return {start, start + static_cast<size_t>(size)};
}
inline std::string_view payload_of(std::string_view data, Bounds bounds) noexcept {
  return data.substr(bounds.start, bounds.end - bounds.start);
}

// How many bytes a header with this size code has.
inline size_t header_length(int code) noexcept { return code <= 11 ? 1 : 1 + (size_t{1} << (code - 12)); }

// Whether the outermost element is sound: its kind exists and it fills the data.
bool looks_binary(std::string_view data) noexcept;
// The element as it is written over one of `old_size` bytes: where a longer header makes up for the difference SQLite
// writes that and moves nothing, so we do.
std::string overwrite(size_t old_size, std::string_view fresh);
// How many elements the container at `at` has, up to the first damaged one.
int64_t count_elements(std::string_view data, size_t at) noexcept;
// Write a new payload size into the header at `at`, the shortest way; how many bytes longer the header became.
int64_t resize(std::string& data, size_t at, size_t size);

}  // namespace keelback::vm::json

#endif
