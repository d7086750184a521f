// One database as one connection sees it: transactions, meta values, trees and cursors over a pager.
//
// 1. begin_read, begin_write and commit ask the busy handler where SQLite does: never while a read transaction that is
//    already open would have to wait for RESERVED, since then two readers could wait for each other.
// 2. Page 1 of a new database is made at the first begin_write; until then an empty file is a valid, empty database.
// 3. That a database is in WAL mode stands in the file: `journal_mode` knows it after a transaction began.
// 4. One thread at a time; different connections may be in different threads.
//
// It does not know SQL. Twin: reference/storage/database.py.
#ifndef KEELBACK_STORAGE_DATABASE_HPP
#define KEELBACK_STORAGE_DATABASE_HPP

#include <algorithm>

#include "index_cursor.hpp"
#include "table_cursor.hpp"

namespace keelback::storage {

// Where in page 1 they stand, four bytes each.
inline constexpr int meta_offset = 36;
inline constexpr int meta_free_pages = 0;
inline constexpr int meta_schema_cookie = 1;
inline constexpr int meta_file_format = 2;
inline constexpr int meta_default_cache = 3;
inline constexpr int meta_largest_root = 4;
inline constexpr int meta_text_encoding = 5;
inline constexpr int meta_user_version = 6;
inline constexpr int meta_incremental_vacuum = 7;
inline constexpr int meta_application_id = 8;
inline constexpr int meta_data_version = 15;

inline constexpr uint32_t default_page_size = 4096;

class Database {
 public:
  // Open a file (an empty path, or OPEN_MEMORY in flags: in memory). CANTOPEN.
  static Status open(const std::string& path, int flags, Vfs& vfs, uint32_t page_size,
                     std::unique_ptr<Database>& database);
  static Status open(const std::string& path, int flags, std::unique_ptr<Database>& database) {
    return open(path, flags, os_vfs(), default_page_size, database);
  }
  // An empty database that nobody else sees; what its cache cannot hold goes to a temporary file.
  static std::unique_ptr<Database> make_temporary(Vfs& vfs, uint32_t page_size);
  explicit Database(std::unique_ptr<Pager> pager) : pager_(std::move(pager)) {}
  ~Database();

  // Asked with the number of prior calls whether to try a lock again; without one the answer is no.
  std::function<bool(int)> busy_handler;
  // Asked by a commit of a database with full auto-vacuum how many of its free pages to give back; without one all are.
  // Its arguments: all pages, free ones, the size of a page in bytes.
  std::function<uint32_t(uint32_t, uint32_t, uint32_t)> pages_to_give_back;

  // Told, with a result code and a text, of what SQLite writes into its log.
  void set_log(Log log) { pager_->log = std::move(log); }

  // Facts
  const std::string& path() const noexcept { return pager_->path; }
  uint32_t page_size() const noexcept { return pager_->limits().page_size; }
  uint32_t reserved_bytes() const noexcept { return page_size() - pager_->limits().usable_size; }
  // Of each page of a database that is made in the place of this one.
  uint32_t requested_reserve() const noexcept {
    return std::max(reserved_bytes(), static_cast<uint32_t>(std::max(pager_->wanted_reserve, 0)));
  }
  Vfs& vfs() const noexcept { return pager_->vfs; }
  uint32_t page_count() const noexcept { return pager_->page_count; }
  uint32_t max_page_count() const noexcept { return pager_->max_page_count; }
  void set_max_page_count(uint32_t count) noexcept { pager_->max_page_count = std::max(count, pager_->page_count); }
  bool is_readonly() const noexcept { return pager_->is_readonly; }
  // Whether to refuse what would change it.
  void set_block_kept(bool is_kept) noexcept { pager_->is_block_kept = is_kept; }
  TransactionState transaction_state() const noexcept { return pager_->state(); }
  Status freelist_count(uint32_t& count);
  Status change_counter(uint32_t& counter);
  int synchronous() const noexcept { return pager_->synchronous; }
  // Beyond EXTRA (3) there are levels without a name, which sync as FULL does.
  void set_synchronous(int level) noexcept { pager_->synchronous = std::clamp(level, 0, 6); }
  int64_t cache_size() const noexcept { return pager_->cache_size(); }
  bool is_cache_size_set() const noexcept { return pager_->is_cache_size_set(); }
  void set_cache_size(int64_t size) { pager_->set_cache_size(size); }
  // delete, truncate, persist, memory, off or wal. Into WAL mode and out of it only without a transaction; out of it
  // only when nobody else has the database open. BUSY, READONLY.
  std::string_view journal_mode();
  Status set_journal_mode(std::string_view mode);
  // Choose the page size of a database that nobody reads and that never had a page; otherwise, or for an impossible
  // size, nothing happens.
  Status set_page_size(uint32_t size);

