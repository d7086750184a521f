// The five lock states of a database file, as SQLite's unix VFS takes them with POSIX advisory locks.
//
//     byte 0x40000000      PENDING    write-locked: no new reader may come in
//     byte 0x40000001      RESERVED   write-locked: one connection intends to write
//     bytes 0x40000002+510 SHARED     read-locked by every reader, write-locked by an EXCLUSIVE holder
//
// 1. POSIX locks belong to the process and not to the descriptor, so all connections of this process to one inode share
//    one InodeLocks; a conflict between them is found in that record and never reaches the kernel.
// 2. Closing any descriptor of an inode drops all locks of the process on it: while somebody holds a lock, closing is
//    put off.
// 3. NONE < SHARED < RESERVED < PENDING < EXCLUSIVE; RESERVED is only asked for by a SHARED holder; PENDING never.
// 4. InodeLocks and the table of them are touched only under one mutex.
//
// It knows nothing of pages. Spec: https://www.sqlite.org/lockingv3.html. Twin: reference/storage/locks.py.
#ifndef KEELBACK_STORAGE_LOCKS_HPP
#define KEELBACK_STORAGE_LOCKS_HPP

#include <memory>

#include "../value/status.hpp"

namespace keelback::storage {

inline constexpr int lock_none = 0;
inline constexpr int lock_shared = 1;
inline constexpr int lock_reserved = 2;
inline constexpr int lock_pending = 3;
inline constexpr int lock_exclusive = 4;

inline constexpr uint64_t pending_byte = 0x40000000;

struct InodeLocks;

// Whether another process holds any lock in the byte range; false where that cannot be told.
bool is_locked_by_other_process(int descriptor, uint64_t start, uint64_t length, bool& is_locked) noexcept;

// The lock state of one open descriptor, which it closes when all locks of the process on the inode are gone.
class FileLocks {
 public:
  // is_exclusive: the first lock is one on the whole file, which only closing it drops; then locks are a matter of this
  // process alone.
  explicit FileLocks(int descriptor, bool is_exclusive = false);
  FileLocks(const FileLocks&) = delete;
  FileLocks& operator=(const FileLocks&) = delete;
  ~FileLocks();

  int level() const noexcept { return level_; }
  // Raise the lock to SHARED, RESERVED or EXCLUSIVE. BUSY; a failed EXCLUSIVE may leave PENDING behind.
  Status lock(int level) noexcept;
  Status unlock(int level) noexcept;
  Status is_reserved_by_anyone(bool& is_reserved) noexcept;
  void close() noexcept;

 private:
  bool set_lock(short kind, uint64_t start, uint64_t length) noexcept;
  Status lock_held(int level) noexcept;
  Status lock_shared_range() noexcept;
  Status drop_shared() noexcept;

  int descriptor_;
  bool is_exclusive_;
  int level_ = lock_none;
  std::shared_ptr<InodeLocks> inode_;
};

}  // namespace keelback::storage

#endif
