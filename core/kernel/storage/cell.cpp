#include "cell.hpp"

#include <algorithm>
#include <cstring>

#include "page_writer.hpp"

namespace keelback::storage {

namespace {

// Whether the cells, which take so many bytes, and the free bytes make up the page, and every cell begins in it. Else
// cells lie over one another or on bytes that are free, and who deals them anew makes two of what was one.
bool is_made_up(const Page& page, uint32_t taken, uint32_t all_places, const TreeLimits& limits) {
  const uint32_t others = page.pointers_offset + 2 * page.cell_count + static_cast<uint32_t>(page.free_bytes);
  return taken + others == limits.usable_size && all_places <= page.pointer_mask;
}

// Visit the cells of a leaf, which lie in `base` as they do in the page: the place and the size of each.
template <bool is_table, class Visit>
Status visit_leaf_cells(const Page& page, const uint8_t* base, const TreeLimits& limits, Visit visit) {
  const uint8_t* const end = base + limits.usable_size;
  const uint32_t most_short = limits.most_short;
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
    uint32_t taken = 0;
    if (size > most_short) [[unlikely]] {
      KEELBACK_TRY(cell_size(page, index, limits, taken));
    } else {
      const uint8_t* const stop = (is_table ? skip_varint(start + 1) : start + 1) + size;
      if (stop > end || start + least_cell_size > end) [[unlikely]]
        return corrupt();
      taken = std::max(least_cell_size, static_cast<uint32_t>(stop - start));
    }
    visit(index, start, taken);
    taken_by_all += taken;
  }
  return is_made_up(page, taken_by_all, all_places, limits) ? ok_status : corrupt();
}

template <class Visit>
Status visit_interior_cells(const Page& page, const uint8_t* base, const TreeLimits& limits, Visit visit) {
  uint32_t taken_by_all = 0;
  uint32_t all_places = 0;
  for (uint32_t index = 0; index < page.cell_count; ++index) {
    uint32_t taken = 0;
    all_places |= get_u16(page.data + page.pointers_offset + 2 * index);
    KEELBACK_TRY(cell_size(page, index, limits, taken));
    visit(index, base + page.pointer(index), taken);
    taken_by_all += taken;
  }
  return is_made_up(page, taken_by_all, all_places, limits) ? ok_status : corrupt();
}

template <class Visit>
Status visit_cells(const Page& page, const uint8_t* base, const TreeLimits& limits, Visit visit) {
  if (!page.is_leaf) return visit_interior_cells(page, base, limits, visit);
  return page.is_table ? visit_leaf_cells<true>(page, base, limits, visit)
                       : visit_leaf_cells<false>(page, base, limits, visit);
}

// Pack the page, whose free bytes are known: its cells are read from a copy.
Status pack_page(Page& page, TreeWorkspace& workspace) {
  const TreeLimits& limits = workspace.limits;
  KEELBACK_TRY(require_sound(page, limits));
  const Page copy = copy_page(page, workspace);
  const uint32_t count = page.cell_count;
  const uint32_t taken = limits.usable_size - page.pointers_offset - static_cast<uint32_t>(page.free_bytes) - 2 * count;
  PageWriter writer(page, count, taken, limits);
  return put_cells(writer, copy, 0, count, limits) ? writer.finish(page, count, taken, limits) : corrupt();
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
    if (const Cell* pending = page.pending_cells->find(index)) {
      cell = *pending;
      return ok_status;
    }
  }
  cell.data = page.cell(index);
  return cell_size(page, index, limits, cell.size);
}

uint32_t long_sound_cell_size(const Page& page, uint32_t index, const TreeLimits& limits) noexcept {
  uint32_t size = least_cell_size;
  return cell_size(page, index, limits, size).is_ok() ? size : least_cell_size;
}

Page copy_page(const Page& page, TreeWorkspace& workspace) {
  Page copy = page;
  copy.data = workspace.arena.take(workspace.limits.usable_size);
  std::memcpy(copy.data, page.data, workspace.limits.usable_size);
  return copy;
}

Status require_sound(Page& page, const TreeLimits& limits) noexcept {
  if (page.is_sound) return ok_status;
  KEELBACK_TRY(visit_cells(page, page.data, limits, [](uint32_t, const uint8_t*, uint32_t) {}));
  page.is_sound = true;
  return ok_status;
}

Status page_cells(const Page& page, TreeWorkspace& workspace, bool is_copied, CellList& cells) {
  const TreeLimits& limits = workspace.limits;
  const uint8_t* base = is_copied ? workspace.arena.copy({page.data, limits.usable_size}).data : page.data;
  const uint32_t start = cells.size();
  Cell* const views = cells.grow(page.cell_count);
  const auto keep = [views](uint32_t index, const uint8_t* place, uint32_t size) { views[index] = {place, size}; };
  const Status status = visit_cells(page, base, limits, keep);
  if (!status.is_ok()) cells.cut(start);
  return status;
}

bool put_cells(PageWriter& writer, const Page& page, uint32_t first, uint32_t end, const TreeLimits& limits) noexcept {
  const uint8_t* const pointers = page.data + page.pointers_offset + 2 * first;
  const uint32_t count = end - first;
  if (!page.is_leaf) {
    return writer.put_cells(page.data, pointers, count, [&](const uint8_t*, uint32_t index) {
      return long_sound_cell_size(page, first + index, limits);
    });
  }
  if (page.is_table) {
    return writer.put_cells(page.data, pointers, count, [&](const uint8_t* start, uint32_t index) {
      return sound_leaf_cell_size<true>(page, start, first + index, limits);
    });
  }
  return writer.put_cells(page.data, pointers, count, [&](const uint8_t* start, uint32_t index) {
    return sound_leaf_cell_size<false>(page, start, first + index, limits);
  });
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
    KEELBACK_TRY(require_sound(page, limits));
    workspace.make_pending(page).insert(index, cell);
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
    const uint32_t number = index;
    const bool is_pending = page.pending_cells->find(index) != nullptr;
    page.pending_cells->erase(number);
    if (is_pending) return ok_status;
  }
  uint32_t size = 0;
  KEELBACK_TRY(cell_size(page, index, workspace.limits, size));
  return page.unlink_cell(index, size, workspace.limits);
}

}  // namespace keelback::storage
