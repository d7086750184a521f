// The public header, with every declaration made visible: what the other files of this room include.
#ifndef KEELBACK_CAPI_API_HPP
#define KEELBACK_CAPI_API_HPP

#ifndef SQLITE_API
#define SQLITE_API __attribute__((visibility("default")))
#endif
#include "keelback/sqlite3.h"

namespace keelback::engine {}

namespace keelback::capi {
using namespace keelback::engine;
}

#endif
