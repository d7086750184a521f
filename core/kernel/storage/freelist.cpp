#include "freelist.hpp"

#include <cstring>

#include "pointer_map.hpp"

namespace keelback::storage {

namespace {

constexpr uint32_t first_trunk_offset = 32;
constexpr uint32_t free_count_offset = 36;

Status zero_page(Pager& pager, uint32_t number) {
  Page* page = nullptr;
  KEELBACK_TRY(pager.get(number, page));
  KEELBACK_TRY(pager.make_writable(*page));
  page->forget();
  std::memset(page->data, 0, pager.limits().page_size);
  return ok_status;
}

}  // namespace

Status free_page_count(Pager& pager, uint32_t& count) {
  count = 0;
  if (pager.page_count == 0) return ok_status;
  Page* first = nullptr;
  KEELBACK_TRY(pager.get(1, first));
  count = get_u32(first->data + free_count_offset);
  return ok_status;
}

Status append_tree_page(Pager& pager, Page*& page) {
  do {
    KEELBACK_TRY(pager.append_page(page));
  } while (pager.has_pointer_maps && is_pointer_map_page(pager, page->number));
  return ok_status;
}

Status allocate_page(Pager& pager, Page*& page) {
  Page* first = nullptr;
  KEELBACK_TRY(pager.get(1, first));
  const uint32_t free_count = get_u32(first->data + free_count_offset);
  if (free_count && free_count >= pager.page_count) return corrupt();
  KEELBACK_TRY(pager.make_writable(*first));
  if (free_count == 0) {
    KEELBACK_TRY(append_tree_page(pager, page));
    put_u32(first->data + 28, pager.page_count);
    return ok_status;
  }
  const uint32_t trunk_number = get_u32(first->data + first_trunk_offset);
  if (trunk_number < 2) return corrupt();
  Page* trunk = nullptr;
  KEELBACK_TRY(pager.get(trunk_number, trunk));
  const uint32_t leaf_count = get_u32(trunk->data + 4);
  if (leaf_count > pager.limits().usable_size / 4 - 2) return corrupt();
  KEELBACK_TRY(pager.make_writable(*trunk));
  put_u32(first->data + free_count_offset, free_count - 1);
  if (leaf_count == 0) {
    put_u32(first->data + first_trunk_offset, get_u32(trunk->data));
    trunk->forget();
    trunk->changed_at = pager.content_serial;
    page = trunk;
    return ok_status;
  }
  const uint32_t number = get_u32(trunk->data + 8);
  if (number < 2) return corrupt();
  KEELBACK_TRY(pager.get(number, page));
  KEELBACK_TRY(pager.make_writable(*page));
  put_u32(trunk->data + 8, get_u32(trunk->data + 4 + 4 * leaf_count));
  put_u32(trunk->data + 4, leaf_count - 1);
  page->forget();
  page->changed_at = pager.content_serial;
  return ok_status;
}

Status free_page(Pager& pager, uint32_t number) {
  if (number < 2 || number > pager.page_count) return corrupt();
  Page* first = nullptr;
  KEELBACK_TRY(pager.get(1, first));
  KEELBACK_TRY(pager.make_writable(*first));
  const uint32_t free_count = get_u32(first->data + free_count_offset);
  put_u32(first->data + free_count_offset, free_count + 1);
  KEELBACK_TRY(write_pointer_map(pager, number, kind_free, 0));
  const uint32_t trunk_number = get_u32(first->data + first_trunk_offset);
  if (free_count) {
    if (trunk_number < 2 || trunk_number == number) return corrupt();
    Page* trunk = nullptr;
    KEELBACK_TRY(pager.get(trunk_number, trunk));
    const uint32_t leaf_count = get_u32(trunk->data + 4);
    if (leaf_count > pager.limits().usable_size / 4 - 2) return corrupt();
    if (leaf_count < pager.limits().usable_size / 4 - 8) {
      KEELBACK_TRY(pager.make_writable(*trunk));
      put_u32(trunk->data + 4, leaf_count + 1);
      put_u32(trunk->data + 8 + 4 * leaf_count, number);
      if (pager.secure_delete() == secure_delete_on) return zero_page(pager, number);
      if (Page* freed = pager.cached(number)) freed->forget();
      return ok_status;
    }
  }
  Page* page = nullptr;
  KEELBACK_TRY(pager.get(number, page));
  KEELBACK_TRY(pager.make_writable(*page));
  page->forget();
  if (pager.limits().zeroes_freed) std::memset(page->data, 0, pager.limits().page_size);
  put_u32(page->data, free_count ? trunk_number : 0);
  put_u32(page->data + 4, 0);
  put_u32(first->data + first_trunk_offset, number);
  return ok_status;
}

}  // namespace keelback::storage
