// A savepoint: what to put back to undo everything since it was opened.
//
// 1. A page has an image here if it was changed since; a page that did not exist then has none, and goes with
//    `page_count`.
// 2. Each open savepoint has its own images, so an inner one can be forgotten without telling the outer one.
//
// Twin: reference/storage/savepoint.py.
#ifndef KEELBACK_STORAGE_SAVEPOINT_HPP
#define KEELBACK_STORAGE_SAVEPOINT_HPP

#include <cstring>
#include <memory>
#include <unordered_map>

#include "page.hpp"

namespace keelback::storage {

struct Savepoint {
  uint32_t page_count = 0;
  std::unordered_map<uint32_t, std::unique_ptr<uint8_t[]>> images;

  void keep(const Page& page, uint32_t page_size) {
    auto image = std::make_unique_for_overwrite<uint8_t[]>(page_size);
    std::memcpy(image.get(), page.data, page_size);
    images.emplace(page.number, std::move(image));
  }
};

}  // namespace keelback::storage

#endif
