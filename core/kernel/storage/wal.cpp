#include "wal.hpp"

#include "../value/varint.hpp"
#include "header.hpp"

namespace keelback::storage {

namespace {

constexpr uint32_t magic_little = 0x377F0682;
constexpr uint32_t magic_big = 0x377F0683;
constexpr uint32_t version = 3007000;
constexpr size_t wal_header_bytes = 32;
constexpr size_t frame_header_bytes = 24;

struct Checksum {
  bool is_big;
  uint32_t first = 0;
  uint32_t second = 0;

  uint32_t word(const uint8_t* at) const noexcept { return is_big ? get_u32(at) : __builtin_bswap32(get_u32(at)); }
  void add(const uint8_t* at, size_t size) noexcept {
    for (size_t place = 0; place < size; place += 8) {
      first += word(at + place) + second;
      second += word(at + place + 4) + first;
    }
  }
  bool is_stored_at(const uint8_t* at) const noexcept { return get_u32(at) == first && get_u32(at + 4) == second; }
};

}  // namespace

Status WalReader::open(Vfs& vfs, const std::string& database_path, std::unique_ptr<WalReader>& reader) {
  reader.reset();
  if (vfs.is_shared_memory_in_use(database_path + "-shm")) return Status(result::BUSY);
  const std::string path = database_path + "-wal";
  bool is_there = false;
  KEELBACK_TRY(vfs.exists(path, is_there));
  if (!is_there) return ok_status;
  std::unique_ptr<VfsFile> file;
  const Status status = vfs.open(path, open_readonly, file);
  if (!status.is_ok()) {
    if (status.primary_code() == result::CANTOPEN) {
      KEELBACK_TRY(vfs.exists(path, is_there));
      if (!is_there) return ok_status;
    }
    return status;
  }
  auto found = std::make_unique<WalReader>();
  KEELBACK_TRY(found->read(*file));
  if (found->page_count_) reader = std::move(found);
  return ok_status;
}

Status WalReader::read(VfsFile& file) {
  uint8_t header[wal_header_bytes];
  size_t count = 0;
  KEELBACK_TRY(file.read_at(header, sizeof header, 0, count));
  if (count < sizeof header) return ok_status;
  const uint32_t magic = get_u32(header);
  page_size_ = get_u32(header + 8);
  if ((magic != magic_little && magic != magic_big) || get_u32(header + 4) != version || !is_page_size(page_size_)) {
    return ok_status;
  }
  Checksum checksum{magic == magic_big};
  checksum.add(header, 24);
  if (!checksum.is_stored_at(header + 24)) return ok_status;
  std::unordered_map<uint32_t, std::vector<uint8_t>> since_commit;
  std::vector<uint8_t> frame(frame_header_bytes + page_size_);
  for (uint64_t offset = wal_header_bytes;; offset += frame.size()) {
    KEELBACK_TRY(file.read_at(frame.data(), frame.size(), offset, count));
    if (count < frame.size()) return ok_status;
    const uint32_t number = get_u32(frame.data());
    if (number == 0 || get_u32(frame.data() + 8) != get_u32(header + 16) ||
        get_u32(frame.data() + 12) != get_u32(header + 20)) {
      return ok_status;
    }
    checksum.add(frame.data(), 8);
    checksum.add(frame.data() + frame_header_bytes, page_size_);
    if (!checksum.is_stored_at(frame.data() + 16)) return ok_status;
    since_commit[number].assign(frame.begin() + frame_header_bytes, frame.end());
    if (const uint32_t commit_size = get_u32(frame.data() + 4)) {
      for (auto& [page, content] : since_commit) pages_[page] = std::move(content);
      since_commit.clear();
      page_count_ = commit_size;
    }
  }
}

}  // namespace keelback::storage
