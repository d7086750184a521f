#include "page_table.hpp"

#include <sys/mman.h>
#include <cstring>
#include <new>

namespace keelback::storage {

// Large chunks lie on large pages of memory: looking cells up at random is bound by the translation of addresses.
uint8_t* PageTable::add_chunk(size_t size) {
  constexpr size_t small_alignment = 64;
  const size_t alignment = size == chunk_bytes ? chunk_bytes : small_alignment;
  void* memory = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (!memory) throw std::bad_alloc();
  chunks_.emplace_back(static_cast<uint8_t*>(memory));
  if (size == chunk_bytes) madvise(memory, size, MADV_HUGEPAGE);
  return chunks_.back().get();
}

Page& PageTable::add(uint32_t number) {
  const uint32_t group = number >> group_bits;
  if (group >= groups_.size()) groups_.resize(group + 1);
  if (!groups_[group]) groups_[group] = std::make_unique<Group>();
  if (unused_.empty()) {
    const size_t stride = page_size_ + frame_spare_bytes;
    const size_t size = size_ * stride < chunk_bytes ? 4 * stride : chunk_bytes;
    const size_t count = size / stride;
    uint8_t* chunk = add_chunk(size);
    unused_.reserve(pages_.size() + count);
    for (size_t place = count; place > 0; --place) {
      Page& page = pages_.emplace_back();
      page.data = chunk + (place - 1) * stride;
      std::memset(page.data + page_size_, 0, spare_bytes);
      unused_.push_back(&page);
    }
  }
  Page& page = *unused_.back();
  unused_.pop_back();
  page.number = number;
  page.header_offset = number == 1 ? 100 : 0;
  page.write_serial = 0;
  page.is_dirty = false;
  page.is_used = false;
  page.forget();
  page.previous_loaded = last_;
  page.next_loaded = nullptr;
  (last_ ? last_->next_loaded : first_) = &page;
  last_ = &page;
  (*groups_[group])[number & group_mask] = &page;
  ++size_;
  return page;
}

void PageTable::unlink(Page& page) noexcept {
  (page.previous_loaded ? page.previous_loaded->next_loaded : first_) = page.next_loaded;
  (page.next_loaded ? page.next_loaded->previous_loaded : last_) = page.previous_loaded;
  (*groups_[page.number >> group_bits])[page.number & group_mask] = nullptr;
  page.forget();
  --size_;
}

void PageTable::move_to_end(Page& page) noexcept {
  if (&page == last_) return;
  (page.previous_loaded ? page.previous_loaded->next_loaded : first_) = page.next_loaded;
  page.next_loaded->previous_loaded = page.previous_loaded;
  page.previous_loaded = last_;
  page.next_loaded = nullptr;
  last_->next_loaded = &page;
  last_ = &page;
}

void PageTable::remove(Page& page) noexcept {
  unlink(page);
  unused_.push_back(&page);
}

void PageTable::retire(Page& page) {
  retired_.push_back(&page);
  unlink(page);
}

void PageTable::reuse_retired() {
  unused_.insert(unused_.end(), retired_.begin(), retired_.end());
  retired_.clear();
}

void PageTable::clear(uint32_t page_size) {
  if (page_size == page_size_) {
    while (first_) remove(*first_);
    return;
  }
  page_size_ = page_size;
  size_ = 0;
  first_ = last_ = nullptr;
  groups_.clear();
  unused_.clear();
  retired_.clear();
  pages_.clear();
  chunks_.clear();
}

}  // namespace keelback::storage
