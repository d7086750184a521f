#include "os_open.hpp"

#include <unistd.h>
#include <cerrno>

namespace keelback::storage {

namespace {

constexpr int first_descriptor = 3;
constexpr mode_t all_permissions = 0777;

}  // namespace

int open_descriptor(const char* path, int mode, mode_t permissions) noexcept {
  while (true) {
    const int descriptor = ::open(path, mode | O_CLOEXEC, permissions);
    if (descriptor >= first_descriptor) return descriptor;
    if (descriptor < 0 && errno != EINTR) return descriptor;
    if (descriptor < 0) continue;
    // The place is taken for good, by a file that does no harm.
    ::close(descriptor);
    if (::open("/dev/null", O_RDWR) < 0) return -1;
  }
}

int open_beside(const char* path, int mode, const struct stat& database) noexcept {
  const mode_t wanted = database.st_mode & all_permissions;
  const int descriptor = open_descriptor(path, mode | O_NOFOLLOW, wanted);
  struct stat status{};
  if (descriptor < 0 || !(mode & O_CREAT) || fstat(descriptor, &status) != 0 || status.st_size != 0) return descriptor;
  // Where it cannot be had, the file serves this user at least.
  if ((status.st_mode & all_permissions) != wanted) static_cast<void>(fchmod(descriptor, wanted));
  if (geteuid() == 0 && fchown(descriptor, database.st_uid, database.st_gid) != 0) return descriptor;
  return descriptor;
}

}  // namespace keelback::storage
