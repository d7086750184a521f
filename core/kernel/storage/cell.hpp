// Cells: what lies at a cell pointer, and how it is built.
//
//     table leaf      varint payload size, varint rowid, payload, [4 first overflow page]
//     table interior  4 left child, varint rowid (the greatest in the left child's tree)
//     index leaf      varint payload size, payload, [4 first overflow page]
//     index interior  4 left child, varint payload size, payload, [4 first overflow page]
//
// 1. A cell takes at least 4 bytes on its page, so that a free block fits where it was.
// 2. How much of a long payload is local follows from TreeLimits alone.
// 3. Every place read is checked against the page: a cell that runs off it is CORRUPT. One that only runs into the
//    reserved bytes may be read where it has no overflow pages, as SQLite does, and neither moved nor freed.
//
// It does not follow overflow chains and does not look into payloads. Twin: reference/storage/cell.py.
#ifndef KEELBACK_STORAGE_CELL_HPP
#define KEELBACK_STORAGE_CELL_HPP

#include <algorithm>

#include "page.hpp"

namespace keelback::storage {

class PageWriter;

// The payload of a cell: its whole size, and the part that lies on the page.
struct PayloadPlace {
  uint64_t size;
  const uint8_t* data;
  uint32_t local;

  bool has_overflow() const noexcept { return local < size; }
  uint32_t first_overflow_page() const noexcept { return get_u32(data + local); }
};

// The rowid of a cell of a table tree; false where the cell runs off the page.
inline bool cell_rowid(const Page& page, uint32_t index, int64_t& rowid) noexcept {
  const uint8_t* at = page.cell(index);
  at = page.is_leaf ? skip_varint(at) : at + 4;
  uint64_t found = 0;
  at = read_varint_unchecked(at, found);
  rowid = static_cast<int64_t>(found);
  return at <= page.data + page.pointer_mask + 1;
}

// The rowid in a cell of an interior page of a table tree; the same.
inline bool divider(const Page& page, uint32_t index, int64_t& rowid) noexcept {
  uint64_t found = 0;
  const uint8_t* at = read_varint_unchecked(page.cell(index) + 4, found);
  rowid = static_cast<int64_t>(found);
  return at <= page.data + page.pointer_mask + 1;
}

// Begin to fetch the cells that a binary search may look at after the one in the middle.
inline void prefetch_halves(const Page& page, uint32_t low, uint32_t middle, uint32_t high) noexcept {
  if (high - low < 4) return;
  __builtin_prefetch(page.cell((low + middle - 1) >> 1));
  __builtin_prefetch(page.cell((middle + high) >> 1));
}

// How many bytes of a payload lie in the cell.
inline uint32_t local_payload_size(uint64_t size, bool is_table, const TreeLimits& limits) noexcept {
  const uint32_t most = is_table ? limits.max_leaf_local : limits.max_local;
  if (size <= most) return static_cast<uint32_t>(size);
  const auto local = static_cast<uint32_t>(limits.min_local + (size - limits.min_local) % limits.overflow_size);
  return local <= most ? local : limits.min_local;
}

// Where the payload of a cell that has one is.
inline Status payload_place(const Page& page, uint32_t index, const TreeLimits& limits, PayloadPlace& place) noexcept {
  const uint8_t* at = page.cell(index);
  if (!page.is_leaf) at += 4;
  at = read_varint_unchecked(at, place.size);
  if (page.is_table) at = skip_varint(at);
  place.data = at;
  if (place.size <= (page.is_table ? limits.max_leaf_local : limits.max_local)) {
    place.local = static_cast<uint32_t>(place.size);
    return at + place.local > page.data + limits.page_size ? corrupt() : ok_status;
  }
  place.local = local_payload_size(place.size, page.is_table, limits);
  return at + place.local + 4 > page.data + limits.usable_size ? corrupt() : ok_status;
}

// The same where the cell may run off its page: of the local part what lies on the page.
inline PayloadPlace visible_payload(const Page& page, uint32_t index, const TreeLimits& limits) noexcept {
  PayloadPlace place;
  if (payload_place(page, index, limits, place).is_ok()) return place;
  const auto* const end = page.data + limits.page_size;
  const uint32_t local = local_payload_size(place.size, page.is_table, limits);
  place.local = place.data < end ? std::min(local, static_cast<uint32_t>(end - place.data)) : 0;
  return place;
}

// The bytes that a cell takes on its page.
Status cell_size(const Page& page, uint32_t index, const TreeLimits& limits, uint32_t& size) noexcept;
// A view of a cell as it lies on its page, or as it waits for balancing.
Status cell_bytes(const Page& page, uint32_t index, const TreeLimits& limits, Cell& cell) noexcept;
// See to it that cells and free bytes make up a page whose free bytes are known, else it is CORRUPT. It stays so in all
// that is done to it here, and is looked at once.
Status require_sound(Page& page, const TreeLimits& limits) noexcept;
// The page with its bytes in the arena.
Page copy_page(const Page& page, TreeWorkspace& workspace);
// Put cells of a sound page, from number `end` - 1 down to `first`. False where they would leave the page written.
bool put_cells(PageWriter& writer, const Page& page, uint32_t first, uint32_t end, const TreeLimits& limits) noexcept;
// Append views of all cells of a page whose free bytes are known, but not of pending ones.
// is_copied: they are to lie in a copy of the page, in the arena. CORRUPT also where they do not make up the page.
Status page_cells(const Page& page, TreeWorkspace& workspace, bool is_copied, CellList& cells);
// An index leaf cell without the padding of a very short one, as it must be when it moves to an interior page.
Cell exact_index_cell(Cell cell) noexcept;

// The bytes that a cell takes, where its payload is known.
inline uint32_t payload_cell_size(const Page& page, uint32_t index, const PayloadPlace& place) noexcept {
  const uint8_t* end = place.data + place.local + (place.has_overflow() ? 4 : 0);
  return std::max(least_cell_size, static_cast<uint32_t>(end - page.cell(index)));
}

// The bytes that a cell of a sound page takes, where its payload may be long.
uint32_t long_sound_cell_size(const Page& page, uint32_t index, const TreeLimits& limits) noexcept;

// The bytes that the cell at `start` takes, of a sound leaf.
template <bool is_table>
inline uint32_t sound_leaf_cell_size(const Page& page, const uint8_t* start, uint32_t index,
                                     const TreeLimits& limits) noexcept {
  const uint32_t size = *start;
  if (size > limits.most_short) return long_sound_cell_size(page, index, limits);
  if (!is_table) return std::max(least_cell_size, size + 1);
  return std::max(least_cell_size, static_cast<uint32_t>(skip_varint(start + 1) - start) + size);
}

// A view of a cell of a page that is sound.
inline Cell sound_cell(const Page& page, uint32_t index, const TreeLimits& limits) noexcept {
  const uint8_t* const start = page.cell(index);
  if (!page.is_leaf) return {start, long_sound_cell_size(page, index, limits)};
  return {start, page.is_table ? sound_leaf_cell_size<true>(page, start, index, limits)
                               : sound_leaf_cell_size<false>(page, start, index, limits)};
}

// Put a cell in as number `index`; the page must be writable. One that has no room makes the page pending, and its
// bytes must then live until the page is balanced.
Status insert_cell(Page& page, uint32_t index, Cell cell, TreeWorkspace& workspace);
// Take cell `index` out; the page must be writable.
Status remove_cell(Page& page, uint32_t index, TreeWorkspace& workspace);

}  // namespace keelback::storage

#endif
