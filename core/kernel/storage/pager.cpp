#include "pager.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "header.hpp"
#include "locks.hpp"
#include "recovery.hpp"

namespace keelback::storage {

namespace {

constexpr uint32_t library_version_number = 3054001;
constexpr size_t always_cached = 20;
// Of old contents of pages, beside a database in a file.
constexpr size_t most_image_bytes = size_t{1} << 20;
constexpr size_t version_offset = 24;
constexpr size_t version_bytes = 16;
constexpr const char* readonly_message = "attempt to write a readonly database";

JournalMode usual_mode(bool is_file) noexcept { return is_file ? JournalMode::delete_file : JournalMode::memory; }

uint64_t next_identity() noexcept {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

bool has_journal_file(JournalMode mode) noexcept { return mode != JournalMode::memory && mode != JournalMode::off; }

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
      journal_mode_(usual_mode(file != nullptr)),
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
  if (is_other_size) drop_cache();
  workspace.limits = TreeLimits(page_size, reserved_bytes);
  if (is_other_size) pages_.clear(page_size);
  lock_page = static_cast<uint32_t>(pending_byte / page_size + 1);
  shrink_at_ = cache_limit();
}

void Pager::set_cache_size(int64_t size) {
  cache_size_ = size;
  shrink_at_ = cache_limit();
}

size_t Pager::cache_limit() const noexcept {
  const int64_t pages = cache_size_ >= 0 ? cache_size_ : -cache_size_ * 1024 / (limits().page_size + 100);
  return std::max(always_cached, static_cast<size_t>(pages));
}

// The cache

Status Pager::load(uint32_t number, Page*& page) {
  page = nullptr;
  if (number < 1 || number > page_count || number == lock_page) return corrupt();
  const uint32_t page_size = limits().page_size;
  Page& found = pages_.add(number);
  size_t count = 0;
  if (temporary_file_ || file) {
    bool is_frame = false;
    Status status = wal_ ? load_frame(number, found.data, count, is_frame) : ok_status;
    if (status.is_ok() && !is_frame) {
      status = page_file().read_at(found.data, page_size, static_cast<uint64_t>(number - 1) * page_size, count);
    }
    if (!status.is_ok()) {
      pages_.remove(found);
      return status;
    }
  }
  std::memset(found.data + count, 0, page_size - count);
  page = &found;
  note_growth();
  return ok_status;
}

void Pager::note_growth() noexcept {
  if (pages_.size() > shrink_at_ && can_shrink()) wants_shrink = true;
}

Status Pager::shrink(std::span<Page* const> keep) {
  ++content_serial;
  wants_shrink = false;
  if (!can_shrink()) return ok_status;
  const size_t limit = cache_limit();
  if (dirty_count_ > limit / 2) KEELBACK_TRY(spill());
  pages_.reuse_retired();
  // A few at a time, so that the cache is nearly always full; what was asked for since the last time comes round again.
  const size_t target = limit - std::max<size_t>(limit / 32, 1);
  size_t excess = pages_.size() > target ? pages_.size() - target : 0;
  size_t visits_left = 2 * pages_.size();
  for (Page* page = pages_.first(); page && excess > 0 && visits_left > 0; --visits_left) {
    Page* following = page->next_loaded;
    if (!page->is_dirty && page->number != 1 && std::find(keep.begin(), keep.end(), page) == keep.end()) {
      if (page->is_used) {
        page->is_used = false;
        pages_.move_to_end(*page);
        if (!following) following = page;
      } else {
        pages_.retire(*page);
        --excess;
      }
    }
    page = following;
  }
  // Where the pages have to stay, it is not tried again for every new one.
  shrink_at_ = pages_.size() > target ? pages_.size() + limit / 2 : limit;
  return ok_status;
}

// Write the dirty pages in the middle of a transaction; quietly not, while readers are in the way.
Status Pager::spill() {
  if (wal_) return state_ == TransactionState::write ? write_dirty_frames(false) : ok_status;
  if (is_temporary_) {
    if (!temporary_file_) KEELBACK_TRY(vfs.open_temporary(temporary_file_));
    return write_dirty_pages();
  }
  if (!file || file->lock_level() < lock_reserved) return ok_status;
  const Status status = make_exclusive({});
  if (status.primary_code() == result::BUSY) return ok_status;
  KEELBACK_TRY(status);
  if (journal_) KEELBACK_TRY(journal_->seal());
  return write_dirty_pages();
}

void Pager::become_temporary() noexcept { is_temporary_ = !file; }

// What is in memory only, or whose journal is to be there, goes to no file.
size_t Pager::most_images() const noexcept {
  const bool is_in_file = file ? journal_mode_ != JournalMode::memory : is_temporary_;
  return is_in_file ? most_image_bytes : std::numeric_limits<size_t>::max();
}

void Pager::drop_cache() {
  ++content_serial;
  pages_.clear(limits().page_size);
  first_dirty_ = nullptr;
  dirty_count_ = 0;
  workspace.reset();
  shrink_at_ = cache_limit();
  wants_shrink = false;
}

void Pager::mark_dirty(Page& page) noexcept {
  if (page.is_dirty) return;
  page.is_dirty = true;
  page.previous_dirty = nullptr;
  page.next_dirty = first_dirty_;
  if (first_dirty_) first_dirty_->previous_dirty = &page;
  first_dirty_ = &page;
  ++dirty_count_;
}

void Pager::mark_clean(Page& page) noexcept {
  if (!page.is_dirty) return;
  page.is_dirty = false;
  (page.previous_dirty ? page.previous_dirty->next_dirty : first_dirty_) = page.next_dirty;
  if (page.next_dirty) page.next_dirty->previous_dirty = page.previous_dirty;
  --dirty_count_;
}

void Pager::clean_all() noexcept {
  while (first_dirty_) mark_clean(*first_dirty_);
}

void Pager::drop_page(Page& page) noexcept {
  ++content_serial;
  mark_clean(page);
  pages_.remove(page);
}

// Read transactions

Status Pager::begin_read() {
  if (state_ != TransactionState::none) return ok_status;
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
  return ok_status;
}

// Lock, recover, compare the file with the cache, read the header and find the size of the database.
Status Pager::validate_cache() {
  if (wal_) return begin_wal_read();
  KEELBACK_TRY(file->lock(lock_shared));
  if (!journal_file_) {
    bool is_hot = false;
    KEELBACK_TRY(has_hot_journal(vfs, *file, journal_path_, is_hot));
    if (is_hot) {
      KEELBACK_TRY(recover(vfs, *file, journal_path_, journal_mode_, synchronous));
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
  if (wal_) return end_wal_read();
  return file && !keeps_locks ? file->unlock(lock_none) : ok_status;
}

// Write transactions

Status Pager::begin_write(bool is_exclusive) {
  if (is_readonly) return Status(result::READONLY, readonly_message);
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

Status Pager::append_page(Page*& page) {
  uint32_t number = page_count + 1;
  if (number == lock_page) ++number;
  if (number > max_page_count) return Status(result::FULL);
  page_count = number;
  page = pages_.find(number);
  if (page) {
    page->forget();
  } else {
    page = &pages_.add(number);
    note_growth();
  }
  std::memset(page->data, 0, limits().page_size);
  return make_writable(*page);
}

Status Pager::open_journal() {
  if (journal_) return ok_status;
  if (file->has_moved()) return Status(result::READONLY_DBMOVED, readonly_message);
  if (!journal_file_) {
    KEELBACK_TRY(vfs.open(journal_path_, open_readwrite | open_create | open_main_journal, journal_file_));
  }
  uint8_t nonce[4] = {};
  vfs.randomness(nonce);
  journal_.emplace(*journal_file_, limits().page_size, original_page_count_, synchronous, get_u32(nonce));
  return ok_status;
}

Status Pager::write_dirty_pages() {
  const uint32_t page_size = limits().page_size;
  is_file_changed_ = true;
  std::vector<Page*> dirty;
  dirty.reserve(dirty_count_);
  for (Page* page = first_dirty_; page; page = page->next_dirty) dirty.push_back(page);
  std::sort(dirty.begin(), dirty.end(),
            [](const Page* left, const Page* right) { return left->number < right->number; });
  for (Page* page : dirty) {
    if (page->number <= page_count) {
      KEELBACK_TRY(page_file().write_at({page->data, page_size}, static_cast<uint64_t>(page->number - 1) * page_size));
    }
    page->write_serial = 0;
  }
  clean_all();
  return ok_status;
}

Status Pager::make_exclusive(const BusyWait& wait) {
  if (state_ != TransactionState::write || !file || wal_) return ok_status;
  while (true) {
    const Status status = file->lock(lock_exclusive);
    if (status.primary_code() != result::BUSY || !wait || !wait()) return status;
  }
}

Status Pager::cut_to(uint32_t count) {
  for (uint32_t number = count + 1; number <= page_count; ++number) {
    if (number == lock_page) continue;
    Page* page = nullptr;
    KEELBACK_TRY(get(number, page));
    KEELBACK_TRY(make_writable(*page));
  }
  for (Page* page = pages_.first(); page;) {
    Page* following = page->next_loaded;
    if (page->number > count) drop_page(*page);
    page = following;
  }
  page_count = count;
  return ok_status;
}

Status Pager::replace_content(Pager& source, uint32_t change_counter, const BusyWait& wait) {
  const uint32_t page_size = source.limits().page_size;
  const uint32_t count = source.page_count;
  std::vector<uint8_t> content(page_size);
  if (!file) {
    drop_cache();
    set_page_format(page_size, 0);
    for (uint32_t number = 1; number <= count; ++number) {
      KEELBACK_TRY(content_of(source, number, change_counter, content));
      Page& page = pages_.add(number);
      std::memcpy(page.data, content.data(), page_size);
      if (is_temporary_) mark_dirty(page);
    }
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
  set_page_format(page_size, 0);
  page_count = count;
  return commit_phase_two();
}

Status Pager::commit_phase_one(const BusyWait& wait, const std::string& super_journal) {
  if (state_ != TransactionState::write || !file) return ok_status;
  if (wal_) return write_dirty_frames(true);
  if (!journal_ && !first_dirty_ && !is_file_changed_) return ok_status;
  KEELBACK_TRY(raise_change_counter());
  KEELBACK_TRY(make_exclusive(wait));
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

Status Pager::commit_phase_two() {
  if (state_ != TransactionState::write) return ok_status;
  if (wal_) {
    end_write();
    return ok_status;
  }
  if (file) {
    KEELBACK_TRY(finish());
    if (page_count) {
      Page* first = nullptr;
      KEELBACK_TRY(get(1, first));
      file_version_.assign(reinterpret_cast<const char*>(first->data) + version_offset, version_bytes);
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
  ++write_serial_;
  original_page_count_ = page_count;
}

// Rollback and savepoints

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

Status Pager::roll_file_back() {
  if (is_file_changed_) {
    drop_cache();
  } else {
    while (first_dirty_) drop_page(*first_dirty_);
  }
  if (journal_file_ && journal_) {
    if (is_file_changed_) {
      KEELBACK_TRY(journal_->flush());
      KEELBACK_TRY(play_back(*journal_file_, *file, false));
      if (synchronous != synchronous_off) KEELBACK_TRY(file->sync());
    }
    KEELBACK_TRY(finish());
  }
  page_count = original_page_count_;
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

Status Pager::finish() {
  if (!journal_file_) return ok_status;
  if (has_super_journal_) {
    // A journal that is kept must not name the super-journal for the next transaction.
    has_super_journal_ = false;
    if (journal_mode_ == JournalMode::persist) KEELBACK_TRY(journal_file_->truncate(0));
  }
  return finish_journal(vfs, *journal_file_, journal_path_, journal_mode_, synchronous);
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
    mark_dirty(*page);
    page->write_serial = 0;
    return wants_shrink ? shrink({}) : ok_status;
  }));
  is_change_counter_done_ = false;
  return ok_status;
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

Status Pager::set_journal_mode(JournalMode mode) {
  const bool is_known = !has_journal_file(mode) || file;
  if (!is_known || state_ == TransactionState::write || mode == journal_mode_) return ok_status;
  const bool had_file = journal_mode_ == JournalMode::truncate || journal_mode_ == JournalMode::persist;
  journal_mode_ = mode;
  const bool keeps_file = mode == JournalMode::truncate || mode == JournalMode::persist;
  return had_file && !keeps_file ? delete_kept_journal() : ok_status;
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
