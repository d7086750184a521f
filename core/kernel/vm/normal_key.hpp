// Normalised keys: bytes that memcmp compares in the order of a KeyInfo.
//
//     NULL          05            40 where NULLs count as biggest
//     number        10 | double, order-preserving, 8 bytes | beyond 2^53: what the double misses of an INTEGER, 2 bytes
//     TEXT          20 | bytes, folded by the collation, 00 written as 00 FF | 00 00
//                   NOCASE with a NUL character: what stands before it and it, 00 00, and the length in 8 bytes
//     BLOB          30 | as TEXT
//     descending    all of these bytes inverted
//
// 1. Two keys compare as KeyComparator compares the values. No element is the beginning of another one.
// 2. A prefix sorts before every key that it begins; a prefix followed by FF sorts after them.
// 3. A collation of the user's has no such keys: `can_normalise` is false, and keys are compared by decoding.
//
// Must not know: cursors. Twin: keelback_core/reference/vm/normal_key.py.
#ifndef KEELBACK_VM_NORMAL_KEY_HPP
#define KEELBACK_VM_NORMAL_KEY_HPP

#include <string>
#include <vector>

#include "../value/key.hpp"

namespace keelback::vm {

inline constexpr char after_all = '\xFF';

class KeyNormaliser {
 public:
  KeyNormaliser(const KeyInfo& key_info, std::vector<Collation> collations);

  bool can_normalise() const noexcept { return can_normalise_; }
  size_t key_column_count() const noexcept { return sort_flags_.size(); }
  const KeyComparator& comparator() const noexcept { return comparator_; }
  // Append the element of a value at a position; columns beyond the KeyInfo compare ascending, BINARY.
  void append(const Value& value, size_t position, std::string& out) const;
  // Whether a row that begins with this value is known to sort behind a key, from the numbers that both begin with:
  // false says nothing.
  bool is_number_behind(const Value& value, std::string_view key) const noexcept;

 private:
  std::vector<uint8_t> sort_flags_;
  std::vector<Collation> collations_;
  KeyComparator comparator_;
  bool can_normalise_ = true;
};

}  // namespace keelback::vm

#endif
