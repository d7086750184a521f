// The Bloom filter of a join: which keys may have a match.
//
// A key's place is the sum of its numbers, cut to integers; all texts count as one, and all blobs, so that neither
// numeric type nor collation matters. Twin: keelback_core/reference/vm/bloom_filter.py, with the same places.
#ifndef KEELBACK_VM_BLOOM_FILTER_HPP
#define KEELBACK_VM_BLOOM_FILTER_HPP

#include <cstdint>

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

// The bit of a key of `count` registers in a filter of so many bits.
inline uint64_t filter_place(const Register* key, int count, uint64_t bits) noexcept {
  uint64_t place = 0;
  for (int part = 0; part < count; ++part) {
    const Value& value = key[part].value();
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

}  // namespace keelback::vm

#endif
