// The cache of pages: by page number in two steps of an array, and in the order of loading.
//
// 1. A Page and its data stay where they are until they are removed.
// 2. The data of a new page is not initialised, but its spare bytes are zero.
// 3. A retired page is not found any more, but who still reads its data reads the old content.
// 4. Pages lie in slabs; a slab goes back to the system when nothing in it is in use and `release_unused` is called, or
//    the page size changes. The number of a page that is not in use is 0.
#ifndef KEELBACK_STORAGE_PAGE_TABLE_HPP
#define KEELBACK_STORAGE_PAGE_TABLE_HPP

#include <array>

#include "page.hpp"
#include "page_memory.hpp"

namespace keelback::storage {

class PageTable {
 public:
  Page* find(uint32_t number) const noexcept {
    const uint32_t group = number >> group_bits;
    return group < groups_.size() && groups_[group] ? groups_[group]->pages[number & group_mask] : nullptr;
  }
  Page& add(uint32_t number);
  void remove(Page& page) noexcept;
  // As `remove`, but the data stays as it is until `reuse_retired`.
  void retire(Page& page);
  void reuse_retired() noexcept;
  // Put a page behind all others, as if it were loaded now.
  void move_to_end(Page& page) noexcept;
  // Give the slabs without a page in use or retired back. Pointers to pages that are not in use become invalid.
  void release_unused() noexcept;
  // Whether the next page needs another slab.
  bool is_full() const noexcept { return unused_.empty(); }
  // Remove all pages; `page_size` is that of the pages to come.
  void clear(uint32_t page_size);

  size_t size() const noexcept { return size_; }
  // All memory of the slabs.
  size_t bytes() const noexcept { return bytes_; }
  Page* first() const noexcept { return first_; }  // then along `next_loaded`

 private:
  static constexpr uint32_t group_bits = 8;
  static constexpr uint32_t group_mask = (1u << group_bits) - 1;
  static constexpr size_t frame_spare_bytes = 64;  // the spare bytes, up to a line of the cache
  static_assert(frame_spare_bytes >= spare_bytes);
  struct Group {
    std::array<Page*, 1u << group_bits> pages{};
    uint32_t count = 0;
  };
  struct PageSlab {
    Slab slab;
    std::unique_ptr<Page[]> pages;
    size_t count = 0;
  };

  void add_slab();
  void unlink(Page& page) noexcept;
  void put_among_unused(Page& page) noexcept;

  uint32_t page_size_ = 0;
  size_t size_ = 0;
  size_t bytes_ = 0;
  Page* first_ = nullptr;
  Page* last_ = nullptr;
  std::vector<std::unique_ptr<Group>> groups_;
  std::vector<PageSlab> slabs_;
  std::vector<Page*> unused_;  // has room for all pages
  std::vector<Page*> retired_;
};

}  // namespace keelback::storage

#endif
