// The operating system as the C API shows it: time to sleep, random bytes.
#include "os.hpp"

#include <sys/random.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "vfs.hpp"

namespace keelback::capi {

void sleep_us(long long microseconds) {
  if (microseconds <= 0) return;
  timespec left{static_cast<time_t>(microseconds / 1000000), static_cast<long>(microseconds % 1000000) * 1000};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

void fill_from_system(char* out, size_t size) {
  while (size > 0) {
    const ssize_t got = getrandom(out, size > 256 ? 256 : size, 0);
    if (got < 0 && errno != EINTR) return;
    if (got > 0) out += got, size -= static_cast<size_t>(got);
  }
}

namespace {

// The stream cipher ChaCha20 (RFC 8439), whose key, counter and nonce a VFS has given.
class SeededStream {
 public:
  void forget() {
    const std::lock_guard lock(mutex_);
    is_seeded_ = false;
  }
  void fill(sqlite3_vfs* vfs, char* out, size_t size) {
    const std::lock_guard lock(mutex_);
    if (!is_seeded_) seed(vfs);
    while (size > 0) {
      if (left_ == 0) make_block();
      const size_t taken = std::min(size, left_);
      // From the end of what is left of a block, which is taken from its beginning only where it is used up.
      const auto* bytes = reinterpret_cast<const char*>(block_.data());
      std::memcpy(out, taken == left_ ? bytes : bytes + left_ - taken, taken);
      left_ -= taken;
      out += taken;
      size -= taken;
    }
  }

 private:
  static constexpr size_t words = 16;
  static constexpr size_t seed_words = 11;
  using Words = std::array<uint32_t, words>;

  void seed(sqlite3_vfs* vfs) {
    state_ = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
    vfs->xRandomness(vfs, static_cast<int>(seed_words * sizeof(uint32_t)), reinterpret_cast<char*>(&state_[4]));
    // The word that counts begins at 0; what the VFS gave for it takes the last place.
    state_[15] = state_[12];
    state_[12] = 0;
    left_ = 0;
    is_seeded_ = true;
  }

  static void quarter(Words& x, size_t a, size_t b, size_t c, size_t d) {
    x[a] += x[b], x[d] = std::rotl(x[d] ^ x[a], 16);
    x[c] += x[d], x[b] = std::rotl(x[b] ^ x[c], 12);
    x[a] += x[b], x[d] = std::rotl(x[d] ^ x[a], 8);
    x[c] += x[d], x[b] = std::rotl(x[b] ^ x[c], 7);
  }

  void make_block() {
    ++state_[12];
    Words x = state_;
    for (int round = 0; round < 10; ++round) {
      for (size_t column = 0; column < 4; ++column) quarter(x, column, column + 4, column + 8, column + 12);
      for (size_t row = 0; row < 4; ++row) quarter(x, row, 4 + (row + 1) % 4, 8 + (row + 2) % 4, 12 + (row + 3) % 4);
    }
    for (size_t at = 0; at < words; ++at) block_[at] = x[at] + state_[at];
    left_ = sizeof block_;
  }

  std::mutex mutex_;
  bool is_seeded_ = false;
  Words state_{};
  Words block_{};
  size_t left_ = 0;
};

// Never destroyed.
SeededStream& seeded_stream() {
  static auto* made = new SeededStream;
  return *made;
}

}  // namespace

void fill_randomly(char* out, size_t size) {
  if (sqlite3_vfs* usual = foreign_default_vfs(); usual != nullptr) [[unlikely]] {
    seeded_stream().fill(usual, out, size);
  } else {
    storage::os_vfs().randomness({reinterpret_cast<uint8_t*>(out), size});
  }
}

}  // namespace keelback::capi

using namespace keelback::capi;

extern "C" {

int sqlite3_sleep(int milliseconds) {
  if (milliseconds < 0) return 0;
  sleep_us(1000LL * milliseconds);
  return milliseconds;
}

void sqlite3_randomness(int size, void* out) {
  if (size > 0 && out != nullptr) {
    fill_randomly(static_cast<char*>(out), static_cast<size_t>(size));
  } else {
    seeded_stream().forget();
  }
}

}  // extern "C"
