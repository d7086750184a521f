// ReadyKey: a key made ready to be compared with many records, where they lie.
//
// 1. It answers for records in UTF-8 whose headers and lengths are short. For all else, damage included, `compare` is
//    false, and compare_record has the answer or the error.
// 2. Behind a record there must be 16 readable bytes: pages have spare bytes for that.
// 3. The key and the comparator live as long as this.
//
// Most entries differ from a key in the first sixteen bytes of its first two columns, or in their storage class, so
// those are looked at first. Twin: none; it gives what compare_record of keelback_core/value/record.py gives.
#ifndef KEELBACK_VALUE_READY_KEY_HPP
#define KEELBACK_VALUE_READY_KEY_HPP

#include <algorithm>
#include <array>
#include <bit>

#include "record.hpp"

namespace keelback {

class ReadyKey {
 public:
  ReadyKey(std::span<const Value> key, const KeyComparator& comparator, int encoding) noexcept
      : key_(key), comparator_(comparator), is_usable_(encoding == utf8 && !key.empty()) {
    if (!is_usable_) return;
    for (size_t place = 0; place < std::min(key.size(), ready_columns); ++place) columns_[place] = ready(place);
  }

  // The same as `compare` where the first sixteen bytes of the first two columns decide, or their storage classes, and
  // lengths are below 64; else false.
  [[gnu::always_inline]] bool compare_at_once(const uint8_t* record, size_t record_size, int& order) const noexcept {
    const size_t head = record[0];
    const size_t count = key_.size();
    if (head <= count || head >= record_size || head >= 0x80) return false;
    const uint8_t* const body = record + head;
    if (!order_at_once(columns_[0], record[1], body, order)) return false;
    size_t needed = short_sizes[record[1]];
    if (count > 1) {
      if (record[2] >= 0x80) return false;
      if (order == 0) {
        if (needed > record_size - head) return false;
        if (!order_at_once(columns_[1], record[2], body + needed, order)) return false;
      }
      needed += short_sizes[record[2]];
      if (count > ready_columns) {
        if (order == 0) return false;
        for (size_t place = ready_columns; place < count; ++place) {
          if (record[1 + place] >= 0x80) return false;
          needed += short_sizes[record[1 + place]];
        }
      }
    }
    // As compare_record sees it, a record that ends with the key's columns has nothing behind them.
    return head - 1 == count ? needed == record_size - head : needed <= record_size - head;
  }

  // The order of a record beside the whole key; false where that takes the long way.
  bool compare(const uint8_t* record, size_t record_size, int& order) const {
    const size_t head = record[0];
    if (!is_usable_ || head >= 0x80 || head < 2 || head > record_size) return false;
    const uint8_t* const types_end = record + head;
    const uint8_t* const end = record + record_size;
    const uint8_t* at = record + 1;
    const uint8_t* body = types_end;
    order = 0;
    for (size_t place = 0; place < key_.size() && at < types_end; ++place) {
      uint64_t type = 0;
      if (!read_type(at, types_end, type)) return false;
      const uint64_t size = serial_size(type);
      if (size > static_cast<uint64_t>(end - body)) return false;
      if (order == 0) order = compare_column(place, type, body, size);
      body += size;
    }
    return at < types_end || body == end;
  }

 private:
  // Those from `null` on are compared by their storage class only.
  enum class Kind : uint8_t { other, integer, real, text, null, collated_text, blob };
  struct Column {
    Kind kind = Kind::other;
    bool is_reversed = false;
    uint8_t text_bytes = 0;  // at most 2 * word_bytes + 1
    uint64_t word = 0;       // of a text: its first bytes, and zeros behind a shorter one; else the number's bits
    uint64_t next_word = 0;  // of a text: those behind them
  };
  static constexpr size_t word_bytes = 8;
  static constexpr size_t ready_columns = 2;
  static constexpr std::array<uint8_t, 128> short_sizes = [] {
    std::array<uint8_t, 128> sizes{};
    for (size_t type = 0; type < sizes.size(); ++type) {
      sizes[type] = type >= 12 ? static_cast<uint8_t>((type - 12) >> 1) : fixed_sizes[type];
    }
    return sizes;
  }();

  Column ready(size_t place) const noexcept {
    Column column;
    const Value& value = key_[place];
    if (comparator_.sort_flags(place) & sort_nulls_biggest) return column;
    if (value.is_null()) {
      column.kind = Kind::null;
    } else if (value.is_blob()) {
      column.kind = Kind::blob;
    } else if (value.is_integer()) {
      column.kind = Kind::integer;
      column.word = static_cast<uint64_t>(value.integer());
    } else if (value.is_real()) {
      column.kind = Kind::real;
      column.word = std::bit_cast<uint64_t>(value.real());
    } else if (comparator_.collation(place).kind != Collation::Kind::binary) {
      column.kind = Kind::collated_text;
    } else {
      column.kind = Kind::text;
      const std::string_view text = value.text();
      if (!text.empty()) std::memcpy(&column.word, text.data(), std::min(text.size(), word_bytes));
      column.word = from_big_endian(column.word);
      column.text_bytes = static_cast<uint8_t>(std::min(text.size(), 2 * word_bytes + 1));
      if (text.size() > word_bytes) {
        std::memcpy(&column.next_word, text.data() + word_bytes, std::min(text.size() - word_bytes, word_bytes));
        column.next_word = from_big_endian(column.next_word);
      }
    }
    column.is_reversed = comparator_.directed(1, place, false) < 0;
    return column;
  }

