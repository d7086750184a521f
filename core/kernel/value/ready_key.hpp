// ReadyKey: a key made ready to be compared with many records, where they lie.
//
// 1. It answers for records in UTF-8 whose headers and lengths are short. For all else, damage included, `compare` is
//    false, and compare_record has the answer or the error.
// 2. Behind a record there must be 8 readable bytes: pages have spare bytes for that.
// 3. The key and the comparator live as long as this.
//
// Most entries differ from a key in the first eight bytes of its first column, so those are looked at first. Twin:
// none; it gives what compare_record of keelback_core/value/record.py gives.
#ifndef KEELBACK_VALUE_READY_KEY_HPP
#define KEELBACK_VALUE_READY_KEY_HPP

#include "record.hpp"

namespace keelback {

class ReadyKey {
 public:
  ReadyKey(std::span<const Value> key, const KeyComparator& comparator, int encoding) noexcept
      : key_(key), comparator_(comparator), is_usable_(encoding == utf8 && !key.empty()) {
    if (!is_usable_) return;
    if (key[0].is_integer()) {
      first_ = First::integer;
      first_integer_ = key[0].integer();
    } else if (key[0].is_text() && comparator.collation(0).kind == Collation::Kind::binary) {
      first_ = First::text;
      const std::string_view text = key[0].text();
      if (text.size() >= word_bytes) {
        first_word_ = word_at(reinterpret_cast<const uint8_t*>(text.data()));
        has_word_ = true;
      }
    }
    is_reversed_ = comparator.directed(1, 0, false) < 0;
  }

  // The same as `compare` where the first eight bytes of the first column decide, and the columns of the key behind it
  // are numbers; else false.
  [[gnu::always_inline]] bool compare_at_once(const uint8_t* record, size_t record_size, int& order) const noexcept {
    const size_t head = record[0];
    const uint32_t type = record[1];
    const size_t count = key_.size();
    if (head <= count || head >= record_size || head >= 0x80) return false;
    const uint8_t* const body = record + head;
    const uint64_t word = word_at(body);
    bool is_less = false;
    size_t needed = 0;
    if (first_ == First::text) {
      if (!has_word_ || type < 13 + 2 * word_bytes || type >= 0x80 || !(type & 1) || word == first_word_) return false;
      is_less = word < first_word_;
      needed = (type - 13) >> 1;
    } else {
      if (first_ != First::integer || type - 1 >= 6) return false;
      needed = fixed_sizes[type];
      const int64_t found = static_cast<int64_t>(word) >> (64 - 8 * needed);
      if (found == first_integer_) return false;
      is_less = found < first_integer_;
    }
    for (size_t place = 1; place < count; ++place) {
      if (record[1 + place] > 9) return false;
      needed += fixed_sizes[record[1 + place]];
    }
    // As compare_record sees it, a record that ends with the key's columns has nothing behind them.
    if (head - 1 == count ? needed != record_size - head : needed > record_size - head) return false;
    order = is_less != is_reversed_ ? -1 : 1;
    return true;
  }

  // The order of a record beside the whole key; false where that takes the long way.
  bool compare(const uint8_t* record, size_t record_size, int& order) const {
    const size_t head = record[0];
    if (!is_usable_ || head >= 0x80 || head < 2 || head > record_size) return false;
    const uint8_t* const types_end = record + head;
    const uint8_t* const end = record + record_size;
    const uint8_t* at = record + 1;
    const uint8_t* body = types_end;
    uint64_t type = 0;
    if (!read_type(at, types_end, type)) return false;
    uint64_t size = serial_size(type);
    if (size > static_cast<uint64_t>(end - body)) return false;
    order = compare_first(type, body, size);
    body += size;
    for (size_t place = 1; place < key_.size() && at < types_end; ++place) {
      if (!read_type(at, types_end, type)) return false;
      size = serial_size(type);
      if (size > static_cast<uint64_t>(end - body)) return false;
      if (order == 0) order = compare_later(place, type, body);
      body += size;
    }
    return at < types_end || body == end;
  }

 private:
  enum class First : uint8_t { other, integer, text };
  static constexpr size_t word_bytes = 8;

  static uint64_t word_at(const uint8_t* at) noexcept {
    uint64_t bytes = 0;
    std::memcpy(&bytes, at, sizeof bytes);
    return std::endian::native == std::endian::little ? __builtin_bswap64(bytes) : bytes;
  }

  // A length of one or two bytes.
  static bool read_type(const uint8_t*& at, const uint8_t* types_end, uint64_t& type) noexcept {
    type = *at++;
    if (type < 0x80) [[likely]]
      return true;
    if (at >= types_end || *at >= 0x80) return false;
    type = (type & 0x7F) << 7 | *at++;
    return true;
  }

  static bool is_integer_type(uint64_t type) noexcept { return type - 1 < 9 && type != 7; }

  static int64_t integer_at(const uint8_t* at, uint64_t type) noexcept {
    if (type >= 8) return static_cast<int64_t>(type - 8);
    return static_cast<int64_t>(word_at(at)) >> (64 - 8 * fixed_sizes[type]);
  }

  static int order_of(int64_t left, int64_t right) noexcept { return left < right ? -1 : left > right ? 1 : 0; }

  static int order_of(const uint8_t* body, uint64_t size, std::string_view text) noexcept {
    const int order = compare_binary({reinterpret_cast<const char*>(body), static_cast<size_t>(size)}, text);
    return order < 0 ? -1 : order > 0 ? 1 : 0;
  }

  int compare_first(uint64_t type, const uint8_t* body, uint64_t size) const {
    int order = 0;
    if (first_ == First::text && (type & 1) && type >= 13) {
      if (has_word_ && size >= word_bytes) {
        const uint64_t word = word_at(body);
        if (word != first_word_) return (word < first_word_) != is_reversed_ ? -1 : 1;
      }
      order = order_of(body, size, key_[0].text());
    } else if (first_ == First::integer && is_integer_type(type)) {
      order = order_of(integer_at(body, type), key_[0].integer());
    } else {
      return comparator_.compare_column(decode_plain_value(body, type), key_[0], 0);
    }
    return is_reversed_ ? -order : order;
  }

  int compare_later(size_t place, uint64_t type, const uint8_t* body) const {
    const Value& wanted = key_[place];
    if (wanted.is_integer() && is_integer_type(type)) {
      return comparator_.directed(order_of(integer_at(body, type), wanted.integer()), place, false);
    }
    return comparator_.compare_column(decode_plain_value(body, type), wanted, place);
  }

  const std::span<const Value> key_;
  const KeyComparator& comparator_;
  const bool is_usable_;
  First first_ = First::other;
  bool is_reversed_ = false;
  bool has_word_ = false;
  uint64_t first_word_ = 0;
  int64_t first_integer_ = 0;
};

}  // namespace keelback

#endif
