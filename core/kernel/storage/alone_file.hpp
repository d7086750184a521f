// A file of another file system without its locks and its shared memory: what it is told to lock it remembers.
//
// Must not know: who else has the file open; callers know that nobody matters.
#ifndef KEELBACK_STORAGE_ALONE_FILE_HPP
#define KEELBACK_STORAGE_ALONE_FILE_HPP

#include <memory>
#include <utility>

#include "locks.hpp"
#include "vfs.hpp"

namespace keelback::storage {

class AloneFile : public VfsFile {
 public:
  explicit AloneFile(std::unique_ptr<VfsFile> file)
      : VfsFile(file->path(), file->is_readonly()), file_(std::move(file)) {}
  ~AloneFile() override { file_->close(); }

  Status read_at(uint8_t* out, size_t size, uint64_t offset, size_t& count) noexcept override {
    return file_->read_at(out, size, offset, count);
  }
  Status write_at(Bytes bytes, uint64_t offset) noexcept override { return file_->write_at(bytes, offset); }
  Status truncate(uint64_t size) noexcept override { return file_->truncate(size); }
  Status sync() noexcept override { return file_->sync(); }
  Status size(uint64_t& size) noexcept override { return file_->size(size); }
  void close() noexcept override { file_->close(); }
  bool supports_wal() const noexcept override { return false; }
  int lock_level() const noexcept override { return level_; }
  Status lock(int level) noexcept override {
    if (level > level_) level_ = level;
    return ok_status;
  }
  Status unlock(int level) noexcept override {
    if (level < level_) level_ = level;
    return ok_status;
  }
  Status is_reserved_by_anyone(bool& is_reserved) noexcept override {
    is_reserved = false;
    return ok_status;
  }
  bool has_moved() noexcept override { return file_->has_moved(); }

 protected:
  int level_ = lock_none;

 private:
  std::unique_ptr<VfsFile> file_;
};

}  // namespace keelback::storage

#endif
