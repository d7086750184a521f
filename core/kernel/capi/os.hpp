// Sleeping and randomness.
#ifndef KEELBACK_CAPI_OS_HPP
#define KEELBACK_CAPI_OS_HPP

#include <cstddef>

namespace keelback::capi {

void sleep_us(long long microseconds);
void fill_randomly(char* out, size_t size);

}  // namespace keelback::capi

#endif
