// Reading a database in WAL mode, while nobody else has it open.
//
//     0  4 magic 377f0682 (little-endian checksums) or 377f0683 (big-endian)   4 4 version 3007000   8 4 page size
//     12 4 checkpoint number   16 4+4 salts   24 4+4 checksum of the 24 bytes before
//     then frames: 4 page number, 4 pages of the database after a commit or 0, 4+4 salts, 4+4 running checksum, page
//
// 1. Only frames up to the last commit count, and only as long as salts and checksums hold.
// 2. The `-shm` index is not used; that nobody else is connected to it is checked when a transaction begins.
//
// Spec: https://www.sqlite.org/fileformat2.html#the_write_ahead_log. Twin: reference/storage/wal.py.
#ifndef KEELBACK_STORAGE_WAL_HPP
#define KEELBACK_STORAGE_WAL_HPP

#include <unordered_map>
#include <vector>

#include "vfs.hpp"

namespace keelback::storage {

// The committed frames of a WAL: the newest content of each page.
class WalReader {
 public:
  // Read the WAL beside a database; none when it holds nothing. BUSY while another process uses it.
  static Status open(Vfs& vfs, const std::string& database_path, std::unique_ptr<WalReader>& reader);

  uint32_t page_size() const noexcept { return page_size_; }
  uint32_t page_count() const noexcept { return page_count_; }
  // The content of a page, or null when the database file has it.
  const uint8_t* read_page(uint32_t number) const noexcept {
    const auto found = pages_.find(number);
    return found == pages_.end() ? nullptr : found->second.data();
  }

 private:
  Status read(VfsFile& file);

  uint32_t page_size_ = 0;
  uint32_t page_count_ = 0;
  std::unordered_map<uint32_t, std::vector<uint8_t>> pages_;
};

}  // namespace keelback::storage

#endif
