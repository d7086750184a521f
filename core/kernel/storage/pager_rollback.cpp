// How the pager undoes: a whole write transaction, or what was changed since a savepoint. The states are in pager.cpp.
#include <new>

#include "locks.hpp"
#include "pager.hpp"

namespace keelback::storage {

Status Pager::rollback() {
  ++content_serial;
  if (state_ != TransactionState::write) return ok_status;
  Status status;
  try {
    status = undo();
  } catch (const std::bad_alloc&) {
    // Pages in memory only cannot be left to a next reader.
    if (!file || old_images_) throw;
    status = Status(result::NOMEM);
  }
  if (!status.is_ok()) {
    abandon();
    return status;
  }
  end_write();
  return file && !keeps_locks && !wal_ ? file->unlock(lock_shared) : ok_status;
}

Status Pager::undo() {
  if (wal_) return undo_wal();
  if (!old_images_) return roll_file_back();
  KEELBACK_TRY(restore(*old_images_));
  if (is_file_changed_ && file) {
    KEELBACK_TRY(write_dirty_pages());
    return file->truncate(static_cast<uint64_t>(page_count) * limits().page_size);
  }
  if (!is_temporary_) clean_all();
  return ok_status;
}

// Leave the journal to the next reader.
void Pager::abandon() {
  ++content_serial;
  drop_cache();
  file_version_.clear();
  end_write();
  state_ = TransactionState::none;
  is_wal_view_known_ = false;
  // What brought us here is the error to tell.
  if (wal_) {
    static_cast<void>(end_wal_read().is_ok());
    return;
  }
  if (file) static_cast<void>(file->unlock(lock_none).is_ok());
}

void Pager::open_savepoint(size_t depth) {
  while (savepoints_.size() <= depth) {
    savepoints_.push_back(Savepoint{page_count, {savepoint_images_, limits().page_size}});
    ++write_serial_;
  }
}

void Pager::release_savepoint(size_t depth) {
  while (savepoints_.size() > depth) savepoints_.pop_back();
}

Status Pager::rollback_to_savepoint(size_t depth) {
  if (depth >= savepoints_.size()) return ok_status;
  release_savepoint(depth + 1);
  return restore(savepoints_[depth]);
}

Status Pager::restore(Savepoint& savepoint) {
  ++content_serial;
  for (Page* page = pages_.first(); page;) {
    Page* following = page->next_loaded;
    if (page->number > savepoint.page_count) drop_page(*page);
    page = following;
  }
  page_count = savepoint.page_count;
  KEELBACK_TRY(savepoint.images.for_each([this](uint32_t number, const auto& read) -> Status {
    Page* page = pages_.find(number);
    if (!page) {
      page = &pages_.add(number);
      note_growth();
    }
    const Status status = read(page->data);
    if (!status.is_ok()) {
      drop_page(*page);
      return status;
    }
    page->forget();
    page->changed_at = content_serial;
    mark_dirty(*page);
    page->write_serial = 0;
    return wants_shrink ? shrink({}) : ok_status;
  }));
  is_change_counter_done_ = false;
  return ok_status;
}

}  // namespace keelback::storage
