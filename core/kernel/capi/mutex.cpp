// sqlite3_mutex_*: recursive mutexes; the static ones of SQLite are made at first use and live for ever.
#include "mutex.hpp"

#include "../engine/engine.hpp"

void sqlite3_mutex::wait() {
  void* token = keelback::capi::begin_engine_wait();
  // Whoever waits leaves a mark, also for those who wait beside it.
  while (state_.exchange(is_waited_for, std::memory_order_acquire) != is_free) {
    state_.wait(is_waited_for, std::memory_order_relaxed);
  }
  keelback::capi::end_engine_wait(token);
  owner_.store(this_thread(), std::memory_order_relaxed);
  depth_ = 1;
}

namespace {
constexpr int last_static_mutex = 13;
constexpr int first_static_mutex = 2;
}  // namespace

extern "C" {

sqlite3_mutex* sqlite3_mutex_alloc(int kind) {
  if (kind < 0 || kind > last_static_mutex) return nullptr;
  if (kind < first_static_mutex) return new (std::nothrow) sqlite3_mutex;
  static auto* statics = new sqlite3_mutex[last_static_mutex - first_static_mutex + 1];
  return &statics[kind - first_static_mutex];
}

void sqlite3_mutex_free(sqlite3_mutex* mutex) { delete mutex; }

void sqlite3_mutex_enter(sqlite3_mutex* mutex) {
  if (mutex != nullptr) mutex->lock();
}

int sqlite3_mutex_try(sqlite3_mutex* mutex) { return mutex == nullptr || mutex->try_lock() ? SQLITE_OK : SQLITE_BUSY; }

void sqlite3_mutex_leave(sqlite3_mutex* mutex) {
  if (mutex != nullptr && mutex->is_held()) mutex->unlock();
}

int sqlite3_mutex_held(sqlite3_mutex* mutex) { return mutex == nullptr || mutex->is_held() ? 1 : 0; }

int sqlite3_mutex_notheld(sqlite3_mutex* mutex) { return mutex == nullptr || !mutex->is_held() ? 1 : 0; }

}  // extern "C"
