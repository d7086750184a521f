#include "foreign_vfs.hpp"

#include <cstring>
#include <mutex>

#include "../storage/shared_memory.hpp"

namespace keelback::capi {

namespace {

constexpr sqlite3_int64 unix_epoch_ms = 210866760000000LL;  // as Julian day milliseconds
// What SQLite hands on to xOpen.
constexpr int open_mask = 0x1087f7f;

Status status_of(int code) { return code == SQLITE_OK ? ok_status : Status(code); }

// The memory beside a database in WAL mode.
class ForeignMemory final : public storage::SharedMemory {
 public:
  explicit ForeignMemory(sqlite3_file* file) : file_(file) {}
  ~ForeignMemory() override { file_->pMethods->xShmUnmap(file_, is_removed_ ? 1 : 0); }

  Status region(uint32_t index, bool is_made, uint8_t*& memory) noexcept override {
    void volatile* found = nullptr;
    const int code = file_->pMethods->xShmMap(file_, static_cast<int>(index), static_cast<int>(storage::region_bytes),
                                              is_made ? 1 : 0, &found);
    memory = static_cast<uint8_t*>(const_cast<void*>(found));
    is_readonly_ = code == SQLITE_READONLY;
    return is_readonly_ ? ok_status : status_of(code);
  }
  bool is_readonly() const noexcept override { return is_readonly_; }
  Status lock(uint32_t first, uint32_t count, bool is_exclusive) noexcept override {
    return status_of(change_lock(first, count, SQLITE_SHM_LOCK, is_exclusive));
  }
  void unlock(uint32_t first, uint32_t count, bool is_exclusive) noexcept override {
    change_lock(first, count, SQLITE_SHM_UNLOCK, is_exclusive);
  }
  void remove_file() noexcept override { is_removed_ = true; }

 private:
  int change_lock(uint32_t first, uint32_t count, int action, bool is_exclusive) noexcept {
    const int kind = is_exclusive ? SQLITE_SHM_EXCLUSIVE : SQLITE_SHM_SHARED;
    return file_->pMethods->xShmLock(file_, static_cast<int>(first), static_cast<int>(count), action | kind);
  }

  sqlite3_file* file_;
  bool is_readonly_ = false;
  bool is_removed_ = false;
};

// The files of databases that are open, by the names that their xOpen got.
class KnownFiles {
 public:
  void put(const char* name, sqlite3_file* file) {
    const std::lock_guard lock(mutex_);
    if (file != nullptr) {
      files_[name] = file;
    } else {
      files_.erase(name);
    }
  }
  sqlite3_file* find(const char* name) {
    const std::lock_guard lock(mutex_);
    const auto found = files_.find(name);
    return found == files_.end() ? nullptr : found->second;
  }

 private:
  std::mutex mutex_;
  std::map<const char*, sqlite3_file*> files_;
};

// Never destroyed.
KnownFiles& known_files() {
  static auto* made = new KnownFiles;
  return *made;
}

class ForeignFile final : public storage::VfsFile {
 public:
  // place: the memory of the sqlite3_file, which is open. name: what xOpen got, of a database.
  ForeignFile(const std::string& path, bool is_readonly, std::vector<std::max_align_t> place, const char* name)
      : VfsFile(path, is_readonly), place_(std::move(place)), name_(name) {
    if (name_ != nullptr) known_files().put(name_, file());
  }
  ~ForeignFile() override { close(); }

  Status read_at(uint8_t* out, size_t size, uint64_t offset, size_t& count) noexcept override {
    const auto start = static_cast<sqlite3_int64>(offset);
    const int code = methods().xRead(file(), out, static_cast<int>(size), start);
    count = code == SQLITE_OK ? size : 0;
    if (code != SQLITE_IOERR_SHORT_READ) return status_of(code);
    sqlite3_int64 end = 0;
    if (const int size_code = methods().xFileSize(file(), &end); size_code != SQLITE_OK) return Status(size_code);
    if (end > start) count = std::min(size, static_cast<size_t>(end - start));
    return ok_status;
  }
  Status write_at(Bytes bytes, uint64_t offset) noexcept override {
    return status_of(
        methods().xWrite(file(), bytes.data(), static_cast<int>(bytes.size()), static_cast<sqlite3_int64>(offset)));
  }
  Status truncate(uint64_t size) noexcept override {
    return status_of(methods().xTruncate(file(), static_cast<sqlite3_int64>(size)));
  }
  Status sync() noexcept override { return status_of(methods().xSync(file(), SQLITE_SYNC_NORMAL)); }
  Status size(uint64_t& size) noexcept override {
    sqlite3_int64 found = 0;
    const int code = methods().xFileSize(file(), &found);
    size = static_cast<uint64_t>(found);
    return status_of(code);
  }
  void close() noexcept override {
    if (file()->pMethods == nullptr) return;
    static_cast<void>(unlock(SQLITE_LOCK_NONE).is_ok());
    if (name_ != nullptr) known_files().put(name_, nullptr);
    methods().xClose(file());
    file()->pMethods = nullptr;
  }
  int lock_level() const noexcept override { return level_; }
  Status lock(int level) noexcept override {
    if (level <= level_) return ok_status;
    const int code = methods().xLock(file(), level);
    if (code == SQLITE_OK) level_ = level;
    return status_of(code);
  }
  Status unlock(int level) noexcept override {
    if (level >= level_) return ok_status;
    level_ = level;
    return status_of(methods().xUnlock(file(), level));
  }
  Status is_reserved_by_anyone(bool& is_reserved) noexcept override {
    int found = 0;
    const int code = methods().xCheckReservedLock(file(), &found);
    is_reserved = found != 0;
    return status_of(code);
  }
  bool supports_wal() const noexcept override {
    const sqlite3_io_methods& known = *static_cast<const sqlite3_file*>(memory())->pMethods;
    return known.iVersion >= 2 && known.xShmMap != nullptr;
  }
  Status open_shared_memory(const std::string&, std::unique_ptr<storage::SharedMemory>& memory) override {
    if (supports_wal()) memory = std::make_unique<ForeignMemory>(file());
    return ok_status;
  }
  bool has_moved() noexcept override {
    int found = 0;
    return methods().xFileControl(file(), SQLITE_FCNTL_HAS_MOVED, &found) == SQLITE_OK && found != 0;
  }
  void* foreign_file() noexcept override { return file(); }

