// The cache of the pager: how pages come in, which of them leave, and how changed ones reach their file.
#include <algorithm>
#include <cstring>

#include "../value/memory_account.hpp"
#include "locks.hpp"
#include "pager.hpp"

namespace keelback::storage {

namespace {

constexpr size_t always_cached = 20;
constexpr size_t page_overhead = 136;  // as SQLite counts it

}  // namespace

void Pager::set_cache_size(int64_t size) {
  cache_size_ = size;
  is_cache_size_set_ = true;
  surplus_.give_back();
  shrink_at_ = cache_limit();
}

// Its own pages, and those that its share of the surplus pays for.
size_t Pager::cache_limit() const noexcept {
  const size_t cost = limits().page_size + page_overhead;
  const int64_t pages = cache_size_ >= 0 ? cache_size_ : -cache_size_ * 1024 / static_cast<int64_t>(cost);
  return std::max(always_cached, static_cast<size_t>(pages)) + surplus_.bytes() / cost;
}

Status Pager::load(uint32_t number, Page*& page) {
  page = nullptr;
  if (number < 1 || number > page_count || number == lock_page) return corrupt();
  const uint32_t page_size = limits().page_size;
  Page& found = pages_.add(number);
  ++counts.misses;
  size_t count = 0;
  if (temporary_file_ || file) {
    bool is_frame = false;
    Status status = wal_ ? load_frame(number, found.data, count, is_frame) : ok_status;
    if (status.is_ok() && !is_frame && state_ == TransactionState::read && file && !wal_) {
      status = read_ahead_.read(*file, number, page_count, page_size, found.data, count);
    } else if (status.is_ok() && !is_frame) {
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

void Pager::note_growth() noexcept {
  if (!can_shrink()) return;
  if (pages_.size() <= shrink_at_) {
    // Rather than asking for memory where that is tight, go round in what is there.
    if (pages_.is_full() && pages_.size() > always_cached && memory_account::is_tight(limits().page_size)) {
      wants_shrink = true;
    }
  } else if (!is_cache_size_set_ && surplus_.grow()) {
    shrink_at_ = std::max(shrink_at_, cache_limit());
  } else {
    wants_shrink = true;
  }
}

Status Pager::shrink(std::span<Page* const> keep) {
  ++content_serial;
  ++shrink_count_;
  wants_shrink = false;
  if (!can_shrink()) return ok_status;
  size_t limit = cache_limit();
  if (pages_.size() < limit) limit = std::max(always_cached, pages_.size());  // memory is tight
  if (may_spill && dirty_count_ > limit / 2 && pages_.size() > spill_size) KEELBACK_TRY(spill());
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
  counts.spills += dirty_count_;
  const Status status = flush_cache();
  return status.primary_code() == result::BUSY ? ok_status : status;
}

Status Pager::flush_cache() {
  if (wal_) return state_ == TransactionState::write ? write_dirty_frames(false) : ok_status;
  if (is_temporary_) {
    if (!temporary_file_) KEELBACK_TRY(vfs.open_temporary(temporary_file_));
    return write_dirty_pages();
  }
  if (!file || !first_dirty_ || file->lock_level() < lock_reserved) return ok_status;
  KEELBACK_TRY(make_exclusive({}));
  if (journal_) KEELBACK_TRY(journal_->seal());
  return write_dirty_pages();
}

void Pager::release_memory(bool is_idle) noexcept {
  is_release_wanted_ = !is_idle;
  if (!is_idle) return;
  ++content_serial;
  surplus_.give_back();
  shrink_at_ = cache_limit();
  // Where the pages are the database, only what a rollback has left goes.
  for (Page* page = can_shrink() ? pages_.first() : nullptr; page;) {
    Page* following = page->next_loaded;
    if (!page->is_dirty) pages_.remove(*page);
    page = following;
  }
  pages_.reuse_retired();
  pages_.release_unused();
  wants_shrink = false;
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
  counts.writes += dirty.size();
  clean_all();
  return ok_status;
}

void Pager::become_temporary() noexcept {
  if (file) return;
  is_temporary_ = true;
  journal_mode_ = JournalMode::delete_file;
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

void Pager::drop_page(Page& page) noexcept {
  ++content_serial;
  mark_clean(page);
  pages_.remove(page);
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

}  // namespace keelback::storage
