#include "named_memory.hpp"

#include <sys/mman.h>
#include <unistd.h>
#include <cstddef>
#include <map>
#include <mutex>
#include <new>

namespace keelback::storage {

namespace {

// The anonymous file of one name.
struct Content {
  int descriptor;

  explicit Content(int of_content) noexcept : descriptor(of_content) {}
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;
  ~Content() { ::close(descriptor); }
};

class NamedMemoryFile final : public VfsFile {
 public:
  NamedMemoryFile(const std::string& name, std::shared_ptr<Content> content, std::unique_ptr<VfsFile> file)
      : VfsFile(name, file->is_readonly()), content_(std::move(content)), file_(std::move(file)) {}
  ~NamedMemoryFile() override { file_->close(); }

  Status read_at(uint8_t* out, size_t size, uint64_t offset, size_t& count) noexcept override {
    return file_->read_at(out, size, offset, count);
  }
  Status write_at(Bytes bytes, uint64_t offset) noexcept override { return file_->write_at(bytes, offset); }
  Status truncate(uint64_t size) noexcept override { return file_->truncate(size); }
  Status sync() noexcept override { return ok_status; }
  Status size(uint64_t& size) noexcept override { return file_->size(size); }
  void close() noexcept override {
    file_->close();
    content_.reset();
  }
  int lock_level() const noexcept override { return file_->lock_level(); }
  Status lock(int level) noexcept override { return file_->lock(level); }
  Status unlock(int level) noexcept override { return file_->unlock(level); }
  Status is_reserved_by_anyone(bool& is_reserved) noexcept override {
    return file_->is_reserved_by_anyone(is_reserved);
  }

 private:
  std::shared_ptr<Content> content_;
  std::unique_ptr<VfsFile> file_;
};

class NamedMemoryVfs final : public Vfs {
 public:
  explicit NamedMemoryVfs(bool wants_slash) noexcept : wants_slash_(wants_slash) {}

  bool is_memory() const noexcept override { return true; }

  Status open(const std::string& name, int flags, std::unique_ptr<VfsFile>& file) override {
    if (!(flags & open_main_db)) return Status(result::CANTOPEN);
    std::shared_ptr<Content> content;
    if (wants_slash_ && (name.size() < 2 || name[0] != '/')) {
      KEELBACK_TRY(make_content(content));
    } else {
      const std::lock_guard guard(mutex_);
      std::erase_if(contents_, [](const auto& entry) { return entry.second.expired(); });
      std::weak_ptr<Content>& known = contents_[name];
      content = known.lock();
      if (!content) {
        KEELBACK_TRY(make_content(content));
        known = content;
      }
    }
    std::unique_ptr<VfsFile> opened;
    const std::string path = "/proc/self/fd/" + std::to_string(content->descriptor);
    KEELBACK_TRY(os_vfs().open(path, flags & ~open_create, opened));
    file = std::make_unique<NamedMemoryFile>(name, std::move(content), std::move(opened));
    return ok_status;
  }

  Status delete_file(const std::string&, bool) override { return ok_status; }
  Status exists(const std::string&, bool& is_there) override {
    is_there = false;
    return ok_status;
  }
  Status full_path(const std::string& path, std::string& full) override {
    full = path;
    return ok_status;
  }
  void randomness(std::span<uint8_t> out) noexcept override { os_vfs().randomness(out); }
  void sleep(uint32_t microseconds) noexcept override { os_vfs().sleep(microseconds); }

 private:
  static Status make_content(std::shared_ptr<Content>& content) {
    const int descriptor = memfd_create("keelback", MFD_CLOEXEC);
    if (descriptor < 0) return Status(result::CANTOPEN);
    content = std::make_shared<Content>(descriptor);
    return ok_status;
  }

  bool wants_slash_;
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<Content>> contents_;
};

template <bool wants_slash>
Vfs& vfs_of_names() noexcept {
  // Never destroyed: the end of another static object may close a connection.
  alignas(NamedMemoryVfs) static std::byte memory[sizeof(NamedMemoryVfs)];
  static NamedMemoryVfs* const instance = ::new (static_cast<void*>(memory)) NamedMemoryVfs(wants_slash);
  return *instance;
}

}  // namespace

Vfs& named_memory_vfs() noexcept { return vfs_of_names<false>(); }
Vfs& memdb_vfs() noexcept { return vfs_of_names<true>(); }

}  // namespace keelback::storage
