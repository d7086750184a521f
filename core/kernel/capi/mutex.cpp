// sqlite3_mutex_*: recursive mutexes; the static ones of SQLite are made at first use and live for ever.
#include "mutex.hpp"

#include <linux/membarrier.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

#include "../engine/engine.hpp"
#include "config.hpp"

namespace {

// For how long the favoured thread is waited for at a time.
constexpr long shortest_nap_ns = 20'000;
constexpr long longest_nap_ns = 1'000'000;

// Where the system has come to forbid membarrier: to take a right to a page from all threads, their processors are
// interrupted on most machines; on the others, what was stored is seen by all long before the nap ends.
void interrupt_processors() {
  const size_t size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* page = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page != MAP_FAILED) {
    *static_cast<volatile char*>(page) = 1;
    (void)mprotect(page, size, PROT_READ);
    (void)munmap(page, size);
  }
  const timespec nap{0, longest_nap_ns};
  nanosleep(&nap, nullptr);
}

bool put_barriers(int command) { return syscall(SYS_membarrier, command, 0, 0) == 0; }

}  // namespace

void sqlite3_mutex::favour_this_thread() {
  static const bool is_possible = put_barriers(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
  if (is_possible) favoured_.store(this_thread(), std::memory_order_relaxed);
}

// The state is taken, so that one thread at a time does this.
void sqlite3_mutex::end_favour() {
  if (favoured_.load(std::memory_order_relaxed) == nullptr) return;
  favoured_.store(nullptr, std::memory_order_seq_cst);
  if (put_barriers(MEMBARRIER_CMD_PRIVATE_EXPEDITED)) return;
  // The child of a fork may have to register anew.
  (void)put_barriers(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
  if (put_barriers(MEMBARRIER_CMD_PRIVATE_EXPEDITED) || put_barriers(MEMBARRIER_CMD_GLOBAL)) return;
  interrupt_processors();
}

void sqlite3_mutex::wait() {
  void* token = keelback::capi::begin_engine_wait();
  // Whoever waits leaves a mark, also for those who wait beside it.
  while (state_.exchange(is_waited_for, std::memory_order_acquire) != is_free) {
    state_.wait(is_waited_for, std::memory_order_relaxed);
  }
  end_favour();
  // Once in the life of a mutex: not worth a look, at each unlock, for somebody to wake.
  for (timespec nap{0, shortest_nap_ns}; is_favoured_in_.load(std::memory_order_acquire);) {
    nanosleep(&nap, nullptr);
    nap.tv_nsec = std::min(2 * nap.tv_nsec, longest_nap_ns);
  }
  keelback::capi::end_engine_wait(token);
  enter(false);
}

namespace {

constexpr int last_static_mutex = 13;
constexpr int first_static_mutex = 2;

sqlite3_mutex* static_mutexes() {
  static auto* mutexes = new sqlite3_mutex[last_static_mutex - first_static_mutex + 1];
  return mutexes;
}

// What a program with one thread gets for any mutex: nothing is locked by it.
sqlite3_mutex* no_mutex() {
  static auto* mutex = new sqlite3_mutex;
  return mutex;
}

bool is_nothing(const sqlite3_mutex* mutex) { return mutex == nullptr || mutex == no_mutex(); }

bool is_static(const sqlite3_mutex* mutex) {
  const sqlite3_mutex* first = static_mutexes();
  return mutex >= first && mutex <= first + (last_static_mutex - first_static_mutex);
}

}  // namespace

extern "C" {

sqlite3_mutex* sqlite3_mutex_alloc(int kind) {
  if (keelback::capi::threading() == keelback::capi::Threading::single) return no_mutex();
  if (kind < 0 || kind > last_static_mutex) return nullptr;
  if (kind < first_static_mutex) return new (std::nothrow) sqlite3_mutex;
  return static_mutexes() + (kind - first_static_mutex);
}

void sqlite3_mutex_free(sqlite3_mutex* mutex) {
  if (!is_nothing(mutex) && !is_static(mutex)) delete mutex;
}

void sqlite3_mutex_enter(sqlite3_mutex* mutex) {
  if (!is_nothing(mutex)) mutex->lock();
}

int sqlite3_mutex_try(sqlite3_mutex* mutex) { return is_nothing(mutex) || mutex->try_lock() ? SQLITE_OK : SQLITE_BUSY; }

void sqlite3_mutex_leave(sqlite3_mutex* mutex) {
  if (!is_nothing(mutex) && mutex->is_held()) mutex->unlock();
}

int sqlite3_mutex_held(sqlite3_mutex* mutex) { return is_nothing(mutex) || mutex->is_held() ? 1 : 0; }

int sqlite3_mutex_notheld(sqlite3_mutex* mutex) { return is_nothing(mutex) || !mutex->is_held() ? 1 : 0; }

}  // extern "C"
