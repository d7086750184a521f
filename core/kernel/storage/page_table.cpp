#include "page_table.hpp"

#include <algorithm>
#include <cstring>

#include "../value/memory_account.hpp"

namespace keelback::storage {

// A few pages while there are few, or while memory is tight.
void PageTable::add_slab() {
  const size_t stride = page_size_ + frame_spare_bytes;
  const bool is_small = size_ * stride < large_slab_bytes || memory_account::is_tight(large_slab_bytes);
  const size_t bytes = is_small ? 4 * stride : large_slab_bytes;
  const size_t count = bytes / stride;
  size_t total = count;
  for (const PageSlab& slab : slabs_) total += slab.count;
  // Both may be given any page without asking for memory.
  unused_.reserve(total);
  slabs_.reserve(slabs_.size() + 1);
  PageSlab added{Slab(bytes), std::make_unique<Page[]>(count), count};
  uint8_t* data = added.slab.memory() + count * stride;
  for (size_t place = count; place > 0; --place) {
    data -= stride;
    std::memset(data + page_size_, 0, spare_bytes);
    added.pages[place - 1].data = data;
    unused_.push_back(&added.pages[place - 1]);
  }
  bytes_ += bytes;
  slabs_.push_back(std::move(added));
}

Page& PageTable::add(uint32_t number) {
  const uint32_t group = number >> group_bits;
  if (group >= groups_.size()) groups_.resize(group + 1);
  if (!groups_[group]) groups_[group] = std::make_unique<Group>();
  if (unused_.empty()) add_slab();
  Page& page = *unused_.back();
  unused_.pop_back();
  page.number = number;
  page.header_offset = number == 1 ? 100 : 0;
  page.write_serial = 0;
  page.is_dirty = false;
  page.is_used = false;
  page.forget();
  page.changed_at = Page::as_loaded;
  page.order_known_at = Page::replaced;
  page.previous_loaded = last_;
  page.next_loaded = nullptr;
  (last_ ? last_->next_loaded : first_) = &page;
  last_ = &page;
  groups_[group]->pages[number & group_mask] = &page;
  ++groups_[group]->count;
  ++size_;
  return page;
}

void PageTable::unlink(Page& page) noexcept {
  (page.previous_loaded ? page.previous_loaded->next_loaded : first_) = page.next_loaded;
  (page.next_loaded ? page.next_loaded->previous_loaded : last_) = page.previous_loaded;
  std::unique_ptr<Group>& group = groups_[page.number >> group_bits];
  group->pages[page.number & group_mask] = nullptr;
  // Of a large database of which little is cached, the groups would take more memory than the pages.
  if (--group->count == 0) group.reset();
  page.forget();
  --size_;
}

void PageTable::put_among_unused(Page& page) noexcept {
  page.number = 0;
  unused_.push_back(&page);
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
  put_among_unused(page);
}

void PageTable::retire(Page& page) {
  retired_.push_back(&page);
  unlink(page);
}

void PageTable::reuse_retired() noexcept {
  for (Page* page : retired_) put_among_unused(*page);
  retired_.clear();
}

void PageTable::release_unused() noexcept {
  const auto is_unused = [](const PageSlab& slab) {
    return std::all_of(slab.pages.get(), slab.pages.get() + slab.count, [](const Page& page) { return !page.number; });
  };
  unused_.clear();
  std::erase_if(slabs_, is_unused);
  bytes_ = 0;
  for (const PageSlab& slab : slabs_) {
    bytes_ += slab.slab.bytes();
    for (size_t place = slab.count; place > 0; --place) {
      if (slab.pages[place - 1].number == 0) unused_.push_back(&slab.pages[place - 1]);
    }
  }
}

void PageTable::clear(uint32_t page_size) {
  if (page_size == page_size_) {
    while (first_) remove(*first_);
    return;
  }
  page_size_ = page_size;
  size_ = 0;
  bytes_ = 0;
  first_ = last_ = nullptr;
  groups_.clear();
  unused_.clear();
  retired_.clear();
  slabs_.clear();
}

}  // namespace keelback::storage
