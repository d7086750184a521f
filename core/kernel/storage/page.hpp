// One page in memory, and its b-tree header when it has one.
//
//     0 1 kind: 2 index interior, 5 table interior, 10 index leaf, 13 table leaf   (at byte 100 on page 1)
//     1 2 first free block    3 2 cell count    5 2 start of the cell area (0 means 65536)    7 1 fragmented bytes
//     8 4 right-most child, interior pages only
//     then the cell pointers, a gap, and the cell area up to the usable size; a free block is: 2 next, 2 size.
//
// 1. `data` is the truth; behind it are `spare_bytes` zeros, so that a varint may be read at any place of the page.
//    `cell_count`, `is_leaf`, `is_table` repeat the header and are valid while `is_decoded`.
// 2. A cell pointer is cut to the page when it is read: whatever a file says, no cell begins outside its page.
// 3. `free_bytes` (gap, free blocks and fragments) is -1 until first asked for.
// 4. A page too full for its cells keeps in `pending_cells` those that have no room, none of which lies in its data;
//    balancing has to follow before anything else reads the page.
// 5. No byte is changed unless the pager made the page writable.
//
// It knows nothing of cells beyond their place. Twin: reference/storage/page.py.
#ifndef KEELBACK_STORAGE_PAGE_HPP
#define KEELBACK_STORAGE_PAGE_HPP

#include <deque>
#include <memory>
#include <vector>

#include "../value/status.hpp"
#include "../value/value.hpp"
#include "../value/varint.hpp"
#include "cell_list.hpp"

namespace keelback::storage {

inline constexpr uint8_t index_interior = 2;
inline constexpr uint8_t table_interior = 5;
inline constexpr uint8_t index_leaf = 10;
inline constexpr uint8_t table_leaf = 13;

// Four bytes of child and two varints; and cells are copied in steps.
inline constexpr size_t spare_bytes = 64;

// What follows from the page size and the reserved bytes: how much of a payload stays on its page.
struct TreeLimits {
  uint32_t page_size = 0;
  uint32_t usable_size = 0;
  uint32_t max_local = 0;
  uint32_t min_local = 0;
  uint32_t max_leaf_local = 0;
  uint32_t overflow_size = 0;
  uint32_t most_short = 0;    // the longest payload that is local everywhere and whose size takes one byte
  bool zeroes_freed = false;  // PRAGMA secure_delete: what is freed in a page is overwritten

  TreeLimits() = default;
  TreeLimits(uint32_t size, uint32_t reserved) noexcept
      : page_size(size),
        usable_size(size - reserved),
        max_local((usable_size - 12) * 64 / 255 - 23),
        min_local((usable_size - 12) * 32 / 255 - 23),
        max_leaf_local(usable_size - 35),
        overflow_size(usable_size - 4),
        most_short(max_local < 0x7F ? max_local : 0x7F) {}
};

// A cell takes no less on its page, so that a free block fits where it was.
inline constexpr uint32_t least_cell_size = 4;

// Memory for cells that wait to be written; nothing moves until `reset`.
class CellArena {
 public:
  uint8_t* take(size_t size);
  Cell copy(Cell cell);
  void reset() noexcept;

 private:
  std::vector<std::unique_ptr<uint8_t[]>> chunks_;
  size_t chunk_ = 0;
  size_t used_ = 0;
};

struct Page;

// Cells that have no room on their page, by their numbers among all of its cells, ascending.
class PendingCells {
 public:
  uint32_t size() const noexcept { return static_cast<uint32_t>(cells_.size()); }
  Cell cell(uint32_t place) const noexcept { return cells_[place].cell; }
  uint32_t number(uint32_t place) const noexcept { return cells_[place].number; }
  // The cell with a number among all; null where that one lies on the page, and then `number` is the one it has there.
  Cell* find(uint32_t& number) noexcept;
  void insert(uint32_t number, Cell cell);
  // A cell with this number is no more, of those here or on the page.
  void erase(uint32_t number) noexcept;
  void clear() noexcept { cells_.clear(); }

 private:
  struct Numbered {
    uint32_t number;
    Cell cell;
  };
  std::vector<Numbered> cells_;
};

// What of a row of cells goes to one page: those before `end` that no page before it has. load: the bytes that they and
// their pointers take.
struct Share {
  uint32_t end;
  uint32_t load;
};

// Cells that follow one another in the copy of a page, from its cell `first` on, or one cell that lies elsewhere.
struct CellRun {
  const Page* page;
  Cell cell;
  uint32_t first;
  uint32_t start;  // its place in the row
  uint32_t end;
};

// What balancing deals with; kept for the memory of its lists.
struct BalanceLists {
  CellList cells;
  std::vector<Cell> dividers;
  std::vector<Share> shares;
  std::vector<CellRun> runs;
  std::vector<Page*> pages;
};

// What changing a tree needs beside its pages. Reset when a change of a cursor begins.
struct TreeWorkspace {
  TreeLimits limits;
  CellArena arena;
  std::vector<Page*> pending_pages;
  BalanceLists lists;
  std::vector<uint8_t> cell;     // the cell being built
  std::vector<uint8_t> payload;  // a payload gathered from an overflow chain

  void reset() noexcept {
    arena.reset();
    pending_pages.clear();
    pending_count_ = 0;
  }
  // Make the page one with pending cells, of which there are none yet.
  PendingCells& make_pending(Page& page);

