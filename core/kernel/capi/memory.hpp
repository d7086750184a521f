// Memory that sqlite3_free gives back.
#ifndef KEELBACK_CAPI_MEMORY_HPP
#define KEELBACK_CAPI_MEMORY_HPP

#include <string_view>

#include "api.hpp"

namespace keelback::capi {

// A copy with a NUL after it, to be given back with sqlite3_free; nullptr out of memory.
char* copy_to_heap(std::string_view bytes);

}  // namespace keelback::capi

#endif
