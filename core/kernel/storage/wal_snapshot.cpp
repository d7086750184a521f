// Snapshots that programs keep: sqlite3_snapshot_get, _open and _recover.
//
// 1. A snapshot is the header of the wal-index as a reader had it. It is there as long as the WAL has not started again
//    (the salts) and no checkpoint has tried to bring frames behind it into the database (the frames attempted).
// 2. A reader of an old snapshot looks at all frames of the WAL: which of them are in the database depends on later
// ones.
//
// Source: https://sqlite.org/c3ref/snapshot_open.html
#include <algorithm>
#include <cstring>

#include "wal.hpp"

namespace keelback::storage {

namespace {

// Whatever happens, running out of memory included.
struct LetGo {
  Wal* wal;
  ~LetGo() {
    if (wal != nullptr) wal->let_go_snapshot();
  }
};

}  // namespace

Status Wal::get_snapshot(WalIndexHeader& snapshot) const noexcept {
  const uint32_t parts[] = {header_.frame_checksum[0], header_.frame_checksum[1], header_.salt[0], header_.salt[1]};
  if (std::all_of(std::begin(parts), std::end(parts), [](uint32_t part) { return part == 0; })) {
    return Status(result::ERROR);
  }
  snapshot = header_;
  return ok_status;
}

bool Wal::is_there(const WalIndexHeader& snapshot) const noexcept {
  return std::memcmp(snapshot.salt, header_.salt, sizeof header_.salt) == 0 &&
         snapshot.frame_count >= index_->backfill_attempted();
}

Status Wal::hold_snapshot(const WalIndexHeader& snapshot) {
  KEELBACK_TRY(lock(checkpoint_lock, 1, false));
  if (!is_there(snapshot)) {
    unlock(checkpoint_lock, 1, false);
    return Status(result::ERROR_SNAPSHOT);
  }
  holds_snapshot_ = true;
  return ok_status;
}

void Wal::let_go_snapshot() noexcept {
  if (holds_snapshot_) unlock(checkpoint_lock, 1, false);
  holds_snapshot_ = false;
}

Status Wal::begin_snapshot_read(bool& is_changed) {
  const bool is_other = header_ != *wanted_;
  const bool was_held = holds_snapshot_;
  // A checkpoint that has begun may not have said yet how far it goes.
  if (!was_held) KEELBACK_TRY(lock(checkpoint_lock, 1, false));
  holds_snapshot_ = true;
  const LetGo at_end{was_held ? nullptr : this};
  Status status = begin_newest_read(is_changed);
  if (status.is_ok() && header_ != *wanted_) {
    if (read_lock_ > 0 && !is_unattended_ && is_there(*wanted_)) {
      header_ = *wanted_;
      page_size_ = header_.page_size();
      is_changed = is_other;
      first_frame_ = 1;
    } else {
      end_read();
      status = Status(result::ERROR_SNAPSHOT);
    }
  }
  return status;
}

Status Wal::recover_snapshots() {
  uint64_t size = 0;
  KEELBACK_TRY(database_.size(size));
  std::vector<uint8_t> in_database(page_size_), in_wal(page_size_);
  KEELBACK_TRY(lock(checkpoint_lock, 1, true));
  const Status status = recover_snapshots_of(size, in_database, in_wal);
  unlock(checkpoint_lock, 1, true);
  return status;
}

// Frames that were to go into the database and are not there (what it has is not what they hold) were not attempted.
Status Wal::recover_snapshots_of(uint64_t database_size, std::vector<uint8_t>& in_database,
                                 std::vector<uint8_t>& in_wal) noexcept {
  for (uint32_t frame = index_->backfill_attempted(); frame > index_->backfill(); --frame) {
    uint32_t page = 0;
    KEELBACK_TRY(index_->page_of(frame, page));
    const uint64_t offset = uint64_t{page - 1} * page_size_;
    if (offset + page_size_ <= database_size) {
      size_t count = 0;
      KEELBACK_TRY(read_frame(frame, in_wal.data(), page_size_, count));
      if (count < page_size_) return Status(result::IOERR_SHORT_READ);
      KEELBACK_TRY(database_.read_at(in_database.data(), page_size_, offset, count));
      if (in_wal == in_database) break;
    }
    index_->set_backfill_attempted(frame - 1);
  }
  return ok_status;
}

}  // namespace keelback::storage
