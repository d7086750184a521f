// Backups of a database into a file, some pages at a time; see backup.cpp.
#pragma once

#include "napi_support.hpp"

namespace keelback::node {

napi_value open_backup(napi_env env, napi_callback_info info);
napi_value transfer_backup(napi_env env, napi_callback_info info);
napi_value close_backup(napi_env env, napi_callback_info info);

}  // namespace keelback::node
