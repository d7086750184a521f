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
// 6. A page that the free list gives and that is one of those at hand is CORRUPT: its cells would be lost.
//
// It walks up a path and leaves the cursor without a place. Twin: reference/storage/balance.py.
#ifndef KEELBACK_STORAGE_BALANCE_HPP
#define KEELBACK_STORAGE_BALANCE_HPP

#include <algorithm>
#include <span>

#include "pager.hpp"

namespace keelback::storage {

inline constexpr int deepest_path = 20;

// Pages from the root down, and for each but the last which child comes next.
struct TreePath {
  // above: the pages over `last`.
  TreePath(std::span<Page* const> above, const uint32_t* next_children, Page& last) noexcept
      : depth(static_cast<int>(above.size())) {
    std::copy(above.begin(), above.end(), pages);
    std::copy(next_children, next_children + above.size(), indexes);
    pages[depth] = &last;
  }

  int depth;  // the place of the last page; -1 when the path is used up
  Page* pages[deepest_path];
  uint32_t indexes[deepest_path];
};

// Balance from the last page of the path up to the root, shortening the path on the way. is_append: the last page's
// pending cell is its new greatest one, and in an index more are to follow. After an error the tree is not in order; no
// page is left pending, and the caller's transaction or savepoint is to be rolled back.
Status balance_path(Pager& pager, TreePath& path, bool is_append);

// The usual split of a table's rows that come in order: the new row alone on a new right-most leaf. page: the full
// leaf, the last child of the parent; both are writable, and the parent may go pending.
Status append_leaf(Pager& pager, Page& parent, Page& page, Cell cell, Page*& new_page);

}  // namespace keelback::storage

#endif
