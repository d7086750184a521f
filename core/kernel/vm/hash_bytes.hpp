// Hashes of bytes and numbers, for tables that live no longer than a statement.
//
// Must not know: values.
#ifndef KEELBACK_VM_HASH_BYTES_HPP
#define KEELBACK_VM_HASH_BYTES_HPP

#include <cstdint>
#include <cstring>
#include <string_view>

namespace keelback::vm {

inline uint64_t load_word(const char* at) noexcept {
  uint64_t bits = 0;
  std::memcpy(&bits, at, sizeof bits);
  return bits;
}

inline uint64_t mix_words(uint64_t left, uint64_t right) noexcept {
  const auto product = static_cast<unsigned __int128>(left ^ 0x9E3779B97F4A7C15) * (right ^ 0xE7037ED1A0B428DB);
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline uint64_t hash_bytes(std::string_view bytes) noexcept {
  uint64_t hash = bytes.size();
  const char* at = bytes.data();
  size_t left = bytes.size();
  while (left > 16) {
    hash = mix_words(hash ^ load_word(at), load_word(at + 8));
    at += 16;
    left -= 16;
  }
  if (left >= 8) return mix_words(hash ^ load_word(at), load_word(at + left - 8));
  uint64_t rest = 0;
  if (left) std::memcpy(&rest, at, left);
  return mix_words(hash ^ rest, hash);
}

}  // namespace keelback::vm

#endif
