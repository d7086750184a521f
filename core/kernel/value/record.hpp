// Records: rows and index entries as SQLite stores them.
//
//     header size (varint, counts itself) | one serial type (varint) a column | the columns' bytes, in order
//
//     serial type   bytes  value                     serial type   bytes      value
//     0             0      NULL                      7             8          IEEE 754 double, big-endian
//     1 2 3 4 5 6   1-4 6 8  big-endian integer      12, 14, ...   (n-12)/2   BLOB
//     8 9           0      the integers 0 and 1      13, 15, ...   (n-13)/2   TEXT in the database's encoding
//
// 1. Integers take the shortest type that holds them. A double that is NaN reads as NULL; types 10 and 11 do too.
// 2. A header that runs out of the record, or columns that do not end where the record ends, are corruption.
// 3. Decoded TEXT and BLOB are views of the record; only TEXT of UTF-16 is copied, into a TextArena.
//
// Twin: keelback_core/value/record.py.
#ifndef KEELBACK_VALUE_RECORD_HPP
#define KEELBACK_VALUE_RECORD_HPP

#include <cstring>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "key.hpp"
#include "status.hpp"
#include "text_bytes.hpp"
#include "value.hpp"
#include "varint.hpp"

namespace keelback {

// Where texts converted from UTF-16 live; a deque, so that they stay in place.
using TextArena = std::deque<std::string>;

inline constexpr uint8_t fixed_sizes[12] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};

inline uint64_t serial_size(uint64_t serial_type) noexcept {
  return serial_type >= 12 ? (serial_type - 12) >> 1 : fixed_sizes[serial_type];
}

inline int integer_serial_type(int64_t integer) noexcept {
  if (integer == 0 || integer == 1) return 8 + static_cast<int>(integer);
  const auto magnitude = static_cast<uint64_t>(integer < 0 ? ~integer : integer);
  if (magnitude <= 0x7F) return 1;
  if (magnitude <= 0x7FFF) return 2;
  if (magnitude <= 0x7FFFFF) return 3;
  if (magnitude <= 0x7FFFFFFF) return 4;
  return magnitude <= 0x7FFFFFFFFFFF ? 5 : 6;
}

// A column whose bytes are all there, in UTF-8 or without TEXT.
inline Value decode_plain_value(const uint8_t* at, uint64_t serial_type) noexcept {
  switch (serial_type) {
    case 0:
    case 10:
    case 11:
      return Value::of_null();
    case 1:
      return Value::of_integer(static_cast<int8_t>(at[0]));
    case 2:
      return Value::of_integer(static_cast<int16_t>(get_u16(at)));
    case 3:
      return Value::of_integer(static_cast<int32_t>(get_u16(at) << 16 | static_cast<uint32_t>(at[2]) << 8) >> 8);
    case 4:
      return Value::of_integer(static_cast<int32_t>(get_u32(at)));
    case 5:
      return Value::of_integer(
          static_cast<int64_t>(static_cast<uint64_t>(static_cast<int16_t>(get_u16(at))) << 32 | get_u32(at + 2)));
    case 6:
      return Value::of_integer(static_cast<int64_t>(static_cast<uint64_t>(get_u32(at)) << 32 | get_u32(at + 4)));
    case 7:
      return Value::of_real(std::bit_cast<double>(static_cast<uint64_t>(get_u32(at)) << 32 | get_u32(at + 4)));
    case 8:
      return Value::of_integer(0);
    case 9:
      return Value::of_integer(1);
    default:
      break;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(at), (serial_type - 12) >> 1);
  return serial_type & 1 ? Value::of_text(bytes) : Value::of_blob(bytes);
}

// The same in any encoding.
Value decode_value(const uint8_t* at, uint64_t serial_type, int encoding, TextArena& arena);

// Replace `out` by the record of the values. Reuses its memory.
void encode_record(std::span<const Value> values, int encoding, std::vector<uint8_t>& out);

// Append the first `count` columns (-1: all) of a record to `values`.
Status decode_columns(Bytes record, int count, int encoding, TextArena& arena, std::vector<Value>& values);
inline Status decode_record(Bytes record, int encoding, TextArena& arena, std::vector<Value>& values) {
  return decode_columns(record, -1, encoding, arena, values);
}

// Whether decode_record would take it.
bool is_sound_record(Bytes record) noexcept;

struct RecordColumn {
  uint64_t serial_type;
  uint64_t offset;
};
// Serial type and offset of every column.
Status record_columns(Bytes record, std::vector<RecordColumn>& columns);

// -1, 0 or 1: a record beside a key by the leading columns that both have. CORRUPT as decode_columns(key.size()).
Result<int> compare_record(Bytes record, std::span<const Value> key, const KeyComparator& comparator, int encoding);

}  // namespace keelback

#endif
