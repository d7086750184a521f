// The free list: pages that belong to nothing, and how pages come into use.
//
//     page 1, byte 32: first trunk   byte 36: number of free pages, trunks counted
//     trunk: 4 next trunk or 0, 4 number of leaves, 4 each leaf page
//
// 1. The content of a leaf page means nothing.
// 2. A trunk is filled up to 8 entries less than would fit: old versions of SQLite took more for corruption.
//
// It does not know who uses a page. Spec: https://www.sqlite.org/fileformat2.html#the_freelist. Twin:
// reference/storage/freelist.py.
#ifndef KEELBACK_STORAGE_FREELIST_HPP
#define KEELBACK_STORAGE_FREELIST_HPP

#include "pager.hpp"

namespace keelback::storage {

// How many pages the header says are free.
Status free_page_count(Pager& pager, uint32_t& count);
// A new page at the end that is no pointer map; the header's size is for the caller to write.
Status append_tree_page(Pager& pager, Page*& page);
// A writable page for new use, its content undefined: from the free list, else at the end. FULL, CORRUPT.
Status allocate_page(Pager& pager, Page*& page);
// Put a page on the free list.
Status free_page(Pager& pager, uint32_t number);

}  // namespace keelback::storage

#endif
