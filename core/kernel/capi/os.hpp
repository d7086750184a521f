// Sleeping and randomness.
#ifndef KEELBACK_CAPI_OS_HPP
#define KEELBACK_CAPI_OS_HPP

#include <cstddef>

#include "api.hpp"

namespace keelback::capi {

void sleep_us(long long microseconds);
// Random bytes of the system.
void fill_from_system(char* out, size_t size);
// The default VFS if it is a program's, else null.
sqlite3_vfs* foreign_default_vfs() noexcept;
// Random bytes as sqlite3_randomness gives them: where a program's VFS is the default one, they follow from what that
// was asked for first.
void fill_randomly(char* out, size_t size);

}  // namespace keelback::capi

#endif
