// sqlite3_mutex_*: recursive mutexes; the static ones of SQLite are made at first use and live for ever.
#include "mutex.hpp"

#include "../engine/engine.hpp"

void sqlite3_mutex::lock() {
  if (!mutex_.try_lock()) {
    void* token = keelback::capi::begin_engine_wait();
    mutex_.lock();
    keelback::capi::end_engine_wait(token);
  }
  owner_ = std::this_thread::get_id();
  ++depth_;
}

bool sqlite3_mutex::try_lock() {
  if (!mutex_.try_lock()) return false;
  owner_ = std::this_thread::get_id();
  ++depth_;
  return true;
}

void sqlite3_mutex::unlock() {
  if (--depth_ == 0) owner_ = std::thread::id{};
  mutex_.unlock();
}

bool sqlite3_mutex::is_held() const { return owner_ == std::this_thread::get_id(); }

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
