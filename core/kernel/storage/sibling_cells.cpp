#include "sibling_cells.hpp"

#include <algorithm>

#include "page_writer.hpp"

namespace keelback::storage {

namespace {

// What cells of a row and their pointers take; mostly asked for one behind another.
class CellLoads {
 public:
  CellLoads(std::span<const CellRun> runs, const TreeLimits& limits) noexcept : runs_(runs), limits_(limits) {}

  uint32_t operator[](uint32_t index) noexcept {
    if (index - start_ >= count_) [[unlikely]]
      find(index);
    if (!pointers_) [[unlikely]]
      return long_load(index);
    const uint8_t* const cell = data_ + get_u16(pointers_ + 2 * (index - start_));
    const uint32_t size = *cell;
    if (size > most_short_) [[unlikely]]
      return long_load(index);
    const uint32_t head = is_table_ ? static_cast<uint32_t>(skip_varint(cell + 1) - cell) : 1;
    return std::max(least_cell_size, head + size) + 2;
  }

 private:
  void find(uint32_t index) noexcept {
    run_ = runs_.data();
    while (index >= run_->end) ++run_;
    start_ = run_->start;
    count_ = run_->end - run_->start;
    pointers_ = nullptr;
    most_short_ = limits_.most_short;
    if (!run_->page || !run_->page->is_leaf) return;
    data_ = run_->page->data;
    pointers_ = data_ + run_->page->pointers_offset + 2 * run_->first;
    is_table_ = run_->page->is_table;
  }
  uint32_t long_load(uint32_t index) const noexcept {
    if (!run_->page) return run_->cell.size + 2;
    return long_sound_cell_size(*run_->page, run_->first + index - run_->start, limits_) + 2;
  }

  std::span<const CellRun> runs_;
  const TreeLimits& limits_;
  const CellRun* run_ = nullptr;
  const uint8_t* data_ = nullptr;
  const uint8_t* pointers_ = nullptr;  // of the run in a leaf
  uint32_t start_ = 0;
  uint32_t count_ = 0;
  uint32_t most_short_ = 0;
  bool is_table_ = false;
};

}  // namespace

void SiblingCells::add_cells(const Page& page, uint32_t first, uint32_t count) {
  if (count) runs_.push_back({&page, {}, first, total(), total() + count});
}

void SiblingCells::add_cell(Cell cell) { runs_.push_back({nullptr, cell, 0, total(), total() + 1}); }

Status SiblingCells::add_page(Page& page) {
  KEELBACK_TRY(require_sound(page, limits_));
  const Page& copy = copies_[copy_count_++] = copy_page(page, workspace_);
  uint32_t load = limits_.usable_size - page.pointers_offset - static_cast<uint32_t>(page.free_bytes);
  uint32_t first = 0;
  for (uint32_t place = 0; page.is_pending() && place < page.pending_cells->size(); ++place) {
    const Cell cell = page.pending_cells->cell(place);
    const uint32_t end = page.pending_cells->number(place) - place;
    add_cells(copy, first, end - first);
    add_cell(cell);
    load += cell.size + 2;
    first = end;
  }
  add_cells(copy, first, page.cell_count - first);
  shares_.push_back({total(), load});
  return ok_status;
}

Cell SiblingCells::at(uint32_t index) const noexcept {
  const CellRun* run = runs_.data();
  while (index >= run->end) ++run;
  return run->page ? sound_cell(*run->page, run->first + index - run->start, limits_) : run->cell;
}

// Every page takes as many cells as fit, from the first page on.
Status SiblingCells::fill_from_the_left(uint32_t capacity, uint32_t divider_count) {
  const uint32_t all = total();
  CellLoads loads(runs_, limits_);
  uint32_t start = 0;
  for (size_t left = 0; left < shares_.size(); ++left) {
    if (shares_[left].load > capacity && left + 1 == shares_.size()) shares_.push_back({all, 0});
    auto [end, load] = shares_[left];
    // With a divider, the old one comes down to the right page and the left page's last cell takes its place. Behind
    // the last of all cells there is none yet.
    uint32_t behind = end < all ? loads[end] : 0;
    while (load > capacity) {
      if (end - 1 == start) return corrupt();
      const uint32_t going = loads[--end];
      shares_[left + 1].load += divider_count ? behind : going;
      load -= going;
      behind = going;
    }
    while (left + 1 < shares_.size()) {
      Share& right = shares_[left + 1];
      const uint32_t all_of_right = right.load + (divider_count ? behind : 0);
      if (load + all_of_right > capacity) {
        uint32_t right_load = right.load;
        while (load + behind <= capacity) {
          load += behind;
          if (divider_count == 0) right_load -= behind;
          behind = loads[++end];
          if (divider_count == 1) right_load -= behind;
        }
        right.load = right_load;
        break;
      }
      // What is behind the right page is now behind this one.
      load += all_of_right;
      end = right.end;
      if (end < all) behind = loads[end];
      shares_.erase(shares_.begin() + static_cast<ptrdiff_t>(left) + 1);
    }
    shares_[left] = {end, load};
    start = end + divider_count;
  }
  return ok_status;
}

Status SiblingCells::even_out(uint32_t capacity, uint32_t divider_count) {
  CellLoads loads(runs_, limits_);
  for (size_t place = shares_.size() - 1; place > 0; --place) {
    auto [end, left] = shares_[place - 1];
    uint32_t right = shares_[place].load;
    const uint32_t start = place > 1 ? shares_[place - 2].end + divider_count : 0;
    uint32_t behind = divider_count ? loads[end] : 0;
    while (end > start + 1) {
      const uint32_t going = loads[end - 1];
      const uint32_t coming = divider_count ? behind : going;
      if (right && right + coming > left - going) break;
      if (right + coming > capacity) break;
      right += coming;
      left -= going;
      --end;
      behind = going;
    }
    if (right == 0) return corrupt();
    shares_[place - 1] = {end, left};
    shares_[place].load = right;
  }
  return ok_status;
}

Status SiblingCells::deal(uint32_t capacity, uint32_t divider_count) {
  KEELBACK_TRY(fill_from_the_left(capacity, divider_count));
  return even_out(capacity, divider_count);
}

Status SiblingCells::write(uint32_t start, Share share, Page& page) const noexcept {
  const uint32_t count = share.end - start;
  const uint32_t taken = share.load - 2 * count;
  if (!PageWriter::fits(page, count, taken, limits_)) return corrupt();
  PageWriter writer(page, count, taken, limits_);
  for (size_t place = runs_.size(); place-- > 0;) {
    const CellRun& run = runs_[place];
    const uint32_t first = std::max(start, run.start);
    const uint32_t end = std::min(share.end, run.end);
    if (first >= end) continue;
    const bool is_put =
        run.page ? put_cells(writer, *run.page, run.first + first - run.start, run.first + end - run.start, limits_)
                 : writer.put(run.cell);
    if (!is_put) return corrupt();
  }
  return writer.finish(page, count, taken, limits_);
}

}  // namespace keelback::storage