  // Transactions
  Status begin_read();
  Status begin_write(bool exclusive = false);
  // Take the EXCLUSIVE lock that every commit needs, also one without changes.
  Status make_exclusive();
  // super_journal: the file that stands for the commit of several databases; empty for one alone.
  Status commit_phase_one(const std::string& super_journal = {});
  std::string journal_name() const { return pager_->journal_name(); }
  Status commit_phase_two(bool keep_read = false, bool is_decided = false);
  // On BUSY the transaction stays open and can be committed again, on others roll it back.
  Status commit(bool keep_read = false);
  // Put the pages of a database in memory in the place of all, with this change counter, and commit; the write
  // transaction must be exclusive.
  Status replace_content(Database& source, uint32_t change_counter);
  Status rollback(bool keep_read = false);
  Status end_read();
  void open_savepoint(size_t depth);
  void release_savepoint(size_t depth);
  Status rollback_to_savepoint(size_t depth);
  // Bring the WAL back into the database, if there is one. LOCKED in a transaction, BUSY when not all could be done.
  Status checkpoint(CheckpointMode mode, CheckpointResult& result);
  // Write what a write transaction has changed, as far as it can be. BUSY.
  Status flush_cache();
  // Let cursors find their places again: pages are about to leave the cache or to change under them.
  void save_cursors() { registry_.save_all(); }
  // Give the memory of pages back that are not needed; what cursors stand on stays until they are closed.
  void release_memory() noexcept { pager_->release_memory(registry_.is_empty()); }
  // The operations of sqlite3_file_control that are the storage's. A result code: NOTFOUND for the others.
  int file_control(int operation, int64_t& value);
  Status close();

  // The whole file as bytes, in transactions of their own; a content of another page size only goes into an empty one.
  Status read_content(std::string& content);
  Status write_content(std::string_view content);

  // Meta values of the header, by SQLite's numbers.
  Status get_meta(int index, uint32_t& value) {
    value = index == meta_data_version ? pager_->data_version : 0;
    if (index == meta_data_version || pager_->page_count == 0) return ok_status;
    Page* first = nullptr;
    KEELBACK_TRY(pager_->get(1, first));
    value = get_u32(first->data + meta_offset + 4 * index);
    return ok_status;
  }
  Status set_meta(int index, uint32_t value);
  // 1 UTF-8, 2 UTF-16le, 3 UTF-16be.
  Status encoding(int& encoding) {
    uint32_t found = 0;
    encoding = utf8;
    KEELBACK_TRY(get_meta(meta_text_encoding, found));
    if (found == utf16le || found == utf16be) encoding = static_cast<int>(found);
    return ok_status;
  }

  // Trees
  Status create_root(bool is_table, uint32_t& root);
  // Delete all entries of a tree; gives how many there were.
  Status clear_root(uint32_t root, uint64_t& removed);
  // Deletes a tree. With pointer maps the last root moves into its place: `moved` is where that was, else 0.
  [[nodiscard]] Status drop_root(uint32_t root, uint32_t& moved);
  // Shortens an auto-vacuum database by up to `most` free pages.
  [[nodiscard]] Status give_back_pages(uint32_t most, uint32_t& gone);
  Status open_table_cursor(uint32_t root, bool writable, std::unique_ptr<TableCursor>& cursor);
  Status open_index_cursor(uint32_t root, bool writable, KeyComparator comparator,
                           std::unique_ptr<IndexCursor>& cursor);
  // Examine the free list and the trees of these roots: SQLite's own messages, at most `max_errors`.
  Status integrity_check(std::span<const uint32_t> roots, int max_errors, std::vector<std::string>& messages);

  Pager& pager() noexcept { return *pager_; }

 private:
  bool ask_busy_handler();
  Status prepare_first_page();
  Status write_file_format(uint8_t version);
  Status append_content(std::string_view content, uint32_t size);
  Status give_back_at_commit();
  Status free_below(uint32_t root, uint64_t& removed);

  std::unique_ptr<Pager> pager_;
  CursorRegistry registry_;
  int busy_calls_ = 0;
};

}  // namespace keelback::storage

#endif
