#include "cell.hpp"

#include <algorithm>
#include <cstring>

namespace keelback::storage {

namespace {

constexpr uint32_t cache_line_bytes = 64;

// Pack the page: its cells are read from a copy.
Status pack_page(Page& page, TreeWorkspace& workspace) {
  const TreeLimits& limits = workspace.limits;
  std::vector<Cell> cells;
  KEELBACK_TRY(page_cells(page, limits, cells));
  const Cell copy = workspace.arena.copy({page.data, limits.usable_size});
  for (Cell& cell : cells) cell.data = copy.data + (cell.data - page.data);
  return page.write_cells(cells, limits);
}

}  // namespace

Status cell_size(const Page& page, uint32_t index, const TreeLimits& limits, uint32_t& size) noexcept {
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
  return ok_status;
}

Status cell_bytes(const Page& page, uint32_t index, const TreeLimits& limits, Cell& cell) noexcept {
  if (page.is_pending) {
    cell = page.pending_cells[index];
    return ok_status;
  }
  cell.data = page.cell(index);
  return cell_size(page, index, limits, cell.size);
}

Status page_cells(const Page& page, const TreeLimits& limits, std::vector<Cell>& cells) {
  if (page.is_pending) {
    cells.insert(cells.end(), page.pending_cells.begin(), page.pending_cells.end());
    return ok_status;
  }
  cells.reserve(cells.size() + page.cell_count);
  // The cells lie in no order that the processor could foresee.
  for (uint32_t offset = page.content_start(); offset < limits.usable_size; offset += cache_line_bytes) {
    __builtin_prefetch(page.data + offset);
  }
  const size_t start = cells.size();
  cells.resize(start + page.cell_count);
  const uint8_t* end = page.data + limits.usable_size;
  for (uint32_t index = 0; index < page.cell_count; ++index) {
    Cell& cell = cells[start + index];
    cell.data = page.cell(index);
    // Mostly a leaf's cell with a short payload.
    if (page.is_leaf && cell.data[0] < 0x80 && cell.data[0] <= limits.max_local) {
      const uint8_t* payload = page.is_table ? skip_varint(cell.data + 1) : cell.data + 1;
      cell.size = std::max(least_cell_size, static_cast<uint32_t>(payload - cell.data) + cell.data[0]);
      if (payload + cell.data[0] > end) return corrupt();
      continue;
    }
    KEELBACK_TRY(cell_size(page, index, limits, cell.size));
  }
  return ok_status;
}

Cell exact_index_cell(Cell cell) noexcept {
  if (cell.size > least_cell_size) return cell;
  return {cell.data, std::min(cell.size, 1u + cell.data[0])};
}

Status insert_cell(Page& page, uint32_t index, Cell cell, TreeWorkspace& workspace) {
  if (page.is_pending) {
    page.pending_cells.insert(page.pending_cells.begin() + index, cell);
    return ok_status;
  }
  const TreeLimits& limits = workspace.limits;
  KEELBACK_TRY(page.compute_free_bytes(limits));
  if (static_cast<uint32_t>(page.free_bytes) < cell.size + 2) {
    std::vector<Cell> cells;
    KEELBACK_TRY(page_cells(page, limits, cells));
    cells.insert(cells.begin() + index, cell);
    workspace.pending_pages.push_back(&page);
    page.pending_cells = std::move(cells);
    page.is_pending = true;
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
  if (page.is_pending) {
    page.pending_cells.erase(page.pending_cells.begin() + index);
    return ok_status;
  }
  uint32_t size = 0;
  KEELBACK_TRY(cell_size(page, index, workspace.limits, size));
  return page.unlink_cell(index, size, workspace.limits);
}

}  // namespace keelback::storage