  static uint64_t from_big_endian(uint64_t word) noexcept {
    return std::endian::native == std::endian::little ? __builtin_bswap64(word) : word;
  }
  static uint64_t word_at(const uint8_t* at) noexcept {
    uint64_t bytes = 0;
    std::memcpy(&bytes, at, sizeof bytes);
    return from_big_endian(bytes);
  }
  // Of the eight bytes at a place in a text those before its end, with zeros behind them.
  static uint64_t text_word(uint64_t word, size_t bytes_left) noexcept {
    if (bytes_left >= word_bytes) return word;
    return bytes_left == 0 ? 0 : word & ~uint64_t{0} << (64 - 8 * bytes_left);
  }
  template <typename Number>
  static int order_of(Number left, Number right) noexcept {
    return static_cast<int>(left > right) - static_cast<int>(left < right);
  }

  // The order of a column beside the key's, where eight bytes tell it.
  [[gnu::always_inline]] static bool order_at_once(const Column& column, uint32_t type, const uint8_t* body,
                                                   int& order) noexcept {
    const uint64_t word = word_at(body);
    if (column.kind == Kind::text) {
      if (type < 13 || type >= 0x80 || !(type & 1)) [[unlikely]]
        return order_across(column, type, word, order);
      const size_t size = (type - 13) >> 1;
      // Where the words differ, zeros behind the shorter text do as its end.
      order = order_of(text_word(word, size), column.word);
      if (order == 0) {
        if (size > word_bytes && column.text_bytes > word_bytes) {
          order = order_of(text_word(word_at(body + word_bytes), size - word_bytes), column.next_word);
        }
        if (order == 0 && (size > 2 * word_bytes || size != column.text_bytes)) return false;
      }
    } else if (column.kind == Kind::integer) {
      int64_t found = 0;
      if (type - 1 < 6) [[likely]] {
        found = static_cast<int64_t>(word) >> (64 - 8 * fixed_sizes[type]);
      } else if ((type & ~1U) == 8) {
        found = type & 1;
      } else {
        return order_across(column, type, word, order);
      }
      order = order_of(found, static_cast<int64_t>(column.word));
    } else {
      const double found = std::bit_cast<double>(word);
      if (column.kind != Kind::real || type != 7 || found != found) return order_across(column, type, word, order);
      order = order_of(found, std::bit_cast<double>(column.word));
    }
    if (column.is_reversed) order = -order;
    return true;
  }

  // The same where storage classes differ, or those of numbers.
  [[gnu::noinline]] static bool order_across(const Column& column, uint32_t type, uint64_t word, int& order) noexcept {
    static constexpr uint8_t class_of_kind[] = {0, 1, 1, 2, 0, 2, 3};
    if (column.kind == Kind::other || type >= 0x80 || type == 10 || type == 11) return false;
    const uint32_t of_key = class_of_kind[static_cast<size_t>(column.kind)];
    const uint32_t of_entry = type == 0 ? 0 : type < 10 ? 1 : 3 - (type & 1);
    if (of_key != of_entry) {
      order = of_entry < of_key ? -1 : 1;
    } else if (of_key == 0) {
      order = 0;
    } else if (of_key == 1 && type == 7 && column.kind == Kind::integer) {
      const double found = std::bit_cast<double>(word);
      if (found != found) return false;
      order = -compare_integer_real(static_cast<int64_t>(column.word), found);
    } else if (of_key == 1 && type != 7) {
      const int64_t found = type >= 8 ? type - 8 : static_cast<int64_t>(word) >> (64 - 8 * fixed_sizes[type]);
      order = compare_integer_real(found, std::bit_cast<double>(column.word));
    } else {
      return false;
    }
    if (column.is_reversed) order = -order;
    return true;
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

  int compare_column(size_t place, uint64_t type, const uint8_t* body, uint64_t size) const {
    const Value& wanted = key_[place];
    int order = 0;
    if (wanted.is_integer() && is_integer_type(type)) {
      order = order_of(integer_at(body, type), wanted.integer());
    } else if (wanted.is_text() && (type & 1) && type >= 13 &&
               comparator_.collation(place).kind == Collation::Kind::binary) {
      order = compare_binary({reinterpret_cast<const char*>(body), static_cast<size_t>(size)}, wanted.text());
      order = order_of(order, 0);
    } else {
      return comparator_.compare_column(decode_plain_value(body, type), wanted, place);
    }
    return comparator_.directed(order, place, false);
  }

  const std::span<const Value> key_;
  const KeyComparator& comparator_;
  const bool is_usable_;
  std::array<Column, ready_columns> columns_;
};

}  // namespace keelback

#endif
