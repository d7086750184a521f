// Checkpoints: the frames of the WAL go back into the database. The last third of wal.hpp's Wal.
//
//     passive    what can be done without waiting: frames that no reader still keeps out of the database
//     full       waits for the writer, and for readers of old snapshots
//     restart    and for all readers of the WAL, so that the next writer starts at its beginning
//     truncate   and cuts the file to nothing
//
// 1. A frame goes back only if no reader has an older snapshot, which would see it in the database too early.
// 2. One checkpoint at a time (lock 1); read mark 0 is locked while the database file changes under its readers.
#include <algorithm>
#include <cstring>

#include "at_end.hpp"
#include "wal.hpp"

namespace keelback::storage {

Status Wal::checkpoint(const CheckpointOrder& order, CheckpointResult& result) {
  if (is_readonly_ || is_unattended_) return Status(result::READONLY);
  CheckpointMode mode = order.mode;
  if (mode == CheckpointMode::none) return tell_progress(result);
  KEELBACK_TRY(lock(checkpoint_lock, 1, true));
  has_checkpoint_lock_ = true;
  BusyWait wait = mode == CheckpointMode::passive ? BusyWait() : order.wait;
  Status status;
  bool has_write_lock = false;
  bool is_changed = false;
  const AtEnd let_go{[&] {
    // The pages in the cache are not those of this snapshot: the next reader is to notice.
    if (is_changed) header_ = {};
    if (has_write_lock) {
      is_writing_ = true;
      end_write();
    }
    unlock(checkpoint_lock, 1, true);
    has_checkpoint_lock_ = false;
  }};
  if (mode != CheckpointMode::passive) {
    status = lock_patiently(wait, write_lock, 1);
    has_write_lock = status.is_ok();
    if (status.code() == result::BUSY) {
      // Do at least what needs no waiting.
      mode = CheckpointMode::passive;
      wait = {};
      status = ok_status;
    }
  }
  if (status.is_ok()) {
    is_writing_ = has_write_lock;
    status = read_index(is_changed);
  }
  if (status.is_ok()) {
    status = header_.frame_count != 0 && page_size_ != order.page_size ? corrupt() : bring_back(order, wait, mode);
    if (status.is_ok() || status.code() == result::BUSY) {
      result.frames = static_cast<int>(header_.frame_count);
      result.done = static_cast<int>(index_->backfill());
    }
  }
  return status.is_ok() && mode != order.mode ? Status(result::BUSY) : status;
}

Status Wal::tell_progress(CheckpointResult& result) {
  bool is_changed = false;
  KEELBACK_TRY(read_index(is_changed));
  result.frames = static_cast<int>(header_.frame_count);
  result.done = static_cast<int>(index_->backfill());
  if (is_changed) header_ = {};
  return ok_status;
}

Status Wal::bring_back(const CheckpointOrder& order, const BusyWait& wait, CheckpointMode mode) {
  bool is_waiting = static_cast<bool>(wait);
  if (index_->backfill() < header_.frame_count) {
    uint32_t safe = 0;
    KEELBACK_TRY(safe_frame(wait, is_waiting, safe));
    if (index_->backfill() < safe) {
      const Status status = lock_patiently(is_waiting ? wait : BusyWait(), first_read_lock, 1);
      if (status.is_ok()) {
        const AtEnd let_go{[&] { unlock(first_read_lock, 1, true); }};
        // A writer may have started the WAL again since the header was read: then all of that header is back, and what
        // is not is of frames that it does not know. From here on nobody can.
        const WalIndexHeader live = index_->live_header();
        if (std::memcmp(live.salt, header_.salt, sizeof live.salt) == 0) {
          KEELBACK_TRY(copy_frames(order, safe, header_.page_count));
        }
      } else if (status.code() != result::BUSY) {
        return status;
      }
    }
  }
  if (mode == CheckpointMode::passive) return ok_status;
  if (index_->backfill() < header_.frame_count) return Status(result::BUSY);
  if (mode == CheckpointMode::full) return ok_status;
  return finish_restart(is_waiting ? wait : BusyWait(), mode);
}

// The last frame that no reader minds; marks that nobody holds are moved out of the way.
Status Wal::safe_frame(const BusyWait& wait, bool& is_waiting, uint32_t& frame) {
  frame = header_.frame_count;
  for (uint32_t number = 1; number < read_mark_count; ++number) {
    const uint32_t mark = index_->read_mark(number);
    if (frame <= mark) continue;
    const Status status = lock_patiently(is_waiting ? wait : BusyWait(), first_read_lock + number, 1);
    if (status.is_ok()) {
      index_->set_read_mark(number, number == 1 ? frame : unused_mark);
      unlock(first_read_lock + number, 1, true);
    } else if (status.code() == result::BUSY) {
      frame = mark;
      is_waiting = false;
    } else {
      return status;
    }
  }
  return ok_status;
}

Status Wal::copy_frames(const CheckpointOrder& order, uint32_t safe, uint32_t page_count) {
  struct Newest {
    uint32_t page;
    uint32_t frame;
  };
  const uint32_t done = index_->backfill();
  const uint32_t page_size = page_size_;
  index_->set_backfill_attempted(safe);
  if (order.is_synced) KEELBACK_TRY(sync_frames(header_.frame_count));
  std::vector<Newest> frames;
  frames.reserve(header_.frame_count - done);
  for (uint32_t frame = done + 1; frame <= header_.frame_count; ++frame) {
    uint32_t page = 0;
    KEELBACK_TRY(index_->page_of(frame, page));
    frames.push_back({page, frame});
  }
  std::sort(frames.begin(), frames.end(), [](const Newest& left, const Newest& right) {
    return left.page != right.page ? left.page < right.page : left.frame < right.frame;
  });
  uint64_t size = 0;
  KEELBACK_TRY(database_.size(size));
  const uint64_t wanted = uint64_t{page_count} * page_size;
  // A database that is to grow by more than the WAL holds is not the one that the WAL belongs to.
  if (size < wanted && size + 65536 + uint64_t{header_.frame_count} * page_size < wanted) return corrupt();
  buffer_.resize(page_size);
  for (size_t place = 0; place < frames.size(); ++place) {
    const auto [page, frame] = frames[place];
    const bool is_newest = place + 1 == frames.size() || frames[place + 1].page != page;
    if (!is_newest || frame > safe || page > page_count) continue;
    if (order.interrupt_source != nullptr && order.interrupt_source->must_stop()) {
      return Status(result::INTERRUPT);
    }
    size_t count = 0;
    KEELBACK_TRY(read_frame(frame, buffer_.data(), page_size, count));
    if (count < page_size) return Status(result::IOERR_SHORT_READ);
    KEELBACK_TRY(database_.write_at({buffer_.data(), page_size}, uint64_t{page - 1} * page_size));
  }
  if (safe == index_->live_header().frame_count) {
    KEELBACK_TRY(database_.size(size));
    if (size != wanted) KEELBACK_TRY(database_.truncate(wanted));
    if (order.is_synced) {
      const Status synced = database_.sync();
      // What earlier checkpoints brought back and did not sync may be lost as well: the next one begins anew.
      if (!synced.is_ok()) index_->set_backfill(0);
      KEELBACK_TRY(synced);
    }
  }
  index_->set_backfill(safe);
  return ok_status;
}

// All frames are in the database: wait for the readers of the WAL to go.
Status Wal::finish_restart(const BusyWait& wait, CheckpointMode mode) {
  uint8_t bytes[4] = {};
  vfs_.randomness(bytes);
  uint32_t salt = 0;
  std::memcpy(&salt, bytes, sizeof salt);
  KEELBACK_TRY(lock_patiently(wait, first_read_lock + 1, read_mark_count - 1));
  Status status;
  if (mode == CheckpointMode::truncate) {
    restart_header(salt);
    status = file_->truncate(0);
  }
  unlock(first_read_lock + 1, read_mark_count - 1, true);
  return status;
}

}  // namespace keelback::storage
