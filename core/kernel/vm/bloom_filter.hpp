// The Bloom filter of a join: which keys may have a match.
//
// A key's place is the sum of its numbers, cut to integers; all texts count as one, and all blobs, so that neither
// numeric type nor collation matters. Twin: keelback_core/reference/vm/bloom_filter.py, with the same places.
#ifndef KEELBACK_VM_BLOOM_FILTER_HPP
#define KEELBACK_VM_BLOOM_FILTER_HPP

#include <cstdint>
#include <cstring>
#include <span>

#include "../value/value.hpp"
#include "register.hpp"

namespace keelback::vm {

constexpr uint64_t filter_text_place = 4095;
constexpr uint64_t filter_blob_place = 4109;

inline uint64_t filter_number(double number) noexcept {
  constexpr double beyond = 9223372036854775808.0;
  if (number != number) return 0;
  if (number >= beyond) return static_cast<uint64_t>(INT64_MAX);
  if (number < -beyond) return static_cast<uint64_t>(INT64_MIN);
  return static_cast<uint64_t>(static_cast<int64_t>(number));
}

// The bit of a key in a filter of so many bits.
inline uint64_t filter_place(std::span<const Value> key, uint64_t bits) noexcept {
  uint64_t place = 0;
  for (const Value& value : key) {
    if (value.is_integer()) {
      place += static_cast<uint64_t>(value.integer());
    } else if (value.is_real()) {
      place += filter_number(value.real());
    } else if (value.is_text()) {
      place += filter_text_place;
    } else if (!value.is_null()) {
      place += filter_blob_place;
    }
  }
  return place % bits;
}

// Add a key to the filter in a register, which is made with so many bytes if there is none.
inline void add_to_bloom_filter(Register& filter, int32_t bytes, std::span<const Value> key) {
  if (!filter.value().is_blob()) {
    char* place = filter.begin_record(static_cast<size_t>(bytes));
    std::memset(place, 0, static_cast<size_t>(bytes));
    filter.end_record(place, static_cast<size_t>(bytes));
  }
  const std::span<char> bits = filter.record_bytes();
  const uint64_t bit = filter_place(key, 8 * static_cast<uint64_t>(bits.size()));
  bits[bit >> 3] = static_cast<char>(static_cast<unsigned char>(bits[bit >> 3]) | 1U << (bit & 7));
}

inline bool may_be_in_bloom_filter(const Value& filter, std::span<const Value> key) noexcept {
  if (!filter.is_blob() || filter.text().empty()) return false;
  const uint64_t bit = filter_place(key, 8 * static_cast<uint64_t>(filter.text().size()));
  return static_cast<unsigned char>(filter.text()[bit >> 3]) >> (bit & 7) & 1;
}

}  // namespace keelback::vm

#endif
