// The recursive mutex of a connection, which is also what sqlite3_mutex_* hands out.
//
// 1. Nearly every call takes it, and nearly always nobody else wants it: then it is a compare and a store.
// 2. A thread that must wait gives up the interpreter's lock first (begin_engine_wait): one thread may hold the mutex
//    and want the GIL while another holds the GIL and wants the mutex.
#ifndef KEELBACK_CAPI_MUTEX_HPP
#define KEELBACK_CAPI_MUTEX_HPP

#include <atomic>
#include <mutex>

#include "api.hpp"

struct sqlite3_mutex {
 public:
  void lock() {
    if (!try_lock()) wait();
  }
  bool try_lock() {
    const void* self = this_thread();
    if (owner_.load(std::memory_order_relaxed) == self) {
      ++depth_;
      return true;
    }
    uint32_t free = is_free;
    if (!state_.compare_exchange_strong(free, is_taken, std::memory_order_acquire, std::memory_order_relaxed)) {
      return false;
    }
    owner_.store(self, std::memory_order_relaxed);
    depth_ = 1;
    return true;
  }
  void unlock() {
    if (--depth_ > 0) return;
    owner_.store(nullptr, std::memory_order_relaxed);
    if (state_.exchange(is_free, std::memory_order_release) == is_waited_for) state_.notify_one();
  }
  [[nodiscard]] bool is_held() const { return owner_.load(std::memory_order_relaxed) == this_thread(); }

 private:
  static constexpr uint32_t is_free = 0;
  static constexpr uint32_t is_taken = 1;
  static constexpr uint32_t is_waited_for = 2;

  // What only this thread has.
  static const void* this_thread() { return __builtin_thread_pointer(); }
  void wait();

  std::atomic<uint32_t> state_ = is_free;
  std::atomic<const void*> owner_ = nullptr;
  int depth_ = 0;
};

namespace keelback::capi {
using Mutex = sqlite3_mutex;
using Lock = std::lock_guard<Mutex>;
}  // namespace keelback::capi

#endif
