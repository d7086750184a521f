// The operating system as the C API shows it: time to sleep, random bytes.
#include "os.hpp"

#include <sys/random.h>
#include <time.h>

#include <cerrno>

#include "api.hpp"

namespace keelback::capi {

void sleep_us(long long microseconds) {
  if (microseconds <= 0) return;
  timespec left{static_cast<time_t>(microseconds / 1000000), static_cast<long>(microseconds % 1000000) * 1000};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

void fill_randomly(char* out, size_t size) {
  while (size > 0) {
    const ssize_t got = getrandom(out, size > 256 ? 256 : size, 0);
    if (got < 0 && errno != EINTR) return;
    if (got > 0) out += got, size -= static_cast<size_t>(got);
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
  if (size > 0 && out != nullptr) fill_randomly(static_cast<char*>(out), static_cast<size_t>(size));
}

}  // extern "C"
