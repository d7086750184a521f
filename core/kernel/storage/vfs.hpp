// Files as the storage sees them: the seam behind which a test puts a faulty disk.
//
// 1. Failures are IOERR_* "disk I/O error", FULL, CANTOPEN.
// 2. A read past the end gives fewer bytes and is no error; what a short read means is for the caller to say.
// 3. Only the main database file is locked; FileLocks holds its state.
//
// It knows nothing of pages. Twin: reference/storage/vfs.py.
#ifndef KEELBACK_STORAGE_VFS_HPP
#define KEELBACK_STORAGE_VFS_HPP

#include <memory>
#include <string>

#include "../value/status.hpp"
#include "../value/value.hpp"
#include "shared_memory.hpp"

namespace keelback::storage {

inline constexpr int open_readonly = 0x01;
inline constexpr int open_readwrite = 0x02;
inline constexpr int open_create = 0x04;
inline constexpr int open_memory = 0x80;
inline constexpr int open_main_db = 0x100;
inline constexpr int open_temporary_database = 0x200;
inline constexpr int open_main_journal = 0x800;
inline constexpr int open_shared_cache = 0x20000;
inline constexpr int open_wal = 0x80000;

// One open file. Offsets and sizes are bytes.
class VfsFile {
 public:
  VfsFile(std::string path, bool is_readonly) : path_(std::move(path)), is_readonly_(is_readonly) {}
  VfsFile(const VfsFile&) = delete;
  VfsFile& operator=(const VfsFile&) = delete;
  virtual ~VfsFile() = default;

  const std::string& path() const noexcept { return path_; }
  bool is_readonly() const noexcept { return is_readonly_; }

  // Up to `size` bytes; fewer only at the end of the file. IOERR_READ.
  virtual Status read_at(uint8_t* out, size_t size, uint64_t offset, size_t& count) noexcept = 0;
  // Write all of the bytes. IOERR_WRITE, FULL.
  virtual Status write_at(Bytes bytes, uint64_t offset) noexcept = 0;
  virtual Status truncate(uint64_t size) noexcept = 0;
  // Bring the contents (and, the first time after opening it with open_create, the directory entry) to the disk.
  virtual Status sync() noexcept = 0;
  virtual Status size(uint64_t& size) noexcept = 0;
  // A second call does nothing.
  virtual void close() noexcept = 0;

  virtual int lock_level() const noexcept { return 0; }
  virtual Status lock(int level) noexcept = 0;
  // Lower the lock to SHARED or NONE.
  virtual Status unlock(int level) noexcept = 0;
  // Whether some connection holds RESERVED or more.
  virtual Status is_reserved_by_anyone(bool& is_reserved) noexcept = 0;
  // Connect to the memory that goes with a database in WAL mode; none where the file system has no such thing.
  virtual Status open_shared_memory(const std::string&, std::unique_ptr<SharedMemory>&) { return ok_status; }
  // Whether a database may have a WAL here though others have it open too.
  virtual bool supports_wal() const noexcept { return true; }
  // The sqlite3_file behind it, where a program brought the file system.
  virtual void* foreign_file() noexcept { return nullptr; }
  // Whether the path no longer names this file.
  virtual bool has_moved() noexcept { return false; }

 private:
  std::string path_;
  bool is_readonly_;
};

// A file system.
class Vfs {
 public:
  virtual ~Vfs() = default;
  // Whether its files are memory: they have no path, no journal in a file and no WAL.
  [[nodiscard]] virtual bool is_memory() const noexcept { return false; }
  // READWRITE falls back to read-only where writing is not permitted. CANTOPEN.
  virtual Status open(const std::string& path, int flags, std::unique_ptr<VfsFile>& file) = 0;
  // A file without a name, which nobody else sees. CANTOPEN, IOERR_GETTEMPPATH.
  virtual Status open_temporary(std::unique_ptr<VfsFile>& file);
  // That the file is missing already is no error.
  virtual Status delete_file(const std::string& path, bool is_directory_synced) = 0;
  // Whether something of this name is there; an empty file counts as missing.
  virtual Status exists(const std::string& path, bool& is_there) = 0;
  // The absolute path with symbolic links resolved.
  virtual Status full_path(const std::string& path, std::string& full) = 0;
  virtual void randomness(std::span<uint8_t> out) noexcept = 0;
  virtual void sleep(uint32_t microseconds) noexcept = 0;
  // Since 1970-01-01 UTC.
  virtual int64_t current_time_milliseconds() noexcept;
};

// The operating system's file system; lives for ever.
Vfs& os_vfs() noexcept;
// The same, but for locks that keep other processes out from the first one until the file is closed.
Vfs& exclusive_vfs() noexcept;

}  // namespace keelback::storage

#endif
