// Virtual tables written in JavaScript; see modules.cpp.
#pragma once

#include "napi_support.hpp"

namespace keelback::node {

napi_value create_module(napi_env env, napi_callback_info info);

}  // namespace keelback::node
