#include "vfs.hpp"

#include <pthread.h>
#include <sys/random.h>
#include <unistd.h>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <optional>

#include "locks.hpp"
#include "os_open.hpp"
#include "temporary_file.hpp"

namespace keelback::storage {

namespace {

constexpr mode_t usual_permissions = 0644;

void fill_from_system(std::span<uint8_t> out) noexcept {
  size_t filled = 0;
  while (filled < out.size()) {
    const ssize_t count = getrandom(out.data() + filled, out.size() - filled, 0);
    if (count <= 0) break;
    filled += static_cast<size_t>(count);
  }
}

// What small requests are served from, each byte once. A child process begins anew: it must not repeat its parent.
struct RandomPool {
  std::array<uint8_t, 1024> bytes;
  size_t left;
  uint32_t process_serial;
};
std::atomic<uint32_t> process_serial{1};
thread_local RandomPool random_pool{};

void note_child_process() { process_serial.fetch_add(1, std::memory_order_relaxed); }

// A directory that cannot be opened or synced is let pass, as not every file system can do it.
// It must not fail for want of memory, so the name is made in place.
Status sync_directory(const std::string& path) noexcept {
  const size_t slash = path.rfind('/');
  char directory[PATH_MAX] = ".";
  if (slash != std::string::npos) {
    const size_t size = slash == 0 ? 1 : slash;
    if (size >= sizeof directory) return ok_status;
    std::memcpy(directory, path.data(), size);
    directory[size] = '\0';
  }
  const int descriptor = open_descriptor(directory, O_RDONLY);
  if (descriptor < 0) return ok_status;
  const bool is_failure = fsync(descriptor) != 0 && errno != EINVAL && errno != ENOTSUP;
  ::close(descriptor);
  return is_failure ? Status(result::IOERR_DIR_FSYNC) : ok_status;
}

// The database that a journal or a WAL belongs to.
bool find_database_beside(const std::string& path, struct stat& database) {
  for (const std::string_view suffix : {"-journal", "-wal"}) {
    if (path.ends_with(suffix) && stat(path.substr(0, path.size() - suffix.size()).c_str(), &database) == 0)
      return true;
  }
  return false;
}

// A file of the operating system, read and written by position.
class OsFile final : public VfsFile {
 public:
  enum class Locks { none, usual, exclusive };

  OsFile(const std::string& path, int descriptor, bool is_readonly, Locks locks, bool is_directory_sync_due)
      : VfsFile(path, is_readonly), descriptor_(descriptor), is_directory_sync_due_(is_directory_sync_due) {
    if (locks != Locks::none) locks_.emplace(descriptor, locks == Locks::exclusive);
  }
  ~OsFile() override { close(); }

  Status read_at(uint8_t* out, size_t size, uint64_t offset, size_t& count) noexcept override {
    count = 0;
    while (count < size) {
      const ssize_t got = pread(descriptor_, out + count, size - count, static_cast<off_t>(offset + count));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return Status(result::IOERR_READ);
      if (got == 0) break;
      count += static_cast<size_t>(got);
    }
    return ok_status;
  }

  Status write_at(Bytes bytes, uint64_t offset) noexcept override {
    size_t written = 0;
    while (written < bytes.size()) {
      const ssize_t count =
          pwrite(descriptor_, bytes.data() + written, bytes.size() - written, static_cast<off_t>(offset + written));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return Status(errno == ENOSPC || errno == EDQUOT ? result::FULL : result::IOERR_WRITE);
      if (count == 0) return Status(result::FULL);
      written += static_cast<size_t>(count);
    }
    return ok_status;
  }

  Status truncate(uint64_t size) noexcept override {
    while (ftruncate(descriptor_, static_cast<off_t>(size)) != 0) {
      if (errno != EINTR) return Status(result::IOERR_TRUNCATE);
    }
    return ok_status;
  }

  Status sync() noexcept override {
    if (fsync(descriptor_) != 0) return Status(result::IOERR_FSYNC);
    if (is_directory_sync_due_) {
      KEELBACK_TRY(sync_directory(path()));
      is_directory_sync_due_ = false;
    }
    return ok_status;
  }

  Status size(uint64_t& size) noexcept override {
    struct stat status{};
    if (fstat(descriptor_, &status) != 0) return Status(result::IOERR_FSTAT);
    size = static_cast<uint64_t>(status.st_size);
    // As in SQLite: some file systems once needed a byte in an empty database before it could be locked.
    if (size == 1 && locks_) size = 0;
    return ok_status;
  }

  void close() noexcept override {
    if (descriptor_ < 0) return;
    if (locks_) {
      locks_->close();
    } else {
      ::close(descriptor_);
    }
    descriptor_ = -1;
  }

  int lock_level() const noexcept override { return locks_ ? locks_->level() : lock_none; }
  Status lock(int level) noexcept override { return locks_ ? locks_->lock(level) : ok_status; }
  Status unlock(int level) noexcept override { return locks_ ? locks_->unlock(level) : ok_status; }
  Status is_reserved_by_anyone(bool& is_reserved) noexcept override {
    is_reserved = false;
    return locks_ ? locks_->is_reserved_by_anyone(is_reserved) : ok_status;
  }
  Status open_shared_memory(const std::string& memory_path, std::unique_ptr<SharedMemory>& memory) override {
    return storage::open_shared_memory(descriptor_, memory_path, memory);
  }
  bool has_moved() noexcept override {
    struct stat there{};
    struct stat here{};
    if (stat(path().c_str(), &there) != 0 || fstat(descriptor_, &here) != 0) return true;
    return there.st_ino != here.st_ino || there.st_dev != here.st_dev;
  }

