// Recovery: the wal-index made anew from the WAL, when the one that is there is not whole or nobody was there.
//
// It is made in private and then put in the place of the other: readers with a snapshot may be at work all the while.
#include "at_end.hpp"
#include "header.hpp"
#include "wal.hpp"

namespace keelback::storage {

// The write lock is held.
Status Wal::recover() {
  const uint32_t first = has_checkpoint_lock_ ? recovery_lock : checkpoint_lock;
  const uint32_t count = first_read_lock - first;
  KEELBACK_TRY(lock(first, count, true));
  const AtEnd let_go{[&] { unlock(first, count, true); }};
  KEELBACK_TRY(recover_frames(header_));
  if (header_.page_count != 0) recovered_frames_ = header_.frame_count;
  return ok_status;
}

Status Wal::recover_frames(WalIndexHeader& header) {
  header = {};
  WalIndex made(std::make_unique<HeapMemory>());
  KEELBACK_TRY(read_frames(header, made));
  KEELBACK_TRY(index_->become(made, header.frame_count));
  index_->write_header(header);
  index_->set_backfill(0);
  index_->set_backfill_attempted(header.frame_count);
  index_->set_read_mark(0, 0);
  for (uint32_t number = 1; number < read_mark_count; ++number) {
    const Status status = lock(first_read_lock + number, 1, true);
    if (status.is_ok()) {
      index_->set_read_mark(number, number == 1 && header.frame_count != 0 ? header.frame_count : unused_mark);
      unlock(first_read_lock + number, 1, true);
    } else if (status.code() != result::BUSY) {
      return status;
    }
  }
  return ok_status;
}

// Frames count up to the last commit, as long as salts and checksums hold.
Status Wal::read_frames(WalIndexHeader& header, WalIndex& index) {
  uint8_t start[wal_header_bytes];
  size_t count = 0;
  KEELBACK_TRY(file_->read_at(start, sizeof start, 0, count));
  if (count < sizeof start) return ok_status;
  const uint32_t magic = get_u32(start);
  const uint32_t page_size = get_u32(start + 8);
  if ((magic & ~1u) != wal_magic || !is_page_size(page_size)) return ok_status;
  const bool is_big = (magic & 1) != 0;
  header.is_big = is_big ? 1 : 0;
  page_size_ = page_size;
  restart_count_ = get_u32(start + 12);
  std::memcpy(header.salt, start + 16, sizeof header.salt);
  WalChecksum checksum;
  checksum.add(start, 24, is_big);
  if (!checksum.is_at(start + 24)) return ok_status;
  if (get_u32(start + 4) != wal_version) return Status(result::CANTOPEN);
  header.frame_checksum[0] = checksum.first;
  header.frame_checksum[1] = checksum.second;
  const size_t frame_bytes = frame_header_bytes + page_size;
  std::vector<uint8_t> frame(frame_bytes);
  for (uint32_t number = 1;; ++number) {
    KEELBACK_TRY(file_->read_at(frame.data(), frame_bytes, frame_offset(number, page_size), count));
    if (count < frame_bytes) return ok_status;
    const uint32_t page = get_u32(frame.data());
    if (page == 0 || std::memcmp(frame.data() + 8, header.salt, sizeof header.salt) != 0) return ok_status;
    checksum.add(frame.data(), 8, is_big);
    checksum.add(frame.data() + frame_header_bytes, page_size, is_big);
    if (!checksum.is_at(frame.data() + 16)) return ok_status;
    KEELBACK_TRY(index.append(number, page));
    if (const uint32_t page_count = get_u32(frame.data() + 4)) {
      header.frame_count = number;
      header.page_count = page_count;
      header.set_page_size(page_size);
      header.frame_checksum[0] = checksum.first;
      header.frame_checksum[1] = checksum.second;
    }
  }
}

}  // namespace keelback::storage
