// The module of the table carray (carray.cpp), which every connection has.
#ifndef KEELBACK_CAPI_CARRAY_HPP
#define KEELBACK_CAPI_CARRAY_HPP

#include "api.hpp"

namespace keelback::capi {

const sqlite3_module& carray_module();

}  // namespace keelback::capi

#endif
