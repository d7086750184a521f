// Registration of user-defined functions; see functions.cpp.
#pragma once

#include "napi_support.hpp"

namespace keelback::node {

napi_value create_function(napi_env env, napi_callback_info info);
napi_value create_aggregate(napi_env env, napi_callback_info info);

}  // namespace keelback::node
