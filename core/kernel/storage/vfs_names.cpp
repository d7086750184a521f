#include "vfs_names.hpp"

#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstddef>
#include <new>

#include "alone_file.hpp"
#include "locks.hpp"
#include "named_memory.hpp"

namespace keelback::storage {

namespace {

// One whose locks are all the same directory.
class DotfileFile final : public AloneFile {
 public:
  explicit DotfileFile(std::unique_ptr<VfsFile> file) : AloneFile(std::move(file)), lock_path_(path() + ".lock") {}
  ~DotfileFile() override { close(); }

  void close() noexcept override {
    static_cast<void>(unlock(lock_none).is_ok());
    AloneFile::close();
  }
  Status lock(int level) noexcept override {
    if (level_ == lock_none && mkdir(lock_path_.c_str(), 0777) != 0) {
      return Status(errno == EEXIST ? result::BUSY : errno == EPERM ? result::PERM : result::IOERR_LOCK);
    }
    return AloneFile::lock(level);
  }
  Status unlock(int level) noexcept override {
    if (level_ == lock_none || level != lock_none) return AloneFile::unlock(level);
    if (rmdir(lock_path_.c_str()) != 0 && errno != ENOENT) return Status(result::IOERR_UNLOCK);
    return AloneFile::unlock(level);
  }
  // Who has the directory knows that nobody else does.
  Status is_reserved_by_anyone(bool& is_reserved) noexcept override {
    is_reserved = level_ > lock_shared || (level_ == lock_none && access(lock_path_.c_str(), F_OK) == 0);
    return ok_status;
  }

 private:
  std::string lock_path_;
};

// The operating system's file system, with other locks on databases.
template <typename DatabaseFile>
class OtherLocksVfs final : public Vfs {
 public:
  Status open(const std::string& path, int flags, std::unique_ptr<VfsFile>& file) override {
    if (!(flags & open_main_db)) return os_vfs().open(path, flags, file);
    std::unique_ptr<VfsFile> opened;
    const Status status = os_vfs().open(path, flags & ~open_main_db, opened);
    if (status.code() == result::READONLY_DIRECTORY) return Status(result::CANTOPEN);
    KEELBACK_TRY(status);
    file = std::make_unique<DatabaseFile>(std::move(opened));
    return ok_status;
  }
  Status delete_file(const std::string& path, bool is_directory_synced) override {
    return os_vfs().delete_file(path, is_directory_synced);
  }
  Status exists(const std::string& path, bool& is_there) override { return os_vfs().exists(path, is_there); }
  Status full_path(const std::string& path, std::string& full) override { return os_vfs().full_path(path, full); }
  void randomness(std::span<uint8_t> out) noexcept override { os_vfs().randomness(out); }
  void sleep(uint32_t microseconds) noexcept override { os_vfs().sleep(microseconds); }
};

// Never destroyed: the end of another static object may close a connection.
template <typename DatabaseFile>
Vfs& other_locks_vfs() noexcept {
  using Made = OtherLocksVfs<DatabaseFile>;
  alignas(Made) static std::byte memory[sizeof(Made)];
  static Made* const instance = ::new (static_cast<void*>(memory)) Made;
  return *instance;
}

}  // namespace

Vfs* find_vfs(std::string_view name) noexcept {
  if (name == "unix") return &os_vfs();
  if (name == "memdb") return &memdb_vfs();
  if (name == "unix-excl") return &exclusive_vfs();
  if (name == "unix-dotfile") return &other_locks_vfs<DotfileFile>();
  if (name == "unix-none") return &other_locks_vfs<AloneFile>();
  return nullptr;
}

}  // namespace keelback::storage
