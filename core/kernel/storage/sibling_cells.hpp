// The cells of up to three sibling pages, and the dividers among them that are cells of their own, as one row of cells,
// which is dealt anew over as few pages as will do.
//
// 1. Pages are read from copies, so that any page may be written as soon as the row is known.
// 2. Of cells that stay on their page no size is looked at while dealing: how much a page holds its free bytes say. So
//    every page has to be sound.
//
// It writes neither parents nor headers of interior pages. Twin: reference/storage/balance.py, over a list of sizes.
#ifndef KEELBACK_STORAGE_SIBLING_CELLS_HPP
#define KEELBACK_STORAGE_SIBLING_CELLS_HPP

#include "cell.hpp"

namespace keelback::storage {

inline constexpr uint32_t most_siblings = 3;

class SiblingCells {
 public:
  explicit SiblingCells(TreeWorkspace& workspace) noexcept
      : workspace_(workspace), limits_(workspace.limits), shares_(workspace.lists.shares), runs_(workspace.lists.runs) {
    shares_.clear();
    runs_.clear();
  }

  // Add the cells of the next sibling, from the left to the right. Its free bytes have to be known. CORRUPT where they
  // and the cells do not make up the page.
  Status add_page(Page& page);
  // Add the divider behind the sibling added last; its bytes have to stay.
  void add_divider(Cell divider) { add_cell(divider); }
  // Deal the cells over as few pages as will do, and evenly towards the right. divider_count: cells that drop out
  // between two pages, 0 or 1. CORRUPT where a page would stay empty.
  Status deal(uint32_t capacity, uint32_t divider_count);
  // For each page the cell after its last one, and what its cells and their pointers take.
  std::span<const Share> shares() const noexcept { return shares_; }
  Cell at(uint32_t index) const noexcept;
  // Write a share on a page that is formatted.
  Status write(uint32_t start, Share share, Page& page) const noexcept;

 private:
  uint32_t total() const noexcept { return runs_.empty() ? 0 : runs_.back().end; }
  void add_cells(const Page& page, uint32_t first, uint32_t count);
  void add_cell(Cell cell);
  Status fill_from_the_left(uint32_t capacity, uint32_t divider_count);
  Status even_out(uint32_t capacity, uint32_t divider_count);

  TreeWorkspace& workspace_;
  const TreeLimits& limits_;
  std::vector<Share>& shares_;
  std::vector<CellRun>& runs_;
  Page copies_[most_siblings];
  uint32_t copy_count_ = 0;
};

}  // namespace keelback::storage

#endif
