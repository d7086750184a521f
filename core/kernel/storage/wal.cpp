#include "wal.hpp"

#include <utility>

#include "at_end.hpp"

namespace keelback::storage {

Status Wal::open(Vfs& vfs, VfsFile& database, const std::string& database_path, bool is_alone,
                 std::unique_ptr<Wal>& wal) {
  auto made = std::make_unique<Wal>(vfs, database, database_path + "-wal");
  std::unique_ptr<SharedMemory> memory;
  made->is_alone_ = is_alone;
  made->is_heap_ = is_alone;
  const Status opened = vfs.open(made->path_, open_readwrite | open_create | open_wal, made->file_);
  // Why it cannot be opened is not told, as in SQLite.
  if (opened.primary_code() == result::CANTOPEN) return Status(result::CANTOPEN);
  KEELBACK_TRY(opened);
  made->is_readonly_ = made->file_->is_readonly();
  if (!is_alone) KEELBACK_TRY(database.open_shared_memory(database_path + "-shm", memory));
  if (!memory) {
    made->is_heap_ = true;
    memory = std::make_unique<HeapMemory>();
  }
  made->index_ = std::make_unique<WalIndex>(std::move(memory));
  wal = std::move(made);
  return ok_status;
}

Wal::~Wal() {
  end_write();
  end_read();
}

// Locks

Status Wal::lock(uint32_t number, uint32_t count, bool is_exclusive) noexcept {
  return is_alone_ ? ok_status : index_->memory().lock(number, count, is_exclusive);
}

void Wal::unlock(uint32_t number, uint32_t count, bool is_exclusive) noexcept {
  if (!is_alone_) index_->memory().unlock(number, count, is_exclusive);
}

Status Wal::lock_patiently(const BusyWait& wait, uint32_t number, uint32_t count) {
  while (true) {
    const Status status = lock(number, count, true);
    if (status.code() != result::BUSY || !wait || !wait()) return status;
  }
}

void Wal::be_alone() noexcept {
  if (is_alone_) return;
  if (read_lock_ >= 0) unlock(first_read_lock + static_cast<uint32_t>(read_lock_), 1, false);
  is_alone_ = true;
}

Status Wal::be_among_others() noexcept {
  if (!is_alone_ || is_heap_) return ok_status;
  is_alone_ = false;
  if (read_lock_ < 0) return ok_status;
  const Status status = lock(first_read_lock + static_cast<uint32_t>(read_lock_), 1, false);
  if (!status.is_ok()) is_alone_ = true;
  return status;
}

// Readers

// Bring `header_` up to date; a wal-index that is not whole is made anew from the file.
Status Wal::read_index(bool& is_changed) {
  const Status opened = index_->open(is_writing_);
  if (opened.code() == result::READONLY_CANTINIT) is_unattended_ = true;
  if (!is_unattended_) KEELBACK_TRY(opened);
  const WalIndexHeader before = header_;
  bool is_whole = index_->is_open() && index_->read_header(header_);
  if (!is_whole) {
    if (index_->memory().is_readonly()) {
      // Nobody who may write it is there to ask.
      KEELBACK_TRY(lock(write_lock, 1, false));
      unlock(write_lock, 1, false);
      is_unattended_ = true;
      return ok_status;
    }
    const bool was_writing = is_writing_;
    if (!was_writing) KEELBACK_TRY(lock(write_lock, 1, true));
    const AtEnd let_go{[&] {
      is_writing_ = was_writing;
      if (!was_writing) unlock(write_lock, 1, true);
    }};
    is_writing_ = true;
    Status status = index_->open(true);
    if (status.is_ok()) {
      is_whole = index_->read_header(header_);
      if (!is_whole) {
        status = recover();
        is_changed = true;
      }
    }
    KEELBACK_TRY(status);
  }
  if (header_ != before) {
    is_changed = true;
    page_size_ = header_.page_size();
  }
  return header_.version == wal_version ? ok_status : Status(result::CANTOPEN);
}

Status Wal::begin_read(bool& is_changed) {
  return wanted_ == nullptr ? begin_newest_read(is_changed) : begin_snapshot_read(is_changed);
}

Status Wal::begin_newest_read(bool& is_changed) {
  is_changed = false;
  end_read();
  for (int tries = 0;;) {
    bool is_retried = false;
    KEELBACK_TRY(is_unattended_ ? begin_unattended_read(is_changed, is_retried)
                                : try_begin_read(is_changed, false, is_retried));
    if (!is_retried) return ok_status;
    if (++tries > largest_read_tries) return Status(result::PROTOCOL);
    // Others are about to finish what is in the way; the waits grow to a third of a second.
    if (tries > 5) vfs_.sleep(tries < 10 ? 1 : static_cast<uint32_t>((tries - 9) * (tries - 9) * 39));
  }
}

// One attempt at a read mark that protects the newest snapshot.
Status Wal::try_begin_read(bool& is_changed, bool uses_wal, bool& is_retried) {
  if (!uses_wal) {
    const Status status = read_index(is_changed);
    if (status.code() == result::BUSY) {
      if (!index_->is_open()) {
        is_retried = true;
        return ok_status;
      }
      // The writer may only just have begun, or be recovering.
      const Status recovering = lock(recovery_lock, 1, false);
      if (recovering.is_ok()) {
        unlock(recovery_lock, 1, false);
        is_retried = true;
        return ok_status;
      }
      return recovering.code() == result::BUSY ? Status(result::BUSY_RECOVERY) : recovering;
    }
    KEELBACK_TRY(status);
    if (is_unattended_) {
      is_retried = true;
      return ok_status;
    }
    const bool needs_mark = (wanted_ != nullptr || keeps_snapshots_) && header_.frame_count != 0;
    if (index_->backfill() == header_.frame_count && !needs_mark) {
      const Status locked = lock(first_read_lock, 1, false);
      if (locked.is_ok()) {
        if (!index_->is_header(header_)) {
          unlock(first_read_lock, 1, false);
          is_retried = true;
          return ok_status;
        }
        read_lock_ = 0;
        return ok_status;
      }
      if (locked.code() != result::BUSY) return locked;
    }
  }
  return choose_read_mark(is_retried);
}

Status Wal::choose_read_mark(bool& is_retried) {
  const uint32_t newest =
      wanted_ == nullptr ? header_.frame_count : std::min(header_.frame_count, wanted_->frame_count);
  uint32_t best = 0;
  uint32_t best_mark = 0;
  for (uint32_t number = 1; number < read_mark_count; ++number) {
    const uint32_t mark = index_->read_mark(number);
    if (best_mark <= mark && mark <= newest) {
      best_mark = mark;
      best = number;
    }
  }
  bool was_busy = false;
  if (!index_->memory().is_readonly() && (best_mark < newest || best == 0)) {
    for (uint32_t number = 1; number < read_mark_count; ++number) {
      const Status status = lock(first_read_lock + number, 1, true);
      if (status.is_ok()) {
        index_->set_read_mark(number, newest);
        best_mark = newest;
        best = number;
        unlock(first_read_lock + number, 1, true);
        break;
      }
      if (status.code() != result::BUSY) return status;
      was_busy = true;
    }
  }
  if (best == 0) {
    if (!was_busy) return Status(result::READONLY_CANTINIT);
    is_retried = true;
    return ok_status;
  }
  const Status status = lock(first_read_lock + best, 1, false);
  if (status.code() == result::BUSY) {
    is_retried = true;
    return ok_status;
  }
  KEELBACK_TRY(status);
  first_frame_ = index_->backfill() + 1;
  if (index_->read_mark(best) != best_mark || !index_->is_header(header_)) {
    unlock(first_read_lock + best, 1, false);
    is_retried = true;
    return ok_status;
  }
  read_lock_ = static_cast<int>(best);
  return ok_status;
}

// The shared memory cannot be written and nobody keeps it up: read the file into a private index, each time anew. Lock
// 3 keeps others, should they come, from changing the database meanwhile.
Status Wal::begin_unattended_read(bool& is_changed, bool& is_retried) {
  if (!shared_index_) shared_index_ = std::move(index_);
  SharedMemory& memory = shared_index_->memory();
  const Status locked = memory.lock(first_read_lock, 1, false);
  is_retried = locked.code() == result::BUSY;
  if (is_retried) return ok_status;
  KEELBACK_TRY(locked);
  const bool is_attended = shared_index_->open(false).is_ok() && shared_index_->read_header(header_);
  Status status;
  if (is_attended) {
    be_attended();
    is_retried = true;
  } else {
    index_ = std::make_unique<WalIndex>(std::make_unique<HeapMemory>());
    is_alone_ = true;
    header_ = {};
    status = index_->open(true);
    if (status.is_ok()) status = recover();
  }
  if (is_attended || !status.is_ok()) {
    memory.unlock(first_read_lock, 1, false);
    return status;
  }
  page_size_ = header_.page_size();
  first_frame_ = 1;
  read_lock_ = 1;
  is_changed = true;
  return ok_status;
}

// Somebody has come who keeps the shared memory up.
void Wal::be_attended() noexcept {
  index_ = std::move(shared_index_);
  header_ = {};
  is_alone_ = false;
  is_unattended_ = false;
}

void Wal::end_read() noexcept {
  if (read_lock_ < 0) return;
  if (is_unattended_) {
    shared_index_->memory().unlock(first_read_lock, 1, false);
  } else {
    unlock(first_read_lock + static_cast<uint32_t>(read_lock_), 1, false);
  }
  read_lock_ = -1;
}

Status Wal::find(uint32_t page, uint32_t& frame) noexcept {
  frame = 0;
  return read_lock_ == 0 ? ok_status : index_->find(page, first_frame_, header_.frame_count, frame);
}

Status Wal::read_frame(uint32_t frame, uint8_t* out, size_t size, size_t& count) noexcept {
  return file_->read_at(out, std::min<size_t>(size, page_size_), frame_offset(frame, page_size_) + frame_header_bytes,
                        count);
}

// Closing

Status Wal::close(const CheckpointOrder* order, bool keeps_file) {
  bool is_deleted = false;
  Status status;
  if (order != nullptr) {
    end_read();
    is_alone_ = true;
    CheckpointResult result;
    status = checkpoint(*order, result);
    is_deleted = status.is_ok() && !keeps_file;
    if (status.is_ok() && keeps_file && size_limit >= 0) static_cast<void>(file_->truncate(0).is_ok());
  }
  end_write();
  end_read();
  if (is_deleted) index_->memory().remove_file();
  index_.reset();
  shared_index_.reset();
  file_->close();
  // What is left behind holds nothing that is not in the database.
  if (is_deleted) static_cast<void>(vfs_.delete_file(path_, false).is_ok());
  return status;
}

}  // namespace keelback::storage
