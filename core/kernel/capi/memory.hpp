// Memory that sqlite3_free gives back.
#ifndef KEELBACK_CAPI_MEMORY_HPP
#define KEELBACK_CAPI_MEMORY_HPP

#include <string_view>

#include "api.hpp"

namespace keelback::capi {

// What sqlite3_malloc has given out and what of it was asked for at once: sqlite3_status.
struct AllocationCounts {
  sqlite3_int64 current = 0;
  sqlite3_int64 highest = 0;
  sqlite3_int64 largest = 0;
};
AllocationCounts allocation_counts(bool is_count_reset, bool is_largest_reset) noexcept;

// A copy with a NUL after it, to be given back with sqlite3_free; nullptr out of memory.
char* copy_to_heap(std::string_view bytes);

}  // namespace keelback::capi

#endif
