#include "recovery.hpp"

#include "locks.hpp"

namespace keelback::storage {

namespace {

constexpr size_t journal_head_bytes = 28;

Status delete_stale_journal(Vfs& vfs, VfsFile& database, const std::string& journal_path) {
  if (database.is_readonly() || !database.lock(lock_reserved).is_ok()) return ok_status;
  KEELBACK_TRY(vfs.delete_file(journal_path, false));
  return database.unlock(lock_shared);
}

Status roll_back(Vfs& vfs, VfsFile& database, const std::string& journal_path, JournalEnd end, uint32_t& played_back) {
  std::unique_ptr<VfsFile> journal;
  KEELBACK_TRY(vfs.open(journal_path, open_readwrite | open_main_journal, journal));
  if (journal->is_readonly()) return Status(result::CANTOPEN);
  if (end.synchronous != synchronous_off) KEELBACK_TRY(journal->sync());
  std::string super_name;
  bool is_missing = false;
  KEELBACK_TRY(read_super_journal_name(*journal, super_name));
  KEELBACK_TRY(is_super_journal_missing(vfs, *journal, is_missing));
  if (!is_missing) {
    KEELBACK_TRY(play_back(*journal, database, true, played_back));
    if (end.synchronous != synchronous_off) KEELBACK_TRY(database.sync());
  }
  end.names_super_journal = !super_name.empty();
  KEELBACK_TRY(finish_journal(vfs, *journal, journal_path, end));
  journal->close();
  return super_name.empty() ? ok_status : delete_super_journal_if_last(vfs, super_name);
}

}  // namespace

Status has_hot_journal(Vfs& vfs, VfsFile& database, const std::string& journal_path, bool& is_hot) {
  is_hot = false;
  bool is_there = false;
  KEELBACK_TRY(vfs.exists(journal_path, is_there));
  if (!is_there) return ok_status;
  bool is_reserved = false;
  KEELBACK_TRY(database.is_reserved_by_anyone(is_reserved));
  if (is_reserved) return ok_status;
  uint64_t size = 0;
  KEELBACK_TRY(database.size(size));
  if (size == 0) return delete_stale_journal(vfs, database, journal_path);
  std::unique_ptr<VfsFile> journal;
  const Status status = vfs.open(journal_path, open_readonly | open_main_journal, journal);
  if (status.primary_code() == result::CANTOPEN) return vfs.exists(journal_path, is_hot);
  KEELBACK_TRY(status);
  uint8_t first = 0;
  size_t count = 0;
  KEELBACK_TRY(journal->read_at(&first, 1, 0, count));
  is_hot = count == 1 && first != 0;
  return ok_status;
}

Status recover(Vfs& vfs, VfsFile& database, const std::string& journal_path, JournalEnd end, uint32_t& played_back) {
  played_back = 0;
  if (database.is_readonly()) return Status(result::READONLY_ROLLBACK, "attempt to write a readonly database");
  KEELBACK_TRY(database.lock(lock_exclusive));
  bool is_there = false;
  KEELBACK_TRY(vfs.exists(journal_path, is_there));
  if (is_there) KEELBACK_TRY(roll_back(vfs, database, journal_path, end, played_back));
  return database.unlock(lock_shared);
}

namespace {

Status blank_head(VfsFile& journal) noexcept {
  static constexpr uint8_t zeros[journal_head_bytes] = {};
  uint8_t head[journal_head_bytes];
  size_t count = 0;
  KEELBACK_TRY(journal.read_at(head, sizeof head, 0, count));
  const Status status = journal.write_at(zeros, 0);
  // Half of the head may be gone, and the transaction is going to be undone by the journal.
  if (!status.is_ok()) static_cast<void>(journal.write_at({head, count}, 0).is_ok());
  return status;
}

Status finish_persistent(VfsFile& journal, const JournalEnd& end) noexcept {
  const bool is_kept = !end.names_super_journal && end.size_limit != 0;
  KEELBACK_TRY(is_kept ? blank_head(journal) : journal.truncate(0));
  if (end.synchronous != synchronous_off) KEELBACK_TRY(journal.sync());
  if (!is_kept || end.size_limit < 0) return ok_status;
  uint64_t size = 0;
  KEELBACK_TRY(journal.size(size));
  return size > static_cast<uint64_t>(end.size_limit) ? journal.truncate(static_cast<uint64_t>(end.size_limit))
                                                      : ok_status;
}

}  // namespace

Status finish_journal(Vfs& vfs, VfsFile& journal, const std::string& journal_path, const JournalEnd& end) {
  if (end.mode == JournalMode::truncate) {
    KEELBACK_TRY(journal.truncate(0));
    return end.synchronous >= synchronous_full ? journal.sync() : ok_status;
  }
  if (end.mode == JournalMode::persist) return finish_persistent(journal, end);
  journal.close();
  return vfs.delete_file(journal_path, end.synchronous == synchronous_extra);
}

}  // namespace keelback::storage
