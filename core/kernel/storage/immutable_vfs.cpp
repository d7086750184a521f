#include "immutable_vfs.hpp"

#include <cstddef>
#include <new>

namespace keelback::storage {

namespace {

// A file that is read without locks.
class ImmutableFile final : public VfsFile {
 public:
  explicit ImmutableFile(std::unique_ptr<VfsFile> file) : VfsFile(file->path(), true), file_(std::move(file)) {}

  Status read_at(uint8_t* out, size_t size, uint64_t offset, size_t& count) noexcept override {
    return file_->read_at(out, size, offset, count);
  }
  Status write_at(Bytes, uint64_t) noexcept override { return Status(result::READONLY); }
  Status truncate(uint64_t) noexcept override { return Status(result::READONLY); }
  Status sync() noexcept override { return ok_status; }
  Status size(uint64_t& size) noexcept override { return file_->size(size); }
  void close() noexcept override { file_->close(); }
  int lock_level() const noexcept override { return level_; }
  Status lock(int level) noexcept override {
    level_ = level;
    return ok_status;
  }
  Status unlock(int level) noexcept override {
    level_ = level;
    return ok_status;
  }
  Status is_reserved_by_anyone(bool& is_reserved) noexcept override {
    is_reserved = false;
    return ok_status;
  }

 private:
  std::unique_ptr<VfsFile> file_;
  int level_ = 0;
};

class ImmutableVfs final : public Vfs {
 public:
  bool is_memory() const noexcept override { return true; }
  Status open(const std::string& path, int flags, std::unique_ptr<VfsFile>& file) override {
    if (!(flags & open_main_db)) return Status(result::CANTOPEN);
    const int unwanted = open_readwrite | open_create | open_immutable;
    std::unique_ptr<VfsFile> opened;
    KEELBACK_TRY(os_vfs().open(path, (flags & ~unwanted) | open_readonly, opened));
    file = std::make_unique<ImmutableFile>(std::move(opened));
    return ok_status;
  }
  Status open_temporary(std::unique_ptr<VfsFile>& file) override { return os_vfs().open_temporary(file); }
  Status delete_file(const std::string&, bool) override { return ok_status; }
  Status exists(const std::string&, bool& is_there) override {
    is_there = false;
    return ok_status;
  }
  Status full_path(const std::string& path, std::string& full) override { return os_vfs().full_path(path, full); }
  void randomness(std::span<uint8_t> out) noexcept override { os_vfs().randomness(out); }
  void sleep(uint32_t microseconds) noexcept override { os_vfs().sleep(microseconds); }
  int64_t current_time_milliseconds() noexcept override { return os_vfs().current_time_milliseconds(); }
};

}  // namespace

Vfs& immutable_vfs() noexcept {
  // Never destroyed: the end of another static object may close a connection.
  alignas(ImmutableVfs) static std::byte memory[sizeof(ImmutableVfs)];
  static ImmutableVfs* const instance = ::new (static_cast<void*>(memory)) ImmutableVfs;
  return *instance;
}

}  // namespace keelback::storage
