// A file system of one file that lies in memory, for fuzzing the storage with files of any content.
//
// Journals are kept too, under their names; locks are always given. Knows nothing of pages.
#ifndef KEELBACK_FUZZ_MEMORY_VFS_HPP
#define KEELBACK_FUZZ_MEMORY_VFS_HPP

#include <cstring>
#include <map>
#include <vector>

#include "../storage/vfs.hpp"

namespace keelback::fuzz {

// Grown files stay below this, so that a hostile page number costs an error and not the machine's memory.
inline constexpr uint64_t largest_file_bytes = 64ULL << 20;

using Content = std::vector<uint8_t>;

class MemoryFile final : public storage::VfsFile {
 public:
  MemoryFile(const std::string& path, std::shared_ptr<Content> content)
      : VfsFile(path, false), content_(std::move(content)) {}

  Status read_at(uint8_t* out, size_t size, uint64_t offset, size_t& count) noexcept override {
    count = offset >= content_->size() ? 0 : std::min<size_t>(size, content_->size() - offset);
    if (count != 0) std::memcpy(out, content_->data() + offset, count);
    return ok_status;
  }
  Status write_at(Bytes bytes, uint64_t offset) noexcept override {
    if (offset + bytes.size() > largest_file_bytes) return Status(result::FULL);
    if (content_->size() < offset + bytes.size()) content_->resize(offset + bytes.size());
    std::memcpy(content_->data() + offset, bytes.data(), bytes.size());
    return ok_status;
  }
  Status truncate(uint64_t size) noexcept override {
    if (size < content_->size()) content_->resize(size);
    return ok_status;
  }
  Status sync() noexcept override { return ok_status; }
  Status size(uint64_t& size) noexcept override {
    size = content_->size();
    return ok_status;
  }
  void close() noexcept override {}
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
  std::shared_ptr<Content> content_;
  int level_ = 0;
};

class MemoryVfs final : public storage::Vfs {
 public:
  void put(const std::string& path, Content content) { files_[path] = std::make_shared<Content>(std::move(content)); }

  Status open(const std::string& path, int flags, std::unique_ptr<storage::VfsFile>& file) override {
    auto found = files_.find(path);
    if (found == files_.end()) {
      if ((flags & storage::open_create) == 0) return Status(result::CANTOPEN);
      found = files_.emplace(path, std::make_shared<Content>()).first;
    }
    file = std::make_unique<MemoryFile>(path, found->second);
    return ok_status;
  }
  Status delete_file(const std::string& path, bool) override {
    files_.erase(path);
    return ok_status;
  }
  Status exists(const std::string& path, bool& is_there) override {
    const auto found = files_.find(path);
    is_there = found != files_.end() && !found->second->empty();
    return ok_status;
  }
  Status full_path(const std::string& path, std::string& full) override {
    full = path;
    return ok_status;
  }
  void randomness(std::span<uint8_t> out) noexcept override { std::fill(out.begin(), out.end(), uint8_t{42}); }
  void sleep(uint32_t) noexcept override {}

 private:
  std::map<std::string, std::shared_ptr<Content>> files_;
};

}  // namespace keelback::fuzz

#endif
