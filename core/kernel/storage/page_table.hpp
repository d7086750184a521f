// The cache of pages: by page number in two steps of an array, and in the order of loading.
//
// 1. A Page and its data stay where they are until they are removed.
// 2. The data of a new page is not initialised, but its spare bytes are zero.
// 3. A retired page is not found any more, but who still reads its data reads the old content.
#ifndef KEELBACK_STORAGE_PAGE_TABLE_HPP
#define KEELBACK_STORAGE_PAGE_TABLE_HPP

#include <array>
#include <cstdlib>
#include <deque>

#include "page.hpp"

namespace keelback::storage {

class PageTable {
 public:
  Page* find(uint32_t number) const noexcept {
    const uint32_t group = number >> group_bits;
    return group < groups_.size() && groups_[group] ? (*groups_[group])[number & group_mask] : nullptr;
  }
  Page& add(uint32_t number);
  void remove(Page& page) noexcept;
  // As `remove`, but the data stays as it is until `reuse_retired`.
  void retire(Page& page);
  void reuse_retired();
  // Put a page behind all others, as if it were loaded now.
  void move_to_end(Page& page) noexcept;
  // Remove all pages; `page_size` is that of the pages to come.
  void clear(uint32_t page_size);

  size_t size() const noexcept { return size_; }
  Page* first() const noexcept { return first_; }  // then along `next_loaded`

 private:
  static constexpr uint32_t group_bits = 10;
  static constexpr uint32_t group_mask = (1u << group_bits) - 1;
  static constexpr size_t chunk_bytes = size_t{1} << 21;
  static constexpr size_t frame_spare_bytes = 64;  // the spare bytes, up to a line of the cache
  static_assert(frame_spare_bytes >= spare_bytes);
  using Group = std::array<Page*, 1u << group_bits>;

  uint32_t page_size_ = 0;
  size_t size_ = 0;
  Page* first_ = nullptr;
  Page* last_ = nullptr;
  std::vector<std::unique_ptr<Group>> groups_;
  std::deque<Page> pages_;
  uint8_t* add_chunk(size_t size);

  struct Free {
    void operator()(uint8_t* memory) const noexcept { std::free(memory); }
  };
  std::vector<std::unique_ptr<uint8_t, Free>> chunks_;
  void unlink(Page& page) noexcept;

  std::vector<Page*> unused_;  // with their data
  std::vector<Page*> retired_;
};

}  // namespace keelback::storage

#endif
