// InterruptSource: what long work asks now and then whether it is to end.
//
// 1. `is_interrupted` may be set by any thread.
// 2. `must_stop` is asked by the thread that does the work; it may run a progress handler of the user's, so it is asked
//    once in about `bytes_between` bytes of work, a page or a thousand entries, and nothing is half done meanwhile.
//
// Must not know: who interrupts, and why. Twin: none; the reference asks its connection.
#ifndef KEELBACK_VALUE_INTERRUPT_SOURCE_HPP
#define KEELBACK_VALUE_INTERRUPT_SOURCE_HPP

#include <atomic>
#include <cstddef>

#include "status.hpp"

namespace keelback {

class InterruptSource {
 public:
  InterruptSource() = default;
  InterruptSource(const InterruptSource&) = delete;
  InterruptSource& operator=(const InterruptSource&) = delete;
  virtual ~InterruptSource() = default;

  std::atomic<bool> is_interrupted = false;

  virtual bool must_stop() { return is_interrupted.load(std::memory_order_relaxed); }
  Status check() { return must_stop() ? Status(result::INTERRUPT) : ok_status; }
};

// Counts the work of one long call.
class InterruptWatch {
 public:
  static constexpr size_t bytes_between = size_t{1} << 20;

  explicit InterruptWatch(InterruptSource& source) : source_(source) {}

  // So many more bytes of work are done: INTERRUPT once it is to end.
  Status work(size_t bytes) {
    done_ += bytes;
    if (done_ < bytes_between) [[likely]]
      return ok_status;
    done_ = 0;
    return source_.check();
  }

 private:
  InterruptSource& source_;
  size_t done_ = 0;
};

}  // namespace keelback

#endif
