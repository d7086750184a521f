// The bytes of a `-wal` file, and the checksum that both it and the wal-index are protected with.
//
//     0  4 magic 377f0682 (checksums over little-endian words) or 377f0683 (big-endian)    4 4 version 3007000
//     8  4 page size    12 4 number of restarts    16 4+4 salts    24 4+4 checksum of the 24 bytes before
//     then frames: 0 4 page number    4 4 pages of the database after a commit, or 0    8 4+4 salts
//                  16 4+4 checksum of the first 8 bytes of this frame and its page, going on from the frame before
//                  24 the page
//
// All numbers are big-endian. Spec: https://www.sqlite.org/fileformat2.html#the_write_ahead_log.
#ifndef KEELBACK_STORAGE_WAL_FORMAT_HPP
#define KEELBACK_STORAGE_WAL_FORMAT_HPP

#include <bit>
#include <cstring>

#include "../value/varint.hpp"

namespace keelback::storage {

inline constexpr uint32_t wal_magic = 0x377F0682;
inline constexpr uint32_t wal_version = 3007000;
inline constexpr size_t wal_header_bytes = 32;
inline constexpr size_t frame_header_bytes = 24;
inline constexpr bool is_big_machine = std::endian::native == std::endian::big;

// Two sums, each over every second word and the other.
struct WalChecksum {
  uint32_t first = 0;
  uint32_t second = 0;

  // Go on over `size` bytes, a multiple of eight.
  void add(const uint8_t* at, size_t size, bool is_big) noexcept {
    const bool is_swapped = is_big != is_big_machine;
    uint32_t left = first;
    uint32_t right = second;
    for (const uint8_t* end = at + size; at < end; at += 8) {
      uint32_t words[2];
      std::memcpy(words, at, sizeof words);
      if (is_swapped) {
        words[0] = __builtin_bswap32(words[0]);
        words[1] = __builtin_bswap32(words[1]);
      }
      left += words[0] + right;
      right += words[1] + left;
    }
    first = left;
    second = right;
  }
  bool is_at(const uint8_t* at) const noexcept { return get_u32(at) == first && get_u32(at + 4) == second; }
  void put(uint8_t* at) const noexcept {
    put_u32(at, first);
    put_u32(at + 4, second);
  }
};

inline uint64_t frame_offset(uint32_t frame, uint32_t page_size) noexcept {
  return wal_header_bytes + uint64_t{frame - 1} * (frame_header_bytes + page_size);
}

}  // namespace keelback::storage

#endif
