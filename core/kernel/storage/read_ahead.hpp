// ReadAhead: pages that are read in the order of the file come several at a time.
//
// 1. A few streams are followed at once: a table that is scanned and indexes that are walked beside it. A stream begins
//    to be read ahead once some of its pages have come one after another; small gaps are other trees' pages.
// 2. What is here is the content of the file while nobody may write to it: `forget` is called where that ends.
// 3. A read ahead that fails is no error: the page is read alone, and that says what there is to say.
//
// Must not know: what is in a page, the cache. Twin: none; the reference reads page by page.
#ifndef KEELBACK_STORAGE_READ_AHEAD_HPP
#define KEELBACK_STORAGE_READ_AHEAD_HPP

#include <array>
#include <vector>

#include "vfs.hpp"

namespace keelback::storage {

class ReadAhead {
 public:
  // As `file.read_at` for the page of that number; last: the number of the last page there is.
  Status read(VfsFile& file, uint32_t number, uint32_t last, uint32_t page_size, uint8_t* data, size_t& count);
  void forget() noexcept;

 private:
  static constexpr size_t most_bytes = size_t{1} << 16;
  static constexpr uint32_t widest_gap = 2;
  static constexpr uint32_t fewest_steps = 4;

  struct Stream {
    uint32_t next = 0;  // the page that is expected
    uint32_t steps = 0;
    uint32_t first = 0;  // of the pages that are here
    uint32_t count = 0;
    uint64_t used_at = 0;
    std::vector<uint8_t> bytes;

    void step(uint32_t number) noexcept {
      next = number + 1;
      ++steps;
    }
  };

  static Status fill(Stream& stream, VfsFile& file, uint32_t number, uint32_t last, uint32_t page_size);

  std::array<Stream, 4> streams_;
  uint64_t time_ = 0;
};

}  // namespace keelback::storage

#endif
