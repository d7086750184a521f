// RecordShapes: where the columns of records lie whose headers begin alike.
//
//     record:  header size | type | type | ...        prefix: as much of that as leads to the last column wanted, at
//              ------ prefix ------                   most sixteen bytes
//
// 1. What a prefix says is read once and kept; a few hundred kinds of rows are known at once.
// 2. A record with another kind of header, or one that is damaged, has no shape.
//
// Must not know: pages, cursors. Users: page_batch.hpp, fetched_rows.hpp.
#ifndef KEELBACK_VM_RECORD_SHAPES_HPP
#define KEELBACK_VM_RECORD_SHAPES_HPP

#include <algorithm>
#include <cstring>
#include <vector>

#include "../value/record.hpp"

namespace keelback::vm {

class RecordShapes {
 public:
  static constexpr size_t most_columns = 15;
  // Records are read in words, up to so many bytes from their beginnings.
  static constexpr size_t bytes_read = 16;

  struct Prefix {
    uint64_t first = 0;
    uint64_t second = 0;
    bool operator==(const Prefix&) const = default;
  };
  struct Shape {
    Prefix prefix;
    uint32_t count = 0;  // columns known; 0 for a prefix without a shape
    uint32_t whole = 0;  // where the columns end, if the prefix is the whole header
    uint8_t types[most_columns];
    uint16_t offsets[most_columns];
    uint16_t ends[most_columns];
  };

  // last_column: the greatest column that will be asked for, -1 where none is.
  explicit RecordShapes(int last_column)
      : wanted_(static_cast<size_t>(last_column + 2)), slots_(size_t{1} << slot_bits, none) {
    shapes_.reserve(most_shapes);
  }

  // The shape of a record of that size, of which as many bytes can be read; null where it has none.
  const Shape* of(const uint8_t* record, uint64_t size) {
    if (size == 0) return nullptr;
    // Rows of one kind mostly follow one another.
    if (last_) [[likely]] {
      Prefix prefix;
      std::memcpy(&prefix, record, sizeof prefix);
      const bool is_same = !((prefix.first ^ last_->prefix.first) & first_mask_) &
                           !((prefix.second ^ last_->prefix.second) & second_mask_);
      if (is_same) return (!last_->whole || last_->whole == size) && record[0] <= size ? last_ : nullptr;
    }
    const uint32_t header_size = record[0];
    const size_t length = std::min<size_t>(header_size, wanted_);
    if (length < 2 || length > sizeof(Prefix) || header_size > size) return nullptr;
    Prefix prefix;
    std::memcpy(&prefix.first, record, sizeof prefix.first);
    if (length <= 8) {
      prefix.first &= ~uint64_t{0} >> (64 - 8 * length);
    } else {
      std::memcpy(&prefix.second, record + 8, sizeof prefix.second);
      prefix.second &= ~uint64_t{0} >> (128 - 8 * length);
    }
    const Shape* shape = find(prefix, length, header_size);
    if (!shape || !shape->count) return nullptr;
    last_ = shape;
    first_mask_ = length < 8 ? ~uint64_t{0} >> (64 - 8 * length) : ~uint64_t{0};
    second_mask_ = length > 8 ? ~uint64_t{0} >> (128 - 8 * length) : 0;
    return !shape->whole || shape->whole == size ? shape : nullptr;
  }

 private:
  static constexpr size_t slot_bits = 10;
  static constexpr size_t most_shapes = 512;
  static constexpr uint16_t none = 0xFFFF;

  const Shape* find(Prefix prefix, size_t length, uint32_t header_size) {
    const uint64_t hash = (prefix.first ^ (prefix.second << 7 | prefix.second >> 57)) * 0x9E3779B97F4A7C15;
    size_t slot = hash >> (64 - slot_bits);
    while (slots_[slot] != none && shapes_[slots_[slot]].prefix != prefix) slot = (slot + 1) & (slots_.size() - 1);
    if (slots_[slot] != none) return &shapes_[slots_[slot]];
    if (shapes_.size() == most_shapes) return nullptr;
    slots_[slot] = static_cast<uint16_t>(shapes_.size());
    return learn(prefix, length, header_size);
  }
  const Shape* learn(Prefix prefix, size_t length, uint32_t header_size);

  const size_t wanted_;        // bytes of a header that lead to the last column
  std::vector<Shape> shapes_;  // never moved
  std::vector<uint16_t> slots_;
  const Shape* last_ = nullptr;  // of the record before, and the bytes of its prefix
  uint64_t first_mask_ = 0;
  uint64_t second_mask_ = 0;
};

}  // namespace keelback::vm

#endif
