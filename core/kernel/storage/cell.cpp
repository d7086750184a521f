#include "cell.hpp"

#include <algorithm>
#include <cstring>

namespace keelback::storage {

namespace {

// Move the cells of a leaf to the end of their page, in their order; they are read from a copy. False, and the page is
// as it was, where they are not what its free bytes say.
template <bool is_table>
bool pack_leaf(Page& page, const uint8_t* copy, const TreeLimits& limits) {
  const uint32_t usable = limits.usable_size;
  const uint8_t* const end = copy + usable;
  const uint32_t most_short = std::min(limits.max_local, 0x7Fu);
  const uint32_t mask = page.pointer_mask;
  const uint32_t gap_start = page.pointers_offset + 2 * page.cell_count;
  const uint32_t lowest = gap_start + static_cast<uint32_t>(page.free_bytes);
  uint8_t* pointer = page.data + gap_start;
  uint32_t at = lowest;
  // Cells mostly lie behind one another, and go together.
  const uint8_t* run = copy;
  const uint8_t* run_end = copy;
  uint32_t run_at = at;
  uint32_t all_places = 0;
  bool is_sound = true;
  for (uint32_t index = page.cell_count; index > 0; --index) {
    pointer -= 2;
    const uint32_t place = get_u16(pointer);
    all_places |= place;
    const uint8_t* const start = copy + (place & mask);
    if (start != run_end) {
      std::memcpy(page.data + run_at, run, static_cast<size_t>(run_end - run));
      run = start;
      run_at = at;
    }
    const uint32_t size = *start;
    const uint8_t* const stop = (is_table ? skip_varint(start + 1) : start + 1) + size;
    const uint32_t taken = std::max(least_cell_size, static_cast<uint32_t>(stop - start));
    is_sound = size <= most_short && stop <= end && start + taken <= end && taken <= usable - at;
    if (!is_sound) break;
    run_end = start + taken;
    put_u16(pointer, at);
    at += taken;
  }
  if (!is_sound || at != usable || all_places > mask) {
    std::memcpy(page.data, copy, usable);
    return false;
  }
  std::memcpy(page.data + run_at, run, static_cast<size_t>(run_end - run));
  uint8_t* base = page.data + page.header_offset;
  put_u16(base + 1, 0);
  put_u16(base + 5, lowest & 0xFFFF);
  base[7] = 0;
  if (limits.zeroes_freed) std::memset(page.data + gap_start, 0, static_cast<size_t>(page.free_bytes));
  return true;
}

// Pack the page, whose free bytes are known: its cells are read from a copy.
Status pack_page(Page& page, TreeWorkspace& workspace) {
  const TreeLimits& limits = workspace.limits;
  if (page.is_leaf && page.cell_count > 0) {
    const uint8_t* copy = workspace.arena.copy({page.data, limits.usable_size}).data;
    if (page.is_table ? pack_leaf<true>(page, copy, limits) : pack_leaf<false>(page, copy, limits)) return ok_status;
  }
  CellList& cells = workspace.lists.packed;
  cells.clear();
  KEELBACK_TRY(page_cells(page, workspace, true, cells));
  return page.write_cells(cells.span(), limits);
}

// Whether the cells, which take so many bytes, and the free bytes make up the page, and every cell begins in it. Else
// cells lie over one another or on bytes that are free, and who deals them anew makes two of what was one.
bool is_made_up(const Page& page, uint32_t taken, uint32_t all_places, const TreeLimits& limits) {
  const uint32_t others = page.pointers_offset + 2 * page.cell_count + static_cast<uint32_t>(page.free_bytes);
  return taken + others == limits.usable_size && all_places <= page.pointer_mask;
}

// Views of the cells of a leaf, as they lie in `base`, which holds what the page does.
template <bool is_table>
Status leaf_cells(const Page& page, const uint8_t* base, const TreeLimits& limits, Cell* views) {
  const uint8_t* const end = base + limits.usable_size;
  const uint32_t most_short = std::min(limits.max_local, 0x7Fu);
  const uint8_t* pointers = page.data + page.pointers_offset;
  const uint32_t mask = page.pointer_mask;
  const uint32_t count = page.cell_count;
  uint32_t taken_by_all = 0;
  uint32_t all_places = 0;
  for (uint32_t index = 0; index < count; ++index, pointers += 2) {
    const uint32_t place = get_u16(pointers);
    all_places |= place;
    const uint8_t* const start = base + (place & mask);
    const uint32_t size = *start;
    views[index].data = start;
    if (size > most_short) [[unlikely]] {
      KEELBACK_TRY(cell_size(page, index, limits, views[index].size));
      taken_by_all += views[index].size;
      continue;
    }
    const uint8_t* const stop = (is_table ? skip_varint(start + 1) : start + 1) + size;
    if (stop > end || start + least_cell_size > end) [[unlikely]]
      return corrupt();
    const uint32_t taken = std::max(least_cell_size, static_cast<uint32_t>(stop - start));
    views[index].size = taken;
    taken_by_all += taken;
  }
  return is_made_up(page, taken_by_all, all_places, limits) ? ok_status : corrupt();
}

Status interior_cells(const Page& page, const uint8_t* base, const TreeLimits& limits, Cell* views) {
  uint32_t taken = 0;
  uint32_t all_places = 0;
  for (uint32_t index = 0; index < page.cell_count; ++index) {
    all_places |= get_u16(page.data + page.pointers_offset + 2 * index);
    views[index].data = base + page.pointer(index);
    KEELBACK_TRY(cell_size(page, index, limits, views[index].size));
    taken += views[index].size;
  }
  return is_made_up(page, taken, all_places, limits) ? ok_status : corrupt();
}

}  // namespace

Status cell_size(const Page& page, uint32_t index, const TreeLimits& limits, uint32_t& size) noexcept {
  if (page.pointer(index) + least_cell_size > limits.usable_size) return corrupt();
  if (page.is_table && !page.is_leaf) {
    const uint8_t* start = page.cell(index);
    const uint8_t* end = skip_varint(start + 4);
    if (end > page.data + limits.usable_size) return corrupt();
    size = std::max(least_cell_size, static_cast<uint32_t>(end - start));
    return ok_status;
  }
  PayloadPlace place;
  KEELBACK_TRY(payload_place(page, index, limits, place));
  size = payload_cell_size(page, index, place);
  return page.pointer(index) + size > limits.usable_size ? corrupt() : ok_status;
}

Status cell_bytes(const Page& page, uint32_t index, const TreeLimits& limits, Cell& cell) noexcept {
  if (page.is_pending()) {
    cell = (*page.pending_cells)[index];
    return ok_status;
  }
  cell.data = page.cell(index);
  return cell_size(page, index, limits, cell.size);
}

Status page_cells(const Page& page, TreeWorkspace& workspace, bool is_copied, CellList& cells) {
  if (page.is_pending()) {
    cells.append(page.pending_cells->span());
    return ok_status;
  }
  const TreeLimits& limits = workspace.limits;
  const uint8_t* base = is_copied ? workspace.arena.copy({page.data, limits.usable_size}).data : page.data;
  const uint32_t start = cells.size();
  Cell* views = cells.grow(page.cell_count);
  const Status status = !page.is_leaf   ? interior_cells(page, base, limits, views)
                        : page.is_table ? leaf_cells<true>(page, base, limits, views)
                                        : leaf_cells<false>(page, base, limits, views);
  if (!status.is_ok()) cells.cut(start);
  return status;
}

Cell exact_index_cell(Cell cell) noexcept {
  if (cell.size > least_cell_size) return cell;
  return {cell.data, std::min(cell.size, 1u + cell.data[0])};
}

Status insert_cell(Page& page, uint32_t index, Cell cell, TreeWorkspace& workspace) {
  if (page.is_pending()) {
    page.pending_cells->insert(index, cell);
    return ok_status;
  }
  const TreeLimits& limits = workspace.limits;
  KEELBACK_TRY(page.compute_free_bytes(limits));
  if (static_cast<uint32_t>(page.free_bytes) < cell.size + 2) {
    CellList& cells = workspace.new_pending();
    KEELBACK_TRY(page_cells(page, workspace, true, cells));
    cells.insert(index, cell);
    workspace.keep_pending(page, cells);
    return ok_status;
  }
  uint32_t offset = 0;
  KEELBACK_TRY(page.allocate(cell.size, limits, offset));
  if (offset == 0) {
    KEELBACK_TRY(pack_page(page, workspace));
    KEELBACK_TRY(page.allocate(cell.size, limits, offset));
    if (offset == 0) return corrupt();
  }
  page.put_cell_at(index, cell, offset);
  return ok_status;
}

Status remove_cell(Page& page, uint32_t index, TreeWorkspace& workspace) {
  if (page.is_pending()) {
    page.pending_cells->erase(index);
    return ok_status;
  }
  uint32_t size = 0;
  KEELBACK_TRY(cell_size(page, index, workspace.limits, size));
  return page.unlink_cell(index, size, workspace.limits);
}

}  // namespace keelback::storage
