// Big-endian integers and varints: one to nine bytes, seven bits a byte and eight in the ninth.
//
// `read_varint_unchecked` needs nine readable bytes; pages and record buffers have spare bytes behind them for that.
// Twin: the varint half of keelback_core/value/record.py.
#ifndef KEELBACK_VALUE_VARINT_HPP
#define KEELBACK_VALUE_VARINT_HPP

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace keelback {

inline constexpr size_t most_varint_bytes = 9;

inline uint32_t get_u16(const uint8_t* at) noexcept { return static_cast<uint32_t>(at[0]) << 8 | at[1]; }
inline uint32_t get_u32(const uint8_t* at) noexcept {
  return static_cast<uint32_t>(at[0]) << 24 | static_cast<uint32_t>(at[1]) << 16 | static_cast<uint32_t>(at[2]) << 8 |
         at[3];
}
inline void put_u16(uint8_t* at, uint32_t value) noexcept {
  at[0] = static_cast<uint8_t>(value >> 8);
  at[1] = static_cast<uint8_t>(value);
}
inline void put_u32(uint8_t* at, uint32_t value) noexcept {
  at[0] = static_cast<uint8_t>(value >> 24);
  at[1] = static_cast<uint8_t>(value >> 16);
  at[2] = static_cast<uint8_t>(value >> 8);
  at[3] = static_cast<uint8_t>(value);
}

// The varint at `at`; gives the place after it.
inline const uint8_t* read_varint_unchecked(const uint8_t* at, uint64_t& value) noexcept {
  uint64_t found = *at;
  if (found < 0x80) {
    value = found;
    return at + 1;
  }
  found &= 0x7F;
  if (at[1] < 0x80) {
    value = found << 7 | at[1];
    return at + 2;
  }
  found = found << 7 | (at[1] & 0x7F);
  if (at[2] < 0x80) {
    value = found << 7 | at[2];
    return at + 3;
  }
  found = found << 7 | (at[2] & 0x7F);
  for (int count = 3; count < 8; ++count) {
    const uint8_t byte = at[count];
    if (byte < 0x80) {
      value = found << 7 | byte;
      return at + count + 1;
    }
    found = found << 7 | (byte & 0x7F);
  }
  value = found << 8 | at[8];
  return at + 9;
}

inline const uint8_t* skip_varint(const uint8_t* at) noexcept {
  if (at[0] < 0x80) return at + 1;
  if constexpr (std::endian::native == std::endian::little) {
    // The first of eight bytes whose highest bit is not set.
    uint64_t bytes = 0;
    std::memcpy(&bytes, at, sizeof bytes);
    const uint64_t ends = ~bytes & 0x8080808080808080u;
    return ends ? at + (static_cast<size_t>(std::countr_zero(ends)) >> 3) + 1 : at + most_varint_bytes;
  }
  const uint8_t* last = at + 8;
  while (at < last && *at >= 0x80) ++at;
  return at + 1;
}

// The varint at `at`, which ends before `end`; null where it does not.
inline const uint8_t* read_varint(const uint8_t* at, const uint8_t* end, uint64_t& value) noexcept {
  if (end - at >= static_cast<ptrdiff_t>(most_varint_bytes)) return read_varint_unchecked(at, value);
  uint64_t found = 0;
  for (; at < end; ++at) {
    if (*at < 0x80) {
      value = found << 7 | *at;
      return at + 1;
    }
    found = found << 7 | (*at & 0x7F);
  }
  return nullptr;
}

inline size_t varint_size(uint64_t value) noexcept {
  if (value < 0x80) return 1;
  const auto size = static_cast<size_t>(std::bit_width(value) + 6) / 7;
  return size > most_varint_bytes ? most_varint_bytes : size;
}

// Write at most nine bytes; gives the place after them.
inline uint8_t* write_varint(uint8_t* at, uint64_t value) noexcept {
  if (value < 0x80) {
    *at = static_cast<uint8_t>(value);
    return at + 1;
  }
  const size_t size = varint_size(value);
  uint8_t* last = at + size - 1;
  if (size == most_varint_bytes) {
    *last-- = static_cast<uint8_t>(value);
    value >>= 8;
  } else {
    *last-- = static_cast<uint8_t>(value & 0x7F);
    value >>= 7;
  }
  for (; last >= at; --last, value >>= 7) *last = static_cast<uint8_t>((value & 0x7F) | 0x80);
  return at + size;
}

}  // namespace keelback

#endif
