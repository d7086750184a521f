// A fast hash of a text and of two addresses; for tables in memory only.
#ifndef KEELBACK_CACHE_TEXT_HASH_HPP
#define KEELBACK_CACHE_TEXT_HASH_HPP

#include <cstdint>
#include <cstring>
#include <string_view>

namespace keelback::cache {

namespace hash_detail {

inline uint64_t mix(uint64_t one, uint64_t other) {
  const auto product = static_cast<unsigned __int128>(one) * other;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline uint64_t load(const char* from, size_t size = 8) {
  uint64_t word = 0;
  std::memcpy(&word, from, size);
  return word;
}

// Odd numbers without pattern.
inline constexpr uint64_t first_odd = 0x9E3779B97F4A7C15;
inline constexpr uint64_t second_odd = 0xD6E8FEB86659FD93;
inline constexpr uint64_t third_odd = 0xC2B2AE3D27D4EB4F;

}  // namespace hash_detail

inline uint64_t hash_text(const void* one, const void* other, std::string_view text) {
  using namespace hash_detail;
  uint64_t hash = mix(reinterpret_cast<uintptr_t>(one) ^ first_odd, reinterpret_cast<uintptr_t>(other) ^ second_odd);
  const char* at = text.data();
  size_t left = text.size();
  for (; left >= 16; at += 16, left -= 16) hash = mix(load(at) ^ first_odd, load(at + 8) ^ hash);
  if (left >= 8) {
    hash = mix(load(at) ^ second_odd, hash ^ third_odd);
    at += 8;
    left -= 8;
  }
  const uint64_t last = left > 0 ? load(at, left) : 0;
  return mix(last ^ third_odd, hash ^ text.size());
}

}  // namespace keelback::cache

#endif
