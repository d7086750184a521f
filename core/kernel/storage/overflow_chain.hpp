// OverflowChain: what is known of the pages of one row's overflow chain, so that reading here and there does not walk
// it from its beginning each time.
//
// It is good as long as the pager's `content_version` is the one noted here. Must not know: cells, records.
#ifndef KEELBACK_STORAGE_OVERFLOW_CHAIN_HPP
#define KEELBACK_STORAGE_OVERFLOW_CHAIN_HPP

#include <cstdint>
#include <vector>

namespace keelback::storage {

struct OverflowChain {
  std::vector<uint32_t> pages;  // from the first one, as far as it was walked
  uint64_t content_version = 0;

  void forget() noexcept { pages.clear(); }
};

}  // namespace keelback::storage

#endif
