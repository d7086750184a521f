// The recursive mutex of a connection, which is also what sqlite3_mutex_* hands out.
//
// A thread that must wait gives up the interpreter's lock first (begin_engine_wait): one thread may hold the mutex and
// want the GIL while another holds the GIL and wants the mutex.
#ifndef KEELBACK_CAPI_MUTEX_HPP
#define KEELBACK_CAPI_MUTEX_HPP

#include <atomic>
#include <mutex>
#include <thread>

#include "api.hpp"

struct sqlite3_mutex {
 public:
  void lock();
  bool try_lock();
  void unlock();
  [[nodiscard]] bool is_held() const;

 private:
  std::recursive_mutex mutex_;
  std::atomic<std::thread::id> owner_{};
  int depth_ = 0;
};

namespace keelback::capi {
using Mutex = sqlite3_mutex;
using Lock = std::lock_guard<Mutex>;
}  // namespace keelback::capi

#endif
