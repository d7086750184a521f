// The memory account: how many bytes the library holds in this process, the most it ever held, and the two limits on
// it.
//
// 1. Counted is what sqlite3_malloc gives and the memory of cached pages; not the library's other objects, and not the
//    interpreter that compiles unknown statements.
// 2. At the soft limit caches stop growing and go round in what they have; beyond the hard limit an allocation fails.
//
// Must not know: who allocates. No twin: the reference engine's objects are Python's.
#ifndef KEELBACK_VALUE_MEMORY_ACCOUNT_HPP
#define KEELBACK_VALUE_MEMORY_ACCOUNT_HPP

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace keelback::memory_account {

inline std::atomic<int64_t> used_bytes{0};
inline std::atomic<int64_t> highest_bytes{0};
inline std::atomic<int64_t> soft_limit{0};  // 0: none
inline std::atomic<int64_t> hard_limit{0};  // 0: none

inline void add(size_t bytes) noexcept {
  const auto difference = static_cast<int64_t>(bytes);
  const int64_t now = used_bytes.fetch_add(difference, std::memory_order_relaxed) + difference;
  int64_t highest = highest_bytes.load(std::memory_order_relaxed);
  while (now > highest && !highest_bytes.compare_exchange_weak(highest, now, std::memory_order_relaxed)) {
  }
}

inline void subtract(size_t bytes) noexcept {
  used_bytes.fetch_sub(static_cast<int64_t>(bytes), std::memory_order_relaxed);
}

// As sqlite3_soft_heap_limit64 and sqlite3_hard_heap_limit64: the soft limit never lies beyond the hard one.
inline void set_soft_limit(int64_t bytes) noexcept {
  const int64_t hard = hard_limit;
  soft_limit = hard > 0 && (bytes > hard || bytes == 0) ? hard : bytes;
}

inline void set_hard_limit(int64_t bytes) noexcept {
  hard_limit = bytes;
  const int64_t soft = soft_limit;
  if (bytes < soft || soft == 0) soft_limit = bytes;
}

inline bool would_pass(const std::atomic<int64_t>& limit, size_t more) noexcept {
  const int64_t most = limit.load(std::memory_order_relaxed);
  return most > 0 && used_bytes.load(std::memory_order_relaxed) + static_cast<int64_t>(more) > most;
}

inline bool would_pass_hard_limit(size_t more) noexcept { return would_pass(hard_limit, more); }
// Whether so much more had better not be taken by who can do without.
inline bool is_tight(size_t more) noexcept { return would_pass(soft_limit, more) || would_pass(hard_limit, more); }

}  // namespace keelback::memory_account

#endif
