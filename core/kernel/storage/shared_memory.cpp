#include "shared_memory.hpp"

#include <sys/mman.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <map>
#include <mutex>
#include <new>
#include <utility>

#include "os_open.hpp"

namespace keelback::storage {

namespace {

using InodeKey = std::pair<uint64_t, uint64_t>;

constexpr uint64_t first_lock_byte = 120;
constexpr uint64_t presence_byte = 128;
constexpr off_t emptied_size = 3;  // as SQLite leaves it, so that a crash is told from a new file
constexpr off_t block_bytes = 4096;
constexpr int held_exclusively = -1;

// What the connections of this process have together of one `-shm` file.
struct ShmNode {
  InodeKey key;
  std::string path;
  int descriptor = -1;
  bool is_readonly = false;
  bool is_unattended = false;  // read-only, and nobody is there who keeps it up
  bool is_deleted_at_end = false;
  int reference_count = 0;
  std::array<int, shared_lock_count> holders{};
  std::vector<uint8_t*> mappings;
  size_t mapping_bytes = region_bytes;

  ~ShmNode() {
    for (uint8_t* mapping : mappings) munmap(mapping, mapping_bytes);
    if (is_deleted_at_end) unlink(path.c_str());
    if (descriptor >= 0) ::close(descriptor);
  }
};

struct NodeTable {
  std::mutex mutex;
  std::map<InodeKey, std::unique_ptr<ShmNode>> nodes;
};

// Never destroyed: a connection may be closed after the destructors of static objects have run.
NodeTable& table() noexcept {
  alignas(NodeTable) static std::byte memory[sizeof(NodeTable)];
  static NodeTable* const instance = ::new (static_cast<void*>(memory)) NodeTable;
  return *instance;
}

Status set_lock(int descriptor, short kind, uint64_t start, uint64_t length) noexcept {
  struct flock request{};
  request.l_type = kind;
  request.l_whence = SEEK_SET;
  request.l_start = static_cast<off_t>(start);
  request.l_len = static_cast<off_t>(length);
  return fcntl(descriptor, F_SETLK, &request) == 0 ? ok_status : Status(result::BUSY);
}

// Take the place of this process at the file; who comes first empties it, as what stands in it may be half a change.
Status attend(ShmNode& node) noexcept {
  struct flock request{};
  request.l_type = F_WRLCK;
  request.l_whence = SEEK_SET;
  request.l_start = static_cast<off_t>(presence_byte);
  request.l_len = 1;
  if (fcntl(node.descriptor, F_GETLK, &request) != 0) return Status(result::IOERR_LOCK);
  if (request.l_type == F_UNLCK) {
    if (node.is_readonly) {
      node.is_unattended = true;
      return Status(result::READONLY_CANTINIT);
    }
    KEELBACK_TRY(set_lock(node.descriptor, F_WRLCK, presence_byte, 1));
    if (ftruncate(node.descriptor, emptied_size) != 0) return Status(result::IOERR_SHMOPEN);
  } else if (request.l_type == F_WRLCK) {
    return Status(result::BUSY);
  }
  node.is_unattended = false;
  return set_lock(node.descriptor, F_RDLCK, presence_byte, 1);
}

// The connection of one pager to a ShmNode.
class FileMemory final : public SharedMemory {
 public:
  explicit FileMemory(ShmNode& node) noexcept : node_(node) {}
  ~FileMemory() override {
    const std::lock_guard guard(table().mutex);
    if (--node_.reference_count == 0) table().nodes.erase(node_.key);
  }

  bool is_readonly() const noexcept override { return node_.is_readonly; }
  void remove_file() noexcept override {
    const std::lock_guard guard(table().mutex);
    node_.is_deleted_at_end = true;
  }

  Status region(uint32_t index, bool is_made, uint8_t*& memory) noexcept override {
    memory = nullptr;
    const std::lock_guard guard(table().mutex);
    ShmNode& node = node_;
    if (node.is_unattended) KEELBACK_TRY(attend(node));
    const size_t regions_in_mapping = node.mapping_bytes / region_bytes;
    const size_t place = index / regions_in_mapping;
    while (node.mappings.size() <= place) {
      bool is_there = false;
      KEELBACK_TRY(make_room(is_made, (node.mappings.size() + 1) * node.mapping_bytes, is_there));
      if (!is_there) return ok_status;
      KEELBACK_TRY(map_next());
    }
    memory = node.mappings[place] + (index % regions_in_mapping) * region_bytes;
    return ok_status;
  }

