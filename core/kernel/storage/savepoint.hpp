// A savepoint: what to put back to undo everything since it was opened.
//
// 1. A page has an image here if it was changed since; a page that did not exist then has none, and goes with
//    `page_count`.
// 2. Each open savepoint has its own images, so an inner one can be forgotten without telling the outer one.
//
// Twin: reference/storage/savepoint.py.
#ifndef KEELBACK_STORAGE_SAVEPOINT_HPP
#define KEELBACK_STORAGE_SAVEPOINT_HPP

#include "page_images.hpp"

namespace keelback::storage {

struct Savepoint {
  uint32_t page_count = 0;
  PageImages images;
};

}  // namespace keelback::storage

#endif
