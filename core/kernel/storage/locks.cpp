#include "locks.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <map>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace keelback::storage {

using InodeKey = std::pair<uint64_t, uint64_t>;

// What the connections of this process hold together on one inode.
struct InodeLocks {
  InodeKey key;
  int level = lock_none;
  int shared_count = 0;
  int lock_count = 0;
  bool is_held_to_the_end = false;
  int reference_count = 0;
  std::vector<int> deferred_descriptors;
};

namespace {

constexpr uint64_t reserved_byte = pending_byte + 1;
constexpr uint64_t shared_first = pending_byte + 2;
constexpr uint64_t shared_size = 510;

struct InodeTable {
  std::mutex mutex;
  std::map<InodeKey, std::shared_ptr<InodeLocks>> inodes;
};

// Never destroyed: a connection may be closed after the destructors of static objects have run.
InodeTable& table() noexcept {
  alignas(InodeTable) static std::byte memory[sizeof(InodeTable)];
  static InodeTable* const instance = ::new (static_cast<void*>(memory)) InodeTable;
  return *instance;
}

struct flock range(short kind, uint64_t start, uint64_t length) noexcept {
  struct flock request{};
  request.l_type = kind;
  request.l_whence = SEEK_SET;
  request.l_start = static_cast<off_t>(start);
  request.l_len = static_cast<off_t>(length);
  return request;
}

bool set_lock(int descriptor, short kind, uint64_t start, uint64_t length) noexcept {
  struct flock request = range(kind, start, length);
  return fcntl(descriptor, F_SETLK, &request) == 0;
}

Status lock_error(int io_code) noexcept {
  switch (errno) {
    case EACCES:
    case EAGAIN:
    case ETIMEDOUT:
    case EBUSY:
    case EINTR:
    case ENOLCK:
      return Status(result::BUSY);
    case EPERM:
      return Status(result::PERM);
    default:
      return Status(io_code);
  }
}

void close_deferred(InodeLocks& inode) noexcept {
  for (const int descriptor : inode.deferred_descriptors) ::close(descriptor);
  inode.deferred_descriptors.clear();
}

}  // namespace

bool is_locked_by_other_process(int descriptor, uint64_t start, uint64_t length, bool& is_locked) noexcept {
  struct flock request = range(F_WRLCK, start, length);
  if (fcntl(descriptor, F_GETLK, &request) != 0) return false;
  is_locked = request.l_type != F_UNLCK;
  return true;
}

FileLocks::FileLocks(int descriptor, bool is_exclusive) : descriptor_(descriptor), is_exclusive_(is_exclusive) {
  struct stat status{};
  fstat(descriptor, &status);
  const InodeKey key{static_cast<uint64_t>(status.st_dev), static_cast<uint64_t>(status.st_ino)};
  const std::lock_guard guard(table().mutex);
  std::shared_ptr<InodeLocks>& inode = table().inodes[key];
  if (!inode) {
    inode = std::make_shared<InodeLocks>();
    inode->key = key;
  }
  ++inode->reference_count;
  inode->deferred_descriptors.reserve(static_cast<size_t>(inode->reference_count) + inode->deferred_descriptors.size());
  inode_ = inode;
}

FileLocks::~FileLocks() { close(); }

bool FileLocks::set_lock(short kind, uint64_t start, uint64_t length) noexcept {
  if (!is_exclusive_) return storage::set_lock(descriptor_, kind, start, length);
  InodeLocks& inode = *inode_;
  if (inode.is_held_to_the_end || kind == F_UNLCK) return true;
  if (!storage::set_lock(descriptor_, F_WRLCK, shared_first, shared_size)) return false;
  inode.is_held_to_the_end = true;
  // One lock that nobody gives back: no descriptor is closed before the last one.
  ++inode.lock_count;
  return true;
}

Status FileLocks::lock(int level) noexcept {
  if (level_ >= level) return ok_status;
  const std::lock_guard guard(table().mutex);
  return lock_held(level);
}