 private:
  int descriptor_;
  bool is_directory_sync_due_;
  std::optional<FileLocks> locks_;
};

class OsVfs final : public Vfs {
 public:
  explicit OsVfs(OsFile::Locks locks) noexcept : locks_(locks) {}

  Status open(const std::string& path, int flags, std::unique_ptr<VfsFile>& file) override {
    if (path.find('\0') != std::string::npos) return Status(result::CANTOPEN);
    const bool is_main = flags & open_main_db;
    bool is_readonly = !(flags & open_readwrite);
    struct stat status{};
    const bool is_new = (flags & open_create) && stat(path.c_str(), &status) != 0;
    const int mode = (is_readonly ? O_RDONLY : O_RDWR) | (flags & open_create ? O_CREAT : 0);
    struct stat database{};
    int descriptor = !is_main && find_database_beside(path, database)
                         ? open_beside(path.c_str(), mode, database)
                         : open_descriptor(path.c_str(), mode, usual_permissions);
    if (descriptor < 0) {
      if (errno == EISDIR) return Status(result::CANTOPEN_ISDIR, "unable to open database file");
      if (is_readonly || (errno != EACCES && errno != EPERM && errno != EROFS)) return Status(result::CANTOPEN);
      if (is_new && !is_main) return Status(result::READONLY_DIRECTORY, "attempt to write a readonly database");
      descriptor = open_descriptor(path.c_str(), O_RDONLY | (is_main ? 0 : O_NOFOLLOW));
      if (descriptor < 0) return Status(result::CANTOPEN);
      is_readonly = true;
    }
    if (fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
      ::close(descriptor);
      return Status(result::CANTOPEN_ISDIR, "unable to open database file");
    }
    const OsFile::Locks locks = is_main ? locks_ : OsFile::Locks::none;
    // Who made the file may have been killed before its entry in the directory was synced.
    const bool is_directory_sync_due = (flags & open_create) && !is_main;
    file = std::make_unique<OsFile>(path, descriptor, is_readonly, locks, is_directory_sync_due);
    return ok_status;
  }

  Status delete_file(const std::string& path, bool is_directory_synced) override {
    if (unlink(path.c_str()) != 0) return errno == ENOENT ? ok_status : Status(result::IOERR_DELETE);
    return is_directory_synced ? sync_directory(path) : ok_status;
  }

  Status exists(const std::string& path, bool& is_there) override {
    struct stat status{};
    is_there = false;
    if (stat(path.c_str(), &status) != 0) {
      return errno == ENOENT || errno == ENOTDIR ? ok_status : Status(result::IOERR_ACCESS);
    }
    is_there = status.st_size > 0 || !S_ISREG(status.st_mode);
    return ok_status;
  }

  Status full_path(const std::string& path, std::string& full) override {
    if (path.find('\0') != std::string::npos) return Status(result::CANTOPEN);
    std::error_code error;
    std::filesystem::path found = std::filesystem::absolute(path, error);
    if (!error) found = std::filesystem::weakly_canonical(found, error);
    if (error) return Status(result::CANTOPEN);
    full = found.string();
    return ok_status;
  }

  void randomness(std::span<uint8_t> out) noexcept override {
    static const int is_registered = pthread_atfork(nullptr, nullptr, &note_child_process);
    RandomPool& pool = random_pool;
    if (is_registered != 0 || out.size() > pool.bytes.size() / 8) return fill_from_system(out);
    const uint32_t serial = process_serial.load(std::memory_order_relaxed);
    if (pool.left < out.size() || pool.process_serial != serial) {
      fill_from_system(pool.bytes);
      pool.left = pool.bytes.size();
      pool.process_serial = serial;
    }
    pool.left -= out.size();
    std::memcpy(out.data(), pool.bytes.data() + pool.left, out.size());
    std::memset(pool.bytes.data() + pool.left, 0, out.size());
  }

  void sleep(uint32_t microseconds) noexcept override {
    const timespec duration{static_cast<time_t>(microseconds / 1000000),
                            static_cast<long>(microseconds % 1000000) * 1000};
    nanosleep(&duration, nullptr);
  }

 private:
  OsFile::Locks locks_;
};

template <OsFile::Locks locks>
Vfs& vfs_with() noexcept {
  alignas(OsVfs) static std::byte memory[sizeof(OsVfs)];
  static OsVfs* const instance = ::new (static_cast<void*>(memory)) OsVfs(locks);
  return *instance;
}

}  // namespace

Status Vfs::open_temporary(std::unique_ptr<VfsFile>& file) {
  std::string path;
  KEELBACK_TRY(find_temporary_directory(path));
  path += "/keelback_XXXXXX";
  const int descriptor = mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0) return Status(result::CANTOPEN);
  unlink(path.c_str());
  file = std::make_unique<OsFile>(path, descriptor, false, OsFile::Locks::none, false);
  return ok_status;
}

int64_t Vfs::current_time_milliseconds() noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

Vfs& os_vfs() noexcept { return vfs_with<OsFile::Locks::usual>(); }
Vfs& exclusive_vfs() noexcept { return vfs_with<OsFile::Locks::exclusive>(); }

}  // namespace keelback::storage
