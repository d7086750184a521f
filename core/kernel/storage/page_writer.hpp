// Laying out a page anew, cell by cell from its last to its first; behind one another they then fill the end of the
// page.
//
// 1. The cells lie elsewhere, each with `spare_bytes` behind it.
// 2. Kind and right child of the page stay. Cells that are not as many or as long as was said are CORRUPT, and what the
//    page then holds is of no use.
//
// It knows nothing of cells beyond their place. Twin: none, reference/storage/page.py writes lists of bytes.
#ifndef KEELBACK_STORAGE_PAGE_WRITER_HPP
#define KEELBACK_STORAGE_PAGE_WRITER_HPP

#include <cstring>

#include "page.hpp"

namespace keelback::storage {

class PageWriter {
 public:
  // taken: the bytes of all cells. They have to fit, see `fits`.
  PageWriter(Page& page, uint32_t count, uint32_t taken, const TreeLimits& limits) noexcept
      : data_(page.data),
        place_(page.data + page.pointers_offset + 2 * count),
        at_(limits.usable_size - taken),
        usable_(limits.usable_size) {}

  static bool fits(const Page& page, uint64_t count, uint64_t taken, const TreeLimits& limits) noexcept {
    return page.pointers_offset + 2 * count + taken <= limits.usable_size;
  }

  // Put the cell before the one put last. False where it would leave the page.
  bool put(Cell cell) noexcept {
    if (cell.size > usable_ - at_) return false;
    place_ -= 2;
    put_u16(place_, at_);
    copy(cell.data, at_, cell.size);
    at_ += cell.size;
    return true;
  }

  // The same with the last `count` cells of which `pointers` tells the places in `data`. size_of: what the cell at a
  // place takes, given its number too.
  template <class SizeOf>
  bool put_cells(const uint8_t* data, const uint8_t* pointers, uint32_t count, SizeOf size_of) noexcept {
    uint8_t* place = place_;
    uint32_t at = at_;
    while (count > 0) {
      // Cells mostly lie behind one another already, and go together.
      const uint32_t first = get_u16(pointers + 2 * (count - 1));
      const uint32_t first_at = at;
      uint32_t next = first;
      do {
        place -= 2;
        put_u16(place, at);
        const uint32_t size = size_of(data + next, --count);
        next += size;
        at += size;
      } while (count > 0 && get_u16(pointers + 2 * (count - 1)) == next);
      if (at > usable_) return false;
      copy(data + first, first_at, next - first);
    }
    place_ = place;
    at_ = at;
    return true;
  }

  // Write the header. count and taken: as they were said.
  Status finish(Page& page, uint32_t count, uint32_t taken, const TreeLimits& limits) const noexcept {
    if (at_ != usable_ || place_ != data_ + page.pointers_offset) return corrupt();
    page.set_packed(count, limits.usable_size - taken, limits);
    return ok_status;
  }

 private:
  static constexpr uint32_t step = 32;
  static_assert(2 * step <= spare_bytes);

  // What is copied too much is overwritten by the next cells; where there is no room for it nothing is.
  void copy(const uint8_t* from, uint32_t at, uint32_t size) const noexcept {
    uint8_t* const to = data_ + at;
    if (size > 2 * step || usable_ - at < 2 * step) {
      std::memcpy(to, from, size);
      return;
    }
    std::memcpy(to, from, step);
    if (size > step) std::memcpy(to + step, from + step, step);
  }

  uint8_t* data_;
  uint8_t* place_;  // of the pointer written last
  uint32_t at_;     // where the next cell goes
  uint32_t usable_;
};

}  // namespace keelback::storage

#endif
