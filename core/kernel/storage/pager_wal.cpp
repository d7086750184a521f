// The pager in WAL mode: what Pager asks of its Wal. The states and the cache are in pager.cpp.
#include <algorithm>

#include "header.hpp"
#include "locks.hpp"
#include "pager.hpp"

namespace keelback::storage {

namespace {

constexpr size_t change_counter_offset = 24;
constexpr size_t version_valid_for_offset = 92;
constexpr size_t file_format_offset = 18;

}  // namespace

// Opening

// The header says it, or a WAL lies beside a database whose header may be older than it. A WAL without a database is of
// one that was deleted.
Status Pager::look_for_wal(Bytes header, uint64_t size, bool& is_in_wal_mode) {
  is_in_wal_mode = !is_leaving_wal_ && is_on_disk() && is_wal_version(header);
  if (is_in_wal_mode || is_leaving_wal_ || !is_on_disk()) return ok_status;
  const size_t end = std::min(header.size(), size_t{40});
  const size_t start = std::min(end, change_counter_offset);
  const std::string_view version(reinterpret_cast<const char*>(header.data()) + start, end - start);
  // Who makes a WAL changes the header first.
  if (!file_version_.empty() && version == file_version_) return ok_status;
  const std::string wal_path = path + "-wal";
  bool is_there = false;
  KEELBACK_TRY(vfs.exists(wal_path, is_there));
  if (is_there && size == 0) return is_readonly ? ok_status : vfs.delete_file(wal_path, false);
  is_in_wal_mode = is_there;
  return ok_status;
}

Status Pager::open_wal() {
  if (!keeps_locks && !file->supports_wal()) return Status(result::CANTOPEN);
  if (keeps_locks) KEELBACK_TRY(file->lock(lock_exclusive));
  std::unique_ptr<Wal> wal;
  KEELBACK_TRY(Wal::open(vfs, *file, path, keeps_locks, wal));
  // Without shared memory nobody can tell others about snapshots.
  if (wal->is_heap() && !is_readonly) KEELBACK_TRY(file->lock(lock_exclusive));
  wal->size_limit = journal_size_limit_;
  journal_mode_ = JournalMode::delete_file;
  wal_ = std::move(wal);
  is_wal_view_known_ = false;
  return ok_status;
}

void Pager::set_journal_size_limit(int64_t size) noexcept {
  journal_size_limit_ = size;
  if (wal_) wal_->size_limit = size;
}

// Reading

Status Pager::begin_wal_read() {
  bool is_changed = false;
  KEELBACK_TRY(wal_->begin_read(is_changed));
  if (const uint32_t frames = wal_->take_recovered_frames()) {
    tell(result::NOTICE_RECOVER_WAL, frames, "frames from WAL file " + path + "-wal");
  }
  if (!is_changed && is_wal_view_known_) return ok_status;
  uint8_t header[header_size];
  size_t count = 0;
  uint64_t size = 0;
  uint32_t frame = 0;
  KEELBACK_TRY(wal_->find(1, frame));
  KEELBACK_TRY(frame != 0 ? wal_->read_frame(frame, header, sizeof header, count)
                          : file->read_at(header, sizeof header, 0, count));
  if (wal_->page_count() != 0) {
    size = uint64_t{wal_->page_count()} * wal_->page_size();
  } else {
    KEELBACK_TRY(file->size(size));
  }
  // The header need not tell the change: a commit that leaves page 1 alone leaves its counter alone.
  ++data_version;
  file_version_.clear();
  drop_cache();
  KEELBACK_TRY(validate_header({header, count}, size));
  is_wal_view_known_ = true;
  return ok_status;
}

Status Pager::end_wal_read() {
  wal_->end_read();
  if (keeps_locks || !wal_->is_alone() || wal_->is_heap()) return ok_status;
  KEELBACK_TRY(wal_->be_among_others());
  return file->unlock(lock_shared);
}

Status Pager::load_frame(uint32_t number, uint8_t* data, size_t& count, bool& is_found) {
  uint32_t frame = 0;
  KEELBACK_TRY(wal_->find(number, frame));
  is_found = frame != 0;
  return is_found ? wal_->read_frame(frame, data, limits().page_size, count) : ok_status;
}

// Writing

Status Pager::begin_wal_write() {
  if (keeps_locks && !wal_->is_alone()) {
    const Status status = file->lock(lock_exclusive);
    if (!status.is_ok()) {
      KEELBACK_TRY(file->unlock(lock_shared));
      return status;
    }
    wal_->be_alone();
  }
  return wal_->begin_write();
}

// A commit, or a spill in the middle of a transaction.
Status Pager::write_dirty_frames(bool is_commit) {
  if (!first_dirty_ && !(is_commit && wal_->has_uncommitted_frames())) return ok_status;
  Page* first = nullptr;
  if (is_commit) {
    KEELBACK_TRY(get(1, first));
    if (first->is_dirty || !first_dirty_) KEELBACK_TRY(raise_change_counter());
  }
  std::vector<Page*> dirty;
  dirty.reserve(dirty_count_);
  for (Page* page = first_dirty_; page; page = page->next_dirty) {
    if (page->number <= page_count) dirty.push_back(page);
  }
  std::sort(dirty.begin(), dirty.end(),
            [](const Page* left, const Page* right) { return left->number < right->number; });
  // A commit needs a frame to be written on.
  if (is_commit && dirty.empty()) dirty.push_back(first);
  KEELBACK_TRY(wal_->append(dirty, limits().page_size, is_commit ? page_count : 0, synchronous));
  for (Page* page : dirty) page->write_serial = 0;
  counts.writes += dirty.size();
  clean_all();
  if (is_commit) original_page_count_ = page_count;
  return ok_status;
}

// The pages of another pager, which lies in memory and is not needed any more.
Status Pager::replace_in_wal(Pager& source, uint32_t change_counter) {
  if (source.limits().page_size != limits().page_size) return Status(result::INTERNAL);
  std::vector<Page*> pages;
  pages.reserve(source.page_count);
  for (uint32_t number = 1; number <= source.page_count; ++number) {
    if (number == source.lock_page) continue;
    Page* page = nullptr;
    KEELBACK_TRY(source.get(number, page));
    pages.push_back(page);
  }
  uint8_t* first = pages.front()->data;
  first[file_format_offset] = 2;
  first[file_format_offset + 1] = 2;
  put_u32(first + change_counter_offset, change_counter);
  put_u32(first + version_valid_for_offset, change_counter);
  KEELBACK_TRY(wal_->append(pages, limits().page_size, source.page_count, synchronous));
  const uint32_t count = source.page_count;
  drop_cache();
  set_page_format(limits().page_size, limits().page_size - source.limits().usable_size);
  page_count = count;
  original_page_count_ = count;
  return commit_phase_two();
}

Status Pager::undo_wal() {
  if (wal_->has_uncommitted_frames()) {
    drop_cache();
  } else {
    while (first_dirty_) drop_page(*first_dirty_);
  }
  page_count = original_page_count_;
  return wal_->undo();
}

// Checkpoints and closing

CheckpointOrder Pager::checkpoint_order(CheckpointMode mode, const BusyWait& wait) const {
  return {mode, synchronous != synchronous_off, limits().page_size, interrupt_source, wait};
}

Status Pager::checkpoint(CheckpointMode mode, const BusyWait& wait, CheckpointResult& result) {
  if (!file) return ok_status;
  if (state_ != TransactionState::none) return Status(result::LOCKED);
  if (!wal_) {
    KEELBACK_TRY(begin_read());
    KEELBACK_TRY(end_read());
  }
  return wal_ ? wal_->checkpoint(checkpoint_order(mode, wait), result) : ok_status;
}

Status Pager::close_wal(bool keeps_file) {
  // Only the last one who has the database open can lock it exclusively. Beside a file that was deleted or renamed the
  // WAL may be that of another one of its name.
  const bool is_last =
      is_checkpointed_at_close && !is_readonly && !file->has_moved() && file->lock(lock_exclusive).is_ok();
  const CheckpointOrder order = checkpoint_order(CheckpointMode::passive, {});
  const Status status = wal_->close(is_last ? &order : nullptr, keeps_file);
  wal_.reset();
  is_wal_view_known_ = false;
  // A checkpoint that failed is for the next one to finish.
  const Status unlocked = file->unlock(lock_none);
  return status.code() == result::NOMEM ? status : unlocked;
}

Status Pager::leave_wal() {
  if (state_ != TransactionState::none) return Status(result::LOCKED);
  const Status locked = file->lock(lock_exclusive);
  if (!locked.is_ok()) {
    KEELBACK_TRY(file->unlock(lock_shared));
    return locked;
  }
  const CheckpointOrder order = checkpoint_order(CheckpointMode::passive, {});
  const Status status = wal_->close(&order, false);
  wal_.reset();
  is_wal_view_known_ = false;
  drop_cache();
  file_version_.clear();
  if (!status.is_ok()) {
    KEELBACK_TRY(file->unlock(lock_none));
    return status;
  }
  is_leaving_wal_ = true;
  return ok_status;
}

}  // namespace keelback::storage
