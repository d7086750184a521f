// Balancing: pages too full are split, pages too empty are joined, with up to three siblings at a time.
//
// 1. A page is balanced when it holds pending cells or when more than two thirds of it are free; then its parent is
//    looked at.
// 2. All leaves of a tree stay at the same depth. Depth changes at the root only: `deepen_root` and
//    `take_in_only_child`.
// 3. The siblings' cells are first copied out, then dealt anew over the sibling pages, so that no page is read after it
//    was written.
// 4. A table leaf's divider in the parent repeats its greatest rowid; elsewhere the divider is a cell of its own.
//
// 5. What is appended to a tree goes alone to a new right-most leaf, where the last one is full; in an index also on
//    the pages above, whose right edge may then be nearly empty.
//
// It walks up a path and leaves the cursor without a place. Twin: reference/storage/balance.py.
#ifndef KEELBACK_STORAGE_BALANCE_HPP
#define KEELBACK_STORAGE_BALANCE_HPP

#include "pager.hpp"

namespace keelback::storage {

// Pages from the root down, and for each but the last which child comes next.
struct TreePath {
  std::vector<Page*> pages;
  std::vector<uint32_t> indexes;
};

// Balance from the last page of the path up to the root, shortening the path on the way. is_append: the last page's
// pending cell is its new greatest one, and in an index more are to follow. After an error the tree is not in order; no
// page is left pending, and the caller's transaction or savepoint is to be rolled back.
Status balance_path(Pager& pager, TreePath& path, bool is_append);

// The usual split of a table's rows that come in order: the new row alone on a new right-most leaf. page: the full
// leaf, the last child of the parent; both are writable, and the parent may go pending.
Status append_leaf(Pager& pager, Page& parent, Page& page, Cell cell, Page*& new_page);

// Deal cells over as few pages as will do, and evenly towards the right. sizes: bytes of each cell with its pointer.
// divider_count: cells that drop out between two pages, 0 or 1. Gives for each page the index of the cell after its
// last one. CORRUPT where a page would stay empty.
Status deal_cells(std::span<const uint32_t> sizes, uint32_t capacity, uint32_t divider_count,
                  std::vector<uint32_t>& ends);

}  // namespace keelback::storage

#endif
