// The pager: pages by number, transactions on them, and their way to the file and back.
//
//     state           lock held     cache may hold                     file
//     none            NONE          pages of the last transaction      not to be looked at
//     read            SHARED        clean pages                        committed content
//     write           RESERVED      dirty pages                        committed content until `is_file_changed_`
//                     EXCLUSIVE     dirty pages                        a mixture that the journal can undo
//
// 1. A page is changed only after `make_writable`: its old content is then in the journal and in each open savepoint.
// 2. `page_count` is the size of the database as this transaction sees it; `original_page_count` what it was at begin.
// 3. The cache is valid as long as bytes 24..40 of page 1 are what they were when it was filled.
// 4. Pages leave the cache only in `shrink`, called between two operations of cursors, when all others have let go.
//    A pager is sure of `cache_size`; beyond it pages and changes are kept as long as page_memory.hpp grants a surplus.
// 5. After a failure in the middle of a commit or spill `rollback` plays the journal back; if that fails too,
//    everything is dropped and the journal stays behind, hot, for the next reader.
//
// pager_cache.cpp has the cache, pager_journal.cpp what a rollback journal needs, pager_rollback.cpp the ways back.
//
// In WAL mode (pager_wal.cpp) a writer has no journal and needs no RESERVED: dirty pages go to the WAL as frames, and
// who rolls back forgets them. SHARED is kept as long as the WAL is open.
//
// In memory there is no file: the cache is the database, and old contents are kept as in a savepoint. A temporary
// database is one whose pages may also leave the cache, for a file without a name. One thread at a time. Spec:
// https://www.sqlite.org/atomiccommit.html. Twin: reference/storage/pager.py.
#ifndef KEELBACK_STORAGE_PAGER_HPP
#define KEELBACK_STORAGE_PAGER_HPP

#include <atomic>
#include <functional>
#include <optional>
#include <string>

#include "journal.hpp"
#include "page_table.hpp"
#include "read_ahead.hpp"
#include "recovery.hpp"
#include "savepoint.hpp"
#include "vfs.hpp"
#include "wal.hpp"

namespace keelback::storage {

inline constexpr const char* readonly_message = "attempt to write a readonly database";

// Whether what is deleted is overwritten: everything, or, fast, what is written anyway.
inline constexpr int secure_delete_off = 0;
inline constexpr int secure_delete_on = 1;
inline constexpr int secure_delete_fast = 2;

// Told, with a result code and a text, of what is noteworthy and no error.
using Log = std::function<void(int, const std::string&)>;

enum class TransactionState : uint8_t { none, read, write };

class Pager {
 public:
  // An empty path is a database in memory. CANTOPEN.
  static Status open(Vfs& vfs, const std::string& path, int flags, uint32_t page_size, std::unique_ptr<Pager>& pager);
  Pager(Vfs& vfs, std::unique_ptr<VfsFile> file, std::string path, uint32_t page_size);
  Pager(const Pager&) = delete;
  Pager& operator=(const Pager&) = delete;

  const uint64_t identity;  // of no other pager of the process
  Vfs& vfs;
  const std::unique_ptr<VfsFile> file;
  const std::string path;
  const bool is_readonly;
  // Whether it holds a block that must stay as it is (SQLITE_DESERIALIZE_READONLY).
  bool is_block_kept = false;
  // How many transactions were committed through it: with `data_version` what a file control tells.
  uint32_t commit_count = 0;
  // How many bytes at the end of each page a database that is still to be made keeps free (a file control); -1: none.
  int wanted_reserve = -1;
  // Whether a first page was made, be it that it was undone: no pragma changes the size of pages any more, nor whether
  // there are pointer maps.
  bool is_format_fixed = false;
  // Whether a transaction has begun on it.
  bool was_read = false;
  // The auto-vacuum mode (0, 1, 2) that the first page of an empty database is made with.
  uint8_t wanted_auto_vacuum = 0;
  TreeWorkspace workspace;  // its limits are those of the database
  uint32_t lock_page;
  bool has_pointer_maps = false;
  uint32_t page_count = 0;
  uint32_t max_page_count = 0xFFFFFFFE;
  int synchronous = synchronous_full;
  uint32_t data_version = 1;
  bool wants_shrink = false;
  // Grows whenever a page may have changed or left the cache.
  uint64_t content_serial = 1;
  // Grows whenever a page may have changed.
  uint64_t content_version() const noexcept { return content_serial - shrink_count_; }
  // Whether locks outlive their transactions: PRAGMA locking_mode = EXCLUSIVE.
  bool keeps_locks = false;
  // Whether the header has just been told of WAL mode, which the next read transaction looks at.
  bool is_wal_due = false;
  // What becomes of the WAL when the last connection closes.
  bool keeps_wal_file = false;
  bool is_checkpointed_at_close = true;
  Log log;
  // Says that long work is to stop; none where nobody can ask for that.
  InterruptSource* interrupt_source = nullptr;
  bool is_interrupted() const { return interrupt_source != nullptr && interrupt_source->must_stop(); }

