#include "immutable_vfs.hpp"

#include <cstddef>
#include <new>

#include "alone_file.hpp"

namespace keelback::storage {

namespace {

// A file that is read without locks; that its header speaks of a WAL is no hindrance.
class ImmutableFile final : public AloneFile {
 public:
  explicit ImmutableFile(std::unique_ptr<VfsFile> file) : AloneFile(std::move(file)) {}

  Status write_at(Bytes, uint64_t) noexcept override { return Status(result::READONLY); }
  Status truncate(uint64_t) noexcept override { return Status(result::READONLY); }
  Status sync() noexcept override { return ok_status; }
  bool supports_wal() const noexcept override { return true; }
  bool has_moved() noexcept override { return false; }
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
