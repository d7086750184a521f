// Giving free pages back: an auto-vacuum database gets shorter, at a commit or by PRAGMA incremental_vacuum.
//
// 1. Pages leave at the end of the file. A free one just leaves the free list; one that is in use is copied to the
//    smallest free page, which is before it, and whoever points to it follows.
// 2. The free list is read as a whole, and what is left of it is written anew.
// 3. A pointer map at the end goes with the pages that it describes. Roots never move: they come first in the file.
//
// Callers have saved all cursors. Twin: keelback_core/reference/storage/shrink.py.
#ifndef KEELBACK_STORAGE_SHRINK_HPP
#define KEELBACK_STORAGE_SHRINK_HPP

#include "pager.hpp"

namespace keelback::storage {

// Gives up to `most` pages back; how many went. Status CORRUPT.
[[nodiscard]] Status shrink(Pager& pager, uint32_t most, uint32_t& gone);

}  // namespace keelback::storage

#endif
