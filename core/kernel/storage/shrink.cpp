#include "shrink.hpp"

#include <algorithm>
#include <vector>

#include "freelist.hpp"
#include "relocate.hpp"

namespace keelback::storage {

namespace {

constexpr uint32_t page_count_offset = 28;
constexpr uint32_t first_trunk_offset = 32;
constexpr uint32_t free_count_offset = 36;

// All free pages, of which the header says that there are `count`, as marks by page number.
Status read_free_list(Pager& pager, uint32_t count, std::vector<bool>& is_free) {
  Page* page = nullptr;
  KEELBACK_TRY(pager.get(1, page));
  uint32_t trunk = get_u32(page->data + first_trunk_offset);
  const uint32_t most_leaves = pager.limits().usable_size / 4 - 2;
  uint32_t found = 0;
  is_free.assign(pager.page_count + 1, false);
  while (trunk) {
    if (trunk < 2 || trunk > pager.page_count || is_free[trunk]) return corrupt();
    is_free[trunk] = true;
    ++found;
    KEELBACK_TRY(pager.get(trunk, page));
    const uint32_t leaves = get_u32(page->data + 4);
    if (leaves > most_leaves) return corrupt();
    for (uint32_t place = 0; place < leaves; ++place) {
      const uint32_t number = get_u32(page->data + 8 + 4 * place);
      if (number < 2 || number > pager.page_count || is_free[number]) return corrupt();
      is_free[number] = true;
      ++found;
    }
    trunk = get_u32(page->data);
  }
  return found == count ? ok_status : corrupt();
}

// Makes these pages the free list; their entries in the pointer maps say already that they are free.
Status write_free_list(Pager& pager, const std::vector<uint32_t>& free) {
  const size_t size = pager.limits().usable_size / 4 - 8;
  Page* first = nullptr;
  KEELBACK_TRY(pager.get(1, first));
  KEELBACK_TRY(pager.make_writable(*first));
  put_u32(first->data + first_trunk_offset, free.empty() ? 0 : free[0]);
  put_u32(first->data + free_count_offset, static_cast<uint32_t>(free.size()));
  for (size_t start = 0; start < free.size(); start += size + 1) {
    const size_t end = std::min(start + size + 1, free.size());
    Page* trunk = nullptr;
    KEELBACK_TRY(pager.get(free[start], trunk));
    KEELBACK_TRY(pager.make_writable(*trunk));
    trunk->forget();
    put_u32(trunk->data, end < free.size() ? free[end] : 0);
    put_u32(trunk->data + 4, static_cast<uint32_t>(end - start - 1));
    for (size_t place = start + 1; place < end; ++place) {
      put_u32(trunk->data + 8 + 4 * (place - start - 1), free[place]);
    }
  }
  return ok_status;
}

// Copies the page at the end to the smallest free one, from `lowest` on.
Status move_last(Pager& pager, uint32_t last, std::vector<bool>& is_free, uint32_t& lowest) {
  while (lowest < last && !is_free[lowest]) ++lowest;
  if (lowest >= last) return corrupt();
  is_free[lowest] = false;
  Page* target = nullptr;
  KEELBACK_TRY(pager.get(lowest, target));
  KEELBACK_TRY(pager.make_writable(*target));
  target->forget();
  return move_page(pager, last, *target);
}

}  // namespace

Status shrink(Pager& pager, uint32_t most, uint32_t& gone) {
  gone = 0;
  uint32_t count = 0;
  KEELBACK_TRY(free_page_count(pager, count));
  if (count == 0 || most == 0) return ok_status;
  uint32_t last = pager.page_count;
  if (count >= last || !is_place_for_root(pager, last)) return corrupt();
  std::vector<bool> is_free;
  KEELBACK_TRY(read_free_list(pager, count, is_free));
  const uint32_t wanted = std::min(most, count);
  uint32_t lowest = 2;
  for (uint32_t step = 0; step < wanted; ++step) {
    if (is_free[last]) {
      is_free[last] = false;
    } else {
      KEELBACK_TRY(move_last(pager, last, is_free, lowest));
    }
    do --last;
    while (last > 1 && !is_place_for_root(pager, last));
  }
  std::vector<uint32_t> left;
  for (uint32_t number = lowest; number <= last; ++number) {
    if (is_free[number]) left.push_back(number);
  }
  KEELBACK_TRY(write_free_list(pager, left));
  Page* first = nullptr;
  KEELBACK_TRY(pager.get(1, first));
  KEELBACK_TRY(pager.make_writable(*first));
  put_u32(first->data + page_count_offset, last);
  gone = wanted;
  return pager.cut_to(last);
}

}  // namespace keelback::storage
