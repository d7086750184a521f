// A file system whose calls a test answers, so that the faulty disks of the reference's tests serve the kernel too.
#ifndef KEELBACK_TWIN_CALLBACK_VFS_HPP
#define KEELBACK_TWIN_CALLBACK_VFS_HPP

#include <cstring>

#include "../storage/locks.hpp"
#include "../storage/vfs.hpp"

namespace keelback::twin {

// Each gives a result code. Files are known by numbers from `open`.
extern "C" struct TwinVfsCalls {
  int (*open)(const char* path, int flags, int* file, int* is_readonly);
  int (*read)(int file, uint8_t* out, uint64_t size, uint64_t offset, uint64_t* count);
  int (*write)(int file, const uint8_t* data, uint64_t size, uint64_t offset);
  int (*truncate)(int file, uint64_t size);
  int (*sync)(int file);
  int (*size)(int file, uint64_t* size);
  int (*close)(int file);
  int (*lock_level)(int file);
  int (*lock)(int file, int level);
  int (*unlock)(int file, int level);
  int (*is_reserved)(int file, int* is_reserved);
  int (*has_moved)(int file);
  int (*delete_file)(const char* path, int is_directory_synced);
  int (*exists)(const char* path, int* is_there);
  int (*full_path)(const char* path, char* out, uint64_t room);
  int (*randomness)(uint8_t* out, uint64_t size);
};
using VfsCalls = TwinVfsCalls;

class CallbackFile final : public storage::VfsFile {
 public:
  CallbackFile(const std::string& path, bool is_readonly, const VfsCalls& calls, int number)
      : VfsFile(path, is_readonly), calls_(calls), number_(number) {}
  ~CallbackFile() override { close(); }

  Status read_at(uint8_t* out, size_t size, uint64_t offset, size_t& count) noexcept override {
    uint64_t got = 0;
    const int code = calls_.read(number_, out, size, offset, &got);
    count = got;
    return Status(code);
  }
  Status write_at(Bytes bytes, uint64_t offset) noexcept override {
    return Status(calls_.write(number_, bytes.data(), bytes.size(), offset));
  }
  Status truncate(uint64_t size) noexcept override { return Status(calls_.truncate(number_, size)); }
  Status sync() noexcept override { return Status(calls_.sync(number_)); }
  Status size(uint64_t& size) noexcept override { return Status(calls_.size(number_, &size)); }
  void close() noexcept override {
    if (!is_closed_) calls_.close(number_);
    is_closed_ = true;
  }
  int lock_level() const noexcept override { return calls_.lock_level(number_); }
  Status lock(int level) noexcept override { return Status(calls_.lock(number_, level)); }
  Status unlock(int level) noexcept override { return Status(calls_.unlock(number_, level)); }
  Status is_reserved_by_anyone(bool& is_reserved) noexcept override {
    int answer = 0;
    const int code = calls_.is_reserved(number_, &answer);
    is_reserved = answer != 0;
    return Status(code);
  }
  bool has_moved() noexcept override { return calls_.has_moved(number_) != 0; }

 private:
  const VfsCalls& calls_;
  int number_;
  bool is_closed_ = false;
};

class CallbackVfs final : public storage::Vfs {
 public:
  explicit CallbackVfs(const VfsCalls& calls) noexcept : calls_(calls) {}

  Status open(const std::string& path, int flags, std::unique_ptr<storage::VfsFile>& file) override {
    int number = -1;
    int is_readonly = 0;
    const int code = calls_.open(path.c_str(), flags, &number, &is_readonly);
    if (code == 0) file = std::make_unique<CallbackFile>(path, is_readonly != 0, calls_, number);
    return Status(code, code == result::CANTOPEN_ISDIR ? "unable to open database file" : nullptr);
  }
  Status delete_file(const std::string& path, bool is_directory_synced) override {
    return Status(calls_.delete_file(path.c_str(), is_directory_synced));
  }
  Status exists(const std::string& path, bool& is_there) override {
    int answer = 0;
    const int code = calls_.exists(path.c_str(), &answer);
    is_there = answer != 0;
    return Status(code);
  }
  Status full_path(const std::string& path, std::string& full) override {
    char out[4096] = {};
    const int code = calls_.full_path(path.c_str(), out, sizeof out - 1);
    full = out;
    return Status(code);
  }
  void randomness(std::span<uint8_t> out) noexcept override { calls_.randomness(out.data(), out.size()); }
  void sleep(uint32_t) noexcept override {}

 private:
  const VfsCalls calls_;
};

}  // namespace keelback::twin

#endif
