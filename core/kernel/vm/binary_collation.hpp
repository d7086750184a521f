// BINARY in a database of each text encoding: the order of the bytes as they are stored.
//
// In UTF-16 it differs from the order of UTF-8: little-endian, U+0100 (00 01) comes before 'a' (61 00). Twin:
// keelback_core/value/key_utf16.py.
#ifndef KEELBACK_VM_BINARY_COLLATION_HPP
#define KEELBACK_VM_BINARY_COLLATION_HPP

#include "../value/key.hpp"
#include "../value/text_bytes.hpp"

namespace keelback::vm {

inline int compare_utf16(std::string_view left, std::string_view right, int encoding) {
  std::string left_bytes;
  std::string right_bytes;
  encode_text(left, encoding, left_bytes);
  encode_text(right, encoding, right_bytes);
  return compare_binary(left_bytes, right_bytes);
}

// BINARY of a database of this text encoding.
inline const Collation& binary_collation(int encoding) {
  static constexpr Collation binary{};
  static constexpr Collation little{
      Collation::Kind::custom,
      [](void*, std::string_view left, std::string_view right) { return compare_utf16(left, right, utf16le); },
      nullptr};
  static constexpr Collation big{
      Collation::Kind::custom,
      [](void*, std::string_view left, std::string_view right) { return compare_utf16(left, right, utf16be); },
      nullptr};
  return encoding == utf16le ? little : encoding == utf16be ? big : binary;
}

}  // namespace keelback::vm

#endif