  const TreeLimits& limits() const noexcept { return workspace.limits; }
  TransactionState state() const noexcept { return state_; }
  JournalMode journal_mode() const noexcept { return journal_mode_; }
  // Whether journals and WALs may lie beside the file: not in memory, be it shared by name or not.
  bool is_on_disk() const noexcept { return file && !vfs.is_memory(); }
  int64_t cache_size() const noexcept { return cache_size_; }
  void set_cache_size(int64_t size);  // pages, or KiB when negative
  // Whether somebody chose it; only where nobody did, more may be kept while the process has a surplus.
  bool is_cache_size_set() const noexcept { return is_cache_size_set_; }
  int secure_delete() const noexcept { return secure_delete_; }
  void set_secure_delete(int mode) noexcept {
    secure_delete_ = mode;
    workspace.limits.zeroes_freed = mode != secure_delete_off;
  }
  // Of how many pages the cache must be before changed ones are written in the middle of a transaction; whether they
  // may.
  size_t spill_size = 1;
  bool may_spill = true;
  // Counts of what came from the cache, was read, and was written; at a commit or to make room.
  struct Counts {
    uint64_t hits = 0;
    uint64_t misses = 0;
    uint64_t writes = 0;
    uint64_t spills = 0;
  };
  Counts counts;
  // All memory of cached pages.
  size_t cache_bytes() const noexcept { return pages_.bytes(); }
  // Give the memory of clean pages back, at once or, where cursors are open, when the transaction ends.
  void release_memory(bool is_idle) noexcept;
  // Write the changed pages of a write transaction. BUSY when readers are in the way.
  Status flush_cache();
  // Take another page size; drops the cache when it differs.
  void set_page_format(uint32_t page_size, uint32_t reserved_bytes);
  // Change the journal mode outside a write transaction; an impossible one changes nothing.
  Status set_journal_mode(JournalMode mode);

  // The page of this number, which must be within the database. CORRUPT, IOERR_*.
  Status get(uint32_t number, Page*& page) {
    page = pages_.find(number);
    if (!page) [[unlikely]]
      return load(number, page);
    page->is_used = true;
    ++counts.hits;
    return ok_status;
  }
  // As `get`, with the b-tree header decoded.
  Status get_tree_page(uint32_t number, Page*& page) {
    KEELBACK_TRY(get(number, page));
    return page->is_decoded ? ok_status : page->decode(limits());
  }
  // The page if it is in the cache.
  Page* cached(uint32_t number) const noexcept { return pages_.find(number); }

  // Make room in the cache: drop clean pages, after writing dirty ones where that may be done. `keep` stays.
  Status shrink(std::span<Page* const> keep);

  // Take SHARED, roll a hot journal back, look at the header. One attempt: BUSY, NOTADB, CORRUPT, CANTOPEN.
  Status begin_read();
  // Let SHARED go; the cache stays for the next time.
  Status end_read();
  // From a read transaction to a write transaction. One attempt: BUSY, READONLY.
  Status begin_write(bool is_exclusive);
  // Allow a change to a page: keep its old content for rollback. READONLY, CANTOPEN, FULL, IOERR_*.
  Status make_writable(Page& page) {
    page.changed_at = ++content_serial;
    return page.write_serial == write_serial_ ? ok_status : keep_old_content(page);
  }
  // A new, zeroed, writable page at the end. The lock-byte page is passed over. FULL.
  Status append_page(Page*& page);
  // Take the EXCLUSIVE lock.
  Status make_exclusive(const BusyWait& wait);
  // The path of the journal that this transaction has on disk, empty if none.
  std::string journal_name() const { return journal_ && journal_file_ ? journal_path_ : std::string(); }
  // Bring everything to the disk; afterwards only the journal stands between us and the commit. super_journal: the file
  // that stands for the commit of several databases; the journal names it.
  Status commit_phase_one(const BusyWait& wait, const std::string& super_journal = {});
  // Make the database shorter; the pages beyond are kept for rollback.
  Status cut_to(uint32_t count);
  // Without a file: let what the cache cannot hold go to a temporary file.
  void become_temporary() noexcept;
  // Put the pages of another pager, perhaps of another size, in the place of all, and commit; for VACUUM. The journal
  // holds the whole database as it was, so a crash half-way leaves that.
  Status replace_content(Pager& source, uint32_t change_counter, const BusyWait& wait);
  // The commit itself: the journal goes. The read transaction stays. is_decided: a super-journal that is gone was the
  // commit, and nothing fails any more: a journal that cannot be got rid of is left, cold, and there is no transaction.
  Status commit_phase_two(bool is_decided = false);
  // Undo the write transaction; the read transaction stays. On a failure there is no transaction at all afterwards.
  Status rollback();

