// Small helpers over the Node-API: checked calls, arguments, strings, values of SQLite.
//
// Knows nothing of the addon's functions. No C++ exception leaves the addon: JavaScript errors are pending exceptions,
// and a helper that leaves one pending returns false or nullptr.
#pragma once

#include <keelback/sqlite3.h>
#include <node_api.h>

#include <string>
#include <vector>

namespace keelback::node {

// How a 64-bit integer becomes a JavaScript value.
enum class IntegerMode { number, bigint };

std::vector<napi_value> arguments(napi_env env, napi_callback_info info, size_t count);
void* data_of(napi_env env, napi_callback_info info);
bool get_text(napi_env env, napi_value value, std::string& out);
napi_value make_text(napi_env env, const char* text, size_t size);
napi_value make_text(napi_env env, const char* text);
napi_value make_integer(napi_env env, sqlite3_int64 value, IntegerMode mode);
napi_value make_undefined(napi_env env);
napi_value make_bool(napi_env env, bool value);
bool get_bool(napi_env env, napi_value value);
sqlite3_int64 get_int(napi_env env, napi_value value);
void throw_type_error(napi_env env, const char* message);

// A value of a column, parameter or function argument; nullptr with an exception pending if an integer does not fit.
napi_value from_sqlite(napi_env env, sqlite3_value* value, IntegerMode mode);

// Where a JavaScript value is to go: a parameter or a function's result.
class ValueSink {
 public:
  virtual ~ValueSink() = default;
  virtual int null() = 0;
  virtual int integer(sqlite3_int64 value) = 0;
  virtual int real(double value) = 0;
  virtual int text(const std::string& value) = 0;
  virtual int blob(const void* data, size_t size) = 0;
};

// Hand the value over; SQLITE_OK, another result code, or -1 if it is of no type that SQLite has, -2 for a bigint
// beyond 64 bits.
int to_sqlite(napi_env env, napi_value value, ValueSink& sink);

}  // namespace keelback::node
