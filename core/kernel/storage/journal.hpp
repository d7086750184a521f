// The rollback journal: how a segment is written, sealed, found hot and played back.
//
// A journal is one or more segments, each at a multiple of the sector size:
//
//     0  8 magic d9 d5 05 f9 20 a1 63 d7     (zero until the segment is sealed; zero-filled up to the sector size)
//     8  4 number of records                 (ffffffff: as many as the file holds, when nothing is synced)
//     12 4 nonce    16 4 database pages before the transaction    20 4 sector size    24 4 page size
//     then records: 4 page number, the page as it was, 4 checksum = nonce + every 200th byte, counted from the end
//
// and perhaps the name of a super-journal at the very end: lock page number, name, its length, the sum of its bytes,
// magic.
//
// 1. A page of the database file is overwritten only after the segment with its record was sealed.
// 2. A page has at most one record in a journal.
// 3. Play-back works on files only; whoever calls it drops the page cache.
//
// Spec: https://www.sqlite.org/fileformat2.html#the_rollback_journal. Twin: reference/storage/journal.py.
#ifndef KEELBACK_STORAGE_JOURNAL_HPP
#define KEELBACK_STORAGE_JOURNAL_HPP

#include <string>
#include <vector>

#include "vfs.hpp"

namespace keelback::storage {

inline constexpr int synchronous_off = 0;
inline constexpr int synchronous_normal = 1;
inline constexpr int synchronous_full = 2;
inline constexpr int synchronous_extra = 3;

enum class JournalMode : uint8_t { delete_file, truncate, persist, memory, off };

constexpr bool has_journal_file(JournalMode mode) noexcept {
  return mode != JournalMode::memory && mode != JournalMode::off;
}

// The checksum of a page's record.
uint32_t record_checksum(uint32_t nonce, Bytes page) noexcept;

// Writes the journal of one transaction; records are gathered in memory until there are many or a seal is due.
class JournalWriter {
 public:
  JournalWriter(VfsFile& file, uint32_t page_size, uint32_t original_page_count, int synchronous,
                uint32_t nonce) noexcept
      : file_(file),
        page_size_(page_size),
        original_page_count_(original_page_count),
        synchronous_(synchronous),
        nonce_(nonce) {}

  // Append the record of a page with its original content.
  Status add(uint32_t number, Bytes page);
  // Write the name of the super-journal behind the records, where it ends the file; to be sealed after.
  Status add_super_journal(std::string_view name, uint32_t lock_page);
  // Write what was gathered, unsealed.
  Status flush() noexcept;
  // Bring all records to the disk and make the segment count. Without syncs it counts from its first byte.
  Status seal();

 private:
  void begin_segment();
  Status blank_stale_header() noexcept;

  VfsFile& file_;
  uint32_t page_size_;
  uint32_t original_page_count_;
  int synchronous_;
  uint32_t nonce_;
  bool is_in_segment_ = false;
  uint64_t segment_offset_ = 0;
  uint64_t offset_ = 0;
  uint32_t record_count_ = 0;
  std::vector<uint8_t> gathered_;
};

// The name of the super-journal at the end of a journal; empty when there is none.
Status read_super_journal_name(VfsFile& journal, std::string& name);
// Whether the journal names a super-journal that is gone: its transaction was committed.
Status is_super_journal_missing(Vfs& vfs, VfsFile& journal, bool& is_missing);
// Put the pages of a journal back into the database file and cut it to its old size, and count them. Ends silently at
// the first thing that is not a whole record: what follows was never sealed.
Status play_back(VfsFile& journal, VfsFile& database, bool is_hot, uint32_t& played_back);
// After one child was rolled back: delete the super-journal when no journal that it lists still names it.
Status delete_super_journal_if_last(Vfs& vfs, const std::string& name);

}  // namespace keelback::storage

#endif