 private:
  std::deque<PendingCells> pending_lists_;
  size_t pending_count_ = 0;
};

struct Page {
  uint32_t number = 0;
  uint8_t* data = nullptr;
  uint64_t write_serial = 0;
  // The pager's `content_serial` when it was last made writable.
  static constexpr uint64_t as_loaded = 0;
  static constexpr uint64_t replaced = ~uint64_t{0};
  uint64_t changed_at = as_loaded;
  uint64_t order_known_at = replaced;  // see page_order.hpp
  uint8_t order_questions = 0;
  bool is_ordered = false;
  bool is_dirty = false;
  bool is_used = false;  // asked for again since it was loaded, or since `shrink` last passed it over
  bool is_decoded = false;
  bool is_sound = false;  // its cells and its free bytes are known to make it up
  bool is_leaf = true;
  bool is_table = true;
  uint16_t header_offset = 0;
  uint16_t pointers_offset = 0;
  uint32_t pointer_mask = 0;
  uint32_t cell_count = 0;
  int32_t free_bytes = -1;
  PendingCells* pending_cells = nullptr;  // of the workspace
  // Places in the lists of the page table and of the dirty pages.
  Page* previous_loaded = nullptr;
  Page* next_loaded = nullptr;
  Page* previous_dirty = nullptr;
  Page* next_dirty = nullptr;

  // The data was replaced: nothing that was decoded holds any more.
  void forget() noexcept {
    is_decoded = false;
    is_sound = false;
    free_bytes = -1;
    changed_at = replaced;
    order_known_at = as_loaded;
    drop_pending();
  }
  bool is_pending() const noexcept { return pending_cells != nullptr; }
  void drop_pending() noexcept { pending_cells = nullptr; }
  // Read the header. What the cell pointers say is looked at by who follows them.
  Status decode(const TreeLimits& limits) noexcept;
  // Make it an empty b-tree page.
  void format(uint8_t kind, const TreeLimits& limits) noexcept;
  uint8_t kind() const noexcept { return data[header_offset]; }
  // The number of cells, pending ones counted.
  uint32_t full_cell_count() const noexcept { return cell_count + (pending_cells ? pending_cells->size() : 0); }

  uint32_t pointer(uint32_t index) const noexcept { return get_u16(data + pointers_offset + 2 * index) & pointer_mask; }
  const uint8_t* cell(uint32_t index) const noexcept { return data + pointer(index); }

  uint32_t right_child() const noexcept { return get_u32(data + header_offset + 8); }
  void set_right_child(uint32_t child) noexcept { put_u32(data + header_offset + 8, child); }
  // The page number of child `index`; the right-most one stands at `cell_count`.
  uint32_t child(uint32_t index) const noexcept {
    if (pending_cells) [[unlikely]] {
      if (const Cell* pending = pending_cells->find(index)) return get_u32(pending->data);
    }
    return index >= cell_count ? right_child() : get_u32(cell(index));
  }
  // Whether there can be a cell at this place: behind the cell pointers, and no smaller than the least. What is read
  // elsewhere does no harm; what is written there would.
  bool is_place_of_cell(size_t offset, const TreeLimits& limits) const noexcept {
    return offset >= pointers_offset + 2 * cell_count && offset + least_cell_size <= limits.usable_size;
  }
  // Point child `index` elsewhere.
  Status set_child(uint32_t index, uint32_t child_number, TreeWorkspace& workspace);

  // The free space; walks the free blocks the first time.
  Status compute_free_bytes(const TreeLimits& limits) noexcept;
  // Room for a cell and its pointer, known to be free: its offset, or 0 when the page must be packed first.
  Status allocate(uint32_t size, const TreeLimits& limits, uint32_t& offset) noexcept;
  // Give the bytes of a cell back, joining them with free neighbours.
  Status release(uint32_t start, uint32_t size, const TreeLimits& limits) noexcept;
  // Lay the page out anew with exactly these cells, none of which lies in it; kind and right child stay.
  Status write_cells(std::span<const Cell> cells, const TreeLimits& limits) noexcept;
  // Write the header of a page whose cells fill its end from `start` on, and whose pointers are written.
  void set_packed(uint32_t count, uint32_t start, const TreeLimits& limits) noexcept;
  // The quick way to put a cell in as number `index`, in two parts, into the gap. False, and nothing is changed, where
  // the page has free blocks to use first or the gap is too small.
  bool put_in_gap(uint32_t index, Bytes prefix, Bytes payload, const TreeLimits& limits) noexcept;
  // Write a cell at an allocated offset and link it in as number `index`.
  void put_cell_at(uint32_t index, Cell cell, uint32_t offset) noexcept;
  // Remove cell `index` of `size` bytes.
  Status unlink_cell(uint32_t index, uint32_t size, const TreeLimits& limits) noexcept;

  uint32_t content_start() const noexcept {
    const uint32_t start = get_u16(data + header_offset + 5);
    return start ? start : 65536;
  }

 private:
  Status take_free_block(uint32_t size, const TreeLimits& limits, uint32_t& offset) noexcept;
  void set_cell_count(uint32_t count) noexcept {
    cell_count = count;
    put_u16(data + header_offset + 3, count);
  }
};

}  // namespace keelback::storage

#endif
