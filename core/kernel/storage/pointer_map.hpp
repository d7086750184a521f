// Pointer maps: in an auto-vacuum database, who points to each page, so that a page can be moved.
//
//     page 2 and every (usable size / 5 + 1)-th after it: for each of the pages that follow it, 1 kind, 4 parent
//     kinds: 1 root (parent 0), 2 free (0), 3 first overflow page (page of the cell), 4 later overflow page (the one
//     before), 5 tree page
//
// 1. The lock-byte page is never a pointer map; the map that would be there is on the page after.
//
// Spec: https://www.sqlite.org/fileformat2.html#pointer_map_or_ptrmap_pages. Twin: reference/storage/pointer_map.py.
#ifndef KEELBACK_STORAGE_POINTER_MAP_HPP
#define KEELBACK_STORAGE_POINTER_MAP_HPP

#include "cell.hpp"
#include "pager.hpp"

namespace keelback::storage {

inline constexpr uint8_t kind_root = 1;
inline constexpr uint8_t kind_free = 2;
inline constexpr uint8_t kind_first_overflow = 3;
inline constexpr uint8_t kind_other_overflow = 4;
inline constexpr uint8_t kind_tree = 5;

struct PointerMapEntry {
  uint8_t kind = 0;
  uint32_t parent = 0;
  bool operator==(const PointerMapEntry&) const = default;
};

// Whether this is an auto-vacuum database, full or incremental.
Status has_pointer_maps(Pager& pager, bool& has_maps);
// The pointer map page that describes a page; a pointer map page gives itself.
uint32_t pointer_map_page(const Pager& pager, uint32_t number) noexcept;
inline bool is_pointer_map_page(const Pager& pager, uint32_t number) noexcept {
  return number >= 2 && pointer_map_page(pager, number) == number;
}
Status read_pointer_map(Pager& pager, uint32_t number, PointerMapEntry& entry);
// Set who points to a page; nothing happens in a database without pointer maps.
Status write_pointer_map(Pager& pager, uint32_t number, uint8_t kind, uint32_t parent);
// Set the entries of all pages that a b-tree page points to. A pending page is left for when it is balanced.
Status map_page_pointers(Pager& pager, const Page& page);

}  // namespace keelback::storage

#endif