Status FileLocks::lock_held(int level) noexcept {
  InodeLocks& inode = *inode_;
  if (level_ != inode.level && (inode.level >= lock_pending || level > lock_shared)) return Status(result::BUSY);
  if (level == lock_shared && (inode.level == lock_shared || inode.level == lock_reserved)) {
    level_ = lock_shared;
    ++inode.shared_count;
    ++inode.lock_count;
    return ok_status;
  }
  if (level == lock_shared) {
    KEELBACK_TRY(lock_shared_range());
    ++inode.lock_count;
    inode.shared_count = 1;
  } else if (level == lock_reserved) {
    if (!set_lock(F_WRLCK, reserved_byte, 1)) return lock_error(result::IOERR_LOCK);
  } else {
    if (level_ < lock_pending) {
      if (!set_lock(F_WRLCK, pending_byte, 1)) return lock_error(result::IOERR_LOCK);
      level_ = lock_pending;
      inode.level = lock_pending;
    }
    if (inode.shared_count > 1) return Status(result::BUSY);
    if (!set_lock(F_WRLCK, shared_first, shared_size)) return lock_error(result::IOERR_LOCK);
  }
  level_ = level;
  inode.level = level;
  return ok_status;
}

// A reader passes through PENDING, so that a waiting writer keeps new readers out.
Status FileLocks::lock_shared_range() noexcept {
  if (!set_lock(F_RDLCK, pending_byte, 1)) return lock_error(result::IOERR_LOCK);
  const bool is_locked = set_lock(F_RDLCK, shared_first, shared_size);
  const Status status = is_locked ? ok_status : lock_error(result::IOERR_LOCK);
  if (!set_lock(F_UNLCK, pending_byte, 1)) return lock_error(result::IOERR_LOCK);
  return status;
}

Status FileLocks::unlock(int level) noexcept {
  if (level_ <= level) return ok_status;
  const std::lock_guard guard(table().mutex);
  InodeLocks& inode = *inode_;
  Status status;
  if (level_ > lock_shared) {
    if (level == lock_shared && !set_lock(F_RDLCK, shared_first, shared_size)) {
      level_ = level;
      return Status(result::IOERR_RDLOCK);
    }
    if (!set_lock(F_UNLCK, pending_byte, 2)) {
      status = lock_error(result::IOERR_UNLOCK);
      level_ = level;
      return status;
    }
    inode.level = lock_shared;
  }
  if (level == lock_none) status = drop_shared();
  level_ = level;
  return status;
}

Status FileLocks::drop_shared() noexcept {
  InodeLocks& inode = *inode_;
  Status status;
  --inode.shared_count;
  --inode.lock_count;
  if (inode.shared_count == 0) {
    inode.level = lock_none;
    if (!set_lock(F_UNLCK, pending_byte, 2 + shared_size)) status = lock_error(result::IOERR_UNLOCK);
  }
  if (inode.lock_count == 0) close_deferred(inode);
  return status;
}

Status FileLocks::is_reserved_by_anyone(bool& is_reserved) noexcept {
  const std::lock_guard guard(table().mutex);
  is_reserved = inode_->level > lock_shared;
  if (!is_reserved && !is_locked_by_other_process(descriptor_, reserved_byte, 1, is_reserved)) {
    return Status(result::IOERR_CHECKRESERVEDLOCK);
  }
  return ok_status;
}

void FileLocks::close() noexcept {
  if (descriptor_ < 0) return;
  // A lock that cannot be dropped goes with the descriptor.
  static_cast<void>(unlock(lock_none).is_ok());
  const std::lock_guard guard(table().mutex);
  InodeLocks& inode = *inode_;
  inode.deferred_descriptors.push_back(descriptor_);
  descriptor_ = -1;
  --inode.reference_count;
  if (inode.lock_count == 0 || inode.reference_count == 0) close_deferred(inode);
  if (inode.reference_count == 0) table().inodes.erase(inode.key);
}

}  // namespace keelback::storage
