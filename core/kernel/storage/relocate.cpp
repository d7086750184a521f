#include "relocate.hpp"

#include <cstring>

#include "freelist.hpp"
#include "pointer_map.hpp"

namespace keelback::storage {

namespace {

constexpr uint32_t largest_root_offset = 52;

// Take pages from the free list until it is the wanted one, and give the others back.
Status take_free_page(Pager& pager, uint32_t wanted, Page*& page) {
  std::vector<uint32_t> others;
  while (true) {
    uint32_t free_count = 0;
    KEELBACK_TRY(free_page_count(pager, free_count));
    if (free_count == 0) return corrupt();
    KEELBACK_TRY(allocate_page(pager, page));
    if (page->number == wanted) break;
    others.push_back(page->number);
  }
  for (const uint32_t number : others) KEELBACK_TRY(free_page(pager, number));
  return ok_status;
}

Status replace_child(Pager& pager, uint32_t parent, uint32_t old_number, uint32_t new_number) {
  Page* page = nullptr;
  KEELBACK_TRY(pager.get_tree_page(parent, page));
  if (!page->is_leaf) {
    for (uint32_t index = 0; index <= page->cell_count; ++index) {
      if (page->child(index) != old_number) continue;
      return page->set_child(index, new_number, pager.workspace);
    }
  }
  return corrupt();
}

Status replace_first_overflow(Pager& pager, uint32_t parent, uint32_t old_number, uint32_t new_number) {
  Page* page = nullptr;
  KEELBACK_TRY(pager.get_tree_page(parent, page));
  if (page->is_leaf || !page->is_table) {
    for (uint32_t index = 0; index < page->cell_count; ++index) {
      PayloadPlace place;
      KEELBACK_TRY(payload_place(*page, index, pager.limits(), place));
      if (!place.has_overflow() || place.first_overflow_page() != old_number) continue;
      const auto at = static_cast<size_t>(place.data + place.local - page->data);
      if (!page->is_place_of_cell(at, pager.limits())) return corrupt();
      put_u32(page->data + at, new_number);
      return ok_status;
    }
  }
  return corrupt();
}

}  // namespace

bool is_place_for_root(const Pager& pager, uint32_t number) noexcept {
  return number != pager.lock_page && !is_pointer_map_page(pager, number);
}

Status move_page(Pager& pager, uint32_t number, Page& target) {
  PointerMapEntry entry;
  KEELBACK_TRY(read_pointer_map(pager, number, entry));
  Page* source = nullptr;
  Page* parent = nullptr;
  KEELBACK_TRY(pager.get(number, source));
  KEELBACK_TRY(pager.get(entry.parent, parent));
  KEELBACK_TRY(pager.make_writable(*parent));
  std::memmove(target.data, source->data, pager.limits().page_size);
  target.forget();
  KEELBACK_TRY(write_pointer_map(pager, target.number, entry.kind, entry.parent));
  if (entry.kind == kind_tree) {
    KEELBACK_TRY(target.decode(pager.limits()));
    KEELBACK_TRY(map_page_pointers(pager, target));
    return replace_child(pager, entry.parent, number, target.number);
  }
  if (entry.kind == kind_first_overflow) {
    KEELBACK_TRY(replace_first_overflow(pager, entry.parent, number, target.number));
  } else if (entry.kind == kind_other_overflow && get_u32(parent->data) == number) {
    put_u32(parent->data, target.number);
  } else {
    return corrupt();
  }
  const uint32_t following = get_u32(target.data);
  return following ? write_pointer_map(pager, following, kind_other_overflow, target.number) : ok_status;
}

Status move_root(Pager& pager, uint32_t number, uint32_t place) {
  Page* source = nullptr;
  Page* target = nullptr;
  KEELBACK_TRY(pager.get(number, source));
  KEELBACK_TRY(pager.get(place, target));
  KEELBACK_TRY(pager.make_writable(*target));
  std::memmove(target->data, source->data, pager.limits().page_size);
  target->forget();
  KEELBACK_TRY(write_pointer_map(pager, place, kind_root, 0));
  KEELBACK_TRY(target->decode(pager.limits()));
  return map_page_pointers(pager, *target);
}

Status allocate_root(Pager& pager, Page*& page) {
  Page* first = nullptr;
  KEELBACK_TRY(pager.get(1, first));
  uint32_t wanted = get_u32(first->data + largest_root_offset) + 1;
  while (!is_place_for_root(pager, wanted)) ++wanted;
  if (wanted > pager.page_count) {
    KEELBACK_TRY(pager.make_writable(*first));
    KEELBACK_TRY(append_tree_page(pager, page));
    put_u32(first->data + 28, pager.page_count);
    if (page->number != wanted) return corrupt();
  } else {
    PointerMapEntry entry;
    KEELBACK_TRY(read_pointer_map(pager, wanted, entry));
    if (entry.kind == kind_free) {
      KEELBACK_TRY(take_free_page(pager, wanted, page));
    } else {
      Page* target = nullptr;
      KEELBACK_TRY(allocate_page(pager, target));
      KEELBACK_TRY(move_page(pager, wanted, *target));
      KEELBACK_TRY(pager.get(wanted, page));
      KEELBACK_TRY(pager.make_writable(*page));
      page->forget();
    }
  }
  KEELBACK_TRY(write_pointer_map(pager, wanted, kind_root, 0));
  KEELBACK_TRY(pager.make_writable(*first));
  put_u32(first->data + largest_root_offset, wanted);
  return ok_status;
}

}  // namespace keelback::storage
