// Root pages of an auto-vacuum database: they come first in the file, so a new one may have to push another page away.
//
// 1. Meta value 4 is the greatest root page; all roots are at or before it.
// 2. A moved page keeps its content; who points to it, and the entries of those it points to, follow.
//
// Callers have saved all cursors. Twin: reference/storage/relocate.py.
#ifndef KEELBACK_STORAGE_RELOCATE_HPP
#define KEELBACK_STORAGE_RELOCATE_HPP

#include "pager.hpp"

namespace keelback::storage {

// Whether the page may hold a root: it is neither the lock-byte page nor a pointer map.
bool is_place_for_root(const Pager& pager, uint32_t number) noexcept;
// The page after the greatest root, writable, its content undefined; the page that was there moves.
Status allocate_root(Pager& pager, Page*& page);

// Copies a page that is in use to `target` and leads everything there. Status CORRUPT, also for a root.
[[nodiscard]] Status move_page(Pager& pager, uint32_t number, Page& target);
// Copies the root of a tree to another page, which is free of use; the caller leads the schema there.
[[nodiscard]] Status move_root(Pager& pager, uint32_t number, uint32_t place);

}  // namespace keelback::storage

#endif
