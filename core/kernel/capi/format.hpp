// SQLite's printf, into a growing string.
#ifndef KEELBACK_CAPI_FORMAT_HPP
#define KEELBACK_CAPI_FORMAT_HPP

#include <cstdarg>
#include <string>

namespace keelback::capi {

// Appends `format` with its arguments to `out`. Throws std::bad_alloc out of memory.
void append_format(std::string& out, const char* format, va_list arguments);

}  // namespace keelback::capi

#endif
