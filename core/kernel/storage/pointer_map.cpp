#include "pointer_map.hpp"

namespace keelback::storage {

Status has_pointer_maps(Pager& pager, bool& has_maps) {
  has_maps = false;
  if (pager.page_count == 0) return ok_status;
  Page* first = nullptr;
  KEELBACK_TRY(pager.get(1, first));
  has_maps = get_u32(first->data + 52) != 0;
  return ok_status;
}

uint32_t pointer_map_page(const Pager& pager, uint32_t number) noexcept {
  if (number < 2) return 0;
  const uint32_t step = pager.limits().usable_size / 5 + 1;
  const uint32_t map_number = (number - 2) / step * step + 2;
  return map_number == pager.lock_page ? map_number + 1 : map_number;
}

namespace {

// Where the entry of a page is: its map page and the place there.
Status find_entry(const Pager& pager, uint32_t number, uint32_t& map_number, uint32_t& place) noexcept {
  map_number = pointer_map_page(pager, number);
  if (map_number < 2 || number <= map_number) return corrupt();
  const uint64_t found = 5 * (static_cast<uint64_t>(number) - map_number - 1);
  if (found + 5 > pager.limits().usable_size) return corrupt();
  place = static_cast<uint32_t>(found);
  return ok_status;
}

}  // namespace

Status read_pointer_map(Pager& pager, uint32_t number, PointerMapEntry& entry) {
  uint32_t map_number = 0;
  uint32_t place = 0;
  KEELBACK_TRY(find_entry(pager, number, map_number, place));
  Page* page = nullptr;
  KEELBACK_TRY(pager.get(map_number, page));
  entry = {page->data[place], get_u32(page->data + place + 1)};
  return entry.kind < kind_root || entry.kind > kind_tree ? corrupt() : ok_status;
}

Status write_pointer_map(Pager& pager, uint32_t number, uint8_t kind, uint32_t parent) {
  if (!pager.has_pointer_maps) return ok_status;
  uint32_t map_number = 0;
  uint32_t place = 0;
  KEELBACK_TRY(find_entry(pager, number, map_number, place));
  if (number > pager.page_count) return corrupt();
  Page* page = nullptr;
  KEELBACK_TRY(pager.get(map_number, page));
  uint8_t* entry = page->data + place;
  if (entry[0] == kind && get_u32(entry + 1) == parent) return ok_status;
  KEELBACK_TRY(pager.make_writable(*page));
  entry[0] = kind;
  put_u32(entry + 1, parent);
  return ok_status;
}

Status map_page_pointers(Pager& pager, const Page& page) {
  if (!pager.has_pointer_maps || page.is_pending()) return ok_status;
  if (page.is_leaf || !page.is_table) {
    for (uint32_t index = 0; index < page.cell_count; ++index) {
      PayloadPlace place;
      KEELBACK_TRY(payload_place(page, index, pager.limits(), place));
      if (place.has_overflow()) {
        KEELBACK_TRY(write_pointer_map(pager, place.first_overflow_page(), kind_first_overflow, page.number));
      }
    }
  }
  if (!page.is_leaf) {
    for (uint32_t index = 0; index <= page.cell_count; ++index) {
      KEELBACK_TRY(write_pointer_map(pager, page.child(index), kind_tree, page.number));
    }
  }
  return ok_status;
}

}  // namespace keelback::storage
