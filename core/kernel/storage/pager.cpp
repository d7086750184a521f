#include "pager.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "header.hpp"
#include "immutable_vfs.hpp"
#include "locks.hpp"

namespace keelback::storage {

namespace {

constexpr uint32_t library_version_number = 3054001;
constexpr size_t version_offset = 24;
constexpr size_t version_bytes = 16;

JournalMode usual_mode(bool is_on_disk) noexcept { return is_on_disk ? JournalMode::delete_file : JournalMode::memory; }

uint64_t next_identity() noexcept {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

}  // namespace

// Opening and geometry

Status Pager::open(Vfs& vfs, const std::string& path, int flags, uint32_t page_size, std::unique_ptr<Pager>& pager) {
  std::unique_ptr<VfsFile> file;
  std::string full_path;
  if (!path.empty()) {
    KEELBACK_TRY(vfs.full_path(path, full_path));
    KEELBACK_TRY(vfs.open(full_path, flags | open_main_db, file));
    uint8_t header[header_size];
    size_t count = 0;
    KEELBACK_TRY(file->read_at(header, sizeof header, 0, count));
    if (const uint32_t found = page_size_in_header({header, count})) page_size = found;
    if (vfs.is_memory() && !(flags & open_immutable)) full_path.clear();
  }
  pager = std::make_unique<Pager>(vfs, std::move(file), std::move(full_path), page_size);
  return ok_status;
}

Pager::Pager(Vfs& file_system, std::unique_ptr<VfsFile> database_file, std::string full_path, uint32_t page_size)
    : identity(next_identity()),
      vfs(file_system),
      file(std::move(database_file)),
      path(std::move(full_path)),
      is_readonly(file && file->is_readonly()),
      lock_page(static_cast<uint32_t>(pending_byte / page_size + 1)),
      journal_mode_(usual_mode(is_on_disk())),
      savepoint_images_(file_system),
      transaction_images_(file_system),
      journal_path_(path + "-journal") {
  workspace.limits = TreeLimits(page_size, 0);
  pages_.clear(page_size);
  shrink_at_ = cache_limit();
}

void Pager::set_page_format(uint32_t page_size, uint32_t reserved_bytes) {
  const bool is_other_size = page_size != limits().page_size;
  if (!is_other_size && page_size - reserved_bytes == limits().usable_size) return;
  if (is_other_size) {
    drop_cache();
    surplus_.give_back();
  }
  workspace.limits = TreeLimits(page_size, reserved_bytes);
  workspace.limits.zeroes_freed = secure_delete_ != secure_delete_off;
  if (is_other_size) pages_.clear(page_size);
  lock_page = static_cast<uint32_t>(pending_byte / page_size + 1);
  shrink_at_ = cache_limit();
}

// Read transactions

Status Pager::begin_read() {
  if (state_ != TransactionState::none) return ok_status;
  read_ahead_.forget();
  if (file) {
    const Status status = validate_cache();
    if (!status.is_ok()) {
      drop_cache();
      file_version_.clear();
      is_wal_view_known_ = false;
      // The first error is the one to tell.
      static_cast<void>((wal_ ? end_wal_read() : file->unlock(lock_none)).is_ok());
      return status;
    }
  }
  state_ = TransactionState::read;
  was_read = true;
  return ok_status;
}

// Tell of what was done for somebody who had died.
void Pager::tell(int code, uint32_t count, const std::string& what) const {
  if (log) log(code, "recovered " + std::to_string(count) + " " + what);
}

// Lock, recover, compare the file with the cache, read the header and find the size of the database.
Status Pager::validate_cache() {
  if (wal_) return begin_wal_read();
  is_wal_due = false;
  KEELBACK_TRY(file->lock(lock_shared));
  if (!journal_file_) {
    bool is_hot = false;
    KEELBACK_TRY(has_hot_journal(vfs, *file, journal_path_, is_hot));
    if (is_hot) {
      uint32_t played_back = 0;
      KEELBACK_TRY(recover(vfs, *file, journal_path_, journal_end(), played_back));
      if (played_back != 0) tell(result::NOTICE_RECOVER_ROLLBACK, played_back, "pages from " + journal_path_);
      drop_cache();
      file_version_.clear();
    }
  }
  uint8_t header[header_size];
  size_t count = 0;
  KEELBACK_TRY(file->read_at(header, sizeof header, 0, count));
  uint64_t size = 0;
  KEELBACK_TRY(file->size(size));
  bool is_in_wal_mode = false;
  KEELBACK_TRY(look_for_wal({header, count}, size, is_in_wal_mode));
  if (is_in_wal_mode) {
    KEELBACK_TRY(open_wal());
    return begin_wal_read();
  }
  return validate_header({header, count}, size);
}

Status Pager::validate_header(Bytes header, uint64_t size) {
  const size_t end = std::min(header.size(), version_offset + version_bytes);
  const size_t start = std::min(end, version_offset);
  const std::string_view version(reinterpret_cast<const char*>(header.data()) + start, end - start);
  if (version != file_version_) {
    if (!file_version_.empty()) ++data_version;
    drop_cache();
    file_version_ = version;
  }
  uint64_t count = (size + limits().page_size - 1) / limits().page_size;
  if (count > 0) {
    PageFormat format{};
    KEELBACK_TRY(check_header(header, format));
    set_page_format(format.page_size, format.reserved_bytes);
    const uint64_t in_file = (size + format.page_size - 1) / format.page_size;
    uint8_t whole[header_size] = {};
    std::memcpy(whole, header.data(), std::min(header.size(), header_size));
    count = get_u32(whole + 28);
    if (count == 0 || get_u32(whole + 24) != get_u32(whole + 92)) count = in_file;
    if (count > in_file || count > 0xFFFFFFFE) return corrupt();
  }
  page_count = static_cast<uint32_t>(count);
  original_page_count_ = page_count;
  return ok_status;
}

Status Pager::end_read() {
  if (state_ != TransactionState::read) return ok_status;
  state_ = TransactionState::none;
  read_ahead_.forget();
  if (is_release_wanted_) release_memory(true);
  if (wal_) return end_wal_read();
  return file && !keeps_locks ? file->unlock(lock_none) : ok_status;
}

// Write transactions

Status Pager::begin_write(bool is_exclusive) {
  if (is_readonly || is_block_kept) return Status(result::READONLY, readonly_message);
  if (state_ == TransactionState::write) return is_exclusive && file && !wal_ ? file->lock(lock_exclusive) : ok_status;
  if (wal_) {
    KEELBACK_TRY(begin_wal_write());
  } else if (file) {
    KEELBACK_TRY(file->lock(lock_reserved));
    if (is_exclusive) {
      const Status status = file->lock(lock_exclusive);
      if (!status.is_ok()) {
        KEELBACK_TRY(file->unlock(lock_shared));
        return status;
      }
    }
  }
  read_ahead_.forget();
  state_ = TransactionState::write;
  original_page_count_ = page_count;
  ++write_serial_;
  is_file_changed_ = false;
  is_change_counter_done_ = false;
  clear_journaled();
  savepoints_.clear();
  savepoint_images_.most_in_memory = most_images();
  transaction_images_.most_in_memory = most_images();
  if (!wal_ && (!file || !has_journal_file(journal_mode_))) {
    old_images_.emplace(Savepoint{page_count, {transaction_images_, limits().page_size}});
  }
  return ok_status;
}

Status Pager::keep_old_content(Page& page) {
  if (state_ != TransactionState::write) return Status(result::READONLY, readonly_message);
  const uint32_t number = page.number;
  if (!wal_) KEELBACK_TRY(keep_in_journal(page));
  for (Savepoint& savepoint : savepoints_) {
    if (number <= savepoint.page_count && !savepoint.images.contains(number)) {
      KEELBACK_TRY(savepoint.images.keep(page));
    }
  }
  page.write_serial = write_serial_;
  mark_dirty(page);
  return ok_status;
}

Status Pager::make_exclusive(const BusyWait& wait) {
  if (state_ != TransactionState::write || !file || wal_) return ok_status;
  while (true) {
    const Status status = file->lock(lock_exclusive);
    if (status.primary_code() != result::BUSY || !wait || !wait()) return status;
  }
}

Status Pager::commit_phase_one(const BusyWait& wait, const std::string& super_journal) {
  if (state_ != TransactionState::write || !file) return ok_status;
  if (wal_) return write_dirty_frames(true);
  if (!journal_ && !first_dirty_ && !is_file_changed_) return ok_status;
  KEELBACK_TRY(raise_change_counter());
  KEELBACK_TRY(make_exclusive(wait));
  return write_to_file(super_journal);
}

Status Pager::raise_change_counter() {
  if (is_change_counter_done_ || page_count == 0) return ok_status;
  Page* first = nullptr;
  KEELBACK_TRY(get(1, first));
  KEELBACK_TRY(make_writable(*first));
  const uint32_t counter = get_u32(first->data + 24) + 1;
  put_u32(first->data + 24, counter);
  put_u32(first->data + 92, counter);
  put_u32(first->data + 96, library_version_number);
  is_change_counter_done_ = true;
  return ok_status;
}

// Without a WAL: the journal goes. What may fail comes before that.
Status Pager::finish_commit() {
  Page* first = nullptr;
  if (page_count) KEELBACK_TRY(get(1, first));
  file_version_.reserve(version_bytes);
  KEELBACK_TRY(finish());
  if (first) file_version_.assign(reinterpret_cast<const char*>(first->data) + version_offset, version_bytes);
  return ok_status;
}

Status Pager::commit_phase_two(bool is_decided) {
  if (state_ != TransactionState::write) return ok_status;
  ++commit_count;
  if (wal_) {
    end_write();
    return ok_status;
  }
  if (file) {
    const Status finished = finish_commit();
    if (!finished.is_ok()) {
      if (!is_decided) return finished;
      abandon();
      return ok_status;
    }
  } else if (!is_temporary_) {
    clean_all();
  }
  end_write();
  return file && !keeps_locks ? file->unlock(lock_shared) : ok_status;
}

// What a commit and a rollback leave: a read transaction.
void Pager::end_write() noexcept {
  if (wal_) wal_->end_write();
  is_leaving_wal_ = false;
  state_ = TransactionState::read;
  journal_.reset();
  journal_file_.reset();
  old_images_.reset();
  clear_journaled();
  savepoints_.clear();
  is_file_changed_ = false;
  has_super_journal_ = false;
  ++write_serial_;
  original_page_count_ = page_count;
}

Status Pager::close() {
  Status status = state_ == TransactionState::write ? rollback() : ok_status;
  const Status unlocked = end_read();
  if (status.is_ok()) status = unlocked;
  if (wal_) {
    const Status closed = close_wal(keeps_wal_file);
    if (status.is_ok()) status = closed;
  }
  drop_cache();
  journal_.reset();
  journal_file_.reset();
  if (file) file->close();
  return status;
}

}  // namespace keelback::storage