  Status lock(uint32_t first, uint32_t count, bool is_exclusive) noexcept override {
    const std::lock_guard guard(table().mutex);
    ShmNode& node = node_;
    for (uint32_t number = first; number < first + count; ++number) {
      const int holders = node.holders[number];
      if (holders == held_exclusively || (is_exclusive && holders > 0)) return Status(result::BUSY);
    }
    if (is_exclusive) {
      KEELBACK_TRY(set_lock(node.descriptor, F_WRLCK, first_lock_byte + first, count));
      for (uint32_t number = first; number < first + count; ++number) node.holders[number] = held_exclusively;
      return ok_status;
    }
    for (uint32_t number = first; number < first + count; ++number) {
      if (node.holders[number] == 0) KEELBACK_TRY(set_lock(node.descriptor, F_RDLCK, first_lock_byte + number, 1));
      ++node.holders[number];
    }
    return ok_status;
  }

  void unlock(uint32_t first, uint32_t count, bool is_exclusive) noexcept override {
    const std::lock_guard guard(table().mutex);
    ShmNode& node = node_;
    // A lock of our own can always be dropped.
    if (is_exclusive) {
      static_cast<void>(set_lock(node.descriptor, F_UNLCK, first_lock_byte + first, count).is_ok());
      for (uint32_t number = first; number < first + count; ++number) node.holders[number] = 0;
      return;
    }
    for (uint32_t number = first; number < first + count; ++number) {
      if (--node.holders[number] > 0) continue;
      static_cast<void>(set_lock(node.descriptor, F_UNLCK, first_lock_byte + number, 1).is_ok());
    }
  }

 private:
  // Every block gets a byte: a disk that is full has to say so here, not by a signal when the memory is touched.
  Status make_room(bool is_made, size_t wanted, bool& is_there) noexcept {
    struct stat status{};
    if (fstat(node_.descriptor, &status) != 0) return Status(result::IOERR_SHMSIZE);
    is_there = status.st_size >= static_cast<off_t>(wanted);
    if (is_there || !is_made || node_.is_readonly) return ok_status;
    for (off_t block = status.st_size / block_bytes; block < static_cast<off_t>(wanted) / block_bytes; ++block) {
      const off_t last = block * block_bytes + block_bytes - 1;
      ssize_t count = 0;
      do {
        count = pwrite(node_.descriptor, "", 1, last);
      } while (count < 0 && errno == EINTR);
      if (count != 1) return Status(result::IOERR_SHMSIZE);
    }
    is_there = true;
    return ok_status;
  }

  Status map_next() noexcept {
    try {
      node_.mappings.reserve(node_.mappings.size() + 1);
    } catch (const std::bad_alloc&) {
      return Status(result::NOMEM);
    }
    const int protection = node_.is_readonly ? PROT_READ : PROT_READ | PROT_WRITE;
    void* mapping = mmap(nullptr, node_.mapping_bytes, protection, MAP_SHARED, node_.descriptor,
                         static_cast<off_t>(node_.mappings.size() * node_.mapping_bytes));
    if (mapping == MAP_FAILED) return Status(result::IOERR_SHMMAP);
    node_.mappings.push_back(static_cast<uint8_t*>(mapping));
    return ok_status;
  }

  ShmNode& node_;
};

Status open_node(const struct stat& database, const std::string& path, ShmNode& node) {
  node.path = path;
  node.descriptor = open_beside(path.c_str(), O_RDWR | O_CREAT, database);
  if (node.descriptor < 0) {
    node.descriptor = open_beside(path.c_str(), O_RDONLY, database);
    if (node.descriptor < 0) return Status(result::CANTOPEN);
    node.is_readonly = true;
  }
  const long os_page = sysconf(_SC_PAGESIZE);
  if (os_page > static_cast<long>(region_bytes)) node.mapping_bytes = static_cast<size_t>(os_page);
  const Status status = attend(node);
  return status.code() == result::READONLY_CANTINIT ? ok_status : status;
}

}  // namespace

Status HeapMemory::region(uint32_t index, bool is_made, uint8_t*& memory) noexcept {
  memory = nullptr;
  if (index >= regions_.size() && !is_made) return ok_status;
  try {
    while (regions_.size() <= index) regions_.push_back(std::make_unique<uint8_t[]>(region_bytes));
  } catch (const std::bad_alloc&) {
    return Status(result::NOMEM);
  }
  memory = regions_[index].get();
  return ok_status;
}

Status open_shared_memory(int database_descriptor, const std::string& path, std::unique_ptr<SharedMemory>& memory) {
  struct stat status{};
  if (fstat(database_descriptor, &status) != 0) return Status(result::IOERR_FSTAT);
  const InodeKey key{static_cast<uint64_t>(status.st_dev), static_cast<uint64_t>(status.st_ino)};
  const std::lock_guard guard(table().mutex);
  auto found = table().nodes.find(key);
  if (found == table().nodes.end()) {
    auto node = std::make_unique<ShmNode>();
    node->key = key;
    KEELBACK_TRY(open_node(status, path, *node));
    found = table().nodes.emplace(key, std::move(node)).first;
  }
  memory = std::make_unique<FileMemory>(*found->second);
  ++found->second->reference_count;
  return ok_status;
}

}  // namespace keelback::storage
