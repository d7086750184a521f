#include "page.hpp"

#include <algorithm>
#include <cstring>

#include "page_writer.hpp"

namespace keelback::storage {

namespace {

constexpr uint8_t most_fragments = 57;
constexpr size_t chunk_bytes = size_t{1} << 18;

}  // namespace

uint8_t* CellArena::take(size_t size) {
  if (chunk_ < chunks_.size() && used_ + size > chunk_bytes) {
    ++chunk_;
    used_ = 0;
  }
  if (chunk_ == chunks_.size()) chunks_.push_back(std::make_unique_for_overwrite<uint8_t[]>(chunk_bytes + spare_bytes));
  uint8_t* place = chunks_[chunk_].get() + used_;
  used_ += size;
  return place;
}

Cell CellArena::copy(Cell cell) {
  uint8_t* place = take(cell.size);
  std::memcpy(place, cell.data, cell.size);
  return {place, cell.size};
}

Cell* PendingCells::find(uint32_t& number) noexcept {
  uint32_t before = 0;
  for (Numbered& one : cells_) {
    if (one.number == number) return &one.cell;
    if (one.number < number) ++before;
  }
  number -= before;
  return nullptr;
}

void PendingCells::insert(uint32_t number, Cell cell) {
  size_t place = 0;
  while (place < cells_.size() && cells_[place].number < number) ++place;
  for (size_t behind = place; behind < cells_.size(); ++behind) ++cells_[behind].number;
  cells_.insert(cells_.begin() + static_cast<ptrdiff_t>(place), {number, cell});
}

void PendingCells::erase(uint32_t number) noexcept {
  std::erase_if(cells_, [number](const Numbered& one) { return one.number == number; });
  for (Numbered& one : cells_) {
    if (one.number > number) --one.number;
  }
}

PendingCells& TreeWorkspace::make_pending(Page& page) {
  if (pending_count_ == pending_lists_.size()) pending_lists_.emplace_back();
  PendingCells& cells = pending_lists_[pending_count_];
  cells.clear();
  pending_pages.push_back(&page);
  ++pending_count_;
  page.pending_cells = &cells;
  return cells;
}

void CellArena::reset() noexcept {
  chunk_ = 0;
  used_ = 0;
}

Status Page::decode(const TreeLimits& limits) noexcept {
  const uint8_t found = kind();
  if (found == table_leaf || found == index_leaf) {
    is_leaf = true;
    pointers_offset = static_cast<uint16_t>(header_offset + 8);
  } else if (found == table_interior || found == index_interior) {
    is_leaf = false;
    pointers_offset = static_cast<uint16_t>(header_offset + 12);
  } else {
    return corrupt();
  }
  is_table = found == table_leaf || found == table_interior;
  const uint32_t count = get_u16(data + header_offset + 3);
  if (count > (limits.page_size - 8) / 6) return corrupt();
  pointer_mask = limits.page_size - 1;
  cell_count = count;
  free_bytes = -1;
  is_sound = false;
  drop_pending();
  is_decoded = true;
  return ok_status;
}

void Page::format(uint8_t kind, const TreeLimits& limits) noexcept {
  is_leaf = kind == table_leaf || kind == index_leaf;
  is_table = kind == table_leaf || kind == table_interior;
  const uint32_t base = header_offset;
  const uint32_t first = base + (is_leaf ? 8 : 12);
  std::memset(data + base, 0, (limits.zeroes_freed ? limits.usable_size : first) - base);
  data[base] = kind;
  put_u16(data + base + 5, limits.usable_size & 0xFFFF);
  cell_count = 0;
  pointers_offset = static_cast<uint16_t>(first);
  pointer_mask = limits.page_size - 1;
  free_bytes = static_cast<int32_t>(limits.usable_size - first);
  is_sound = true;
  drop_pending();
  is_decoded = true;
}

Status Page::set_child(uint32_t index, uint32_t child_number, TreeWorkspace& workspace) {
  if (pending_cells) {
    if (Cell* pending = pending_cells->find(index)) {
      *pending = workspace.arena.copy(*pending);
      put_u32(const_cast<uint8_t*>(pending->data), child_number);
      return ok_status;
    }
  }
  if (index >= cell_count) {
    set_right_child(child_number);
  } else {
    if (!is_place_of_cell(pointer(index), workspace.limits)) return corrupt();
    put_u32(data + pointer(index), child_number);
  }
  return ok_status;
}

Status Page::compute_free_bytes(const TreeLimits& limits) noexcept {
  if (free_bytes >= 0) return ok_status;
  const uint32_t usable = limits.usable_size;
  const uint32_t base = header_offset;
  const uint32_t top = content_start();
  const uint32_t gap_start = pointers_offset + 2 * cell_count;
  if (top > usable) return corrupt();
  uint32_t free = data[base + 7] + top;
  uint32_t block = get_u16(data + base + 1);
  uint32_t lowest = top;
  while (block) {
    if (block < lowest || block > usable - 4) return corrupt();
    const uint32_t size = get_u16(data + block + 2);
    if (size < 4 || block + size > usable) return corrupt();
    free += size;
    lowest = block + size + 4;
    block = get_u16(data + block);
  }
  if (free > usable || free < gap_start) return corrupt();
  free_bytes = static_cast<int32_t>(free - gap_start);
  return ok_status;
}

Status Page::allocate(uint32_t size, const TreeLimits& limits, uint32_t& offset) noexcept {
  const uint32_t base = header_offset;
  const uint32_t gap_start = pointers_offset + 2 * cell_count;
  const uint32_t top = content_start();
  offset = 0;
  if (gap_start > top || top > limits.usable_size) return corrupt();
  if (get_u16(data + base + 1) && gap_start + 2 <= top) {
    KEELBACK_TRY(take_free_block(size, limits, offset));
    if (offset) return offset <= gap_start ? corrupt() : ok_status;
  }
  if (gap_start + 2 + size > top) return ok_status;
  offset = top - size;
  put_u16(data + base + 5, offset);
  return ok_status;
}

// The first free block that is large enough; what is left over stays a block, or becomes a fragment below 4 bytes.
Status Page::take_free_block(uint32_t size, const TreeLimits& limits, uint32_t& offset) noexcept {
  const uint32_t head = header_offset + 1u;
  uint32_t link = head;
  uint32_t block = get_u16(data + link);
  const uint32_t last = limits.usable_size - size;
  while (block <= last) {
    const uint32_t block_size = get_u16(data + block + 2);
    if (block_size >= size + 4) {
      const uint32_t left_over = block_size - size;
      if (block + left_over > last) return corrupt();
      put_u16(data + block + 2, left_over);
      offset = block + left_over;
      return ok_status;
    }
    if (block_size >= size) {
      if (data[header_offset + 7] > most_fragments) return ok_status;
      put_u16(data + link, get_u16(data + block));
      data[header_offset + 7] = static_cast<uint8_t>(data[header_offset + 7] + (block_size - size));
      offset = block;
      return ok_status;
    }
    link = block;
    block = get_u16(data + block);
    if (block == 0) return ok_status;
    if (block <= link) return corrupt();
  }
  return block > limits.usable_size - 4 ? corrupt() : ok_status;
}

Status Page::release(uint32_t start, uint32_t size, const TreeLimits& limits) noexcept {
  const uint32_t usable = limits.usable_size;
  const uint32_t head = header_offset + 1u;
  const uint32_t freed = start;
  if (start + size > usable) return corrupt();
  uint32_t link = head;
  uint32_t following = get_u16(data + head);
  while (following && following < start) {
    if (following <= link && link != head) return corrupt();
    link = following;
    following = get_u16(data + following);
  }
  if (following > usable - 4) return corrupt();
  uint32_t end = start + size;
  uint32_t joined_fragments = 0;
  if (following && end + 3 >= following) {
    if (end > following) return corrupt();
    joined_fragments = following - end;
    end = following + get_u16(data + following + 2);
    if (end > usable) return corrupt();
    following = get_u16(data + following);
  }
  bool is_joined_before = false;
  if (link != head) {
    const uint32_t end_before = link + get_u16(data + link + 2);
    if (end_before + 3 >= start) {
      if (end_before > start) return corrupt();
      joined_fragments += start - end_before;
      start = link;
      is_joined_before = true;
    }
  }
  uint8_t& fragments = data[header_offset + 7];
  if (joined_fragments > fragments) return corrupt();
  fragments = static_cast<uint8_t>(fragments - joined_fragments);
  const uint32_t top = content_start();
  if (limits.zeroes_freed) std::memset(data + freed, 0, size);
  if (start <= top) {
    if (start < top || link != head) return corrupt();
    put_u16(data + head, following);
    put_u16(data + header_offset + 5, end);
    return ok_status;
  }
  if (!is_joined_before) put_u16(data + link, start);
  put_u16(data + start, following);
  put_u16(data + start + 2, end - start);
  return ok_status;
}

Status Page::write_cells(std::span<const Cell> cells, const TreeLimits& limits) noexcept {
  const auto count = static_cast<uint32_t>(cells.size());
  uint64_t total = 0;
  for (const Cell& one : cells) total += one.size;
  if (!PageWriter::fits(*this, count, total, limits)) return corrupt();
  const auto taken = static_cast<uint32_t>(total);
  PageWriter writer(*this, count, taken, limits);
  for (size_t index = count; index-- > 0;) {
    if (!writer.put(cells[index])) return corrupt();
  }
  return writer.finish(*this, count, taken, limits);
}

void Page::set_packed(uint32_t count, uint32_t start, const TreeLimits& limits) noexcept {
  uint8_t* base = data + header_offset;
  const uint32_t gap_start = pointers_offset + 2 * count;
  put_u16(base + 1, 0);
  put_u16(base + 5, start & 0xFFFF);
  base[7] = 0;
  set_cell_count(count);
  free_bytes = static_cast<int32_t>(start - gap_start);
  is_sound = true;
  if (limits.zeroes_freed) std::memset(data + gap_start, 0, static_cast<size_t>(free_bytes));
  drop_pending();
}

bool Page::put_in_gap(uint32_t index, Bytes prefix, Bytes payload, const TreeLimits& limits) noexcept {
  const size_t size = prefix.size() + payload.size();
  const uint32_t gap_start = pointers_offset + 2 * cell_count;
  const uint32_t top = content_start();
  if (pending_cells || get_u16(data + header_offset + 1) || size < least_cell_size || gap_start + 2 + size > top ||
      top > limits.usable_size) {
    return false;
  }
  const auto offset = static_cast<uint32_t>(top - size);
  std::memcpy(data + offset, prefix.data(), prefix.size());
  if (!payload.empty()) std::memcpy(data + offset + prefix.size(), payload.data(), payload.size());
  uint8_t* place = data + pointers_offset + 2 * index;
  if (index < cell_count) std::memmove(place + 2, place, 2 * (cell_count - index));
  put_u16(place, offset);
  put_u16(data + header_offset + 5, offset);
  set_cell_count(cell_count + 1);
  if (free_bytes >= 0) free_bytes -= static_cast<int32_t>(size + 2);
  return true;
}

void Page::put_cell_at(uint32_t index, Cell cell, uint32_t offset) noexcept {
  std::memcpy(data + offset, cell.data, cell.size);
  uint8_t* place = data + pointers_offset + 2 * index;
  if (index < cell_count) std::memmove(place + 2, place, 2 * (cell_count - index));
  put_u16(place, offset);
  set_cell_count(cell_count + 1);
  free_bytes -= static_cast<int32_t>(cell.size + 2);
}

Status Page::unlink_cell(uint32_t index, uint32_t size, const TreeLimits& limits) noexcept {
  KEELBACK_TRY(compute_free_bytes(limits));
  uint8_t* place = data + pointers_offset + 2 * index;
  // Not cut to the page: where a pointer that leaves the page leads to may be another cell.
  KEELBACK_TRY(release(get_u16(place), size, limits));
  if (cell_count == 1) {
    set_cell_count(0);
    uint8_t* base = data + header_offset;
    put_u16(base + 1, 0);
    put_u16(base + 5, limits.usable_size & 0xFFFF);
    base[7] = 0;
    free_bytes = static_cast<int32_t>(limits.usable_size - pointers_offset);
    if (limits.zeroes_freed) std::memset(data + pointers_offset, 0, static_cast<size_t>(free_bytes));
    return ok_status;
  }
  std::memmove(place, place + 2, 2 * (cell_count - index - 1));
  set_cell_count(cell_count - 1);
  free_bytes += static_cast<int32_t>(size + 2);
  return ok_status;
}

}  // namespace keelback::storage
