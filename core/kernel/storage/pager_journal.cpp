// The pager with a rollback journal: what is kept of pages before they change, the commit through the file, and the way
// back. The states are in pager.cpp.
#include <algorithm>
#include <cstring>

#include "locks.hpp"
#include "pager.hpp"

namespace keelback::storage {

namespace {

// Of old contents of pages, beside a database in a file.
constexpr size_t most_image_bytes = size_t{1} << 20;

// A page of another database, with the change counter where it is the first.
Status content_of(Pager& source, uint32_t number, uint32_t change_counter, std::vector<uint8_t>& content) {
  std::fill(content.begin(), content.end(), uint8_t{0});
  if (number == source.lock_page) return ok_status;
  Page* page = nullptr;
  if (source.wants_shrink) KEELBACK_TRY(source.shrink({}));
  KEELBACK_TRY(source.get(number, page));
  std::memcpy(content.data(), page->data, content.size());
  if (number == 1) {
    put_u32(content.data() + 24, change_counter);
    put_u32(content.data() + 92, change_counter);
  }
  return ok_status;
}

}  // namespace

// What is in memory only, or whose journal is to be there, goes to no file.
size_t Pager::most_images() const noexcept {
  const bool is_in_file = file ? journal_mode_ != JournalMode::memory : is_temporary_;
  return is_in_file ? most_image_bytes : std::numeric_limits<size_t>::max();
}

Status Pager::keep_in_journal(Page& page) {
  const uint32_t number = page.number;
  const size_t word = number / 64;
  const uint64_t bit = uint64_t{1} << (number % 64);
  const bool is_kept = word < journaled_bits_.size() && (journaled_bits_[word] & bit);
  if (number > original_page_count_ || is_kept) return old_images_ ? ok_status : open_journal();
  if (old_images_) {
    KEELBACK_TRY(old_images_->images.keep(page));
  } else {
    KEELBACK_TRY(open_journal());
    KEELBACK_TRY(journal_->add(number, {page.data, limits().page_size}));
  }
  if (word >= journaled_bits_.size()) journaled_bits_.resize(original_page_count_ / 64 + 1);
  journaled_bits_[word] |= bit;
  journaled_.push_back(number);
  return ok_status;
}

void Pager::clear_journaled() noexcept {
  for (const uint32_t number : journaled_) journaled_bits_[number / 64] = 0;
  journaled_.clear();
}

Status Pager::open_journal() {
  if (journal_) return ok_status;
  if (file->has_moved()) return Status(result::READONLY_DBMOVED, readonly_message);
  if (!journal_file_) {
    KEELBACK_TRY(vfs.open(journal_path_, open_readwrite | open_create | open_main_journal, journal_file_));
  }
  if (journal_file_->is_readonly()) {
    // The next transaction makes its own, if this one can be deleted.
    journal_file_.reset();
    if (journal_mode_ == JournalMode::delete_file) static_cast<void>(vfs.delete_file(journal_path_, false).is_ok());
    return Status(result::IOERR_WRITE);
  }
  uint8_t nonce[4] = {};
  vfs.randomness(nonce);
  journal_.emplace(*journal_file_, limits().page_size, original_page_count_, synchronous, get_u32(nonce));
  return ok_status;
}

// The first half of a commit.
Status Pager::write_to_file(const std::string& super_journal) {
  if (journal_ && !super_journal.empty()) {
    KEELBACK_TRY(journal_->add_super_journal(super_journal, lock_page));
    has_super_journal_ = true;
  }
  if (journal_) KEELBACK_TRY(journal_->seal());
  KEELBACK_TRY(write_dirty_pages());
  const uint32_t page_size = limits().page_size;
  const uint64_t wanted = static_cast<uint64_t>(page_count) * page_size;
  uint64_t size = 0;
  KEELBACK_TRY(file->size(size));
  if (size > wanted) {
    KEELBACK_TRY(file->truncate(wanted));
  } else if (size < wanted && page_count != lock_page) {
    const std::vector<uint8_t> zeros(page_size);
    KEELBACK_TRY(file->write_at(zeros, wanted - page_size));
  }
  return synchronous != synchronous_off ? file->sync() : ok_status;
}

Status Pager::replace_content(Pager& source, uint32_t change_counter, const BusyWait& wait) {
  const uint32_t page_size = source.limits().page_size;
  const uint32_t count = source.page_count;
  const uint32_t reserved = page_size - source.limits().usable_size;
  std::vector<uint8_t> content(page_size);
  if (!file) {
    // There is no journal to go back to: the old pages stay until the new ones are all there.
    PageTable pages;
    pages.clear(page_size);
    for (uint32_t number = 1; number <= count; ++number) {
      KEELBACK_TRY(content_of(source, number, change_counter, content));
      std::memcpy(pages.add(number).data, content.data(), page_size);
    }
    drop_cache();
    set_page_format(page_size, reserved);
    pages_ = std::move(pages);
    for (Page* page = is_temporary_ ? pages_.first() : nullptr; page; page = page->next_loaded) mark_dirty(*page);
    page_count = count;
    end_write();
    return ok_status;
  }
  if (wal_) return replace_in_wal(source, change_counter);
  for (uint32_t number = 1; number <= page_count; ++number) {
    if (number == lock_page) continue;
    Page* page = nullptr;
    KEELBACK_TRY(get(number, page));
    const bool was_clean = !page->is_dirty;
    KEELBACK_TRY(make_writable(*page));
    // It is not changed: what was kept of it is all there is to do.
    if (was_clean) mark_clean(*page);
    if (wants_shrink) KEELBACK_TRY(shrink({}));
  }
  KEELBACK_TRY(make_exclusive(wait));
  if (journal_) KEELBACK_TRY(journal_->seal());
  is_file_changed_ = true;
  for (uint32_t number = 1; number <= count; ++number) {
    KEELBACK_TRY(content_of(source, number, change_counter, content));
    KEELBACK_TRY(file->write_at(content, static_cast<uint64_t>(number - 1) * page_size));
  }
  KEELBACK_TRY(file->truncate(static_cast<uint64_t>(count) * page_size));
  if (synchronous != synchronous_off) KEELBACK_TRY(file->sync());
  drop_cache();
  set_page_format(page_size, reserved);
  page_count = count;
  return commit_phase_two();
}

Status Pager::roll_file_back() {
  if (is_file_changed_) {
    drop_cache();
  } else {
    while (first_dirty_) drop_page(*first_dirty_);
  }
  if (journal_file_ && journal_) {
    if (is_file_changed_) {
      // What is not in the journal yet is of pages that the file has as they were: a full disk does not keep us from
      // going back.
      static_cast<void>(journal_->flush().is_ok());
      uint32_t played_back = 0;
      KEELBACK_TRY(play_back(*journal_file_, *file, false, played_back));
      if (synchronous != synchronous_off) KEELBACK_TRY(file->sync());
    }
    KEELBACK_TRY(finish());
  }
  page_count = original_page_count_;
  return ok_status;
}

Status Pager::finish() {
  return journal_file_ ? finish_journal(vfs, *journal_file_, journal_path_, journal_end()) : ok_status;
}

Status Pager::set_journal_mode(JournalMode mode) {
  // A temporary database only tells the mode: its old contents are kept as in a savepoint.
  const bool is_known = !has_journal_file(mode) || is_on_disk() || is_temporary_;
  if (!is_known || state_ == TransactionState::write || mode == journal_mode_) return ok_status;
  const bool had_file = journal_mode_ == JournalMode::truncate || journal_mode_ == JournalMode::persist;
  journal_mode_ = mode;
  const bool keeps_file = mode == JournalMode::truncate || mode == JournalMode::persist;
  return had_file && !keeps_file && file ? delete_kept_journal() : ok_status;
}

// Delete a journal kept by another mode, only while nobody else can be using it.
Status Pager::delete_kept_journal() {
  const bool was_reading = state_ == TransactionState::read;
  const auto try_deleting = [this]() -> Status {
    KEELBACK_TRY(begin_read());
    KEELBACK_TRY(file->lock(lock_reserved));
    KEELBACK_TRY(vfs.delete_file(journal_path_, false));
    return file->unlock(lock_shared);
  };
  const Status status = try_deleting();
  const Status ended = was_reading ? ok_status : end_read();
  if (!status.is_ok() && status.primary_code() != result::BUSY) return status;
  return ended;
}

}  // namespace keelback::storage
