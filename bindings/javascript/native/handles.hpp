// Owners of connections and statements, held by JavaScript as externals.
//
// 1. A statement keeps its connection's handle alive; closing a connection finalizes nothing by itself:
// sqlite3_close_v2
//    lets the last statement end it. So finalisers may run in any order.
// 2. Closing or finalizing twice does nothing.
#pragma once

#include <memory>

#include "napi_support.hpp"

namespace keelback::node {

struct Connection {
  sqlite3* handle = nullptr;
  int running = 0;  // calls that step a statement, one within another
  void close() {
    if (handle != nullptr) sqlite3_close_v2(handle);
    handle = nullptr;
  }
  ~Connection() { close(); }
};

struct Statement {
  sqlite3_stmt* handle = nullptr;
  std::shared_ptr<Connection> connection;
  std::vector<napi_ref> names;  // property keys of the columns, made once
  void finalize() {
    if (handle != nullptr) sqlite3_finalize(handle);
    handle = nullptr;
  }
  ~Statement() { finalize(); }
};

// A call steps a statement of the connection as long as this lives.
class RunningNow {
 public:
  explicit RunningNow(Connection& connection) : connection_(connection) { ++connection_.running; }
  ~RunningNow() { --connection_.running; }
  RunningNow(const RunningNow&) = delete;
  RunningNow& operator=(const RunningNow&) = delete;

 private:
  Connection& connection_;
};

// The connection or statement of an argument; nullptr with an exception pending when it is closed.
std::shared_ptr<Connection> connection_of(napi_env env, napi_value value);
Statement* statement_of(napi_env env, napi_value value);
napi_value wrap(napi_env env, std::shared_ptr<Connection> connection);
napi_value wrap(napi_env env, std::unique_ptr<Statement> statement);

// Throw the connection's last error, or that of a code, as a SqliteError.
napi_value throw_error(napi_env env, sqlite3* handle, int code);
napi_value set_error_class(napi_env env, napi_callback_info info);

}  // namespace keelback::node