  size_t savepoint_count() const noexcept { return savepoints_.size(); }
  void open_savepoint(size_t depth);
  void release_savepoint(size_t depth);
  Status rollback_to_savepoint(size_t depth);

  // Roll back what is open and close the files.
  Status close();

  // WAL mode. Whether it is open is known after `begin_read`.
  bool is_wal() const noexcept { return wal_ != nullptr; }
  Wal* wal() noexcept { return wal_.get(); }
  // Whether locks outlive their transactions; who has a private wal-index cannot let others in any more.
  void set_keeps_locks(bool keeps) noexcept {
    if (keeps || !wal_ || !wal_->is_heap()) keeps_locks = keeps;
  }
  // Most bytes to keep of a journal or WAL that is not needed; less than 0: all.
  void set_journal_size_limit(int64_t size) noexcept;
  int64_t journal_size_limit() const noexcept { return journal_size_limit_; }
  // Without a transaction: bring everything back into the database and close the WAL; nobody else may have it open. The
  // EXCLUSIVE lock stays, and the header still says WAL until the next commit. BUSY.
  Status leave_wal();
  // Without a transaction. BUSY, LOCKED.
  Status checkpoint(CheckpointMode mode, const BusyWait& wait, CheckpointResult& result);

 private:
  Status load(uint32_t number, Page*& page);
  Status keep_old_content(Page& page);
  void note_growth() noexcept;
  size_t cache_limit() const noexcept;
  Status spill();
  void drop_cache();
  void drop_page(Page& page) noexcept;
  void mark_dirty(Page& page) noexcept;
  void mark_clean(Page& page) noexcept;
  void clean_all() noexcept;
  void tell(int code, uint32_t count, const std::string& what) const;
  Status validate_cache();
  Status validate_header(Bytes header, uint64_t size);
  Status open_journal();
  Status write_dirty_pages();
  Status raise_change_counter();
  void end_write() noexcept;
  void abandon();
  Status finish_commit();
  Status undo();
  Status write_to_file(const std::string& super_journal);
  Status roll_file_back();
  JournalEnd journal_end() const noexcept {
    return {journal_mode_, synchronous, journal_size_limit_, has_super_journal_};
  }
  Status finish();
  Status restore(Savepoint& savepoint);
  bool can_shrink() const noexcept { return file || is_temporary_; }
  VfsFile& page_file() noexcept { return file ? *file : *temporary_file_; }
  size_t most_images() const noexcept;
  void clear_journaled() noexcept;
  Status delete_kept_journal();

  Status keep_in_journal(Page& page);
  Status look_for_wal(Bytes header, uint64_t size, bool& is_in_wal_mode);
  Status open_wal();
  Status begin_wal_read();
  Status begin_wal_write();
  Status end_wal_read();
  Status load_frame(uint32_t number, uint8_t* data, size_t& count, bool& is_found);
  Status write_dirty_frames(bool is_commit);
  Status replace_in_wal(Pager& source, uint32_t change_counter);
  Status undo_wal();
  Status close_wal(bool keeps_file);
  CheckpointOrder checkpoint_order(CheckpointMode mode, const BusyWait& wait) const;

  TransactionState state_ = TransactionState::none;
  JournalMode journal_mode_;
  int64_t cache_size_ = -2000;
  PageTable pages_;
  ReadAhead read_ahead_;  // while nobody may write to the file
  uint64_t write_serial_ = 1;
  size_t shrink_at_ = 0;
  uint64_t shrink_count_ = 0;
  bool is_cache_size_set_ = false;
  bool is_release_wanted_ = false;
  SurplusShare surplus_;  // none where the cache size was set
  Page* first_dirty_ = nullptr;
  size_t dirty_count_ = 0;
  uint32_t original_page_count_ = 0;
  bool is_temporary_ = false;
  std::unique_ptr<VfsFile> temporary_file_;  // of a temporary database, once pages have left the cache
  ImageFile savepoint_images_;
  ImageFile transaction_images_;
  std::vector<Savepoint> savepoints_;
  std::optional<Savepoint> old_images_;
  std::vector<uint64_t> journaled_bits_;
  std::vector<uint32_t> journaled_;
  std::optional<JournalWriter> journal_;
  std::unique_ptr<VfsFile> journal_file_;
  std::string journal_path_;
  bool has_super_journal_ = false;
  bool is_file_changed_ = false;
  bool is_change_counter_done_ = false;
  std::string file_version_;
  std::unique_ptr<Wal> wal_;
  bool is_wal_view_known_ = false;  // `page_count` and the format are those of the WAL's last snapshot
  bool is_leaving_wal_ = false;
  int64_t journal_size_limit_ = -1;
  int secure_delete_ = secure_delete_off;
};

}  // namespace keelback::storage

#endif
