#include "digest_sha.hpp"

#include <array>
#include <bit>
#include <cmath>

namespace keelback::vm::digest {

namespace {

using Block = std::array<uint32_t, 16>;

uint32_t word_at(const uint8_t* bytes, bool is_big) {
  uint32_t word = 0;
  for (int place = 0; place < 4; ++place) word |= uint32_t{bytes[place]} << (is_big ? 24 - 8 * place : 8 * place);
  return word;
}

void append_words(std::string& out, std::span<const uint32_t> words, bool is_big) {
  for (const uint32_t word : words) {
    for (int place = 0; place < 4; ++place) {
      out.push_back(static_cast<char>(word >> (is_big ? 24 - 8 * place : 8 * place)));
    }
  }
}

// Call `mix` with each block of sixteen words of the message, its end mark and its length in bits.
template <typename Mix>
Status each_block(InterruptWatch& watch, Bytes data, bool is_big, Mix mix) {
  uint8_t bytes[128] = {};
  const auto mix_bytes = [&](const uint8_t* from) {
    Block block;
    for (size_t place = 0; place < block.size(); ++place) block[place] = word_at(from + 4 * place, is_big);
    mix(block);
  };
  size_t done = 0;
  for (; done + 64 <= data.size(); done += 64) {
    mix_bytes(data.data() + done);
    KEELBACK_TRY(watch.work(64));
  }
  const size_t left = data.size() - done;
  for (size_t place = 0; place < left; ++place) bytes[place] = data[done + place];
  bytes[left] = 0x80;
  const size_t size = left < 56 ? 64 : 128;
  const uint64_t bits = uint64_t{data.size()} * 8;
  for (size_t place = 0; place < 8; ++place) {
    bytes[size - 8 + place] = static_cast<uint8_t>(bits >> (is_big ? 56 - 8 * place : 8 * place));
  }
  for (size_t start = 0; start < size; start += 64) mix_bytes(bytes + start);
  return ok_status;
}

constexpr int md5_shifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

std::array<uint32_t, 64> md5_sines() {
  std::array<uint32_t, 64> sines;
  for (size_t step = 0; step < sines.size(); ++step) {
    sines[step] = static_cast<uint32_t>(std::floor(std::fabs(std::sin(static_cast<double>(step + 1))) * 4294967296.0));
  }
  return sines;
}

// The first 32 bits behind the point of the square (2) or cube (3) root, exactly.
constexpr uint32_t root_bits(uint32_t value, int power) {
  __extension__ using Wide = unsigned __int128;
  const Wide target = Wide{value} << (32 * power);
  uint64_t low = 0;
  uint64_t high = uint64_t{1} << 40;
  while (high - low > 1) {
    const uint64_t middle = (low + high) / 2;
    const Wide raised = Wide{middle} * middle * (power == 3 ? middle : 1);
    (raised <= target ? low : high) = middle;
  }
  return static_cast<uint32_t>(low);
}

// Of the first primes.
template <size_t count>
constexpr std::array<uint32_t, count> prime_roots(int power) {
  std::array<uint32_t, count> primes{};
  size_t found = 0;
  for (uint32_t candidate = 2; found < count; ++candidate) {
    bool is_prime = true;
    for (size_t place = 0; place < found; ++place) is_prime = is_prime && candidate % primes[place] != 0;
    if (is_prime) primes[found++] = candidate;
  }
  for (uint32_t& prime : primes) prime = root_bits(prime, power);
  return primes;
}
constexpr std::array<uint32_t, 8> sha256_start = prime_roots<8>(2);
constexpr std::array<uint32_t, 64> sha256_steps = prime_roots<64>(3);

// The exclusive or of three rotations to the right.
uint32_t turn(uint32_t value, int first, int second, int third) {
  return std::rotr(value, first) ^ std::rotr(value, second) ^ std::rotr(value, third);
}

using Lanes = std::array<std::array<uint64_t, 5>, 5>;

// The round constants, from the shift register that defines them.
constexpr std::array<uint64_t, 24> keccak_constants() {
  std::array<uint64_t, 24> constants{};
  uint32_t state = 1;
  for (uint64_t& constant : constants) {
    for (int place = 0; place < 7; ++place) {
      if (state & 1) constant |= uint64_t{1} << ((1 << place) - 1);
      state = state << 1 ^ (state >> 7 & 1 ? 0x171U : 0U);
    }
  }
  return constants;
}
constexpr std::array<uint64_t, 24> round_constants = keccak_constants();

void keccak(Lanes& lanes) {
  for (const uint64_t constant : round_constants) {
    std::array<uint64_t, 5> parity{};
    for (size_t x = 0; x < 5; ++x) {
      for (const uint64_t lane : lanes[x]) parity[x] ^= lane;
    }
    for (size_t x = 0; x < 5; ++x) {
      const uint64_t mixed = parity[(x + 4) % 5] ^ std::rotl(parity[(x + 1) % 5], 1);
      for (uint64_t& lane : lanes[x]) lane ^= mixed;
    }
    size_t x = 1;
    size_t y = 0;
    uint64_t current = lanes[x][y];
    for (int step = 0; step < 24; ++step) {
      const size_t next = (2 * x + 3 * y) % 5;
      x = y;
      y = next;
      const uint64_t moved = std::rotl(current, (step + 1) * (step + 2) / 2 % 64);
      current = lanes[x][y];
      lanes[x][y] = moved;
    }
    for (y = 0; y < 5; ++y) {
      std::array<uint64_t, 5> row;
      for (x = 0; x < 5; ++x) row[x] = lanes[x][y];
      for (x = 0; x < 5; ++x) lanes[x][y] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
    }
    lanes[0][0] ^= constant;
  }
}

}  // namespace

Status md5(InterruptWatch& watch, Bytes data, std::string& digest) {
  static const std::array<uint32_t, 64> sines = md5_sines();
  std::array<uint32_t, 4> state = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};
  KEELBACK_TRY(each_block(watch, data, false, [&state](const Block& words) {
    auto [a, b, c, d] = state;
    for (uint32_t step = 0; step < 64; ++step) {
      const uint32_t part = step / 16;
      const uint32_t mixed = part == 0   ? (b & c) | (~b & d)
                             : part == 1 ? (d & b) | (~d & c)
                             : part == 2 ? b ^ c ^ d
                                         : c ^ (b | ~d);
      const uint32_t word = part == 0   ? step
                            : part == 1 ? (5 * step + 1) % 16
                            : part == 2 ? (3 * step + 5) % 16
                                        : 7 * step % 16;
      const uint32_t total = a + mixed + sines[step] + words[word];
      a = d;
      d = c;
      c = b;
      b += std::rotl(total, md5_shifts[part][step % 4]);
    }
    state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d};
  }));
  append_words(digest, state, false);
  return ok_status;
}

