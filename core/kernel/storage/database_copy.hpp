// A copy of a whole database into another, some pages at a time, as sqlite3_backup makes it.
//
// 1. From its first step on the copy holds an exclusive write transaction of the destination, which the last step
//    commits: nobody sees half of it, and a crash leaves what was there.
// 2. The source is read in transactions of single steps: others may write between them. What another connection has
//    written makes the copy begin anew; what the source's own connection has written is looked for in the last step.
// 3. Where the page sizes differ the pages are gathered in a temporary database, which then takes the place of all.
// 4. It keeps no reference between the steps: who owns the databases shows them to each.
//
// The reference copies by serialize and deserialize. Source: https://sqlite.org/c3ref/backup_finish.html
#ifndef KEELBACK_STORAGE_DATABASE_COPY_HPP
#define KEELBACK_STORAGE_DATABASE_COPY_HPP

#include <cstdint>
#include <memory>

#include "database.hpp"

namespace keelback::storage {

class DatabaseCopy {
 public:
  // Copy up to so many pages, all that are left if less than 0. BUSY and LOCKED may be tried again; READONLY where the
  // destination cannot take the size of the source's pages; ERROR where a database is not that of the first step.
  Status step(Database& source, Database& destination, int pages, bool& is_done);
  // Undo what is not committed.
  Status abandon(Database& destination);

  uint32_t page_count() const noexcept { return page_count_; }
  uint32_t remaining() const noexcept { return is_done_ || next_ > page_count_ ? 0 : page_count_ + 1 - next_; }

 private:
  Status begin(Database& source, Database& destination);
  Status note_changes(Pager& source);
  Status copy_pages(Database& source, Database& destination, int pages, bool& is_done);
  Status copy_page(Pager& source, Pager& destination, uint32_t number);
  Status finish(Database& source, Database& destination);
  void write_own_facts(uint8_t* header) const noexcept;

  std::unique_ptr<Database> gathered_;
  uint64_t source_identity_ = 0;
  uint64_t destination_identity_ = 0;
  uint32_t page_count_ = 0;
  uint32_t next_ = 1;
  uint32_t data_version_ = 0;
  uint64_t content_version_ = 0;
  // Of the destination, which must grow by the copy.
  uint32_t change_counter_ = 0;
  uint32_t schema_version_ = 0;
  // 2: it is in WAL mode, 1: it has no file and cannot be, 0: it takes the source's over.
  uint8_t file_format_ = 0;
  bool is_begun_ = false;
  bool is_stale_ = false;
  bool is_done_ = false;
};

}  // namespace keelback::storage

#endif
