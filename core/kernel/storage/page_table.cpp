#include "page_table.hpp"

#include <cstring>

namespace keelback::storage {

Page &PageTable::add(uint32_t number) {
  const uint32_t group = number >> group_bits;
  if (group >= groups_.size()) groups_.resize(group + 1);
  if (!groups_[group]) groups_[group] = std::make_unique<Group>();
  if (unused_.empty()) {
    const size_t stride = page_size_ + spare_bytes;
    const size_t count = size_ < frames_in_chunk ? 4 : frames_in_chunk;
    chunks_.push_back(std::make_unique_for_overwrite<uint8_t[]>(stride * count));
    unused_.reserve(pages_.size() + count);
    for (size_t place = count; place > 0; --place) {
      Page &page = pages_.emplace_back();
      page.data = chunks_.back().get() + (place - 1) * stride;
      std::memset(page.data + page_size_, 0, spare_bytes);
      unused_.push_back(&page);
    }
  }
  Page &page = *unused_.back();
  unused_.pop_back();
  page.number = number;
  page.header_offset = number == 1 ? 100 : 0;
  page.write_serial = 0;
  page.is_dirty = false;
  page.forget();
  page.previous_loaded = last_;
  page.next_loaded = nullptr;
  (last_ ? last_->next_loaded : first_) = &page;
  last_ = &page;
  (*groups_[group])[number & group_mask] = &page;
  ++size_;
  return page;
}

void PageTable::unlink(Page &page) noexcept {
  (page.previous_loaded ? page.previous_loaded->next_loaded : first_) = page.next_loaded;
  (page.next_loaded ? page.next_loaded->previous_loaded : last_) = page.previous_loaded;
  (*groups_[page.number >> group_bits])[page.number & group_mask] = nullptr;
  page.forget();
  --size_;
}

void PageTable::remove(Page &page) noexcept {
  unlink(page);
  unused_.push_back(&page);
}

void PageTable::retire(Page &page) {
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