Status sha1(InterruptWatch& watch, Bytes data, std::string& digest) {
  std::array<uint32_t, 5> state = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  KEELBACK_TRY(each_block(watch, data, true, [&state](const Block& block) {
    std::array<uint32_t, 80> words;
    for (size_t at = 0; at < 80; ++at) {
      words[at] = at < 16 ? block[at] : std::rotl(words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16], 1);
    }
    auto [a, b, c, d, e] = state;
    for (size_t step = 0; step < 80; ++step) {
      const size_t part = step / 20;
      constexpr uint32_t constants[] = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};
      const uint32_t mixed = part == 0 ? (b & c) | (~b & d) : part == 2 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
      const uint32_t total = std::rotl(a, 5) + mixed + e + constants[part] + words[step];
      e = d;
      d = c;
      c = std::rotl(b, 30);
      b = a;
      a = total;
    }
    state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d, state[4] + e};
  }));
  append_words(digest, state, true);
  return ok_status;
}

Status sha256(InterruptWatch& watch, Bytes data, std::string& digest) {
  std::array<uint32_t, 8> state = sha256_start;
  KEELBACK_TRY(each_block(watch, data, true, [&state](const Block& block) {
    std::array<uint32_t, 64> words;
    for (size_t at = 0; at < 64; ++at) {
      if (at < 16) {
        words[at] = block[at];
        continue;
      }
      const uint32_t early = words[at - 15];
      const uint32_t late = words[at - 2];
      const uint32_t first = std::rotr(early, 7) ^ std::rotr(early, 18) ^ early >> 3;
      const uint32_t second = std::rotr(late, 17) ^ std::rotr(late, 19) ^ late >> 10;
      words[at] = words[at - 16] + first + words[at - 7] + second;
    }
    auto [a, b, c, d, e, f, g, h] = state;
    for (size_t step = 0; step < 64; ++step) {
      const uint32_t one = h + turn(e, 6, 11, 25) + ((e & f) ^ (~e & g)) + sha256_steps[step] + words[step];
      const uint32_t two = turn(a, 2, 13, 22) + ((a & b) ^ (a & c) ^ (b & c));
      h = g;
      g = f;
      f = e;
      e = d + one;
      d = c;
      c = b;
      b = a;
      a = one + two;
    }
    const std::array<uint32_t, 8> mixed = {a, b, c, d, e, f, g, h};
    for (size_t place = 0; place < state.size(); ++place) state[place] += mixed[place];
  }));
  append_words(digest, state, true);
  return ok_status;
}

Status sha3(InterruptWatch& watch, Bytes data, int bits, std::string& digest) {
  const size_t rate = 200 - static_cast<size_t>(bits) / 4;
  Lanes lanes{};
  const auto put = [&lanes](size_t place, uint8_t byte) {
    lanes[place / 8 % 5][place / 8 / 5] ^= uint64_t{byte} << (8 * (place % 8));
  };
  size_t place = 0;
  for (const uint8_t byte : data) {
    put(place++, byte);
    if (place == rate) {
      keccak(lanes);
      place = 0;
      KEELBACK_TRY(watch.work(8 * rate));
    }
  }
  put(place, 0x06);
  put(rate - 1, 0x80);
  keccak(lanes);
  for (size_t at = 0; at < static_cast<size_t>(bits) / 8; ++at) {
    digest.push_back(static_cast<char>(lanes[at / 8 % 5][at / 8 / 5] >> (8 * (at % 8))));
  }
  return ok_status;
}

}  // namespace keelback::vm::digest
