// Settings of the whole process that other files ask for.
#ifndef KEELBACK_CAPI_CONFIG_HPP
#define KEELBACK_CAPI_CONFIG_HPP

namespace keelback::capi {

// Whether file names are URIs even without SQLITE_OPEN_URI (SQLITE_CONFIG_URI).
bool are_uris_on();

}  // namespace keelback::capi

#endif
