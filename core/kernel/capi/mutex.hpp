// The recursive mutex of a connection, which is also what sqlite3_mutex_* hands out.
//
// 1. Nearly every call takes it, and nearly always nobody else wants it: then it is a compare and a store.
// 2. A connection's mutex favours the thread that opened it, until another thread takes it for the first time. The
//    favoured thread goes without atomic read-modify-writes, which cost more than a step of a scan: it says that it is
//    in, and then looks whether it still has the favour. Who ends the favour takes it away, has the kernel put a full
//    barrier into all threads (membarrier), and then waits until the favoured one is out. Of the two, each writing and
//    then reading what the other writes, one at least sees the other.
// 3. A thread that must wait gives up the interpreter's lock first (begin_engine_wait): one thread may hold the mutex
//    and want the GIL while another holds the GIL and wants the mutex.
#ifndef KEELBACK_CAPI_MUTEX_HPP
#define KEELBACK_CAPI_MUTEX_HPP

#include <atomic>
#include <mutex>

#include "api.hpp"

struct sqlite3_mutex {
 public:
  // Favour the calling thread, if the system can end that again. Nobody else knows of the mutex yet.
  void favour_this_thread();

  void lock() {
    if (!try_favoured() && !try_shared()) wait();
  }
  bool try_lock() { return try_favoured() || try_shared(); }
  void unlock() {
    if (--depth_ > 0) return;
    owner_.store(nullptr, std::memory_order_relaxed);
    if (is_by_favour_) {
      is_favoured_in_.store(false, std::memory_order_release);
      return;
    }
    leave_shared();
  }
  [[nodiscard]] bool is_held() const { return owner_.load(std::memory_order_relaxed) == this_thread(); }

 private:
  static constexpr uint32_t is_free = 0;
  static constexpr uint32_t is_taken = 1;
  static constexpr uint32_t is_waited_for = 2;

  // What only this thread has.
  static const void* this_thread() { return __builtin_thread_pointer(); }
  // The calling thread has it already, or gets it by favour.
  bool try_favoured() {
    const void* self = this_thread();
    if (owner_.load(std::memory_order_relaxed) == self) {
      ++depth_;
      return true;
    }
    if (favoured_.load(std::memory_order_relaxed) != self) return false;
    is_favoured_in_.store(true, std::memory_order_relaxed);
    // The compiler keeps the order; the processor is made to by whoever ends the favour.
    std::atomic_signal_fence(std::memory_order_seq_cst);
    if (favoured_.load(std::memory_order_relaxed) != self) [[unlikely]] {
      is_favoured_in_.store(false, std::memory_order_release);
      return false;
    }
    enter(true);
    return true;
  }
  bool try_shared() {
    uint32_t free = is_free;
    if (!state_.compare_exchange_strong(free, is_taken, std::memory_order_acquire, std::memory_order_relaxed)) {
      return false;
    }
    if (favoured_.load(std::memory_order_relaxed) != nullptr || is_favoured_in_.load(std::memory_order_acquire)) {
      end_favour();
      if (is_favoured_in_.load(std::memory_order_acquire)) {
        leave_shared();
        return false;
      }
    }
    enter(false);
    return true;
  }
  void enter(bool is_by_favour) {
    owner_.store(this_thread(), std::memory_order_relaxed);
    is_by_favour_ = is_by_favour;
    depth_ = 1;
  }
  void leave_shared() {
    if (state_.exchange(is_free, std::memory_order_release) == is_waited_for) state_.notify_one();
  }
  void end_favour();
  void wait();

  std::atomic<uint32_t> state_ = is_free;  // of those who are not favoured
  std::atomic<bool> is_favoured_in_ = false;
  bool is_by_favour_ = false;  // of whoever has the mutex
  std::atomic<const void*> owner_ = nullptr;
  std::atomic<const void*> favoured_ = nullptr;
  int depth_ = 0;
};

namespace keelback::capi {
using Mutex = sqlite3_mutex;
using Lock = std::lock_guard<Mutex>;
}  // namespace keelback::capi

#endif
