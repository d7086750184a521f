// Writing frames: the second half of wal.hpp's Wal.
#include <algorithm>

#include "journal.hpp"
#include "wal.hpp"

namespace keelback::storage {

namespace {

// Frames are gathered and written together up to about this many bytes.
constexpr size_t gathered_bytes = 256 * 1024;

}  // namespace

Status Wal::begin_write() {
  if (is_readonly_ || is_unattended_) return Status(result::READONLY);
  KEELBACK_TRY(lock(write_lock, 1, true));
  if (!index_->is_header(header_)) {
    // Somebody has committed since this snapshot was taken.
    unlock(write_lock, 1, true);
    return Status(result::BUSY_SNAPSHOT);
  }
  is_writing_ = true;
  first_own_frame_ = header_.frame_count + 1;
  return ok_status;
}

void Wal::end_write() noexcept {
  if (!is_writing_) return;
  unlock(write_lock, 1, true);
  is_writing_ = false;
  is_cut_at_commit_ = false;
}

Status Wal::undo() noexcept {
  if (!is_writing_) return ok_status;
  const uint32_t last = header_.frame_count;
  header_ = index_->live_header();
  first_own_frame_ = header_.frame_count + 1;
  return last != header_.frame_count ? index_->cut(header_.frame_count) : ok_status;
}

// Where everything is back in the database and no reader needs the frames, go on at the start of the file.
Status Wal::restart_if_done() {
  if (read_lock_ != 0) return ok_status;
  if (index_->backfill() > 0) {
    uint8_t salt[4] = {};
    vfs_.randomness(salt);
    const Status status = lock(first_read_lock + 1, read_mark_count - 1, true);
    if (status.is_ok()) {
      uint32_t value = 0;
      std::memcpy(&value, salt, sizeof value);
      restart_header(value);
      unlock(first_read_lock + 1, read_mark_count - 1, true);
    } else if (status.code() != result::BUSY) {
      return status;
    }
  }
  // Mark 0 says that the WAL is not looked at, which is about to be no longer true.
  end_read();
  for (int tries = 0; tries <= largest_read_tries; ++tries) {
    bool is_retried = false;
    bool is_changed = false;
    KEELBACK_TRY(try_begin_read(is_changed, true, is_retried));
    if (!is_retried) return ok_status;
    if (tries > 5) vfs_.sleep(static_cast<uint32_t>(tries) * 100);
  }
  return Status(result::PROTOCOL);
}

void Wal::restart_header(uint32_t salt) noexcept {
  ++restart_count_;
  header_.frame_count = 0;
  uint8_t first[4];
  std::memcpy(first, &header_.salt[0], sizeof first);
  put_u32(first, get_u32(first) + 1);
  std::memcpy(&header_.salt[0], first, sizeof first);
  header_.salt[1] = salt;
  index_->write_header(header_);
  index_->set_backfill(0);
  index_->set_backfill_attempted(0);
  index_->set_read_mark(1, 0);
  for (uint32_t number = 2; number < read_mark_count; ++number) index_->set_read_mark(number, unused_mark);
  first_own_frame_ = 1;
}

Status Wal::write_file_header(uint32_t page_size, int synchronous) {
  uint8_t start[wal_header_bytes];
  put_u32(start, wal_magic | (is_big_machine ? 1 : 0));
  put_u32(start + 4, wal_version);
  put_u32(start + 8, page_size);
  put_u32(start + 12, restart_count_);
  if (restart_count_ == 0) {
    uint8_t salts[8] = {};
    vfs_.randomness(salts);
    std::memcpy(header_.salt, salts, sizeof header_.salt);
  }
  std::memcpy(start + 16, header_.salt, sizeof header_.salt);
  WalChecksum checksum;
  checksum.add(start, 24, is_big_machine);
  checksum.put(start + 24);
  page_size_ = page_size;
  header_.is_big = is_big_machine ? 1 : 0;
  header_.frame_checksum[0] = checksum.first;
  header_.frame_checksum[1] = checksum.second;
  is_cut_at_commit_ = true;
  KEELBACK_TRY(file_->write_at(start, 0));
  // Were old frames to survive a crash and this header not, or the other way round, salts would not tell them apart.
  return synchronous != synchronous_off ? sync_frames(0) : ok_status;
}

Status Wal::append(std::span<Page* const> pages, uint32_t page_size, uint32_t commit_page_count, int synchronous) {
  KEELBACK_TRY(restart_if_done());
  if (header_.frame_count == 0) KEELBACK_TRY(write_file_header(page_size, synchronous));
  if (page_size_ != page_size) return corrupt();
  const uint32_t first = header_.frame_count + 1;
  const auto last = static_cast<uint32_t>(header_.frame_count + pages.size());
  // A commit that is in the file must not fail for want of room in the index.
  KEELBACK_TRY(index_->make_room(last));
  KEELBACK_TRY(write_frames(pages, commit_page_count));
  if (commit_page_count != 0) {
    if (synchronous >= synchronous_full) KEELBACK_TRY(sync_frames(last));
    if (is_cut_at_commit_ && size_limit >= 0) KEELBACK_TRY(cut_file(last));
    is_cut_at_commit_ = false;
  }
  for (uint32_t frame = first; frame <= last; ++frame)
    KEELBACK_TRY(index_->append(frame, pages[frame - first]->number));
  header_.set_page_size(page_size);
  header_.frame_count = last;
  if (commit_page_count == 0) return ok_status;
  ++header_.change;
  header_.page_count = commit_page_count;
  index_->write_header(header_);
  first_own_frame_ = last + 1;
  committed_frames_ = last;
  return ok_status;
}

// Moves the running checksum, but not the number of frames.
Status Wal::write_frames(std::span<Page* const> pages, uint32_t commit_page_count) {
  const size_t frame_bytes = frame_header_bytes + page_size_;
  const size_t most = std::max<size_t>(1, gathered_bytes / frame_bytes);
  buffer_.resize(std::min(most, pages.size()) * frame_bytes);
  WalChecksum checksum{header_.frame_checksum[0], header_.frame_checksum[1]};
  for (size_t start = 0; start < pages.size(); start += most) {
    const size_t count = std::min(most, pages.size() - start);
    for (size_t place = 0; place < count; ++place) {
      uint8_t* frame = buffer_.data() + place * frame_bytes;
      const Page& page = *pages[start + place];
      const bool is_last = start + place + 1 == pages.size();
      put_u32(frame, page.number);
      put_u32(frame + 4, is_last ? commit_page_count : 0);
      std::memcpy(frame + 8, header_.salt, sizeof header_.salt);
      std::memcpy(frame + frame_header_bytes, page.data, page_size_);
      checksum.add(frame, 8, header_.is_big != 0);
      checksum.add(frame + frame_header_bytes, page_size_, header_.is_big != 0);
      checksum.put(frame + 16);
    }
    const auto first = static_cast<uint32_t>(header_.frame_count + 1 + start);
    KEELBACK_TRY(file_->write_at({buffer_.data(), count * frame_bytes}, frame_offset(first, page_size_)));
  }
  header_.frame_checksum[0] = checksum.first;
  header_.frame_checksum[1] = checksum.second;
  return ok_status;
}

// After a sync that failed the system takes for written what is not on the disk, and the next sync says that all is
// well: the frames are written once more before it is asked. `last`: the last frame that nobody may change any more.
Status Wal::sync_frames(uint32_t last) {
  if (is_rewrite_due_) {
    buffer_.resize(gathered_bytes);
    const uint64_t end = frame_offset(last + 1, page_size_);
    for (uint64_t offset = 0; offset < end;) {
      size_t count = 0;
      const size_t wanted = std::min<uint64_t>(buffer_.size(), end - offset);
      KEELBACK_TRY(file_->read_at(buffer_.data(), wanted, offset, count));
      if (count == 0) break;
      KEELBACK_TRY(file_->write_at({buffer_.data(), count}, offset));
      offset += count;
    }
  }
  const Status status = file_->sync();
  is_rewrite_due_ = !status.is_ok();
  return status;
}

// After the first commit of a WAL that starts again, whose last frame is `last`: cut what an older one left.
Status Wal::cut_file(uint32_t last) noexcept {
  uint64_t size = 0;
  KEELBACK_TRY(file_->size(size));
  const uint64_t wanted = std::max(static_cast<uint64_t>(size_limit), frame_offset(last + 1, page_size_));
  return size > wanted ? file_->truncate(wanted) : ok_status;
}

}  // namespace keelback::storage
