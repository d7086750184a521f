// FirstColumn: the first value of a key, made ready to be compared with the first column of many records.
//
// 1. It answers where that column decides: a TEXT beside a TEXT under BINARY, an INTEGER beside an INTEGER, in records
//    of UTF-8 with short headers. For all else `compare` is false and compare_record has the answer, or the error.
// 2. Behind a record there must be 8 readable bytes: pages have spare bytes for that.
// 3. The key lives as long as this.
//
// Twin: none; it gives what compare_record of keelback_core/value/record.py gives.
#ifndef KEELBACK_VALUE_FIRST_COLUMN_HPP
#define KEELBACK_VALUE_FIRST_COLUMN_HPP

#include "record.hpp"

namespace keelback {

class FirstColumn {
 public:
  FirstColumn(std::span<const Value> key, const KeyComparator& comparator, int encoding) noexcept
      : key_count_(key.size()) {
    if (encoding != utf8 || key.empty()) return;
    is_reversed_ = comparator.directed(1, 0, false) < 0;
    if (key[0].is_integer()) {
      wanted_ = Wanted::integer;
      integer_ = key[0].integer();
    } else if (key[0].is_text() && comparator.collation(0).kind == Collation::Kind::binary) {
      wanted_ = Wanted::text;
      text_ = key[0].text();
      if (text_.size() > padded_bytes) return;
      // Compared eight bytes at a time, the last ones too.
      std::memset(padded_ + (text_.size() & ~size_t{7}), 0, 8);
      std::memcpy(padded_, text_.data(), text_.size());
    }
  }

  // The order of a record beside the whole key; false where that takes the long way.
  bool compare(const uint8_t* record, size_t record_size, int& order) const noexcept {
    const uint64_t head = record[0];
    if (wanted_ == Wanted::nothing || head >= 0x80 || head < 2 || head > record_size) return false;
    const uint8_t* types_end = record + head;
    const uint8_t* at = record + 2;
    uint64_t type = record[1];
    if (type >= 0x80) {
      if (at >= types_end || *at >= 0x80) return false;
      type = (type & 0x7F) << 7 | *at++;
    }
    size_t size = 0;
    if (wanted_ == Wanted::text) {
      if (type < 13 || !(type & 1)) return false;
      size = static_cast<size_t>(type - 13) >> 1;
      if (size > record_size - head) return false;
      order = compare_text(types_end, size);
    } else {
      if (type - 1 >= 9 || type == 7) return false;
      size = fixed_sizes[type];
      if (size > record_size - head) return false;
      const int64_t found = decode_plain_value(types_end, type).integer();
      order = found < integer_ ? -1 : found > integer_ ? 1 : 0;
    }
    if (order == 0) return key_count_ == 1 && at < types_end;
    if (is_reversed_) order = -order;
    return key_count_ == 1 && at < types_end ? true : is_rest_sound(at, types_end, size, record + record_size);
  }

 private:
  enum class Wanted : uint8_t { nothing, integer, text };
  static constexpr size_t padded_bytes = 56;

  static uint64_t eight_bytes(const uint8_t* at) noexcept {
    uint64_t bytes = 0;
    std::memcpy(&bytes, at, sizeof bytes);
    return std::endian::native == std::endian::little ? __builtin_bswap64(bytes) : bytes;
  }

  int compare_text(const uint8_t* body, size_t size) const noexcept {
    if (text_.size() > padded_bytes) {
      const int order = compare_binary({reinterpret_cast<const char*>(body), size}, text_);
      return order < 0 ? -1 : order > 0 ? 1 : 0;
    }
    const size_t common = size < text_.size() ? size : text_.size();
    for (size_t place = 0; place < common; place += 8) {
      uint64_t left = eight_bytes(body + place);
      uint64_t right = eight_bytes(padded_ + place);
      if (left == right) continue;
      if (common - place < 8) {
        const size_t beyond = 8 * (8 - (common - place));
        left >>= beyond;
        right >>= beyond;
        if (left == right) break;
      }
      return left < right ? -1 : 1;
    }
    return size < text_.size() ? -1 : size > text_.size() ? 1 : 0;
  }

  // What the key asks for behind the first column, which is only looked at for corruption.
  bool is_rest_sound(const uint8_t* at, const uint8_t* types_end, size_t size, const uint8_t* end) const noexcept {
    const uint8_t* body = types_end + size;
    for (size_t found = 1; found < key_count_ && at < types_end; ++found) {
      const uint64_t type = *at++;
      if (type >= 0x80 || serial_size(type) > static_cast<uint64_t>(end - body)) return false;
      body += serial_size(type);
    }
    return at < types_end || body == end;
  }

  size_t key_count_;
  Wanted wanted_ = Wanted::nothing;
  bool is_reversed_ = false;
  int64_t integer_ = 0;
  std::string_view text_;
  uint8_t padded_[padded_bytes + 8];
};

}  // namespace keelback

#endif