 private:
  const void* memory() const noexcept { return place_.data(); }
  sqlite3_file* file() noexcept { return reinterpret_cast<sqlite3_file*>(place_.data()); }
  const sqlite3_io_methods& methods() noexcept { return *file()->pMethods; }

  std::vector<std::max_align_t> place_;
  const char* name_;
  int level_ = SQLITE_LOCK_NONE;
};

}  // namespace

sqlite3_file* find_foreign_file(const char* name) { return known_files().find(name); }

const char* ForeignVfs::name_of(const std::string& path, int flags) {
  if ((flags & storage::open_main_db) != 0) {
    return names_.insert_or_assign(path, Filename(path, parameters_)).first->second.c_str();
  }
  for (const std::string_view suffix : {"-journal", "-wal"}) {
    if (!path.ends_with(suffix)) continue;
    const auto found = names_.find(path.substr(0, path.size() - suffix.size()));
    if (found == names_.end()) continue;
    const char* name = found->second.c_str();
    return suffix == "-wal" ? sqlite3_filename_wal(name) : sqlite3_filename_journal(name);
  }
  return others_.insert_or_assign(path, Filename(path, {})).first->second.c_str();
}

Status ForeignVfs::open(const std::string& path, int flags, std::unique_ptr<storage::VfsFile>& file) {
  return open_named(name_of(path, flags), path, flags, file);
}

Status ForeignVfs::open_temporary(std::unique_ptr<storage::VfsFile>& file) {
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXCLUSIVE | SQLITE_OPEN_DELETEONCLOSE |
                        SQLITE_OPEN_TEMP_DB;
  return open_named(nullptr, "", flags, file);
}

Status ForeignVfs::open_named(const char* name, const std::string& path, int flags,
                              std::unique_ptr<storage::VfsFile>& file) {
  const size_t cells = (static_cast<size_t>(vfs_->szOsFile) + sizeof(std::max_align_t) - 1) / sizeof(std::max_align_t);
  std::vector<std::max_align_t> place(cells + 1);
  std::memset(place.data(), 0, place.size() * sizeof(std::max_align_t));
  auto* made = reinterpret_cast<sqlite3_file*>(place.data());
  int found = flags;
  const int code = vfs_->xOpen(vfs_, name, made, flags & open_mask, &found);
  if (code != SQLITE_OK) {
    // Whoever sets methods wants to be closed.
    if (made->pMethods != nullptr) made->pMethods->xClose(made);
    return Status(code);
  }
  const bool is_database = (flags & storage::open_main_db) != 0;
  file = std::make_unique<ForeignFile>(path, (found & SQLITE_OPEN_READONLY) != 0, std::move(place),
                                       is_database ? name : nullptr);
  return ok_status;
}

Status ForeignVfs::delete_file(const std::string& path, bool is_directory_synced) {
  const int code = vfs_->xDelete(vfs_, path.c_str(), is_directory_synced ? 1 : 0);
  return code == SQLITE_IOERR_DELETE_NOENT ? ok_status : status_of(code);
}

Status ForeignVfs::exists(const std::string& path, bool& is_there) {
  int found = 0;
  const int code = vfs_->xAccess(vfs_, path.c_str(), SQLITE_ACCESS_EXISTS, &found);
  is_there = found != 0;
  return status_of(code);
}

Status ForeignVfs::full_path(const std::string& path, std::string& full) {
  std::string out(static_cast<size_t>(vfs_->mxPathname) + 1, '\0');
  const int code = vfs_->xFullPathname(vfs_, path.c_str(), vfs_->mxPathname + 1, out.data());
  full = out.c_str();
  return status_of(code);
}

void ForeignVfs::randomness(std::span<uint8_t> out) noexcept { storage::os_vfs().randomness(out); }

void ForeignVfs::sleep(uint32_t microseconds) noexcept { vfs_->xSleep(vfs_, static_cast<int>(microseconds)); }

int64_t ForeignVfs::current_time_milliseconds() noexcept {
  if (vfs_->iVersion >= 2 && vfs_->xCurrentTimeInt64 != nullptr) {
    sqlite3_int64 now = 0;
    vfs_->xCurrentTimeInt64(vfs_, &now);
    return now - unix_epoch_ms;
  }
  double days = 0;
  vfs_->xCurrentTime(vfs_, &days);
  return static_cast<sqlite3_int64>(days * 86400000.0) - unix_epoch_ms;
}

}  // namespace keelback::capi
